"""The screen that a window is on, and how far its viewer is, as numbers."""

from __future__ import annotations

import math

from PySide6.QtCore import QSettings
from PySide6.QtGui import QScreen

from widgets.common.scaling import AUTOMATIC_MM, USUAL_PITCH_MM, ScreenRoom

_SHAPE_MM = 200.0
"""A screen narrower than this says its shape (160 × 90) rather than its size: projectors do."""


def room_of(screen: QScreen) -> ScreenRoom:
    """What `screen` has room for."""
    size, free, size_mm = screen.size(), screen.availableSize(), screen.physicalSize()
    known = size_mm.width() > _SHAPE_MM
    pitch_mm = size_mm.width() / size.width() if known else USUAL_PITCH_MM
    return ScreenRoom(size.toTuple(), free.toTuple(), pitch_mm)


def viewer_distance(settings: QSettings) -> float:
    """The viewer distance that `settings` remember (mm), AUTOMATIC_MM where they name none."""
    try:
        distance_mm = float(str(settings.value("view/distance_mm", AUTOMATIC_MM)))
    except ValueError:
        return AUTOMATIC_MM
    return distance_mm if 0 < distance_mm < math.inf else AUTOMATIC_MM
