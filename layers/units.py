"""Units: shape by kind, colour and mark by status, arrow by heading, hollow when stale.

Units with something to do always stand alone; free ones come together in pills where the map is
too coarse to tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from console.i18n import tr
from console.model.unit import UnitKind, UnitStatus
from layers.engine.camera_symbols import PILL_HALF_PX, draw_unit_pill
from layers.engine.clusters import Clusters, bounds_of, clusters_of
from layers.engine.layer import HIT_RADIUS_PX, Floats, Hit, Kit, Layer, boxes_around
from layers.engine.layer import stamp_all as stamp
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

STALE_AFTER_MS = 90_000
CLUSTER_FROM = 12.0
"""Ground metres a pixel from which free units come together."""

CLUSTER_PX = 88
_TURN_DEG = 10
_AGE_STYLE = TextStyle("text.2")
_WEIGHTS = {UnitStatus.OFF: 0, UnitStatus.FREE: 1, UnitStatus.SOS: 3}
"""What is drawn on top; 2 for units with something to do."""

_QUIET = frozenset({UnitStatus.FREE, UnitStatus.OFF})


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


NO_UNITS = UnitMarks(
    (), np.empty((0, 2)), (), (), np.empty(0, np.float32), np.empty(0, np.int64), (), ()
)


class UnitsLayer(Layer):
    """The units of the picture."""

    name = "units"

    def __init__(self) -> None:
        super().__init__()
        self._scale = 1.0
        self.marks = NO_UNITS
        self._version = 0
        self.now_ms = 0
        self.selected = ""
        self._shown = np.empty(0, np.int64)
        self._screen = np.empty((0, 2))
        self._stale = np.empty(0, np.bool_)
        self._dress = np.empty((0, 3), np.int64)
        self._weight = np.empty(0, np.int64)
        self._dressed_for: tuple[object, ...] = ()
        self._clusters: Clusters | None = None
        self._clustered_for: tuple[object, ...] = ()
        self._quiet = np.empty(0, np.bool_)
        self._clustered = np.empty(0, np.int64)
        self._pills: list[tuple[int, float, float, str]] = []

    def show(self, marks: UnitMarks, now_ms: int) -> None:
        """Draw these from now on."""
        self.marks, self.now_ms = marks, now_ms
        self._version += 1

    def is_stale(self) -> NDArray[np.bool_]:
        """Which units on duty have not been heard of for too long (or never): bool (n,)."""
        on_duty = np.array([s is not UnitStatus.OFF for s in self.marks.status], bool)
        return np.asarray((self.now_ms - self.marks.fixed_at > STALE_AFTER_MS) & on_duty)

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Which units, where, and which pills."""
        self._scale = kit.scale
        self._stale, self._pills = self.is_stale(), []
        self._dress_all(kit)
        alone = np.arange(len(self.marks.ids))
        if kit.metres_a_design_px(view) > CLUSTER_FROM:
            alone = self._group(view, kit.scale)
        screen = view.screen_from_world(self.marks.xy[alone])
        margin = 24 * kit.scale
        size = np.array([view.width + margin, view.height + margin])
        inside = (screen > -margin).all(1) & (screen < size).all(1)
        self._shown, self._screen = alone[inside], screen[inside]

    def obstacles(self) -> Floats:
        """Symbols with their arrows, and pills."""
        pills = np.array([(x, y, x, y) for _, x, y, _ in self._pills]).reshape(-1, 4)
        boxes = boxes_around(self._screen, 12 * self._scale)
        reach = np.array([-24, -12, 24, 12]) * self._scale
        return np.concatenate([boxes, pills + reach])

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Pills, then units with what is urgent on top, then ages."""
        pills = [self._pill(kit, label) for *_, label in self._pills]
        stamp(painter, kit, pills, np.array([(x, y) for _, x, y, _ in self._pills]))
        order = self._shown[np.argsort(self._weight[self._shown], kind="stable")]
        screen = view.screen_from_world(self.marks.xy[order])
        dress = self._dress[order]
        worn = dress >= 0
        stamp(painter, kit, dress[worn], np.repeat(screen[:, None, :], 3, axis=1)[worn])
        if kit.metres_a_design_px(view) <= CLUSTER_FROM:
            self._paint_ages(painter, kit)

    def pick(self, view: Viewport, x: float, y: float) -> Hit | None:
        """A unit, or a pill."""
        del view
        nearest = nearest_of(self._screen, x, y, HIT_RADIUS_PX * self._scale)
        if nearest >= 0:
            return self._hit(int(self._shown[nearest]), *self._screen[nearest])
        for group, px, py, label in self._pills:
            if abs(px - x) <= 24 * self._scale and abs(py - y) <= 12 * self._scale:
                return self._pill_hit(group, px, py, label)
        return None

    def _group(self, view: Viewport, scale: float) -> NDArray[np.int64]:
        """Bring free units together; gives those that stand alone."""
        wanted = self._version, self.selected, view.step, scale
        if self._clusters is None or self._clustered_for != wanted:
            self._clustered_for = wanted
            self._quiet = np.array([s in _QUIET for s in self.marks.status], bool)
            self._quiet &= np.array([i != self.selected for i in self.marks.ids], bool)
            self._clustered = np.flatnonzero(self._quiet).astype(np.int64)
            side = metres_per_px_of(view.step) * CLUSTER_PX * scale
            self._clusters = clusters_of(self.marks.xy[self._clustered], side)
        clusters = self._clusters
        centres = view.screen_from_world(clusters.centre_xy)
        for group in np.flatnonzero(clusters.count > 1):
            x, y = centres[group]
            if -40 < x < view.width + 40 and -40 < y < view.height + 40:
                self._pills.append((int(group), float(x), float(y), str(clusters.count[group])))
        single = self._clustered[clusters.count[clusters.group] == 1]
        return np.sort(np.concatenate([np.flatnonzero(~self._quiet), single]))

    def _dress_all(self, kit: Kit) -> None:
        """Find each unit's sprites, unless they are the same as before."""
        wanted = self._version, self._stale.tobytes(), self.selected, kit.serial
        if wanted == self._dressed_for:
            return
        self._dressed_for = wanted
        dress = [self._sprites_of(kit, unit) for unit in range(len(self.marks.ids))]
        self._dress = np.array(dress, np.int64).reshape(-1, 3)
        weights = [_WEIGHTS.get(status, 2) for status in self.marks.status]
        self._weight = np.array(weights, np.int64)

    def _sprites_of(self, kit: Kit, unit: int) -> tuple[int, int, int]:
        """Body, arrow, selection ring; -1 for none."""
        kind, status = self.marks.kind[unit], self.marks.status[unit]
        stale = bool(self._stale[unit])
        body = kit.atlas.sprite(
            ("unit", kind, status, stale),
            UNIT_HALF_PX,
            lambda p: _draw_body(p, kit, kind, status, stale),
        )
        ring = -1
        if self.marks.ids[unit] == self.selected:
            ring = kit.atlas.sprite(("unit selected",), 18, lambda p: _draw_selected(p, kit))
        return body, self._arrow(kit, unit, status, stale), ring

    def _arrow(self, kit: Kit, unit: int, status: UnitStatus, stale: bool) -> int:
        heading = float(self.marks.heading_deg[unit])
        if np.isnan(heading) or status in (UnitStatus.ON_SCENE, UnitStatus.OFF):
            return -1
        turn = round(heading / _TURN_DEG) * _TURN_DEG % 360
        return kit.atlas.sprite(
            ("heading", status, stale, turn),
            ARROW_HALF_PX,
            lambda p: _draw_arrow(p, kit, status, stale, turn),
        )

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

    def _pill(self, kit: Kit, label: str) -> int:
        return kit.atlas.sprite(
            ("unit pill", label),
            PILL_HALF_PX,
            lambda p: draw_unit_pill(p, kit.palette, kit.font, label),
        )

    def _pill_hit(self, group: int, x: float, y: float, label: str) -> Hit:
        assert self._clusters is not None
        members = self._clustered[self._clusters.members(group)]
        box = bounds_of(self.marks.xy[members])
        title = tr("map.cluster.units", count=label)
        return Hit("cluster", "", x, y, title, (tr("map.cluster.hint"),), zoom_to=box)


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
