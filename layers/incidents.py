"""Incidents: rings by priority with the dial of their deadline. A priority 1 never hides in a ring
of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QPainter

from console.i18n import tr
from layers.engine.crowds import Morton, bounds_of, crowds_of
from layers.engine.incident_symbols import (
    DIAL_STEPS,
    INCIDENT_HALF_PX,
    IncidentLook,
    draw_incident,
    draw_incident_cluster,
)
from layers.engine.layer import HIT_RADIUS_PX, NO_BOXES, Floats, Hit, Kit, Layer
from layers.engine.layer import stamp_all as stamp
from layers.engine.occupied import boxes_around
from layers.engine.picking import nearest_of
from layers.engine.viewport import Viewport, metres_per_px_of

ALONE_UP_TO = 2.0
"""Ground metres a design pixel up to which every incident stands for itself."""

CLOSED_UP_TO = 12.0
"""The same up to which those just closed are shown."""

CROWD_PX = 256
"""About the side of the bins in which incidents share a ring."""

MOST_A_BIN = 6
MOST_A_SITE = 2


@dataclass(frozen=True, slots=True)
class IncidentMark:
    """One incident as it is to be drawn, at world (`x`, `y`). `share` is the part of its deadline
    that is used, None without one; `flashing` while nobody has accepted a priority 1."""

    id: str
    x: float
    y: float
    priority: int
    share: float | None
    over: bool
    closed: bool
    flashing: bool
    title: str
    detail: str


class IncidentsLayer(Layer):
    """The incidents of the picture, the selected one on top."""

    name = "incidents"
    rank = 0

    def __init__(self) -> None:
        super().__init__()
        self._scale = 1.0
        self._marks: Sequence[IncidentMark] = ()
        self.selected = ""
        self._sprites: dict[tuple[object, ...], int] = {}
        self._grouped_for: tuple[object, ...] = ()
        self._alone: list[IncidentMark] = []
        self._groups: list[tuple[Floats, list[IncidentMark]]] = []
        self._shown: list[IncidentMark] = []
        self._screen = np.empty((0, 2))
        self._rings: list[tuple[Floats, list[IncidentMark]]] = []

    @property
    def marks(self) -> Sequence[IncidentMark]:
        """The incidents there are; set them to show others."""
        return self._marks

    @marks.setter
    def marks(self, marks: Sequence[IncidentMark]) -> None:
        self._marks = marks
        self._sprites.clear()
        self._grouped_for = ()

    @property
    def flashes(self) -> bool:
        """Whether anything in sight flashes."""
        return any(mark.flashing for mark in self._shown)

    def selected_hit(self) -> Hit | None:
        """The selected incident, if it is in sight."""
        for mark, at in zip(self._shown, self._screen, strict=True):
            if mark.id == self.selected:
                return _hit(mark, at)
        return None

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Which incidents, in drawing order, and which rings of several."""
        self._scale = kit.scale
        alone, self._rings = list(self.marks), []
        detail = kit.metres_a_design_px(view)
        if detail > ALONE_UP_TO:
            alone = self._group(view, kit.scale, detail <= CLOSED_UP_TO)
        alone.sort(key=lambda m: (m.id == self.selected, not m.closed, -m.priority))
        screen = view.screen_from_world([(m.x, m.y) for m in alone])
        margin = INCIDENT_HALF_PX * kit.scale
        inside = np.flatnonzero(view.is_near(screen, margin))
        self._shown, self._screen = [alone[i] for i in inside], screen[inside]

    def obstacles(self) -> Floats:
        """Rings; the selected one is larger."""
        rings = np.array([at for at, _ in self._rings]).reshape(-1, 2)
        chosen = np.array([m.id == self.selected for m in self._shown], bool)
        boxes = [
            boxes_around(self._screen[~chosen], 13 * self._scale),
            boxes_around(rings, 17 * self._scale),
        ]
        return np.concatenate(
            [*boxes, boxes_around(self._screen[chosen], 25 * self._scale), NO_BOXES]
        )

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Rings of several, then each incident."""
        del view
        for at, members in self._rings:
            stamp(painter, kit, [self._ring_sprite(kit, members)], at.reshape(1, 2))
        sprites = [self._sprite(kit, mark) for mark in self._shown]
        stamp(painter, kit, sprites, self._screen)

    def pick(self, view: Viewport, x: float, y: float) -> Hit | None:
        """An incident, or a ring of several."""
        del view
        nearest = nearest_of(self._screen, x, y, HIT_RADIUS_PX * self._scale)
        if nearest >= 0:
            return _hit(self._shown[nearest], self._screen[nearest])
        for at, members in self._rings:
            if np.hypot(*(at - (x, y))) <= 17 * self._scale:
                return self._ring_hit(at, members)
        return None

    def _group(self, view: Viewport, scale: float, show_closed: bool) -> list[IncidentMark]:
        """Bring incidents together; gives those that stand alone."""
        wanted = view.step, scale, self.selected, show_closed
        if self._grouped_for != wanted:
            self._grouped_for = wanted
            self._alone, self._groups = self._grouped(view, scale, show_closed)
        for centre, members in self._groups:
            at = view.screen_from_world(centre)
            if view.is_near(at, 20).all():
                self._rings.append((at[0], members))
        return list(self._alone)

    def _grouped(
        self, view: Viewport, scale: float, show_closed: bool
    ) -> tuple[list[IncidentMark], list[tuple[Floats, list[IncidentMark]]]]:
        """Who stands alone, and the groups with their world middles."""
        may, alone = list[IncidentMark](), list[IncidentMark]()
        for mark in self.marks:
            if mark.id == self.selected or (mark.priority == 1 and not mark.closed):
                alone.append(mark)
            elif not mark.closed:
                may.append(mark)
            elif show_closed:
                alone.append(mark)
        side = metres_per_px_of(view.step) * CROWD_PX * scale
        points = Morton(np.array([(m.x, m.y) for m in may]).reshape(-1, 2))
        crowds = crowds_of(points, side, MOST_A_BIN, MOST_A_SITE)
        groups = list[list[IncidentMark]]([] for _ in crowds.badge_count)
        for mark, badge in zip(may, crowds.badge_of_point.tolist(), strict=True):
            (alone if badge < 0 else groups[badge]).append(mark)
        return alone, list(zip(crowds.badge_xy, groups, strict=True))

    def _sprite(self, kit: Kit, mark: IncidentMark) -> int:
        flash = kit.flash_on, kit.reduced_motion
        key = mark.id, mark.id == self.selected, flash if mark.flashing else None, kit.serial
        sprite = self._sprites.get(key)
        if sprite is None:
            look = self._look(kit, mark)
            sprite = self._sprites[key] = kit.atlas.sprite(
                look, INCIDENT_HALF_PX, lambda p: draw_incident(p, kit.palette, kit.font, look)
            )
        return sprite

    def _look(self, kit: Kit, mark: IncidentMark) -> IncidentLook:
        dial = None
        if mark.share is not None and not mark.closed:
            dial = round(min(1.0, max(0.0, mark.share)) * DIAL_STEPS)
        flashing = mark.flashing and not mark.closed
        return IncidentLook(
            mark.priority,
            dial,
            mark.over and not mark.closed,
            mark.id == self.selected,
            mark.closed,
            lit=not flashing or kit.reduced_motion or kit.flash_on,
            doubled=flashing and kit.reduced_motion,
        )

    def _ring_sprite(self, kit: Kit, members: list[IncidentMark]) -> int:
        parts = tuple(sum(m.priority == p for m in members) for p in (1, 2, 3, 4))
        return kit.atlas.sprite(
            ("incident ring", parts),
            17,
            lambda p: draw_incident_cluster(p, kit.palette, kit.font, parts),
        )

    def _ring_hit(self, at: Floats, members: list[IncidentMark]) -> Hit:
        title = tr("map.cluster.incidents", count=len(members))
        box = bounds_of(np.array([(m.x, m.y) for m in members]))
        lines = (tr("map.cluster.hint"),)
        return Hit("cluster", "", float(at[0]), float(at[1]), title, lines, zoom_to=box)


def _hit(mark: IncidentMark, at: Floats) -> Hit:
    return Hit("incident", mark.id, float(at[0]), float(at[1]), mark.title, (mark.detail,))
