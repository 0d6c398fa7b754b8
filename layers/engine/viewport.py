"""What part of the world is on the screen, and the zoom steps on which the map comes to rest.

World is EPSG:3857 metres, y north. Screen is logical pixels of the widget, origin at the top left,
y down. A device pixel is 1/`dpr` of a logical one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from console.model.geo import ground_scale

Bounds = tuple[float, float, float, float]
"""World x0, y0, x1, y1 with x0 <= x1 and y0 <= y1."""

STEPS_PER_OCTAVE = 4
MIN_STEP = -8
MAX_STEP = 28
"""Steps -8 (0.25 m/px) to 28 (128 m/px)."""


def metres_per_px_of(step: int) -> float:
    """World metres in a logical pixel at zoom `step`; every fourth step is a power of two.

    The map rests on steps only, so that tiles are drawn for exactly the scale they are shown at.
    """
    return float(2.0 ** (step / STEPS_PER_OCTAVE))


def step_of(metres_per_px: float) -> int:
    """The zoom step nearest to `metres_per_px` (world), within the limits."""
    step = round(math.log2(metres_per_px) * STEPS_PER_OCTAVE)
    return max(MIN_STEP, min(MAX_STEP, step))


def step_containing(metres_per_px: float) -> int:
    """The finest step that is not finer than `metres_per_px` (world), within the limits."""
    step = math.ceil(math.log2(metres_per_px) * STEPS_PER_OCTAVE - 1e-9)
    return max(MIN_STEP, min(MAX_STEP, step))


@dataclass(frozen=True, slots=True)
class Viewport:
    """World point (`x`, `y`) at the centre of `width` × `height` logical pixels."""

    x: float
    y: float
    metres_per_px: float
    width: int
    height: int
    dpr: float = 1.0

    @property
    def bounds(self) -> Bounds:
        """What of the world is on the screen."""
        dx, dy = self.width * self.metres_per_px / 2, self.height * self.metres_per_px / 2
        return self.x - dx, self.y - dy, self.x + dx, self.y + dy

    @property
    def step(self) -> int:
        """The zoom step nearest to the scale."""
        return step_of(self.metres_per_px)

    @property
    def ground_metres_per_px(self) -> float:
        """Metres on the ground in a logical pixel at the centre."""
        return float(self.metres_per_px * ground_scale(self.y))

    def screen_from_world(self, xy: ArrayLike) -> NDArray[np.float64]:
        """Logical pixels, shape (n, 2), of world points of shape (n, 2)."""
        points = np.asarray(xy, np.float64).reshape(-1, 2)
        out = np.empty_like(points)
        out[:, 0] = (points[:, 0] - self.x) / self.metres_per_px + self.width / 2
        out[:, 1] = (self.y - points[:, 1]) / self.metres_per_px + self.height / 2
        return out

    def world_from_screen(self, px: float, py: float) -> tuple[float, float]:
        """The world point under a logical pixel."""
        x = self.x + (px - self.width / 2) * self.metres_per_px
        return x, self.y - (py - self.height / 2) * self.metres_per_px

    def is_near(self, screen: NDArray[np.float64], margin_px: float) -> NDArray[np.bool_]:
        """Which logical pixels, shape (n, 2), lie on the screen or within `margin_px` of it."""
        size = np.array([self.width + margin_px, self.height + margin_px])
        return np.asarray((screen > -margin_px).all(1) & (screen < size).all(1))

    def bounds_with_margin(self, margin_px: float) -> Bounds:
        """What is on the screen or within `margin_px` logical pixels of it."""
        x0, y0, x1, y1 = self.bounds
        m = margin_px * self.metres_per_px
        return x0 - m, y0 - m, x1 + m, y1 + m

    def moved_by(self, dx_px: float, dy_px: float) -> Viewport:
        """The view after the ground was dragged by so many pixels to the right and down."""
        k = self.metres_per_px
        return replace(self, x=self.x - dx_px * k, y=self.y + dy_px * k)

    def zoomed_about(self, px: float, py: float, metres_per_px: float) -> Viewport:
        """The view at another scale with the same world point under pixel (`px`, `py`)."""
        x, y = self.world_from_screen(px, py)
        return replace(
            self,
            x=x - (px - self.width / 2) * metres_per_px,
            y=y + (py - self.height / 2) * metres_per_px,
            metres_per_px=metres_per_px,
        )

    def centred(self, x: float, y: float, metres_per_px: float | None = None) -> Viewport:
        """The view with world (`x`, `y`) in the middle."""
        return replace(self, x=x, y=y, metres_per_px=metres_per_px or self.metres_per_px)

    def resized(self, width: int, height: int, dpr: float) -> Viewport:
        """The view in a widget of another size, its centre kept."""
        return replace(self, width=max(1, width), height=max(1, height), dpr=dpr)

    def fitting(self, bounds: Bounds, margin_px: float = 10.0) -> Viewport:
        """The view on the finest step that shows all of `bounds` with a margin."""
        x0, y0, x1, y1 = bounds
        across = (x1 - x0) / max(1.0, self.width - 2 * margin_px)
        down = (y1 - y0) / max(1.0, self.height - 2 * margin_px)
        step = step_containing(max(across, down, 1e-6))
        return self.centred((x0 + x1) / 2, (y0 + y1) / 2, metres_per_px_of(step))

    def widened(self, points: NDArray[np.float64], margin_px: float, coarsest: float) -> Viewport:
        """The view zoomed out about its middle, as little as will do, until world points (n, 2) lie
        `margin_px` off its edges; itself where they do. Points that would need more than `coarsest`
        ground metres a pixel stay out.
        """
        room = np.array([self.width, self.height]) / 2 - margin_px
        away = np.abs(points - (self.x, self.y)) / np.maximum(room, 1.0)
        limit = coarsest / float(ground_scale(self.y))
        needed = away.max(axis=1)
        wanted = float(needed[needed <= limit].max(initial=0.0))
        if wanted <= self.metres_per_px:
            return self
        return replace(self, metres_per_px=metres_per_px_of(step_containing(wanted)))

    def kept_near(self, bounds: Bounds) -> Viewport:
        """The view with its middle over `bounds`, or off them by half of their size at most."""
        x0, y0, x1, y1 = bounds
        dx, dy = (x1 - x0) / 2, (y1 - y0) / 2
        x = min(max(self.x, x0 - dx), x1 + dx)
        y = min(max(self.y, y0 - dy), y1 + dy)
        return replace(self, x=x, y=y)

    def between(self, other: Viewport, share: float) -> Viewport:
        """`share` (0 to 1) of the way to `other`: scale geometrically, and one point standing
        still on the screen wherever the two views have one (so a zoom stays about the pointer)."""
        if share >= 1:
            return other
        scale = self.metres_per_px * (other.metres_per_px / self.metres_per_px) ** share
        span = other.metres_per_px - self.metres_per_px
        t = share if abs(span) < 1e-12 else (scale - self.metres_per_px) / span
        return replace(
            self,
            x=self.x + (other.x - self.x) * t,
            y=self.y + (other.y - self.y) * t,
            metres_per_px=scale,
        )
