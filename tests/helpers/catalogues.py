"""Small grids and catalogues as files, in every format that the intake reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".shp": "ESRI Shapefile"}
CENTRE = (118.78, 32.05)
"""Where the test city is: Nanjing, WGS 84 degrees."""


def write_vector(
    path: Path,
    geometry: Sequence[BaseGeometry | None],
    fields: Mapping[str, Sequence[Any]],
    *,
    crs: str | None = "EPSG:4326",
    layer: str | None = None,
    append: bool = False,
    encoding: str | None = None,
) -> Path:
    """Write geometry and fields to `path`, whose suffix says the format."""
    first = next(g for g in geometry if g is not None)
    pyogrio.raw.write(
        path,
        shapely.to_wkb(np.array(geometry, object)),
        [np.array(values, _kind(values)) for values in fields.values()],
        list(fields),
        layer=layer,
        driver=DRIVERS[path.suffix],
        geometry_type=first.geom_type,
        crs=crs,
        append=append,
        encoding=encoding,
    )
    return path


def _kind(values: Sequence[Any]) -> Any:
    return object if isinstance(values[0], str) else None


def squares(columns: int, rows: int, side_deg: float = 0.005) -> list[Polygon]:
    """A block of touching squares, their south-west corner at `CENTRE`."""
    west, south = CENTRE
    return [
        shapely.box(
            west + c * side_deg,
            south + r * side_deg,
            west + (c + 1) * side_deg,
            south + (r + 1) * side_deg,
        )
        for r in range(rows)
        for c in range(columns)
    ]


def codes(count: int) -> list[str]:
    """Cell codes of 15 digits."""
    return [f"320102001001{serial:03d}" for serial in range(1, count + 1)]
