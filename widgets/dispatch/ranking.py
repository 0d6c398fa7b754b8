"""Who could be sent to an incident: who can be reached, quickest by road first, then the others.

`gather` reads the picture on the thread that owns it; `rank` does the long work (a shortest-path
tree a travel profile) and may run anywhere, because it sees only values and the city.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from console.city import City, Reach, TravelProfile, profile_of
from console.model.command import Step
from console.model.incident import Incident
from console.model.picture import Picture
from console.model.plan import ContactRule, Plans, Want
from console.model.text import Text
from console.model.unit import DeviceFault, UnitKind, UnitStatus
from console.session import Fixes, Session, effective_status

LIMIT = 8
"""How many units are offered at most."""

REACH_S = 3600.0
"""Nobody farther than an hour is offered."""

_SPECIAL = frozenset({UnitKind.DRONE, UnitKind.BOAT, UnitKind.FIRE, UnitKind.AMBULANCE})
"""Kinds that are offered only where the plan wants them, or the incident is of priority 1."""


_FAILED = frozenset({Step.REFUSED, Step.TIMED_OUT, Step.RECALLED})


@dataclass(frozen=True, slots=True)
class Contact:
    """Whether a unit can be reached: `connected` is its device, `age_ms` the age of its position,
    None for one that never told any, `fault` what is wrong with what the device sends.
    """

    connected: bool
    age_ms: int | None
    reachable: bool
    fault: DeviceFault | None = None


@dataclass(frozen=True, slots=True)
class FailedCommand:
    """How the unit's last command for this very incident ended without being done: when (ms UTC),
    and what was said.
    """

    step: Step
    at: int
    why: str


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What ranking has to know, taken at one moment. `xy` is float64 (n, 2), world metres; `age_ms`
    how old each position is, -1 for a unit that never told any.
    """

    incident_id: str
    priority: int
    x: float
    y: float
    cell: int
    wants: tuple[Want, ...]
    units: NDArray[np.int64]
    xy: NDArray[np.float64]
    connected: NDArray[np.bool_]
    age_ms: NDArray[np.int64]
    rules: Mapping[UnitKind, ContactRule]
    ended: Mapping[str, FailedCommand]
    faults: Mapping[str, DeviceFault] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """One unit that could go: how long it takes, how far it is, and why it is worth sending.

    `seconds` is travel time along roads, `metres` its length; `ticked` whether the plan sends it
    unasked, `own_cell` whether it is the cell's own grid worker. `ended` says that it was sent here
    before, in vain. `route_xy` is float64 (p, 2) in world metres, from the unit to the incident.
    """

    unit_id: str
    kind: UnitKind
    name: Text
    seconds: float
    metres: float
    wanted: bool
    ticked: bool
    why: Text
    own_cell: bool
    contact: Contact
    ended: FailedCommand | None
    route_xy: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))


def warm_up(city: City, plans: Plans) -> None:
    """Rank everybody for a place in the middle of the city, for nothing: it takes twenty times as
    long as any ranking after it, for which an officer would wait.
    """
    x, y = city.manifest.centre.world
    units = np.arange(len(city.units), dtype=np.int64)
    everybody = Question(
        incident_id="",
        priority=1,
        x=x,
        y=y,
        cell=-1,
        wants=(),
        units=units,
        xy=np.asarray(city.units.xy, np.float64),
        connected=np.zeros(len(units), np.bool_),
        age_ms=np.full(len(units), -1, np.int64),
        rules=plans.contact,
        ended={},
    )
    rank(city, everybody)


def rank_units(
    city: City,
    session: Session,
    incident: Incident,
    plans: Plans,
    *,
    now_ms: int,
    area: Sequence[str] = (),
) -> list[Candidate]:
    """`gather` and `rank` in one go."""
    return rank(city, gather(city, session, incident, plans, now_ms=now_ms, area=area))


def gather(
    city: City,
    session: Session,
    incident: Incident,
    plans: Plans,
    *,
    now_ms: int,
    area: Sequence[str] = (),
) -> Question:
    """The free units and where they are; one without a fix stands at its base.

    `area` are the beginnings of the codes of the cells whose units this desk may send, () for all.
    """
    picture = session.picture
    xy, at = _positions(city, session.fixes)
    ids, own = list(city.units.id), _at_home_in(city, area)
    free = [i for i in own if _is_free(picture, session.fixes, ids[i])]
    units = np.array(free, np.int64)
    x, y = incident.position.world
    return Question(
        incident_id=incident.id,
        priority=incident.priority,
        x=x,
        y=y,
        cell=city.cells.at(x, y),
        wants=wanted_still(city, picture, incident, plans),
        units=units,
        xy=xy[units],
        connected=np.array([ids[i] in session.devices for i in free], np.bool_),
        age_ms=np.where(at[units] > 0, np.maximum(0, now_ms - at[units]), -1),
        rules=plans.contact,
        ended=_ended_here(picture, incident),
        faults=session.device_faults,
    )


def contact_of(city: City, question: Question, row: int) -> Contact:
    """How the unit in a row of the question can be reached."""
    connected, age_ms = bool(question.connected[row]), int(question.age_ms[row])
    unit = int(question.units[row])
    rule = question.rules[city.units.kind[unit]]
    known_ms = age_ms if age_ms >= 0 else None
    fault = question.faults.get(city.units.id[unit])
    return Contact(connected, known_ms, rule.is_reachable(connected, known_ms), fault)


def wanted_still(
    city: City, picture: Picture, incident: Incident, plans: Plans
) -> tuple[Want, ...]:
    """What the plan wants, without what was sent already and has not failed."""
    units = city.units
    sent = Counter(
        units.kind[units.index(c.unit_id)]
        for c in picture.commands_of(incident.id)
        if c.step not in _FAILED and c.unit_id in units
    )
    wants = plans.type_of(incident.type_code).wants
    return tuple(replace(w, count=w.count - sent[w.kind]) for w in wants if w.count > sent[w.kind])


def _ended_here(picture: Picture, incident: Incident) -> dict[str, FailedCommand]:
    """By unit; the last command counts."""
    last = {command.unit_id: command for command in picture.commands_of(incident.id)}
    return {
        unit_id: FailedCommand(command.step, command.step_times[-1][1], command.reason)
        for unit_id, command in last.items()
        if command.step in _FAILED
    }


def rank(city: City, question: Question) -> list[Candidate]:
    """The units worth offering, quickest first, at most LIMIT and those that were here in vain.

    They and who is out of contact stand below. None where no way leads to it.
    """
    kinds = [city.units.kind[i] for i in question.units]
    seconds, reaches = _travel_times(city, question, kinds)
    usable = np.array([_is_usable(city, question, row) for row in range(len(kinds))], np.bool_)
    order = [int(row) for row in np.lexsort((seconds, ~usable)) if np.isfinite(seconds[row])]
    wanted = _fill_wants(question.wants, [row for row in order if usable[row]], kinds)
    candidates = []
    for row in _worth_offering(city, question, order, kinds, wanted):
        x, y = question.xy[row]
        reach = reaches[kinds[row]]
        candidates.append(
            _candidate(
                city,
                question,
                row,
                want=wanted.get(row),
                seconds=float(seconds[row]),
                metres=float(reach.metres_from(x, y)),
                route_xy=reach.route_from(x, y),
            )
        )
    return candidates


def _is_usable(city: City, question: Question, row: int) -> bool:
    """Whether a plan may send it: it can be reached, and was not here in vain."""
    was_here = city.units.id[int(question.units[row])] in question.ended
    return contact_of(city, question, row).reachable and not was_here


def _at_home_in(city: City, area: Sequence[str]) -> list[int]:
    """The rows of the roster's units that are at home in `area`; what has no cell is for desks
    that have the whole city.
    """
    prefixes, codes = tuple(area), [*city.cells.code, ""]  # -1 is the last
    cells = city.units.cell.tolist()
    return [i for i, cell in enumerate(cells) if not prefixes or codes[cell].startswith(prefixes)]


def _is_free(picture: Picture, fixes: Fixes, unit_id: str) -> bool:
    is_free = effective_status(picture, fixes, unit_id) is UnitStatus.FREE
    return is_free and not picture.unit(unit_id).command_ids


def _positions(city: City, fixes: Fixes) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """World positions (n, 2) of the roster's units and when they were there (0: never told)."""
    xy = np.array(city.units.xy, np.float64)
    at = np.zeros(len(xy), np.int64)
    rows = {unit_id: row for row, unit_id in enumerate(city.units.id)}
    unit_ids, fix_xy, _heading, fix_at = fixes.all()
    for position, unit_id in enumerate(unit_ids):
        row = rows.get(unit_id)
        if row is not None:
            xy[row] = fix_xy[position]
            at[row] = fix_at[position]
    return xy, at


def _travel_times(
    city: City, question: Question, kinds: list[UnitKind]
) -> tuple[NDArray[np.float64], dict[UnitKind, Reach]]:
    """Seconds to the incident for each unit, and the reach of each kind; one tree a profile."""
    seconds = np.full(len(kinds), np.inf)
    trees: dict[TravelProfile, Reach] = {}
    reaches: dict[UnitKind, Reach] = {}
    for kind in dict.fromkeys(kinds):
        profile = profile_of(kind)
        if profile not in trees:
            trees[profile] = city.roads.reach(question.x, question.y, profile, limit_s=REACH_S)
        reaches[kind] = trees[profile]
        rows = [row for row, own in enumerate(kinds) if own is kind]
        seconds[rows] = trees[profile].seconds_from(question.xy[rows])
    return seconds, reaches


def _fill_wants(
    wants: tuple[Want, ...], order: list[int], kinds: list[UnitKind]
) -> dict[int, Want]:
    """For each want the quickest units of its kind."""
    filled: dict[int, Want] = {}
    open_places = Counter({want.kind: want.count for want in wants})
    by_kind = {want.kind: want for want in wants}
    for row in order:
        if open_places[kinds[row]] > 0:
            open_places[kinds[row]] -= 1
            filled[row] = by_kind[kinds[row]]
    return filled


def _worth_offering(
    city: City,
    question: Question,
    order: list[int],
    kinds: list[UnitKind],
    wanted: dict[int, Want],
) -> Iterable[int]:
    """The wanted ones, the first others up to LIMIT, and who was here in vain, in their order."""
    asked = {want.kind for want in question.wants}
    others = [
        row
        for row in order
        if row not in wanted
        and (kinds[row] in asked or kinds[row] not in _SPECIAL or question.priority == 1)
        and not (kinds[row] in (UnitKind.DRONE, UnitKind.BOAT) and kinds[row] not in asked)
    ]
    in_vain = {r for r in order if city.units.id[int(question.units[r])] in question.ended}
    chosen = set(wanted) | set(others[: max(0, LIMIT - len(wanted))]) | in_vain
    return [row for row in order if row in chosen]


def _candidate(
    city: City,
    question: Question,
    row: int,
    *,
    want: Want | None,
    seconds: float,
    metres: float,
    route_xy: NDArray[np.float64],
) -> Candidate:
    unit = int(question.units[row])
    kind = city.units.kind[unit]
    at_home = question.cell >= 0 and int(city.units.cell[unit]) == question.cell
    own_cell = at_home and kind is UnitKind.FOOT
    required = want is not None and want.required
    neighbour = want is not None and own_cell
    return Candidate(
        unit_id=city.units.id[unit],
        kind=kind,
        name=city.units.name[unit],
        seconds=seconds,
        metres=metres,
        wanted=want is not None,
        ticked=required or neighbour,
        why=want.why if want is not None else Text(),
        own_cell=own_cell,
        contact=contact_of(city, question, row),
        ended=question.ended.get(city.units.id[unit]),
        route_xy=route_xy,
    )
