"""Names of streets, places, waters and parks, above the ground and under everything else.

Which names there is room for is worked out for a region larger than the screen and bound to the
world, so that panning moves names and does not shuffle them; a name under a symbol steps aside or
is not drawn. The same candidates in the same order give the same names every time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from console.i18n import language
from console.model.text import Text
from layers.engine.layer import Floats, Kit, Layer
from layers.engine.text import TextStyle
from layers.engine.viewport import Bounds, Viewport, metres_per_px_of

BLOCK_PX = 512
_BIN_PX = 12
_REPEAT_PX = 420
_MOST_CANDIDATES = 2500
_STEEP = 0.72
"""Sine from which a Chinese street name is set upright, character under character."""

NEW_WORDS_A_FRAME = 14

_ROAD = TextStyle("map.label")
_ROAD_STACKED = TextStyle("map.label", stacked=True)
_WATER = TextStyle("map.labelW", 14.0, spacing_px=2.0)
_PARK = TextStyle("map.labelG")
_DISTRICT = TextStyle("map.labelD", 17.0, spacing_px=6.0)
_DISTRICT_EN = TextStyle("map.labelD", 17.0, spacing_px=2.0)
_PLACE = TextStyle("map.label", 13.0)


class Labels(Protocol):
    """What of `console.city` a level's label candidates are, most important first."""

    text: Sequence[Text]
    kind: Sequence[str]
    xy: Floats
    angle_deg: NDArray[np.float32]
    rank: NDArray[np.int32]
    span_m: NDArray[np.float32]


class LabelLevel(Protocol):
    """A level that has labels."""

    @property
    def metres_per_px(self) -> float: ...  # noqa: D102

    def labels(self, bounds: Bounds, /) -> Labels:
        """Candidates near `bounds`."""


class LabelMap(Protocol):
    """A base map with labels."""

    @property
    def levels(self) -> Sequence[LabelLevel]: ...  # noqa: D102


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

    def __init__(self, ground: LabelMap) -> None:
        super().__init__()
        self._levels = list(ground.levels)
        self._region: tuple[object, ...] | None = None
        self._names: list[Name] = []
        self._xy = np.empty((0, 2))
        self._half = np.empty((0, 2))
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
        bounds = tuple((c + side) * block for c, side in zip(cells, (-1, -1, 2, 2), strict=True))
        self._names = self._choose(kit, view.step, bounds)  # type: ignore[arg-type]
        self._xy = np.array([(n.x, n.y) for n in self._names]).reshape(-1, 2)
        self._half = np.array([(n.width / 2, n.height / 2) for n in self._names]).reshape(-1, 2)

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw the names in sight that no symbol covers."""
        self.pending = False
        budget = NEW_WORDS_A_FRAME
        screen = view.screen_from_world(self._xy)
        inside = (screen > -self._half).all(1)
        inside &= (screen - self._half < np.array([view.width, view.height])).all(1)
        shown = np.flatnonzero(inside)
        spots = _spots(screen[shown], self._half[shown], kit.obstacles, kit.scale)
        for index, spot in zip(shown, spots, strict=True):
            name = self._names[index]
            if spot < 0 or (spot > 0 and not name.may_step_aside):
                continue
            colour = kit.palette.colour(name.style.colour)
            if not kit.text.has(name.text, name.style, name.turn_deg, colour):
                budget -= 1
                if budget < 0:
                    self.pending = True
                    continue
            x, y = screen[index] + _ASIDE[spot] * (self._half[index] + 10 * kit.scale)
            kit.text.paint(painter, name.text, name.style, colour, (x, y), angle_deg=name.turn_deg)

    def _choose(self, kit: Kit, step: int, bounds: Bounds) -> list[Name]:
        metres_per_px = metres_per_px_of(step)
        fitting = [lv for lv in self._levels if lv.metres_per_px <= metres_per_px * 1.02]
        if not self._levels:
            return []
        level = fitting[0] if fitting else self._levels[-1]
        labels = level.labels(bounds)
        room = _Room(metres_per_px, kit.scale)
        names = []
        for index in range(min(len(labels.text), _MOST_CANDIDATES)):
            name = _name_of(kit, labels, index, metres_per_px)
            if name is not None and room.take(name):
                names.append(name)
        return names


_ASIDE = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, -1.0], [1.0, 0.0]])
"""Where a name may go: its place, below, above, right, in its half sizes and a gap."""


def _spots(screen: Floats, half: Floats, boxes: Floats, scale: float) -> list[int]:
    """For each name the first of `_ASIDE` that no box covers, or -1."""
    out = np.full(len(screen), -1)
    for spot in range(len(_ASIDE) - 1, -1, -1):
        centre = screen + _ASIDE[spot] * (half + 10 * scale)
        out[~_covered(centre, half, boxes)] = spot
    return [int(spot) for spot in out]


def _covered(centre: Floats, half: Floats, boxes: Floats) -> NDArray[np.bool_]:
    """Which of the boxes around `centre` touch any of `boxes`."""
    if not len(boxes) or not len(centre):
        return np.zeros(len(centre), bool)
    low, high = (centre - half)[:, None, :], (centre + half)[:, None, :]
    apart = (boxes[None, :, :2] > high).any(2) | (boxes[None, :, 2:] < low).any(2)
    return np.asarray((~apart).any(1))


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
    if kind == "place" and rank <= 1:
        return _DISTRICT if _is_chinese(text) else _DISTRICT_EN
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
