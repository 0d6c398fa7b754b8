"""A base map of a few shapes around world 0, 0, for painters and names in tests."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from console.city import BaseMap, Cameras, Cells, Labels
from console.city.arrays import Table, table_batch
from console.model.text import Text

Bounds = tuple[float, float, float, float]
Floats = NDArray[np.float64]

_LINES: dict[str, list[list[tuple[float, float]]]] = {
    "motorway": [[(-600, -300), (0, -250), (600, -300)]],
    "primary": [[(-600, 100), (600, 160)], [(-80, -600), (0, 0), (40, 600)]],
    "residential": [[(-600, 300), (600, 330)], [(200, -600), (220, 600)]],
    "path": [[(-300, 120), (-250, 280)]],
    "primary_bridge": [[(-20, -230), (-10, -60)]],
    "rail": [[(-600, -500), (600, -420)]],
    "stream": [[(-600, 420), (0, 400), (600, 460)]],
}


def _square(x: float, y: float, side: float) -> Floats:
    return np.array([(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)])


_FILLS = {
    "water": [_square(-600, -220, 1200) * (1, 0.12) - (0, 150), _square(-240, 190, 40)],
    "park": [_square(-320, 120, 200), _square(-260, 180, 60)],
    "commercial": [_square(60, 170, 120)],
    "building": [_square(80 + 40 * i, 200 + 5 * i, 24) for i in range(3)],
}


@dataclass
class SmallLevel:
    """One level; every query gives everything."""

    metres_per_px: float
    names: tuple[tuple[str, str, float, float, float, int, float], ...] = ()
    """Text, kind, x, y, angle in degrees, rank, span in metres."""

    line_classes = tuple(_LINES)
    fill_classes = tuple(_FILLS)

    def lines(self, cls: str, _bounds: Bounds) -> Floats:
        parts = [np.array(line, float) for line in _LINES[cls]]
        return np.concatenate([np.concatenate([p[:-1], p[1:]], axis=1) for p in parts])

    def polylines(self, cls: str, _bounds: Bounds) -> tuple[NDArray[np.int64], Floats]:
        return _joined([np.array(line, float) for line in _LINES[cls]])

    def fills(self, cls: str, _bounds: Bounds) -> tuple[NDArray[np.int64], Floats]:
        return _joined(_FILLS[cls])

    def labels(self, bounds: Bounds) -> Labels:
        x0, y0, x1, y1 = bounds
        rows = [n for n in self.names if x0 <= n[2] <= x1 and y0 <= n[3] <= y1]
        rows.sort(key=lambda n: n[5])
        return Labels(
            text=[Text(n[0], n[0]) for n in rows],
            kind=[n[1] for n in rows],
            xy=np.array([(n[2], n[3]) for n in rows]).reshape(-1, 2),
            angle_deg=np.array([n[4] for n in rows], np.float32),
            rank=np.array([n[5] for n in rows], np.int32),
            span_m=np.array([n[6] for n in rows], np.float32),
        )


def _joined(parts: list[Floats]) -> tuple[NDArray[np.int64], Floats]:
    offsets = np.cumsum([0, *(len(part) for part in parts)])
    return offsets.astype(np.int64), np.concatenate(parts)


def small_ground(*names: tuple[str, str, float, float, float, int, float]) -> BaseMap:
    """A base map of three levels with these label candidates."""
    levels = tuple(SmallLevel(m, names) for m in (16.0, 4.0, 1.0))
    return cast(BaseMap, SimpleNamespace(levels=levels))


def small_cells() -> Cells:
    """Two square cells that share an edge."""
    offsets, xy = _joined([_square(-200, -200, 200), _square(0, -200, 200)])
    return cast(Cells, SimpleNamespace(ring_offsets=offsets, ring_xy=xy))


def small_cameras() -> Cameras:
    """A camera looking east, one offline looking north, one of unknown direction."""
    columns = {
        "id": ["C-1", "C-2", "C-3"],
        **{f"name_{language}": [""] * 3 for language in ("zh", "en")},
        "xy": np.array([(0.0, 0.0), (100.0, -100.0), (-100.0, -100.0)]),
        "azimuth_deg": np.array([90, 0, np.nan], np.float32),
        "angle_deg": np.array([60, 40, 60], np.float32),
        "range_m": np.array([120, 80, 60], np.float32),
        "ptz": np.zeros(3, bool),
        "online": np.array([True, False, True]),
        "stream": [""] * 3,
        "cell": np.full(3, -1, np.int32),
    }
    return Cameras(Table(table_batch(columns)))
