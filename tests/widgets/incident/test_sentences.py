"""Every fact of an incident is told in both languages, without a hole."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from console.model.command import Step
from console.model.event import Event
from console.model.facts import KNOWN_FACTS, Fact, NoteAdded, UnknownFact
from console.model.text import Text
from console.model.unit import UnitStatus
from widgets.incident.sentences import Names, line_of, source_name

NAMES = Names(lambda unit_id: f"<{unit_id}>", lambda incident_id: f"E-{incident_id}")
VALUES: dict[str, Any] = {
    "str": "x",
    "int": 2,
    "float": 1.0,
    "Text": Text("话", "words"),
    "Step": Step.ON_SCENE,
    "UnitStatus": UnitStatus.FREE,
}


def event_of(fact: Fact | UnknownFact, actor: str = "desk/03") -> Event:
    return Event(1, "incident/i", fact, 1000, 1000, actor, "k", "k")


def example(cls: type[Fact]) -> Fact:
    return cls(**{f.name: VALUES[str(f.type)] for f in dataclasses.fields(cls)})


@pytest.mark.parametrize("cls", [c for c in KNOWN_FACTS.values() if not c.kind.startswith("unit.")])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_fact_is_a_sentence(cls: type[Fact], language: str, speak: Any) -> None:
    speak(language)
    line = line_of(event_of(example(cls)), NAMES)
    assert line is not None
    assert line.words
    assert "{" not in line.words


@pytest.mark.parametrize("step", list(Step))
def test_each_step_is_told_or_left_to_the_commands_line(step: Step, speak: Any) -> None:
    speak("en")
    from console.model.facts import CommandAdvanced

    line = line_of(event_of(CommandAdvanced("c", "i", "U-1", step, "why"), "unit/U-1"), NAMES)
    silent = step in (Step.DRAFTED, Step.QUEUED, Step.SENT, Step.DELIVERED)
    assert (line is None) is silent
    if line is not None:
        assert "<U-1>" in line.words
        assert line.words.endswith("why")
        assert line.who == ""


def test_people_are_named_with_their_desk(speak: Any) -> None:
    from console.model.facts import IncidentAccepted

    names = Names(NAMES.unit, NAMES.incident, {"lin": "林"}.get)  # type: ignore[arg-type]
    said = {}
    for actor in ("person/lin@03", "person/lin", "desk/03", "system/timer", "unit/U-1"):
        line = line_of(event_of(IncidentAccepted("i"), actor), names)
        assert line is not None
        said[actor] = line.who
    assert said == {
        "person/lin@03": "林 · 03 席",
        "person/lin": "林",
        "desk/03": "03 席",
        "system/timer": "",
        "unit/U-1": "",
    }


def test_an_unknown_fact_is_passed_over() -> None:
    assert line_of(event_of(UnknownFact("incident.dreamt", 9, {})), NAMES) is None


def test_a_source_without_a_name_stands_for_itself(theme: object) -> None:
    assert source_name("hotline") == "12345 热线"
    assert source_name("pigeon") == "pigeon"


def test_a7_what_a_unit_said_late_bears_its_name() -> None:
    line = line_of(event_of(NoteAdded("i", "阀门已关"), "unit/F-1"), NAMES)
    assert line is not None
    assert (line.who, "阀门已关" in line.words) == ("<F-1>", True)
