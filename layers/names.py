"""Names of streets, places, waters and parks, above the ground and under everything else.

Which names there is room for is worked out for a region larger than the screen and bound to the
world, so that panning moves names and does not shuffle them; a name under something more important
steps aside or is not drawn. The same candidates in the same order give the same names every time.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

from console.city import BaseMap
from console.i18n import language
from layers.engine.layer import NO_BOXES, Floats, Kit, Layer
from layers.engine.naming import Chooser, Name
from layers.engine.occupied import Occupied, boxes_around
from layers.engine.viewport import Bounds, Viewport, metres_per_px_of

BLOCK_PX = 512
NEW_WORDS_A_FRAME = 14
_SLICE_S = 0.003
"""How long a frame may spend on choosing the names of the next region."""

_GAP_PX = 17.0
"""From the middle of a symbol to the edge of its name."""

_SLACK_PX = 4.0
"""How far two names may come into each other's boxes, which are larger than their letters."""

_ASIDE = np.array([[0.0, 0.0], [0.0, 1.0], [0.0, -1.0], [1.0, 0.0]])
"""Where a name may go: its place, below, above, right, in its half sizes and a gap."""


class NamesLayer(Layer):
    """Chooses and draws names. `pending` says that another frame is wanted for those to come."""

    name = "names"
    rank = 6

    def __init__(self, ground: BaseMap) -> None:
        super().__init__()
        self._ground = ground
        self._look: tuple[object, ...] = ()
        self._region: Bounds | None = None
        self._chooser: Chooser | None = None
        self._names: list[Name] = []
        self._words = np.empty(0, np.int64)
        self._xy = self._half = np.empty((0, 2))
        self._may_move = np.empty(0, np.bool_)
        self._shown = np.empty(0, np.int64)
        self._centres = np.empty((0, 2))
        self._rendered_by = -1
        self._unrendered = False

    @property
    def is_unfinished(self) -> bool:
        """Whether names are still to be chosen."""
        return self._chooser is not None

    @property
    def pending(self) -> bool:
        """Whether names are still to be chosen or rendered."""
        return self.visible and (self._chooser is not None or self._unrendered)

    @property
    def names(self) -> list[Name]:
        """The names that have a place, the most important first."""
        return self._names

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Choose names anew when scale, language or kit are others, at once; bit by bit when only
        the region is. Not while the map zooms, when names would flicker through the scales."""
        look = view.step, language(), kit.serial
        if kit.serial != self._rendered_by:
            self._rendered_by = kit.serial
            self._words = np.full(len(self._names), -1, np.int64)
        if not kit.in_motion or self._region is None:
            region = _region_of(view)
            if look != self._look or region != self._region:
                chooser = Chooser(self._ground, kit, view.step, region)
                if look != self._look:
                    chooser.advance()
                self._look, self._region, self._chooser = look, region, chooser
            self._go_on_choosing()
        self._place(view, kit)

    def obstacles(self) -> Floats:
        """The names that have room."""
        return (
            boxes_around(self._centres, self._half[self._shown]) if len(self._shown) else NO_BOXES
        )

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Draw the names that have room."""
        del view
        if not kit.in_motion:
            self._render(kit, self._shown)
        words = self._words[self._shown]
        kit.text.stamp(painter, words[words >= 0], self._centres[words >= 0])

    def _place(self, view: Viewport, kit: Kit) -> None:
        """Which names are in sight and have room, and where."""
        screen = view.screen_from_world(self._xy)
        inside = np.all(screen > -self._half, axis=1)
        inside &= np.all(screen - self._half < np.array([view.width, view.height]), axis=1)
        shown = np.flatnonzero(inside)
        spots, centres = self._settle(view, kit, shown, screen[shown])
        self._shown, self._centres = shown[spots >= 0], centres[spots >= 0]

    def _go_on_choosing(self) -> None:
        if self._chooser is None:
            return
        self._chooser.advance(_SLICE_S)
        if self._chooser.is_done:
            self._take(self._chooser.names)
            self._chooser = None

    def _take(self, names: list[Name]) -> None:
        self._names, self._words = names, np.full(len(names), -1, np.int64)
        self._xy = np.array([(n.x, n.y) for n in names]).reshape(-1, 2)
        self._half = np.array([(n.width / 2, n.height / 2) for n in names]).reshape(-1, 2)
        self._may_move = np.array([n.may_step_aside for n in names], bool)

    def _settle(
        self, view: Viewport, kit: Kit, shown: NDArray[np.int64], screen: Floats
    ) -> tuple[NDArray[np.int64], Floats]:
        """For each name in sight its spot, an index of `_ASIDE` or -1 for none, and its middle.

        Beside its own place a name must not cover any other name's place either.
        """
        half = self._half[shown]
        symbols = Occupied(kit.obstacles, view.width, view.height)
        spots = np.where(symbols.touches(boxes_around(screen, half)), -1, 0)
        centres = screen.copy()
        blocked = np.flatnonzero((spots < 0) & self._may_move[shown])
        if not len(blocked):
            return spots, centres
        names = Occupied(boxes_around(screen, half - _SLACK_PX), view.width, view.height)
        for spot in range(len(_ASIDE) - 1, 0, -1):
            at = screen[blocked] + _ASIDE[spot] * (half[blocked] + _GAP_PX * kit.scale)
            boxes = boxes_around(at, half[blocked])
            free = ~symbols.touches(boxes) & ~names.touches(boxes)
            spots[blocked[free]], centres[blocked[free]] = spot, at[free]
        return spots, centres

    def _render(self, kit: Kit, wanted: NDArray[np.int64]) -> None:
        """Find or render pictures; a few new ones a frame, the rest waits for the next."""
        budget, self._unrendered = NEW_WORDS_A_FRAME, False
        for index in wanted[self._words[wanted] < 0].tolist():
            name = self._names[index]
            colour = kit.palette.colour(name.style.colour)
            word = kit.text.find(name.text, name.style, colour, name.turn_deg)
            if word < 0 and budget:
                budget -= 1
                word = kit.text.word(name.text, name.style, colour, name.turn_deg)
            self._words[index] = word
            self._unrendered |= word < 0


def _region_of(view: Viewport) -> Bounds:
    """The blocks that the view touches, and one more on each side."""
    block = BLOCK_PX * metres_per_px_of(view.step)
    left, bottom, right, top = (edge // block for edge in view.bounds)
    return (left - 1) * block, (bottom - 1) * block, (right + 2) * block, (top + 2) * block
