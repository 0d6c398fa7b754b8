"""Who calls for help, where, and how to reach them, in the words of a card."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from console.city import City, short_cell_code
from console.i18n import tr
from console.model.geo import LonLat, ground_distance_m
from console.model.unit import STALE_AFTER_MS, SosCall, UnitKind
from widgets.bridge.language import spoken
from widgets.common import format as fmt
from widgets.common.desk import Desk

NEAR_M = 400.0
"""A place farther away than this says nothing about where somebody is."""

_STRETCH = 3.0
"""How much longer world metres are than those on the ground, as far north as 70 degrees."""


@dataclass(frozen=True, slots=True)
class SosDetails:
    """What a card says. `at` is where the unit was last, or is at home; `is_old` whether that is
    all there is, or older than a minute and a half.
    """

    unit_id: str
    name: str
    kind: UnitKind | None
    work: str
    place: str
    position: str
    is_old: bool
    phone: str
    at: LonLat | None


def details_of(desk: Desk, unit_id: str) -> SosDetails:
    """What this desk knows of a unit in distress."""
    units = desk.city.units
    row = units.index(unit_id) if unit_id in units else -1
    fix = desk.session.fixes.of(unit_id)
    at = LonLat(fix.lon, fix.lat) if fix is not None else None
    is_old = fix is None or desk.now_ms() - fix.at > STALE_AFTER_MS
    if fix is not None and at is not None:
        age = fmt.age(desk.now_ms() - fix.at)
        place, community = place_words(desk.city, at)
        words = (tr("sos.position", age=age), community)
        position = tr("common.dot").join(word for word in words if word)
    elif unit_id in desk.session.fixes.gone:
        place, position = tr("sos.left"), tr("sos.never")
    elif row >= 0:
        at = LonLat.of_world(*units.xy[row])
        place, position = tr("sos.at_home", base=spoken(units.base[row])), tr("sos.never")
    else:
        place, position = tr("sos.nowhere"), tr("sos.never")
    return SosDetails(
        unit_id=unit_id,
        name=desk.unit_name(unit_id),
        kind=units.kind[row] if row >= 0 else None,
        work=_work_of(desk, unit_id),
        place=place,
        position=position,
        is_old=is_old,
        phone=units.phone[row] if row >= 0 else "",
        at=at,
    )


def place_words(city: City, at: LonLat) -> tuple[str, str]:
    """Where a place is: near what and in which cell, and the community of that."""
    x, y = at.world
    cell = city.cells.at(x, y)
    named = tr("sos.cell", cell=short_cell_code(city.cells.code[cell])) if cell >= 0 else ""
    words = [word for word in (_near(city, x, y), named) if word]
    community = spoken(city.cells.community[cell]) if cell >= 0 else ""
    return tr("common.dot").join(words) or tr("sos.outside"), community


def _near(city: City, x: float, y: float) -> str:
    """The nearest named place, with how far it is; "" where there is none near."""
    places = city.places
    if not len(places):
        return ""
    close = np.flatnonzero(np.abs(places.xy - (x, y)).max(axis=1) <= NEAR_M * _STRETCH)
    away = ground_distance_m(places.xy[close, 0], places.xy[close, 1], x, y)
    for near in np.argsort(away).tolist():
        name = spoken(places.name[int(close[near])])
        if name and away[near] <= NEAR_M:
            return tr("sos.near", place=name, distance=fmt.distance(float(away[near])))
    return ""


def _work_of(desk: Desk, unit_id: str) -> str:
    """What the unit is sent to, "" for nothing that this desk knows of."""
    for command_id in desk.picture.unit(unit_id).command_ids:
        incident = desk.picture.incidents.get(desk.picture.commands[command_id].incident_id)
        if incident is not None:
            return tr("sos.work", title=desk.title_of(incident))
    return ""


def answer_words(desk: Desk, call: SosCall, *, sending: bool) -> str:
    """Who has acknowledged, or that nobody has."""
    if call.acknowledged_at:
        return tr("sos.seen", who=actor_name(desk, call.acknowledged_by))
    return tr("sos.sending" if sending else "sos.unanswered")


def actor_name(desk: Desk, actor: str) -> str:
    """What somebody is called: a person by name, a unit by its own."""
    head, _, name = actor.partition("/")
    if head == "unit":
        return desk.unit_name(name)
    return desk.person_name(name) if head == "person" else actor
