"""Places: a quiet dark plate with a glyph by category. Our own drawing in a 16-unit box."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPainter

from layers.engine.palette import Palette
from layers.engine.pens import box, circle, fill, stroke

PLACE_HALF_PX = 10.0

_INK = QColor("#C3CDD6")

_GLYPHS: dict[str, tuple[str, bool]] = {
    "hospital": ("M-1.5 -4.5H1.5V-1.5H4.5V1.5H1.5V4.5H-1.5V1.5H-4.5V-1.5H-1.5Z", True),
    "clinic": ("M0 -4V4M-4 0H4", False),
    "police": ("M0 -4.8L4.2 -3.2V.4C4.2 2.6 2.4 4.2 0 5C-2.4 4.2 -4.2 2.6 -4.2 .4V-3.2Z", True),
    "fire_station": (
        "M.3 -5C.8 -3 3.6 -1.6 3.6 1.4A3.6 3.4 0 0 1 -3.6 1.4C-3.6 -.2 -2.7 -1.1 -2.1 -2.4"
        "C-1.5 -1.8 -1.1 -1.3 -.9 -.7C-.2 -1.9 .5 -3.3 .3 -5Z",
        True,
    ),
    "school": ("M0 -4L5.4 -1.4L0 1.2L-5.4 -1.4ZM-3.2 .9V3.2C-1.4 4.4 1.4 4.4 3.2 3.2V.9", False),
    "university": ("M0 -4L5.4 -1.4L0 1.2L-5.4 -1.4ZM-3.2 .9V3.2C-1.4 4.4 1.4 4.4 3.2 3.2V.9", True),
    "station": ("M-3.4 -4.4H3.4V2.4H-3.4ZM-3.4 -.6H3.4M-2.4 4.6L-1.2 2.4M2.4 4.6L1.2 2.4", False),
    "market": ("M-4.6 -3.6H4.6L3.8 0H-3.8ZM-3.6 0V4H3.6V0", False),
    "townhall": ("M-4.8 -1.6L0 -4.8L4.8 -1.6ZM-3.4 -.6V3M0 -.6V3M3.4 -.6V3M-4.6 4.2H4.6", False),
}

SHOWN_UP_TO = {
    "hospital": 9.0,
    "fire_station": 9.0,
    "police": 9.0,
    "townhall": 6.0,
    "university": 6.0,
    "station": 6.0,
    "school": 2.3,
    "market": 2.3,
    "clinic": 2.2,
}
"""Ground metres a pixel up to which a category's symbol is shown; others have a name only."""


def draw_place(painter: QPainter, palette: Palette, category: str) -> None:
    """The symbol of a category, centred on 0, 0; a small ring for one without a glyph."""
    plate = box(-7.5, -7.5, 15, 15, 4)
    fill(painter, plate, palette.colour("text.inverse"))
    stroke(painter, plate, palette.colour("line.chip.on"), 1)
    glyph, filled = _GLYPHS.get(category, ("", False))
    if not glyph:
        stroke(painter, circle(2.6), _INK, 1.4)
    elif filled:
        fill(painter, glyph, _INK)
    else:
        stroke(painter, glyph, _INK, 1.3, round_joins=True)
