"""The painter of a city package's tiles, as a renderer process opens it."""

from __future__ import annotations

from pathlib import Path

from console.city import open_city
from layers.engine.raster import GroundPainter

FACTORY = "layers.engine.raster_city:open_ground"
"""For `PainterSource`, with the package's path as its argument."""


def open_ground(path: str) -> GroundPainter:
    """The painter of the city package at `path`; raises CityError when it cannot be read."""
    city = open_city(Path(path))
    return GroundPainter(city.basemap, city.cells, city.cameras)
