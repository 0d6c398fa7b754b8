"""Units that call for help: above everything else on the map, never in a pill, never switched off.

One that lies outside of the view stands at its edge, with an arrow that points to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from console.i18n import tr
from console.model.unit import UnitKind, UnitStatus
from layers.engine.layer import NO_BOXES, Floats, Hit, Kit, Layer, stamp_all
from layers.engine.occupied import boxes_around, overlaps
from layers.engine.pens import circle, fill, stroke
from layers.engine.picking import nearest_of
from layers.engine.unit_symbols import draw_unit
from layers.engine.viewport import Viewport

HALF_PX = 34.0
"""Half of the symbol's square."""

RADIUS_PX = 20.0
_UNIT_SCALE = 1.5
_INSETS_PX = (38.0, 80.0, 98.0, 38.0)
"""How far from the view's left, top, right and bottom a unit stands that lies outside: clear of the
switches and tools at the top and right."""

_TOOLS_PX = 52.0
"""What the tools take at the right: no tag lies under them."""

_TURN_DEG = 10
_ZOOM_M = 400.0
"""World metres around a unit that a click on its arrow brings into view."""

_TAG_HEIGHT = 24.0
_TAG_GAP = 30.0


@dataclass(frozen=True, slots=True)
class DistressMark:
    """One call as it is to be drawn, at world (`x`, `y`); it `waits` until somebody acknowledges.
    `stale` says that the position is an old one, or only where the unit is at home.
    """

    unit_id: str
    kind: UnitKind
    x: float
    y: float
    waits: bool
    stale: bool
    title: str
    detail: str


class DistressLayer(Layer):
    """The calls for help of the picture, those that wait on top."""

    name = "distress"
    rank = -1

    def __init__(self) -> None:
        super().__init__()
        self._scale = 1.0
        self.marks: Sequence[DistressMark] = ()
        self._shown: list[DistressMark] = []
        self._screen = np.empty((0, 2))
        self._turns: list[int | None] = []
        self._tags: list[int] = []
        self._tag_boxes = NO_BOXES

    @property
    def flashes(self) -> bool:
        """Whether anything flashes."""
        return any(mark.waits for mark in self.marks)

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Where each stands: at its place, or at the view's edge."""
        self._scale = kit.scale
        self._shown = sorted(self.marks, key=lambda m: (m.waits, m.unit_id))
        places = np.array([(m.x, m.y) for m in self._shown]).reshape(-1, 2)
        true = view.screen_from_world(places)
        left, top, right, bottom = (inset * kit.scale for inset in _INSETS_PX)
        least, size = np.array([left, top]), np.array([view.width, view.height], np.float64)
        most = np.maximum(least, size - (right, bottom))
        self._screen = np.clip(true, least, most)
        away = true - self._screen
        turns = np.degrees(np.arctan2(away[:, 0], -away[:, 1])) % 360
        self._turns = [
            round(float(turn) / _TURN_DEG) * _TURN_DEG if far else None
            for far, turn in zip(np.any(away != 0, axis=1), turns, strict=True)
        ]
        self._place_tags(view, kit)

    def obstacles(self) -> Floats:
        """Symbols and their tags; everything else keeps clear of them."""
        symbols = boxes_around(self._screen, (RADIUS_PX + 6) * self._scale)
        return np.concatenate([symbols, self._tag_boxes])

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw symbols with their rings, and tags."""
        del view
        sprites = [self._sprite(kit, m, t) for m, t in zip(self._shown, self._turns, strict=True)]
        stamp_all(painter, kit, sprites, self._screen)
        middles = (self._tag_boxes[:, :2] + self._tag_boxes[:, 2:]) / 2
        stamp_all(painter, kit, self._tags, middles)

    def pick(self, view: Viewport, x: float, y: float) -> Hit | None:
        """A unit, or the arrow to one."""
        del view
        nearest = nearest_of(self._screen, x, y, (RADIUS_PX + 4) * self._scale)
        if nearest < 0:
            return None
        mark, at, turn = self._shown[nearest], self._screen[nearest], self._turns[nearest]
        px, py = float(at[0]), float(at[1])
        if turn is None:
            return Hit("unit", mark.unit_id, px, py, mark.title, (mark.detail,))
        box = (mark.x - _ZOOM_M, mark.y - _ZOOM_M, mark.x + _ZOOM_M, mark.y + _ZOOM_M)
        lines = (mark.detail, tr("map.distress.outside"))
        return Hit("cluster", "", px, py, mark.title, lines, zoom_to=box)

    def _sprite(self, kit: Kit, mark: DistressMark, turn: int | None) -> int:
        lit = kit.flash_on or kit.reduced_motion
        ring = (lit, kit.reduced_motion) if mark.waits else None
        return kit.atlas.sprite(
            ("distress", mark.kind, mark.stale, ring, turn),
            HALF_PX,
            lambda p: _draw(p, kit, mark, ring, turn),
        )

    def _place_tags(self, view: Viewport, kit: Kit) -> None:
        """The name beside each, where it covers no other symbol or tag of a call."""
        self._tags = []
        taken = boxes_around(self._screen, RADIUS_PX * kit.scale)
        for mark, at in zip(reversed(self._shown), self._screen[::-1], strict=True):
            words = tr("map.distress.tag", unit=mark.title)
            width = QFontMetricsF(kit.caption_bold).horizontalAdvance(words) / kit.scale + 18
            half = np.array([width, _TAG_HEIGHT]) / 2 * kit.scale
            gap = np.array([_TAG_GAP * kit.scale + half[0], _TAG_GAP * kit.scale + half[1]])
            centres = at + np.array([(gap[0], 0), (-gap[0], 0), (0, gap[1]), (0, -gap[1])])
            spots = boxes_around(centres, half)
            most = np.array([view.width - _TOOLS_PX * kit.scale, view.height])
            outside = (spots[:, :2] < 0).any(1) | (spots[:, 2:] > most).any(1)
            best = int(np.argmin(overlaps(spots, taken) + 1e6 * outside))
            taken = np.concatenate([taken, spots[best : best + 1]])
            draw = partial(_draw_tag, kit=kit, words=words, waits=mark.waits, width=width)
            key = "distress tag", words, mark.waits
            self._tags.append(kit.atlas.sprite(key, width / 2 + 2, draw))
        self._tag_boxes = taken[len(self._screen) :]


def _draw(
    painter: QPainter,
    kit: Kit,
    mark: DistressMark,
    ring: tuple[bool, bool] | None,
    turn: int | None,
) -> None:
    """The unit with its ring on a dark disc; outside of it what flashes, and the arrow."""
    ink, red = kit.palette.colour("text.inverse"), kit.palette.colour("priority.1")
    fill(painter, circle(RADIUS_PX + 2.5), ink)
    if ring is not None and ring[0]:
        stroke(painter, circle(RADIUS_PX + 7), ink, 6)
        stroke(painter, circle(RADIUS_PX + 7), red, 3)
    if ring is not None and ring[1]:
        stroke(painter, circle(RADIUS_PX + 11), red, 1.6)
    if turn is not None:
        painter.save()
        painter.rotate(turn)
        arrow = f"M0 {-RADIUS_PX - 13}L7 {-RADIUS_PX - 3}H-7Z"
        fill(painter, arrow, red)
        stroke(painter, arrow, ink, 1.4)
        painter.restore()
    painter.scale(_UNIT_SCALE, _UNIT_SCALE)
    draw_unit(painter, kit.palette, mark.kind, UnitStatus.SOS, mark.stale)


def _draw_tag(painter: QPainter, kit: Kit, words: str, waits: bool, width: float) -> None:
    """The name on red, on dark with a red edge once somebody has acknowledged; design pixels."""
    ink, red = kit.palette.colour("text.inverse"), kit.palette.colour("priority.1")
    box = QRectF(-width / 2, -_TAG_HEIGHT / 2, width, _TAG_HEIGHT)
    painter.setPen(red if not waits else ink)
    painter.setBrush(red if waits else ink)
    painter.drawRoundedRect(box, 4, 4)
    font = QFont(kit.font)
    font.setPixelSize(13)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(ink if waits else kit.palette.colour("text.1"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
