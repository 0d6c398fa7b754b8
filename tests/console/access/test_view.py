"""Nothing outside the area ever leaves, whatever happens in the city."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from console.access import PEOPLE_ROLES, WHOLE, Actor, Area, Role, View, Whereabouts, area_of
from console.access.policy import RIGHTS, Data
from console.model.command import Step
from console.model.event import Event
from console.model.facts import (
    CardSeen,
    CommandAdvanced,
    CommandIssued,
    Fact,
    IncidentAccepted,
    IncidentMerged,
    IncidentReported,
    NoteAdded,
    UnitStatusDeclared,
    UnknownFact,
)
from console.model.picture import Picture
from console.model.text import Text
from console.model.unit import Fix, UnitState, UnitStatus
from console.wire import encode_frame, events_frame

CELLS = ["330106001001001", "330106001002001", "330106002001001", "330108001001001", ""]
INCIDENTS = {f"incident-{i}": cell for i, cell in enumerate(CELLS)}
UNITS = {f"unit-{i}": cell for i, cell in enumerate(CELLS)}
WHERE = Whereabouts(
    cell_of_incident=INCIDENTS.get,
    cell_of_unit=UNITS.get,
    cell_at=lambda lon, _lat: CELLS[int(lon)],
)

incidents = st.sampled_from([*INCIDENTS, "incident-unknown"])
units = st.sampled_from([*UNITS, "unit-unknown"])
areas = st.lists(
    st.sampled_from([cell[:n] for cell in CELLS if cell for n in (6, 9, 12, 15)]), max_size=3
).map(area_of)


def reported(incident_id: str) -> IncidentReported:
    words = Text(f"secret of {incident_id}")
    cell = INCIDENTS.get(incident_id, "")
    return IncidentReported(incident_id, "E-1", "x", 1, 0, 0, words, words, "phone", cell)


facts: st.SearchStrategy[Fact | UnknownFact] = st.one_of(
    incidents.map(reported),
    incidents.map(IncidentAccepted),
    st.builds(IncidentMerged, incidents, incidents),
    st.builds(NoteAdded, incidents, incidents.map(lambda i: f"secret of {i}")).filter(
        lambda f: f.text.endswith(f.incident_id)
    ),
    st.builds(CardSeen, incidents, st.just("03")),
    st.builds(CommandIssued, st.just("c"), incidents, st.just("unit-0"), st.just(Text())),
    st.builds(
        CommandAdvanced, st.just("c"), incidents, st.just("unit-0"), st.sampled_from(list(Step))
    ),
    st.builds(UnitStatusDeclared, units, st.sampled_from(list(UnitStatus))),
    incidents.map(lambda i: UnknownFact("incident.dreamt", 9, {"incident_id": i})),
)


def events_of(happened: list[Fact | UnknownFact]) -> list[Event]:
    return [Event(seq, "s", f, 0, 0, "a", "", "") for seq, f in enumerate(happened, 1)]


@given(st.sampled_from(PEOPLE_ROLES), areas, st.lists(facts, max_size=12))
@settings(max_examples=200, deadline=None)
def test_nothing_of_elsewhere_is_in_the_bytes(
    role: Role, area: Area, happened: list[Fact | UnknownFact]
) -> None:
    view = View(Actor(role, "lin", area), WHERE)
    seen = view.events(events_of(happened))
    assert [e.seq for e in seen] == sorted(e.seq for e in seen)
    said = encode_frame(events_frame(seen, 99))
    for incident_id, cell in [*INCIDENTS.items(), ("incident-unknown", "")]:
        if not area.holds(cell) or Data.OPERATIONS not in RIGHTS[role].reads:
            assert incident_id.encode() not in said
    for unit_id, cell in UNITS.items():
        if not area.holds(cell) and unit_id != "unit-0":
            assert unit_id.encode() not in said


@given(areas, st.lists(facts, max_size=12))
def test_everything_of_the_own_area_is_there(
    area: Area, happened: list[Fact | UnknownFact]
) -> None:
    view = View(Actor(Role.DUTY_OFFICER, "lin", area), WHERE)
    seen = {e.seq for e in view.events(events_of(happened))}
    for event in events_of(happened):
        incident_id = getattr(event.fact, "incident_id", None)
        if incident_id is not None and area.holds(INCIDENTS.get(incident_id)):
            assert event.seq in seen


@given(
    st.sampled_from(PEOPLE_ROLES),
    areas,
    st.lists(st.tuples(units, st.integers(0, len(CELLS) - 1)), max_size=8),
)
def test_positions_are_seen_where_they_are_or_by_their_own(
    role: Role, area: Area, placed: list[tuple[str, int]]
) -> None:
    view = View(Actor(role, "lin", area), WHERE)
    fixes = [Fix(unit, float(cell), 0.0, 1) for unit, cell in placed]
    reads = Data.POSITIONS in RIGHTS[role].reads
    for fix in fixes:
        near = area.holds(CELLS[int(fix.lon)]) or area.holds(UNITS.get(fix.unit_id))
        assert (fix in view.fixes(fixes)) == (reads and near)
    online = view.devices(frozenset(unit for unit, _ in placed))
    for unit, _ in placed:
        may = Data.DEVICES in RIGHTS[role].reads and area.holds(UNITS.get(unit))
        assert (unit in online) == may


def test_the_whole_city_is_passed_on_as_it_is() -> None:
    everything = events_of([reported("incident-4"), UnknownFact("x", 1, {})])
    whole = View(Actor(Role.SUPERVISOR, "zhou", WHOLE), WHERE)
    assert whole.is_whole
    assert whole.events(everything) == everything
    assert whole.tag == ""
    tags = {
        View(Actor(role, "x", area), WHERE).tag
        for role, area in [
            (Role.SUPERVISOR, area_of(["330106"])),
            (Role.SUPERVISOR, area_of(["330108"])),
            (Role.GRID_WORKER, area_of(["330106"])),
            (Role.ADMINISTRATOR, WHOLE),
            (Role.SUPERVISOR, WHOLE),
        ]
    }
    assert len(tags) == 5


COMMANDS = [(f"c-{i}-{u}", i, u) for i in INCIDENTS for u in UNITS]
courses = st.lists(
    st.one_of(
        st.tuples(st.just("send"), st.sampled_from(COMMANDS), st.just(None)),
        st.tuples(st.just("step"), st.sampled_from(COMMANDS), st.sampled_from(list(Step))),
        st.tuples(st.just("says"), st.sampled_from(COMMANDS), st.sampled_from(list(UnitStatus))),
    ),
    max_size=40,
)


def course(moves: list[tuple[str, tuple[str, str, str], Any]]) -> list[Event]:
    """All incidents are reported, and then units are sent, go on, and say what they do."""
    sent: set[str] = set()
    happened: list[Fact | UnknownFact] = [reported(i) for i in INCIDENTS]
    happened.append(IncidentMerged("incident-0", "incident-3"))
    for move, (command_id, incident_id, unit_id), what in moves:
        if move == "says":
            happened.append(UnitStatusDeclared(unit_id, what))
        elif move == "send" and command_id not in sent:
            sent.add(command_id)
            happened.append(CommandIssued(command_id, incident_id, unit_id, Text()))
        elif move == "step" and command_id in sent:
            happened.append(CommandAdvanced(command_id, incident_id, unit_id, what))
    return events_of(happened)


@given(areas, courses)
@settings(deadline=None)
def test_a_picture_seen_is_the_picture_of_what_is_seen(
    area: Area, moves: list[tuple[str, tuple[str, str, str], Any]]
) -> None:
    view = View(Actor(Role.DUTY_OFFICER, "lin", area), WHERE)
    history = course(moves)
    whole, seen = Picture(), Picture()
    whole.apply(history)
    seen.apply(view.events(history))
    incidents = view.incidents(whole.incidents.values())
    commands = {c.id: c for c in view.commands(whole.commands.values())}
    assert incidents == list(seen.incidents.values())
    assert commands == dict(seen.commands)
    units = view.units(whole.units.values(), commands)
    told = {u.id: u for u in units}
    for unit_id in UNITS:
        here, there = told.get(unit_id, UnitState(unit_id)), seen.unit(unit_id)
        assert replace(here, since=0) == replace(there, since=0)
    nobody = View(Actor(Role.DATA_KEEPER, "lin", area), WHERE)
    assert nobody.incidents(whole.incidents.values()) == []
    assert nobody.commands(whole.commands.values()) == []
    assert nobody.units(whole.units.values(), commands) == []


def test_b7_a_unit_sent_elsewhere_is_not_free_to_its_own_officers() -> None:
    unit_id = next(iter(UNITS))
    home = area_of([UNITS[unit_id]])
    incident_id = next(i for i, cell in INCIDENTS.items() if not home.holds(cell))
    sent = CommandIssued("c", incident_id, unit_id, Text("某路某号", "An address"))
    view = View(Actor(Role.DUTY_OFFICER, "lin", home), WHERE)
    seen = Picture()
    said = view.events(
        events_of(
            [
                reported(incident_id),
                sent,
                CommandAdvanced("c", incident_id, unit_id, Step.EN_ROUTE, "说明"),
            ]
        )
    )
    seen.apply(said)
    assert (seen.unit(unit_id).status, seen.unit(unit_id).command_ids) == (
        UnitStatus.EN_ROUTE,
        ("c",),
    )
    assert [event.fact for event in said] == [
        CommandIssued("c", "", unit_id, Text()),
        CommandAdvanced("c", "", unit_id, Step.EN_ROUTE),
    ]
    assert not seen.incidents
