"""Names of streets, places, waters and parks, above the ground and under everything else.

Which names there is room for is worked out for a region larger than the screen and bound to the
world, so that panning moves names and does not shuffle them; a name under a symbol steps aside or
is not drawn. The same candidates in the same order give the same names every time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from console.city import BaseMap, Labels
from console.i18n import language
from layers.engine.layer import Floats, Kit, Layer
from layers.engine.levels import level_for
from layers.engine.occupied import Occupied
from layers.engine.text import TextStyle, Word
from layers.engine.viewport import Bounds, Viewport, metres_per_px_of

BLOCK_PX = 512
_BIN_PX = 12
_REPEAT_PX = 420
_MOST_CANDIDATES = 2500
_GAP_PX = 13.0
"""From the middle of a symbol to the edge of its name."""

_STEEP = 0.72
"""Sine from which a Chinese street name is set upright, character under character."""

NEW_WORDS_A_FRAME = 14

_DISTRICT_RANK = 10
_QUARTER_RANK = 20
_AFTER_STREETS = 25
_QUARTERS_UP_TO = 2.3
"""World metres a pixel up to which places from `_QUARTER_RANK` on have a name."""

_ROAD = TextStyle("map.label")
_ROAD_STACKED = TextStyle("map.label", stacked=True)
_WATER = TextStyle("map.labelW", 14.0, spacing_px=2.0)
_PARK = TextStyle("map.labelG")
_DISTRICT = TextStyle("map.labelD", 17.0, spacing_px=6.0)
_DISTRICT_EN = TextStyle("map.labelD", 17.0, spacing_px=2.0)
_TOWN = TextStyle("map.labelD", 14.0, spacing_px=2.0)
_PLACE = TextStyle("map.labelD")


@dataclass(frozen=True, slots=True)
class Name:
    """A name that has its place: world middle, style, clockwise turn, logical size as drawn."""

    text: str
    style: TextStyle
    x: float
    y: float
    turn_deg: int
    width: float
    height: float
    length: float
    """Logical pixels along the line it is written on."""

    may_step_aside: bool


class NamesLayer(Layer):
    """Chooses and draws names. `pending` says that some are still to be rendered."""

    name = "names"

    def __init__(self, ground: BaseMap) -> None:
        super().__init__()
        self._ground = ground
        self._region: tuple[object, ...] | None = None
        self._names: list[Name] = []
        self._xy = np.empty((0, 2))
        self._half = np.empty((0, 2))
        self._may_move = np.empty(0, np.bool_)
        self._words: dict[int, Word] = {}
        self.pending = False

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Choose names anew when the region, the scale or the language is another; not while the
        map zooms, when names would flicker through the scales."""
        if kit.in_motion and self._region is not None:
            return
        block = BLOCK_PX * metres_per_px_of(view.step)
        x0, y0, x1, y1 = view.bounds
        cells = (x0 // block, y0 // block, x1 // block, y1 // block)
        region = (view.step, *cells, language(), id(kit))
        if region == self._region:
            return
        self._region = region
        left, bottom, right, top = (cell * block for cell in cells)
        around = left - block, bottom - block, right + 2 * block, top + 2 * block
        self._names = self._choose(kit, view.step, around)
        self._xy = np.array([(n.x, n.y) for n in self._names]).reshape(-1, 2)
        self._half = np.array([(n.width / 2, n.height / 2) for n in self._names]).reshape(-1, 2)
        self._may_move = np.array([n.may_step_aside for n in self._names], bool)
        self._words = {}

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw the names in sight that no symbol covers."""
        screen = view.screen_from_world(self._xy)
        inside = np.all(screen > -self._half, axis=1)
        inside &= np.all(screen - self._half < np.array([view.width, view.height]), axis=1)
        shown = np.flatnonzero(inside)
        spots, centres = self._settle(view, kit, shown, screen[shown])
        self._render(kit, shown[spots >= 0])
        for index, spot, (x, y) in zip(shown, spots, centres, strict=True):
            word = self._words.get(int(index))
            if spot >= 0 and word is not None:
                painter.drawPixmap(word.corner(x, y, kit.dpr), word.pixmap)

    def _settle(
        self, view: Viewport, kit: Kit, shown: NDArray[np.int64], screen: Floats
    ) -> tuple[NDArray[np.int64], Floats]:
        """For each name in sight its spot, an index of `_ASIDE` or -1 for none, and its middle.

        Beside its own place a name must not cover any other name's place either.
        """
        half = self._half[shown]
        symbols = Occupied(kit.obstacles, view.width, view.height)
        spots = np.where(symbols.touches(_boxes(screen, half)), -1, 0)
        centres = screen.copy()
        blocked = np.flatnonzero((spots < 0) & self._may_move[shown])
        if not len(blocked):
            return spots, centres
        names = Occupied(_boxes(screen, half), view.width, view.height)
        for spot in range(len(_ASIDE) - 1, 0, -1):
            at = screen[blocked] + _ASIDE[spot] * (half[blocked] + _GAP_PX * kit.scale)
            boxes = _boxes(at, half[blocked])
            free = ~symbols.touches(boxes) & ~names.touches(boxes)
            spots[blocked[free]], centres[blocked[free]] = spot, at[free]
        return spots, centres

    def _render(self, kit: Kit, wanted: NDArray[np.int64]) -> None:
        """Render a few of the names that have no picture yet; the rest waits for the next frame."""
        missing = [int(index) for index in wanted if int(index) not in self._words]
        for index in missing[:NEW_WORDS_A_FRAME]:
            name = self._names[index]
            colour = kit.palette.colour(name.style.colour)
            self._words[index] = kit.text.word(name.text, name.style, colour, name.turn_deg)
        self.pending = len(missing) > NEW_WORDS_A_FRAME

    def _choose(self, kit: Kit, step: int, bounds: Bounds) -> list[Name]:
        metres_per_px = metres_per_px_of(step)
        labels = level_for(self._ground, metres_per_px).labels(bounds)
        room = _Room(metres_per_px, kit.scale)
        names = []
        for index in _in_order(labels, metres_per_px):
            name = _name_of(kit, labels, index, metres_per_px)
            if name is not None and room.take(name):
                names.append(name)
        return names


def _in_order(labels: Labels, metres_per_px: float) -> list[int]:
    """Candidates that are wanted at this scale; quarters only near, and after the main streets."""
    is_place = np.array([kind == "place" for kind in labels.kind], bool)
    quarter = is_place & (labels.rank >= _QUARTER_RANK)
    weight = labels.rank + np.where(quarter, _AFTER_STREETS, 0)
    order = np.argsort(weight, kind="stable")
    if metres_per_px > _QUARTERS_UP_TO:
        order = order[~quarter[order]]
    return [int(index) for index in order[:_MOST_CANDIDATES]]


_ASIDE = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, -1.0], [1.0, 0.0]])
"""Where a name may go: its place, below, above, right, in its half sizes and a gap."""


def _boxes(centre: Floats, half: Floats) -> Floats:
    return np.concatenate([centre - half, centre + half], axis=1)


class _Room:
    """Which bins of the screen are taken, and where each name stands already."""

    def __init__(self, metres_per_px: float, scale: float) -> None:
        self._mpp = metres_per_px
        self._bin = _BIN_PX * scale
        self._repeat = _REPEAT_PX * scale
        self._taken: set[tuple[int, int]] = set()
        self._said: dict[str, list[tuple[float, float]]] = {}

    def take(self, name: Name) -> bool:
        """Give `name` its place if it is free and the same name is not near."""
        x, y = name.x / self._mpp, -name.y / self._mpp
        if any(math.hypot(x - a, y - b) < self._repeat for a, b in self._said.get(name.text, ())):
            return False
        bins = self._bins_of(name, x, y)
        if not self._taken.isdisjoint(bins):
            return False
        self._said.setdefault(name.text, []).append((x, y))
        for column, row in bins:
            self._taken.update((column + i, row + j) for i in (-1, 0, 1) for j in (-1, 0, 1))
        return True

    def _bins_of(self, name: Name, x: float, y: float) -> set[tuple[int, int]]:
        """The bins along the middle line of a name."""
        length = name.length
        turn = math.radians(name.turn_deg + (90 if name.style.stacked else 0))
        count = max(2, math.ceil(length / self._bin) + 1)
        along = [length * (i / (count - 1) - 0.5) for i in range(count)]
        cos, sin = math.cos(turn), math.sin(turn)
        return {(int((x + cos * d) // self._bin), int((y + sin * d) // self._bin)) for d in along}


def _name_of(kit: Kit, labels: Labels, index: int, metres_per_px: float) -> Name | None:
    text = labels.text[index].in_language(language())
    if not text:
        return None
    kind = labels.kind[index]
    angle = float(labels.angle_deg[index]) if kind == "road" else 0.0
    style = _style_of(kind, text, int(labels.rank[index]), angle)
    width, height = kit.text.size(text, style)
    span_px = float(labels.span_m[index]) / metres_per_px
    if kind == "road" and span_px < (height if style.stacked else width):
        return None
    turn = _turn_of(angle, style.stacked)
    box = _turned(width, height, turn)
    x, y = (float(v) for v in labels.xy[index])
    length = height if style.stacked else width
    return Name(text, style, x, y, turn, *box, length, may_step_aside=kind == "place")


def _style_of(kind: str, text: str, rank: int, angle_deg: float) -> TextStyle:
    if kind == "road":
        steep = abs(math.sin(math.radians(angle_deg))) > _STEEP
        return _ROAD_STACKED if steep and _is_chinese(text) else _ROAD
    if kind == "place" and rank <= _DISTRICT_RANK:
        return _DISTRICT if _is_chinese(text) else _DISTRICT_EN
    if kind == "place":
        return _TOWN if rank < _QUARTER_RANK else _PLACE
    return {"water": _WATER, "park": _PARK}.get(kind, _PLACE)


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def _turn_of(angle_deg: float, stacked: bool) -> int:
    """Clockwise turn of the picture for a street running `angle_deg` anticlockwise from east."""
    if not stacked:
        return round(-angle_deg)
    return round(90 - angle_deg if angle_deg > 0 else -90 - angle_deg)


def _turned(width: float, height: float, turn_deg: int) -> tuple[float, float]:
    turn = math.radians(turn_deg)
    cos, sin = abs(math.cos(turn)), abs(math.sin(turn))
    return width * cos + height * sin, width * sin + height * cos
