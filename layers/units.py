"""Units: shape by kind, colour and mark by status, arrow by heading, hollow when stale.

Units with something to do, the selected one and those offered for an incident always stand alone;
the others share a badge where they stand too close together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from console.i18n import tr
from console.model.unit import STALE_AFTER_MS, UnitKind, UnitStatus
from layers.engine.camera_symbols import (
    BADGE_HALF_PX,
    UnitBadgeLook,
    badge_width,
    draw_unit_badge,
)
from layers.engine.crowds import Crowds, Morton, bounds_of, crowds_of
from layers.engine.layer import HIT_RADIUS_PX, Floats, Hit, Kit, Layer
from layers.engine.layer import stamp_all as stamp
from layers.engine.occupied import Occupied, beside, boxes_around
from layers.engine.pens import circle, stroke
from layers.engine.picking import nearest_of
from layers.engine.text import TextStyle
from layers.engine.unit_symbols import (
    ARROW_HALF_PX,
    SYMBOL_SCALE,
    UNIT_HALF_PX,
    draw_heading,
    draw_unit,
)
from layers.engine.viewport import Viewport, metres_per_px_of

AGES_UP_TO = 12.0
"""Ground metres a pixel up to which a stale unit has the age of its position beside it."""

CROWD_PX = 256
"""About the side of the bins in which units share a badge."""

MOST_A_BIN = 5
MOST_A_SITE = 2
"""More in one place share a badge at any scale: a station's units lie on top of each other."""

NAMED_IN_A_CARD = 5
"""As many units of a badge are named in its card."""

_BESIDE_PX = 14.0
"""How far a badge goes aside for a symbol in its place."""

_TURN_DEG = 10
_AGE_STYLE = TextStyle("text.2")
_WEIGHTS = {UnitStatus.OFF: 0, UnitStatus.FREE: 1, UnitStatus.SOS: 3}
"""What is drawn on top; 2 for units with something to do."""

_QUIET = frozenset({UnitStatus.FREE, UnitStatus.OFF})
_KINDS = tuple(UnitKind)
_STATUSES = tuple(UnitStatus)
_TURNS = 360 // _TURN_DEG


@dataclass(frozen=True, slots=True, eq=False)
class UnitMarks:
    """Units as they are to be drawn, n of each. `xy` (n, 2) world; `heading_deg` (n,) clockwise
    from north, NaN unknown; `fixed_at` (n,) ms since 1970-01-01 UTC of the last fix, 0 for none;
    `titles` and `details` are what the hover card says."""

    ids: Sequence[str]
    xy: Floats
    kind: Sequence[UnitKind]
    status: Sequence[UnitStatus]
    heading_deg: NDArray[np.float32]
    fixed_at: NDArray[np.int64]
    titles: Sequence[str]
    details: Sequence[str]


class _Looks:
    """What does not change while units only move: `kind` and `status` (n,) as places in _KINDS and
    _STATUSES, and by status who is on `duty`, `quiet`, shown without an `arrow`.
    """

    def __init__(self, marks: UnitMarks) -> None:
        kinds = {kind: number for number, kind in enumerate(_KINDS)}
        states = {status: number for number, status in enumerate(_STATUSES)}
        self.kind = np.array([kinds[k] for k in marks.kind], np.int64)
        self.status = np.array([states[s] for s in marks.status], np.int64)
        self.on_duty = self._where(lambda s: s is not UnitStatus.OFF)
        self.quiet = self._where(_QUIET.__contains__)
        self.turns = self._where(lambda s: s not in (UnitStatus.ON_SCENE, UnitStatus.OFF))
        weights = np.array([_WEIGHTS.get(status, 2) for status in _STATUSES], np.int64)
        self.weight = weights[self.status]
        self.row_of = {unit_id: row for row, unit_id in enumerate(marks.ids)}

    def _where(self, holds: Callable[[UnitStatus], bool]) -> NDArray[np.bool_]:
        return np.array([holds(status) for status in _STATUSES], np.bool_)[self.status]


@dataclass(frozen=True, slots=True)
class _Badge:
    """Several units in one symbol: `half` (2,) its half size in logical pixels."""

    number: int
    label: str
    look: UnitBadgeLook
    half: Floats


NO_UNITS = UnitMarks(
    (), np.empty((0, 2)), (), (), np.empty(0, np.float32), np.empty(0, np.int64), (), ()
)


class UnitsLayer(Layer):
    """The units of the picture."""

    name = "units"
    rank = 1

    def __init__(self) -> None:
        super().__init__()
        self._scale = 1.0
        self.marks = NO_UNITS
        self._looks = _Looks(NO_UNITS)
        self._version = 0
        self.now_ms = 0
        self.selected = ""
        self.offered: frozenset[str] = frozenset()
        """Units that never hide in a badge: they could be sent to the selected incident."""
        self._shown = np.empty(0, np.int64)
        self._screen = np.empty((0, 2))
        self._stale = np.empty(0, np.bool_)
        self._dress = np.empty((0, 3), np.int64)
        self._weight = np.empty(0, np.int64)
        self._dressed_for: tuple[object, ...] = ()
        self._quiet = np.empty(0, np.int64)
        self._points = Morton(np.empty((0, 2)))
        self._sorted_for: tuple[object, ...] = ()
        self._crowds = crowds_of(self._points, 1.0, MOST_A_BIN)
        self._crowded_for: tuple[object, ...] = ()
        self._badges: list[_Badge] = []
        self._badge_xy = np.empty((0, 2))

    def show(self, marks: UnitMarks, now_ms: int) -> None:
        """Draw these from now on."""
        if marks.ids is not self.marks.ids or marks.status is not self.marks.status:
            self._looks = _Looks(marks)
        self.marks, self.now_ms = marks, now_ms
        self._version += 1

    def is_stale(self) -> NDArray[np.bool_]:
        """Which units on duty have not been heard of for too long (or never): bool (n,)."""
        is_old = self.now_ms - self.marks.fixed_at > STALE_AFTER_MS
        return np.asarray(is_old & self._looks.on_duty)

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Which units, where, and which badges."""
        self._scale = kit.scale
        self._stale = self.is_stale()
        self._dress_all(kit)
        crowds = self._crowds_for(view, kit.scale)
        busy = np.ones(len(self.marks.ids), np.bool_)
        busy[self._quiet] = False
        alone = np.sort(np.concatenate([np.flatnonzero(busy), self._quiet[crowds.alone]]))
        screen = view.screen_from_world(self.marks.xy[alone])
        inside = view.is_near(screen, 24 * kit.scale)
        self._shown, self._screen = alone[inside], screen[inside]
        self._place_badges(view, kit, crowds)

    def obstacles(self) -> Floats:
        """Symbols with their arrows, and badges."""
        half = np.array([badge.half for badge in self._badges]).reshape(-1, 2)
        badges = boxes_around(self._badge_xy, half)
        return np.concatenate([boxes_around(self._screen, 12 * self._scale), badges])

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Badges, then units with what is urgent on top, then ages."""
        stamp(painter, kit, [_badge_sprite(kit, badge) for badge in self._badges], self._badge_xy)
        order = self._shown[np.argsort(self._weight[self._shown], kind="stable")]
        screen = view.screen_from_world(self.marks.xy[order])
        dress = self._dress[order]
        worn = dress >= 0
        stamp(painter, kit, dress[worn], np.repeat(screen[:, None, :], 3, axis=1)[worn])
        if kit.metres_a_design_px(view) <= AGES_UP_TO:
            self._paint_ages(painter, kit)

    def pick(self, view: Viewport, x: float, y: float) -> Hit | None:
        """A unit, or a badge."""
        del view
        nearest = nearest_of(self._screen, x, y, HIT_RADIUS_PX * self._scale)
        if nearest >= 0:
            return self._hit(int(self._shown[nearest]), *self._screen[nearest])
        for badge, at in zip(self._badges, self._badge_xy, strict=True):
            if np.all(np.abs(at - (x, y)) <= badge.half):
                return self._badge_hit(badge, *at.tolist())
        return None

    def _crowds_for(self, view: Viewport, scale: float) -> Crowds:
        """Who shares a badge: of those who have nothing to do."""
        wanted = self._version, self.selected, self.offered
        if self._sorted_for != wanted:
            self._sorted_for = wanted
            quiet, row_of = self._looks.quiet.copy(), self._looks.row_of
            apart = self.offered | {self.selected}
            quiet[[row_of[unit_id] for unit_id in apart if unit_id in row_of]] = False
            self._quiet = np.flatnonzero(quiet)
            self._points = Morton(self.marks.xy[self._quiet])
        if self._crowded_for != (*wanted, view.step, scale):
            self._crowded_for = (*wanted, view.step, scale)
            side = metres_per_px_of(view.step) * CROWD_PX * scale
            self._crowds = crowds_of(self._points, side, MOST_A_BIN, MOST_A_SITE)
        return self._crowds

    def _place_badges(self, view: Viewport, kit: Kit, crowds: Crowds) -> None:
        """The badges in sight, each beside whatever stands where it would."""
        centres = view.screen_from_world(crowds.badge_xy)
        seen = np.flatnonzero(view.is_near(centres, 40 * kit.scale))
        self._badges = self._badges_of(crowds, seen, kit.scale)
        half = np.array([badge.half for badge in self._badges]).reshape(-1, 2)
        symbols = boxes_around(self._screen, 10 * kit.scale)
        taken = Occupied(np.concatenate([kit.obstacles, symbols]), view.width, view.height)
        self._badge_xy = beside(centres[seen], half, taken, _BESIDE_PX * kit.scale)

    def _badges_of(self, crowds: Crowds, seen: NDArray[np.int64], scale: float) -> list[_Badge]:
        """The badges numbered in `seen`."""
        badge, badges = crowds.badge_of_point, len(crowds.badge_count)
        on_duty = (badge >= 0) & self._looks.on_duty[self._quiet]
        duty = np.bincount(badge[on_duty], minlength=badges)
        fresh = np.bincount(badge[on_duty & ~self._stale[self._quiet]], minlength=badges)
        found = []
        for number in seen.tolist():
            look: UnitBadgeLook = "free" if fresh[number] else "stale" if duty[number] else "off"
            label = str(crowds.badge_count[number])
            half = np.array([badge_width(label, glyph=26) / 2, 10.0]) * scale
            found.append(_Badge(number, label, look, half))
        return found

    def _dress_all(self, kit: Kit) -> None:
        """Find each unit's sprites, unless they are the same as before."""
        wanted = self._version, self._stale.tobytes(), self.selected, kit.serial
        if wanted == self._dressed_for:
            return
        self._dressed_for = wanted
        self._weight = self._looks.weight
        ring = np.full(len(self.marks.ids), -1, np.int64)
        row = self._looks.row_of.get(self.selected)
        if row is not None:
            ring[row] = kit.atlas.sprite(("unit selected",), 18, lambda p: _draw_selected(p, kit))
        self._dress = np.column_stack([self._bodies(kit), self._arrows(kit), ring])

    def _bodies(self, kit: Kit) -> NDArray[np.int64]:
        """The sprite of each unit's body."""

        def body(code: int) -> int:
            rest, stale = divmod(code, 2)
            kind, status = _KINDS[rest // len(_STATUSES)], _STATUSES[rest % len(_STATUSES)]
            return kit.atlas.sprite(
                ("unit", kind, status, bool(stale)),
                UNIT_HALF_PX,
                lambda p: _draw_body(p, kit, kind, status, bool(stale)),
            )

        looks = self._looks
        return _sprites((looks.kind * len(_STATUSES) + looks.status) * 2 + self._stale, body)

    def _arrows(self, kit: Kit) -> NDArray[np.int64]:
        """The sprite of each unit's arrow, -1 for none."""

        def arrow(code: int) -> int:
            rest, turn = divmod(code, _TURNS)
            status, stale, degrees = _STATUSES[rest // 2], bool(rest % 2), turn * _TURN_DEG
            return kit.atlas.sprite(
                ("heading", status, stale, degrees),
                ARROW_HALF_PX,
                lambda p: _draw_arrow(p, kit, status, stale, degrees),
            )

        heading = self.marks.heading_deg
        found = np.full(len(heading), -1, np.int64)
        with_one = np.flatnonzero(self._looks.turns & ~np.isnan(heading))
        turn = np.rint(heading[with_one] / _TURN_DEG).astype(np.int64) % _TURNS
        state = self._looks.status[with_one] * 2 + self._stale[with_one]
        found[with_one] = _sprites(state * _TURNS + turn, arrow)
        return found

    def _paint_ages(self, painter: QPainter, kit: Kit) -> None:
        colour = kit.palette.colour("text.2")
        for at in np.flatnonzero(self._stale[self._shown]):
            fixed = int(self.marks.fixed_at[self._shown[at]])
            if not fixed:
                continue
            words = age_in_words(self.now_ms - fixed)
            width, _ = kit.text.size(words, _AGE_STYLE)
            x, y = self._screen[at]
            beside = x + 13 * kit.scale + width / 2, y + 1
            kit.text.paint(painter, words, _AGE_STYLE, colour, beside)

    def _hit(self, unit: int, x: float, y: float) -> Hit:
        marks = self.marks
        lines = [marks.details[unit]]
        if self._stale[unit] and marks.fixed_at[unit]:
            age = age_in_words(self.now_ms - int(marks.fixed_at[unit]))
            lines.append(tr("map.unit.stale", age=age))
        elif not marks.fixed_at[unit]:
            lines.append(tr("map.unit.never"))
        return Hit("unit", marks.ids[unit], float(x), float(y), marks.titles[unit], tuple(lines))

    def _badge_hit(self, badge: _Badge, x: float, y: float) -> Hit:
        members = self._quiet[self._crowds.members(badge.number)]
        stale = int(np.count_nonzero(self._stale[members]))
        lines = [tr("map.cluster.units_stale", count=stale)] if stale else []
        if len(members) <= NAMED_IN_A_CARD:
            lines += [self.marks.titles[row] for row in members.tolist()]
        title = tr("map.cluster.units", count=badge.label)
        lines.append(tr("map.cluster.hint"))
        return Hit("cluster", "", x, y, title, tuple(lines), bounds_of(self.marks.xy[members]))


def _sprites(codes: NDArray[np.int64], sprite: Callable[[int], int]) -> NDArray[np.int64]:
    """The sprite of each code; `sprite` is asked once for each that there is."""
    table = np.full(int(codes.max(initial=-1)) + 1, -1, np.int64)
    for code in np.flatnonzero(np.bincount(codes)).tolist():
        table[code] = sprite(code)
    return table[codes]


def _badge_sprite(kit: Kit, badge: _Badge) -> int:
    return kit.atlas.sprite(
        ("unit badge", badge.label, badge.look),
        BADGE_HALF_PX,
        lambda p: draw_unit_badge(p, kit.palette, kit.font, badge.label, badge.look),
    )


def age_in_words(elapsed_ms: int) -> str:
    """How long ago a unit was heard of, e.g. "6 min ago"."""
    minutes = max(1, elapsed_ms // 60_000)
    if minutes < 60:
        return tr("map.age.minutes", count=minutes)
    return tr("map.age.hours", count=minutes // 60)


def _draw_body(
    painter: QPainter, kit: Kit, kind: UnitKind, status: UnitStatus, stale: bool
) -> None:
    painter.scale(SYMBOL_SCALE, SYMBOL_SCALE)
    draw_unit(painter, kit.palette, kind, status, stale)


def _draw_arrow(
    painter: QPainter, kit: Kit, status: UnitStatus, stale: bool, turn_deg: float
) -> None:
    painter.scale(SYMBOL_SCALE, SYMBOL_SCALE)
    draw_heading(painter, kit.palette, status, stale, turn_deg)


def _draw_selected(painter: QPainter, kit: Kit) -> None:
    stroke(painter, circle(14), kit.palette.colour("text.inverse"), 4)
    stroke(painter, circle(14), kit.palette.colour("select"), 1.6)
