"""The screen that a window is on, as numbers."""

from __future__ import annotations

from PySide6.QtGui import QScreen

from widgets.common.scaling import USUAL_PITCH_MM, ScreenRoom

_SHAPE_MM = 200.0
"""A screen narrower than this says its shape (160 × 90) rather than its size: projectors do."""


def room_of(screen: QScreen) -> ScreenRoom:
    """What `screen` has room for."""
    size, free, size_mm = screen.size(), screen.availableSize(), screen.physicalSize()
    known = size_mm.width() > _SHAPE_MM
    pitch_mm = size_mm.width() / size.width() if known else USUAL_PITCH_MM
    return ScreenRoom(size.toTuple(), free.toTuple(), pitch_mm)
