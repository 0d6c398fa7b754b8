"""Folding in bulk and folding one by one are one and the same picture."""

from __future__ import annotations

from dataclasses import fields
from itertools import islice
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.journal.history import Told, replay
from console.model.command import Step
from console.model.event import Event
from console.model.facts import KNOWN_FACTS, Fact, UnknownFact
from console.model.picture import Picture
from console.model.text import Text
from console.model.unit import UnitStatus
from console.wire import WireError, encode_fact
from tests.console.model.test_replay import state
from tests.helpers.history import events

COUNT = 3000
HISTORY = list(islice(events(COUNT), COUNT))


def told(event: Event) -> Told:
    fact = event.fact
    return event.seq, event.happened_at, event.kind, fact.version, encode_fact(fact)


TOLD = [told(e) for e in HISTORY]


def one_by_one(history: list[Event]) -> Picture:
    picture = Picture(timelines=False)
    picture.apply(history)
    return picture


@given(st.integers(0, COUNT), st.integers(0, COUNT))
def test_a_citys_history_in_pages(first: int, second: int) -> None:
    picture = Picture(timelines=False)
    cut = sorted((first, second))
    replay(picture, TOLD[: cut[0]])
    touched = picture.changed()
    replay(picture, TOLD[cut[0] : cut[1]])
    assert state(picture) == state(one_by_one(HISTORY[: cut[1]]))
    assert touched.incidents == set(one_by_one(HISTORY[: cut[0]]).incidents)
    assert touched.commands == set(one_by_one(HISTORY[: cut[0]]).commands)
    assert touched.units == set(one_by_one(HISTORY[: cut[0]]).units)


def some(*values: object) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


BY_NAME = {
    "incident_id": some("i1", "i2"),
    "into_id": some("i1", "i2"),
    "command_id": some("c1", "c2", "c3"),
    "unit_id": some("u1", "u2"),
    "number": some("E-1-7", "E-1-12", "E-2-3", "none", "E-x"),
}
BY_TYPE = {
    "str": some("", "x"),
    "int": some(1, 4),
    "float": some(30.5),
    "Text": some(Text(), Text("桥", "Bridge")),
    "Step": some(*Step),
    "UnitStatus": some(*UnitStatus),
}


def fact_of(cls: type[Fact]) -> st.SearchStrategy[Fact]:
    """A fact that need not make sense."""
    return st.builds(
        cls, **{f.name: BY_NAME.get(f.name, BY_TYPE[str(f.type)]) for f in fields(cls)}
    )


ANY_FACT = st.one_of([fact_of(cls) for cls in KNOWN_FACTS.values()])


def happened(made: list[tuple[int, Fact]]) -> list[Event]:
    return [
        Event(seq, "s", fact, at, at, "desk/a", "", "", 0) for seq, (at, fact) in enumerate(made, 1)
    ]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 99), ANY_FACT), max_size=40), st.integers(0, 40))
def test_any_course_of_facts(made: list[tuple[int, Fact]], cut: int) -> None:
    history = happened(made)
    picture = one_by_one(history[:cut])
    before = {**picture.incidents, **picture.commands, **picture.units}
    replay(picture, map(told, history[cut:]))
    touched = picture.changed()
    assert state(picture) == state(one_by_one(history))
    now = {**picture.incidents, **picture.commands, **picture.units}
    different = {key for key, value in now.items() if before.get(key) != value}
    assert different <= touched.incidents | touched.commands | touched.units


@pytest.mark.parametrize(("kind", "version"), [("incident.accepted", 9), ("weather.changed", 1)])
def test_an_unknown_fact_moves_the_number_only(kind: str, version: int) -> None:
    picture = one_by_one(HISTORY[:10])
    fact = UnknownFact(kind, version, {"incident_id": "x"})
    replay(picture, [told(Event(11, "s", fact, 1, 1, "desk/a", "", "", 0))])
    assert state(picture) == (11, *state(one_by_one(HISTORY[:10]))[1:])


@pytest.mark.parametrize("damage", [b"", b"\xc1", b"\x80", b"\x81\xa4step\xa3far"])
def test_an_event_that_cannot_be_read_is_named(damage: bytes) -> None:
    rows: list[Any] = [*TOLD[:10], (11, 0, "command.advanced", 1, damage)]
    with pytest.raises(WireError, match="event 11"):
        replay(Picture(timelines=False), rows)
