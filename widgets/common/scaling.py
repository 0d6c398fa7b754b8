"""How large everything is: for the farthest viewer (FAA/NUREG-0700: 16 minutes of arc), and never
so large that the smallest desk does not fit on its screen any more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

SMALLEST_TEXT_PX = 13.0
CAP_HEIGHT = 0.733
"""Cap height of the typeface divided by its size."""

DESIGN_PX = (1920, 1080)
"""The screen for which lengths were designed at factor 1."""

LEAST_PX = (800, 400)
"""The smallest desk in design pixels: two columns, the bottom folded, the bar with what must stay.
"""

FRAME_PX = (12, 40)
"""What a window manager's frame and title take of the screen, in its own pixels, at the most."""

STEP = 0.125
LARGEST = 8.0

DESK_DISTANCE_MM = 600.0

AUTOMATIC_MM = 0.0
"""Instead of a viewer distance: for a viewer at a desk, and as much to see as the design shows."""

USUAL_PITCH_MM = 0.311
"""A 27 inch full HD screen: taken where the screen does not say its own pitch."""


def scale_for(distance_mm: float, pitch_mm: float) -> float:
    """The factor by which every length is multiplied: at least 1, in steps of an eighth.

    `distance_mm` is from the eye to the screen, `pitch_mm` the size of one pixel. With it, the
    smallest text's capital letters fill 16 minutes of arc. Raises ValueError for a distance or
    pitch that is not positive and finite.
    """
    if not (0 < distance_mm < math.inf and 0 < pitch_mm < math.inf):
        raise ValueError("viewer distance and pixel pitch must be positive")
    needed_mm = 2 * distance_mm * math.tan(math.radians(8 / 60))
    drawn_mm = SMALLEST_TEXT_PX * CAP_HEIGHT * pitch_mm
    return min(LARGEST, max(1.0, math.ceil(needed_mm / drawn_mm / STEP - 1e-9) * STEP))


def scale_for_size(width_px: int, height_px: int) -> float:
    """The factor at which a screen of this size shows as much as the design's does, at least 1."""
    return _largest_factor((width_px, height_px), DESIGN_PX)


@dataclass(frozen=True, slots=True)
class ScreenRoom:
    """A screen: its size, what the system leaves of it for windows, and one pixel's size (mm)."""

    size_px: tuple[int, int]
    free_px: tuple[int, int]
    pitch_mm: float = USUAL_PITCH_MM

    @property
    def window_px(self) -> tuple[int, int]:
        """The largest inside of a window whose frame is on the screen as well."""
        return self.free_px[0] - FRAME_PX[0], self.free_px[1] - FRAME_PX[1]

    def scale(self, distance_mm: float) -> float:
        """The factor for a viewer at `distance_mm`, or the largest with which the desk fits."""
        return min(self._wanted(distance_mm), self._largest)

    def fits(self, distance_mm: float) -> bool:
        """Whether the desk fits with what a viewer at `distance_mm` needs."""
        return self._wanted(distance_mm) <= self._largest

    def least_px(self, distance_mm: float) -> tuple[int, int]:
        """The smallest screen on which a viewer at `distance_mm` can have a desk."""
        scale = self._wanted(distance_mm)
        width, height = (
            math.ceil(scale * least) + frame
            for least, frame in zip(LEAST_PX, FRAME_PX, strict=True)
        )
        return width, height

    @property
    def _largest(self) -> float:
        return _largest_factor(self.window_px, LEAST_PX)

    def _wanted(self, distance_mm: float) -> float:
        if distance_mm == AUTOMATIC_MM:
            return max(scale_for(DESK_DISTANCE_MM, self.pitch_mm), scale_for_size(*self.size_px))
        return scale_for(distance_mm, self.pitch_mm)


def room_for_window(size_px: tuple[int, int]) -> ScreenRoom:
    """A screen on which a window of this size just fits, for a picture without any screen."""
    width, height = (inside + frame for inside, frame in zip(size_px, FRAME_PX, strict=True))
    return ScreenRoom(size_px, (width, height))


def _largest_factor(size_px: tuple[int, int], design_px: tuple[int, int]) -> float:
    share = min(size / design for size, design in zip(size_px, design_px, strict=True))
    return max(1.0, math.floor(share / STEP) * STEP)
