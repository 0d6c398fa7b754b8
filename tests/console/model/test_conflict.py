"""Who acts on what is not so any more is told what changed, and nothing happens."""

from __future__ import annotations

import pytest

from console.model.command import Step
from console.model.conflict import incidents_asked_about, overtaking
from console.model.facts import incidents_of
from console.model.requests import (
    AcceptIncident,
    AddNote,
    AdvanceCommand,
    ChangePriority,
    CloseIncident,
    DispatchUnits,
    EvaluateIncident,
    MergeIncident,
    Order,
    RecallCommand,
    RejectIncident,
    Request,
    VerifyIncident,
)
from console.model.text import Text
from tests.console.model.stage import Stage

MINE, THEIRS = "person/li@01", "person/wang@02"
SEND = DispatchUnits("i1", (Order("c1", "U-0001"),), Text())
SEND_ANOTHER = DispatchUnits("i1", (Order("c2", "U-0002"),), Text())


def found(meanwhile: Request, request: Request, actor: str = THEIRS) -> list[str]:
    """The kinds of what overtakes `request` when `meanwhile` comes first."""
    stage = Stage()
    for incident_id in ("i1", "i2", "i3"):
        stage.report(incident_id)
    stage.ask(AcceptIncident("i3"))
    if isinstance(request, RecallCommand):
        stage.ask(SEND)
    seen = stage.picture.seq
    stage.ask(meanwhile, actor)
    asked = set(incidents_asked_about(stage.picture, request))
    news = [e for e in stage.events if e.seq > seen and asked & set(incidents_of(e.fact))]
    return [event.kind for event in overtaking(request, news, MINE)]


@pytest.mark.parametrize(
    ("meanwhile", "request_", "kind"),
    [
        (RejectIncident("i1", "no"), SEND, "incident.rejected"),
        (RejectIncident("i1", "no"), AcceptIncident("i1"), "incident.rejected"),
        (MergeIncident("i2", "i1"), RejectIncident("i1", "no"), "incident.merged"),
        (MergeIncident("i2", "i1"), CloseIncident("i1", "done"), "incident.merged"),
        (RejectIncident("i2", "no"), MergeIncident("i1", "i2"), "incident.rejected"),
        (MergeIncident("i2", "i3"), MergeIncident("i1", "i2"), "incident.merged"),
        (AddNote("i1", "second caller"), RejectIncident("i1", "no"), "incident.note_added"),
        (ChangePriority("i1", 1, "gas"), CloseIncident("i1", "done"), "incident.priority_changed"),
        (ChangePriority("i1", 1, ""), ChangePriority("i1", 3, ""), "incident.priority_changed"),
        (AcceptIncident("i1"), RejectIncident("i1", "no"), "incident.accepted"),
        (SEND, SEND_ANOTHER, "command.issued"),
        (SEND, VerifyIncident("i1"), "command.issued"),
        (AdvanceCommand("c1", Step.DONE), RecallCommand("c1", "home"), "command.advanced"),
    ],
)
def test_a8_what_overtakes_a_decision(meanwhile: Request, request_: Request, kind: str) -> None:
    assert found(meanwhile, request_) == [kind]


@pytest.mark.parametrize(
    ("meanwhile", "request_"),
    [
        (AcceptIncident("i1"), SEND),
        (MergeIncident("i2", "i1"), SEND),
        (MergeIncident("i2", "i3"), MergeIncident("i1", "i3")),
        (ChangePriority("i3", 1, ""), MergeIncident("i1", "i3")),
        (AddNote("i2", "elsewhere"), RejectIncident("i1", "no")),
        (AddNote("i1", "more"), SEND),
        (AddNote("i1", "more"), AddNote("i1", "and more")),
        (AdvanceCommand("c1", Step.ON_SCENE), RecallCommand("c1", "home")),
        (RecallCommand("c1", "home"), RecallCommand("c1", "back")),
        (AddNote("i1", "more"), EvaluateIncident("i1", 3, "")),
    ],
)
def test_a8_what_overtakes_nothing(meanwhile: Request, request_: Request) -> None:
    assert found(meanwhile, request_) == []


def test_a8_what_one_did_oneself_is_known() -> None:
    assert found(AddNote("i1", "mine"), RejectIncident("i1", "no"), MINE) == []
