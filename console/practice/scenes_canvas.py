"""A grey canvas: antialiased convex shapes, discs, glows and figures, drawn with numpy alone.

Tones are 0-255, places are pixels (x right, y down), floats allowed. Coverage at an edge is the
clipped signed distance to it, which for convex shapes is antialiasing enough.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float]
WIDTH, HEIGHT = 640, 360


class Canvas:
    """One picture being drawn; `tone` is float32, shape (height, width)."""

    def __init__(self, tone: NDArray[np.float32] | None = None) -> None:
        self.tone = np.zeros((HEIGHT, WIDTH), np.float32) if tone is None else tone.copy()

    def polygon(self, points: Sequence[Point], tone: float, alpha: float = 1.0) -> None:
        """Fill a convex polygon, whichever way round it is given."""
        corners = np.asarray(points, np.float32)
        box = _box(corners.min(0), corners.max(0))
        if box is None:
            return
        left, top, right, bottom = box
        xs = np.arange(left, right, dtype=np.float32)[None, :] + 0.5
        ys = np.arange(top, bottom, dtype=np.float32)[:, None] + 0.5
        self._blend(box, _coverage(corners, xs, ys), tone, alpha)

    def box(
        self, x: float, y: float, width: float, height: float, tone: float, *, alpha: float = 1.0
    ) -> None:
        """Fill an upright rectangle, its edges antialiased."""
        area = _box((x, y), (x + width, y + height))
        if area is None:
            return
        left, top, right, bottom = area
        across = _span(np.arange(left, right, dtype=np.float32), x, x + width)
        down = _span(np.arange(top, bottom, dtype=np.float32), y, y + height)
        self._blend(area, down[:, None] * across[None, :], tone, alpha)

    def disc(self, x: float, y: float, radius: float, tone: float, alpha: float = 1.0) -> None:
        """Fill a disc."""
        box = _box((x - radius, y - radius), (x + radius, y + radius))
        if box is not None:
            cover = np.clip(radius + 0.5 - _distance(box, x, y), 0, 1)
            self._blend(box, cover, tone, alpha)

    def glow(self, x: float, y: float, radius: float, tone: float, alpha: float) -> None:
        """Add light that falls off to nothing at `radius`."""
        box = _box((x - radius, y - radius), (x + radius, y + radius))
        if box is not None:
            fall = np.clip(1 - _distance(box, x, y) / radius, 0, 1)
            self._blend(box, fall * fall, tone, alpha)

    def line(self, a: Point, b: Point, width: float, tone: float, alpha: float = 1.0) -> None:
        """A straight stroke with flat ends."""
        along = np.subtract(b, a)
        length = float(np.hypot(*along)) or 1.0
        nx, ny = -along[1] / length * width / 2, along[0] / length * width / 2
        corners = [(a[0] + nx, a[1] + ny), (b[0] + nx, b[1] + ny)]
        corners += [(b[0] - nx, b[1] - ny), (a[0] - nx, a[1] - ny)]
        self.polygon(corners, tone, alpha)

    def _blend(
        self, box: tuple[int, int, int, int], cover: NDArray[np.float32], tone: float, alpha: float
    ) -> None:
        left, top, right, bottom = box
        area = self.tone[top:bottom, left:right]
        area += (tone - area) * (cover * np.float32(alpha))


def _box(
    low: Sequence[float] | NDArray[np.float32], high: Sequence[float] | NDArray[np.float32]
) -> tuple[int, int, int, int] | None:
    """The pixels between two corners that lie on the canvas, or None."""
    left, top = max(0, int(low[0]) - 1), max(0, int(low[1]) - 1)
    right, bottom = min(WIDTH, int(high[0]) + 2), min(HEIGHT, int(high[1]) + 2)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _coverage(
    corners: NDArray[np.float32], xs: NDArray[np.float32], ys: NDArray[np.float32]
) -> NDArray[np.float32]:
    ahead = np.roll(corners, -1, 0)
    turn = float(np.sum(corners[:, 0] * ahead[:, 1] - ahead[:, 0] * corners[:, 1]))
    inside = np.full((len(ys), xs.shape[1]), np.inf, np.float32)
    for (ax, ay), (bx, by) in zip(corners, ahead, strict=True):
        length = np.hypot(bx - ax, by - ay)
        if length > 1e-6:
            side = ((bx - ax) * (ys - ay) - (by - ay) * (xs - ax)) / length
            np.minimum(inside, side if turn > 0 else -side, out=inside)
    clipped: NDArray[np.float32] = np.clip(inside + 0.5, 0, 1, dtype=np.float32)
    return clipped


def _span(starts: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    """How much of each unit pixel lies between `low` and `high`."""
    part = np.minimum(starts + 1, high) - np.maximum(starts, low)
    clipped: NDArray[np.float32] = np.clip(part, 0, 1, dtype=np.float32)
    return clipped


def _distance(box: tuple[int, int, int, int], x: float, y: float) -> NDArray[np.float32]:
    left, top, right, bottom = box
    across = np.arange(left, right, dtype=np.float32)[None, :] + 0.5 - x
    down = np.arange(top, bottom, dtype=np.float32)[:, None] + 0.5 - y
    distance: NDArray[np.float32] = np.hypot(across, down, dtype=np.float32)
    return distance
