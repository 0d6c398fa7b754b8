"""Taking back, copying and looking at a picture leave it what it is."""

from __future__ import annotations

from itertools import islice

from hypothesis import given, settings
from hypothesis import strategies as st

from console.model.event import Event
from console.model.facts import IncidentMerged, UnknownFact
from console.model.picture import Picture
from tests.console.model.stage import Stage
from tests.helpers.history import events

COUNT = 3000
HISTORY = list(islice(events(COUNT), COUNT))


def state(picture: Picture) -> tuple[object, ...]:
    """All that a picture says."""
    return (
        picture.seq,
        dict(picture.incidents),
        dict(picture.commands),
        dict(picture.units),
        dict(picture.numbers_given),
    )


def folded(count: int) -> Picture:
    picture = Picture(timelines=False)
    picture.apply(HISTORY[:count])
    return picture


@settings(deadline=None)
@given(st.integers(0, COUNT - 60), st.integers(0, 60))
def test_what_is_taken_back_never_was(kept: int, more: int) -> None:
    picture = folded(kept)
    undos = []
    for event in HISTORY[kept : kept + more]:
        undos.append(picture.undo_of(event))
        picture.apply((event,))
    while undos:
        picture.take_back(undos.pop())
    assert state(picture) == state(folded(kept))


def test_taking_back_shortens_timelines() -> None:
    picture = Picture()
    picture.apply(HISTORY[:500])
    before = {i: picture.timeline(i) for i in picture.incidents}
    undos = []
    for event in HISTORY[500:520]:
        undos.append(picture.undo_of(event))
        picture.apply((event,))
    while undos:
        picture.take_back(undos.pop())
    assert {i: picture.timeline(i) for i in picture.incidents} == before


def test_a_copy_goes_its_own_way() -> None:
    picture = folded(1000)
    copy = picture.copy()
    picture.apply(HISTORY[1000:])
    assert state(copy) == state(folded(1000))
    copy.apply(HISTORY[1000:])
    assert state(copy) == state(picture)


def test_values_are_frozen_when_somebody_looks() -> None:
    picture = folded(1000)
    before = dict(picture.incidents.items())
    copied = dict(before)
    picture.apply(HISTORY[1000:])
    assert before == copied
    assert list(picture.incidents.values()) == [picture.incidents[i] for i in picture.incidents]
    assert "nobody" not in picture.incidents
    assert picture.incidents.get("nobody") is None


def test_an_unknown_fact_moves_the_number_only() -> None:
    picture = folded(10)
    fact = UnknownFact("incident.reported", 9, {"incident_id": "x"})
    event = Event(11, "incident/x", fact, 1, 1, "desk/a", "", "", 0)
    before = state(picture)[1:]
    picture.apply((event,))
    assert (picture.seq, state(picture)[1:]) == (11, before)


def test_a8_a_merge_that_is_taken_back_never_was() -> None:
    stage = Stage()
    stage.report("a")
    stage.report("b")
    before = state(stage.picture)
    fact = IncidentMerged("a", "b")
    event = Event(3, "incident/a", fact, 1, 1, "desk/a", "", "", 0)
    undo = stage.picture.undo_of(event)
    stage.picture.apply((event,))
    assert stage.picture.incidents["b"].merged_ids == ("a",)
    stage.picture.take_back(undo)
    assert state(stage.picture) == before
