"""Places: hospitals, stations, schools ... as quiet plates, when near enough to be told apart."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QPainter

from console.city import Places
from console.i18n import language, tr
from layers.engine.layer import HIT_RADIUS_PX, Floats, Hit, Kit, Layer
from layers.engine.layer import stamp_all as stamp
from layers.engine.occupied import Occupied, boxes_around
from layers.engine.picking import PointGrid, nearest_of
from layers.engine.place_symbols import PLACE_HALF_PX, SHOWN_UP_TO, draw_place
from layers.engine.viewport import Viewport

_PLATE_PX = 8.0
"""From the middle of a plate to its edge."""


class PlacesLayer(Layer):
    """Symbols of places; their names are candidates of the names layer like all others."""

    name = "places"
    rank = 5

    def __init__(self, places: Places) -> None:
        super().__init__()
        self._scale = 1.0
        self._places = places
        self._grid = PointGrid(places.xy)
        self._limit = np.array([SHOWN_UP_TO.get(c, 0.0) for c in places.category])
        self._shown = np.empty(0, np.int64)
        self._screen = np.empty((0, 2))

    def __len__(self) -> int:
        return int(np.count_nonzero(self._limit))

    def prepare(self, view: Viewport, kit: Kit) -> None:
        """Those in sight whose category is shown at this scale, none on top of another nor under
        anything that lives."""
        self._scale = kit.scale
        found = self._grid.inside(view.bounds_with_margin(20 * kit.scale))
        found = found[self._limit[found] >= kit.metres_a_design_px(view)]
        found = found[np.argsort(-self._limit[found], kind="stable")]
        screen = view.screen_from_world(self._places.xy[found])
        keep = _apart(view, self._places.xy[found], 18 * kit.scale)
        found, screen = found[keep], screen[keep]
        taken = Occupied(kit.obstacles, view.width, view.height)
        free = ~taken.touches(boxes_around(screen, _PLATE_PX * kit.scale))
        self._shown, self._screen = found[free], screen[free]

    def obstacles(self) -> Floats:
        """The plates."""
        return boxes_around(self._screen, _PLATE_PX * self._scale)

    def paint(self, painter: QPainter, view: Viewport, kit: Kit) -> None:
        """Stamp the plates."""
        del view
        stamp(painter, kit, [self._sprite(kit, int(i)) for i in self._shown], self._screen)

    def pick(self, view: Viewport, x: float, y: float) -> Hit | None:
        """A place."""
        del view
        nearest = nearest_of(self._screen, x, y, HIT_RADIUS_PX * 0.75 * self._scale)
        if nearest < 0:
            return None
        place = int(self._shown[nearest])
        title = self._places.name[place].in_language(language())
        kind = tr(f"map.place.{self._places.category[place]}")
        x, y = (float(v) for v in self._screen[nearest])
        return Hit("place", str(place), x, y, title or kind, (kind,))

    def _sprite(self, kit: Kit, place: int) -> int:
        category = self._places.category[place]
        return kit.atlas.sprite(
            ("place", category), PLACE_HALF_PX, lambda p: draw_place(p, kit.palette, category)
        )


def _apart(view: Viewport, xy: Floats, distance_px: float) -> list[int]:
    """Which of the points, first come first kept, stand in bins of their own on the world."""
    side = distance_px * view.metres_per_px
    taken: dict[tuple[int, int], int] = {}
    for index, (column, row) in enumerate(np.floor(xy / side).astype(int).tolist()):
        taken.setdefault((column, row), index)
    return sorted(taken.values())
