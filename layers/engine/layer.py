"""What a layer of the map is.

A layer holds plain values (positions, states, words), never widgets. Four hooks, all optional:
`prepare` when the view or the data changed, then `obstacles`, `paint`, `pick` as often as wanted.
Layers are prepared in the order of their `rank`, whatever lies above what: each finds in the kit
the room that more important ones have taken, and takes its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QFont, QPainter

from layers.engine.atlas import Atlas
from layers.engine.palette import Palette
from layers.engine.text import TextPictures
from layers.engine.viewport import Viewport

Floats = NDArray[np.float64]

NO_BOXES: Floats = np.empty((0, 4))

HIT_RADIUS_PX = 14.0
"""Half of the 28 px target that a pointer has to hit."""


@dataclass(slots=True)
class Kit:
    """What layers draw with: colours, sprites, names, the font, and how large (`scale`).

    `obstacles` are the boxes (n, 4), logical pixels, that layers prepared so far have taken in the
    frame; `reduced_motion` stills what flashes, `flash_on` says which half of a flash it is;
    `in_motion` is set while the map zooms. Sprites of one kit (`serial`) mean nothing in another.
    """

    palette: Palette
    atlas: Atlas
    text: TextPictures
    font: QFont
    scale: float
    dpr: float
    serial: int
    caption: QFont
    caption_bold: QFont
    reduced_motion: bool = False
    flash_on: bool = True
    in_motion: bool = False
    obstacles: Floats = field(default_factory=lambda: NO_BOXES)

    def metres_a_design_px(self, view: Viewport) -> float:
        """Ground metres a design pixel: what decides how much detail is shown, so that a map for
        a distant viewer shows what one at a desk does."""
        return view.ground_metres_per_px * self.scale

    @property
    def is_full(self) -> bool:
        """Whether it has drawn so much that a new one should be made."""
        return self.atlas.is_full or self.text.is_full


@dataclass(frozen=True, slots=True)
class Hit:
    """An object under the pointer: what it is, where it is on the screen, and what to say of it.

    `kind` "cluster" has `zoom_to` instead of an id: the world box of what it stands for.
    """

    kind: str
    id: str
    x: float
    y: float
    title: str
    lines: tuple[str, ...] = ()
    zoom_to: tuple[float, float, float, float] | None = None


class Layer:
    """One layer. `visible` is the operator's switch; `rank` says who is given room first, 0 before
    all others."""

    name = ""
    rank = 9

    def __init__(self) -> None:
        self.visible = True

    @property
    def is_unfinished(self) -> bool:
        """Whether it wants to be prepared again for the next frame, the view being the same."""
        return False

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Work out what is to be seen in `view`, clear of `kit.obstacles` as far as may be."""

    def obstacles(self) -> Floats:
        """Boxes (n, 4) x0, y0, x1, y1 in logical pixels that less important layers keep clear
        of."""
        return NO_BOXES

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw, in logical pixels."""

    def pick(self, view: Viewport, x: float, y: float) -> Hit | None:
        """What of this layer lies under logical pixel (`x`, `y`)."""
        del view, x, y
        return None


def stamp_all(
    painter: QPainter, kit: Kit, sprites: NDArray[np.int64] | list[int], screen_xy: Floats
) -> None:
    """Stamp atlas sprites with their centres at logical pixels (n, 2)."""
    if not len(sprites):
        return
    painter.save()
    painter.scale(1 / kit.dpr, 1 / kit.dpr)
    kit.atlas.stamp(painter, sprites, screen_xy * kit.dpr)
    painter.restore()
