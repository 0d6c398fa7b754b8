"""Choosing names: which candidates there is room for, at one scale and in one region.

Candidates come most important first; a name takes the bins along its line and their neighbours, and
the same name is not said twice near by. Choosing for a whole region takes tens of milliseconds, so
it can be done in slices between frames.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from console.city import BaseMap, Labels
from console.clock import monotonic_s
from console.i18n import language
from layers.engine.layer import Kit
from layers.engine.levels import level_for
from layers.engine.text import TextStyle
from layers.engine.viewport import Bounds, metres_per_px_of

_BIN_PX = 20
_PART_PX = 512
_REPEAT_PX = 420
_MOST_CANDIDATES = 2500
_STEEP = 0.72
"""Sine from which a Chinese street name is set upright, character under character."""

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
    """A name that has its place: world middle, style, clockwise turn, logical size as drawn;
    `length` is logical pixels along the line it is written on."""

    text: str
    style: TextStyle
    x: float
    y: float
    turn_deg: int
    width: float
    height: float
    length: float
    may_step_aside: bool


class Chooser:
    """Chooses the names of a region (world box) at a zoom step; `advance` until `is_done`.

    First the candidates are read, a part of the region at a time, then they are looked at.
    """

    def __init__(self, ground: BaseMap, kit: Kit, step: int, region: Bounds) -> None:
        self._mpp = metres_per_px_of(step)
        self._detail = self._mpp * kit.scale
        self._kit = kit
        self._level = level_for(ground, self._detail)
        self._unread = _parts_of(region, _PART_PX * self._mpp)
        self._read: list[Labels] = []
        self._labels: Labels | None = None
        self._order: list[int] = []
        self._next = 0
        self._room = _Room(self._mpp, kit.scale)
        self.names: list[Name] = []

    @property
    def is_done(self) -> bool:
        """Whether every candidate has been looked at."""
        return self._labels is not None and self._next >= len(self._order)

    def advance(self, budget_s: float = math.inf) -> None:
        """Go on for about `budget_s` seconds."""
        until = monotonic_s() + budget_s
        while not self.is_done and monotonic_s() < until:
            if self._labels is None:
                self._read_on()
            else:
                self._look_at_next(self._labels)

    def _read_on(self) -> None:
        if self._unread:
            self._read.append(self._level.labels(self._unread.pop()))
        else:
            self._labels = _joined(self._read)
            self._order = _in_order(self._labels, self._detail)

    def _look_at_next(self, labels: Labels) -> None:
        name = _name_of(self._kit, labels, self._order[self._next], self._mpp)
        self._next += 1
        if name is not None and self._room.take(name):
            self.names.append(name)


def _parts_of(region: Bounds, side: float) -> list[Bounds]:
    """The region cut into squares of about `side`."""
    x0, y0, x1, y1 = region
    xs = np.linspace(x0, x1, max(1, round((x1 - x0) / side)) + 1).tolist()
    ys = np.linspace(y0, y1, max(1, round((y1 - y0) / side)) + 1).tolist()
    return [(a, c, b, d) for a, b in pairwise(xs) for c, d in pairwise(ys)]


def _joined(parts: list[Labels]) -> Labels:
    return Labels(
        text=[text for part in parts for text in part.text],
        kind=[kind for part in parts for kind in part.kind],
        xy=np.concatenate([part.xy for part in parts]),
        angle_deg=np.concatenate([part.angle_deg for part in parts]),
        rank=np.concatenate([part.rank for part in parts]),
        span_m=np.concatenate([part.span_m for part in parts]),
    )


class _Room:
    """Which bins of the region are taken, and where each name stands already."""

    def __init__(self, metres_per_px: float, scale: float) -> None:
        self._mpp = metres_per_px
        self._bin = _BIN_PX * scale
        self._repeat = _REPEAT_PX * scale
        self._taken: set[int] = set()
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
        around = (0, 1, -1, _ROW, _ROW + 1, _ROW - 1, -_ROW, 1 - _ROW, -1 - _ROW)
        self._taken.update(bin_ + offset for bin_ in bins for offset in around)
        return True

    def _bins_of(self, name: Name, x: float, y: float) -> list[int]:
        """The bins along the middle line of a name, a number each."""
        turn = math.radians(name.turn_deg + (90 if name.style.stacked else 0))
        count = max(1, math.ceil(name.length / self._bin))
        dx, dy = math.cos(turn) * name.length / self._bin, math.sin(turn) * name.length / self._bin
        column, row = x / self._bin - dx / 2, y / self._bin - dy / 2
        shares = [i / count for i in range(count + 1)]
        return [math.floor(column + dx * s) + _ROW * math.floor(row + dy * s) for s in shares]


_ROW = 1 << 24
"""More bins than stand side by side in the world."""


def _in_order(labels: Labels, metres_a_design_px: float) -> list[int]:
    """Candidates that are wanted at this scale; quarters only near, and after the main streets."""
    is_place = np.array([kind == "place" for kind in labels.kind], bool)
    quarter = is_place & (labels.rank >= _QUARTER_RANK)
    weight = labels.rank + np.where(quarter, _AFTER_STREETS, 0)
    order = np.lexsort((labels.xy[:, 0], labels.xy[:, 1], weight))
    if metres_a_design_px > _QUARTERS_UP_TO:
        order = order[~quarter[order]]
    return [int(index) for index in order[:_MOST_CANDIDATES]]


def _name_of(kit: Kit, labels: Labels, index: int, metres_per_px: float) -> Name | None:
    text = labels.text[index].in_language(language())
    if not text:
        return None
    kind = labels.kind[index]
    angle = float(labels.angle_deg[index]) if kind == "road" else 0.0
    style = _style_of(kind, text, int(labels.rank[index]), angle)
    width, height = kit.text.size(text, style)
    length = height if style.stacked else width
    if kind == "road" and labels.span_m[index] < length * metres_per_px:
        return None
    turn = _turn_of(angle, style.stacked)
    box = _turned(width, height, turn)
    x, y = (float(v) for v in labels.xy[index])
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
