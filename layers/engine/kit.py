"""Making what layers draw with, once for each scale and device pixel ratio."""

from __future__ import annotations

from itertools import count

from PySide6.QtGui import QFont

from layers.engine.atlas import Atlas
from layers.engine.layer import Kit
from layers.engine.palette import default_palette
from layers.engine.text import TextPictures

_SERIALS = count()


def make_kit(font: QFont, scale: float = 1.0, dpr: float = 1.0) -> Kit:
    """A kit with an empty atlas; `font` gives the families, Latin before Chinese."""
    palette = default_palette()
    return Kit(
        palette=palette,
        atlas=Atlas(scale * dpr),
        text=TextPictures(font, palette.colour("map.halo"), scale, dpr),
        font=font,
        scale=scale,
        dpr=dpr,
        serial=next(_SERIALS),
        caption=_caption(font, scale, bold=False),
        caption_bold=_caption(font, scale, bold=True),
    )


def _caption(font: QFont, scale: float, bold: bool) -> QFont:
    """The smallest text there is, 13 design pixels."""
    made = QFont(font)
    made.setPixelSize(round(13 * scale))
    made.setBold(bold)
    return made
