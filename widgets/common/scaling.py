"""How large everything must be for the farthest viewer (FAA/NUREG-0700: 16 minutes of arc)."""

from __future__ import annotations

import math

SMALLEST_TEXT_PX = 13.0
CAP_HEIGHT = 0.733
"""Cap height of the typeface divided by its size."""

DESIGN_HEIGHT_PX = 1080
"""The height of the screen for which lengths were designed at factor 1."""

STEP = 0.125
LARGEST = 8.0


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


def scale_for_height(height_px: int) -> float:
    """The factor at which a screen this high shows as much as the design's does, at least 1."""
    return max(1.0, math.floor(height_px / DESIGN_HEIGHT_PX / STEP) * STEP)
