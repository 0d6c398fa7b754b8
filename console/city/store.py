"""Writing the tables of a city package: cells, cameras, units.

Each call replaces its table as a whole and leaves everything else; it happens or it does not (see
`console.city.update`). Cameras and units know the cell they stand in, so importing a new grid
places them anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from console.city.arrays import Bundle, Table, bundle_batch, read_batch, table_batch
from console.city.catalogue import Cells
from console.city.manifest import Manifest
from console.city.update import PackageUpdate
from console.model.geo import LonLat, world_from_lonlat
from console.model.text import Text
from console.model.unit import UnitKind

FloatArray = NDArray[np.float64]
Geometries = NDArray[np.object_]


def write_cells(
    folder: Path,
    *,
    code: Sequence[str],
    name: Sequence[Text],
    community: Sequence[Text],
    street: Sequence[Text],
    district: Sequence[Text],
    households: NDArray[np.integer[Any]],
    polygons: Geometries,
    source: str,
    report_json: str = "",
) -> Manifest:
    """Make these n cells the city's grid; codes are unique.

    `polygons` are n shapely Polygons or MultiPolygons in WGS 84 degrees, `source` the file they
    came from, `report_json` what `reports/cells.json` will say. Raises CityError.
    """
    world = _to_world(polygons)
    rings = bundle_batch(_ring_arrays(world))
    table = table_batch(
        {
            "code": list(code),
            **_texts(name=name, community=community, street=street, district=district),
            "households": np.asarray(households, np.int32),
            "label_xy": _label_points(world),
        }
    )
    cells = Cells(Table(table), Bundle(rings))
    with PackageUpdate(folder) as update:
        update.put("cells", table)
        update.put("cell_rings", rings)
        _place_anew(update, "cameras", cells)
        _place_anew(update, "units", cells)
        return _commit(update, "cells", np.asarray(polygons, object), source, report_json)


def write_cameras(
    folder: Path,
    *,
    id: Sequence[str],
    name: Sequence[Text],
    lonlat: FloatArray,
    azimuth_deg: NDArray[Any],
    angle_deg: NDArray[Any],
    range_m: NDArray[Any],
    ptz: NDArray[np.bool_],
    online: NDArray[np.bool_],
    stream: Sequence[str],
    source: str,
    report_json: str = "",
) -> Manifest:
    """Make these n cameras the city's; ids are unique.

    `lonlat` float64[n,2] degrees WGS 84; azimuth clockwise from north and angle of view in
    degrees, range in metres on the ground, NaN where unknown. Raises CityError.
    """
    xy = _world_points(lonlat)
    with PackageUpdate(folder) as update:
        columns = {
            "id": list(id),
            **_texts(name=name),
            "xy": xy,
            "azimuth_deg": np.asarray(azimuth_deg, np.float32),
            "angle_deg": np.asarray(angle_deg, np.float32),
            "range_m": np.asarray(range_m, np.float32),
            "ptz": np.asarray(ptz, bool),
            "online": np.asarray(online, bool),
            "stream": list(stream),
            "cell": _cells_at(update, xy),
        }
        update.put("cameras", table_batch(columns))
        return _commit(update, "cameras", _points(lonlat), source, report_json)


def write_units(
    folder: Path,
    *,
    id: Sequence[str],
    name: Sequence[Text],
    kind: Sequence[UnitKind],
    lonlat: FloatArray,
    base: Sequence[Text],
    phone: Sequence[str] = (),
    source: str,
    report_json: str = "",
) -> Manifest:
    """Make these n units the city's roster; ids are unique.

    `lonlat` float64[n,2] degrees WGS 84 is where each is at home; `phone` how it is called, nothing
    for nobody's. Raises CityError.
    """
    xy = _world_points(lonlat)
    with PackageUpdate(folder) as update:
        columns = {
            "id": list(id),
            **_texts(name=name, base=base),
            "kind": [str(k) for k in kind],
            "phone": list(phone) or [""] * len(id),
            "xy": xy,
            "cell": _cells_at(update, xy),
        }
        update.put("units", table_batch(columns))
        return _commit(update, "units", _points(lonlat), source, report_json)


def _commit(
    update: PackageUpdate, kind: str, where: Geometries, source: str, report_json: str
) -> Manifest:
    """Commit a catalogue; a package without streets takes its bounds from its catalogues."""
    bounds, centre = None, None
    if len(where) and "osm" not in update.manifest.sources:
        bounds = _united(update.manifest, shapely.total_bounds(where))
        centre = LonLat((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    return update.commit(
        kind, source, {kind: len(where)}, bounds=bounds, centre=centre, report_json=report_json
    )


def _united(manifest: Manifest, new: FloatArray) -> tuple[float, float, float, float]:
    west, south, east, north = map(float, new)
    if not manifest.has_bounds:
        return west, south, east, north
    w, s, e, n = manifest.bounds
    return min(w, west), min(s, south), max(e, east), max(n, north)


def _texts(**columns: Sequence[Text]) -> dict[str, Any]:
    """Bilingual columns as pairs of string columns; an empty one keeps its names."""
    return {
        f"{name}_{part}": [getattr(text, part) for text in texts]
        for name, texts in columns.items()
        for part in ("zh", "en")
    }


def _world_points(lonlat: FloatArray) -> FloatArray:
    pairs = np.asarray(lonlat, np.float64).reshape(-1, 2)
    return np.column_stack(world_from_lonlat(pairs[:, 0], pairs[:, 1]))


def _points(lonlat: FloatArray) -> Geometries:
    pairs = np.asarray(lonlat, np.float64).reshape(-1, 2)
    return np.asarray(shapely.points(pairs), object)


def _to_world(polygons: Geometries) -> Geometries:
    moved = shapely.transform(np.asarray(polygons, object), _world_points)
    return np.asarray(moved, object)


def _ring_arrays(polygons: Geometries) -> dict[str, NDArray[Any]]:
    parts, cell_of_part = shapely.get_parts(polygons, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    xy, ring_of_point = shapely.get_coordinates(rings, return_index=True)
    lengths = np.bincount(ring_of_point, minlength=len(rings))
    return {
        "ring_cell": cell_of_part[part_of_ring].astype(np.int32),
        "ring_offsets": np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        "ring_xy": xy.reshape(-1, 2),
        "bounds": shapely.bounds(polygons).reshape(-1, 4),
    }


def _label_points(polygons: Geometries) -> FloatArray:
    """The centroid of each polygon, or a point inside where the centroid is not."""
    if not len(polygons):
        return np.empty((0, 2))
    centroids = shapely.centroid(polygons)
    outside = ~shapely.contains(polygons, centroids)
    centroids[outside] = shapely.point_on_surface(polygons[outside])
    return shapely.get_coordinates(centroids).reshape(-1, 2)


def _cells_at(update: PackageUpdate, xy: FloatArray) -> NDArray[np.int32]:
    files = update.manifest.files
    if "cells" not in files:
        return np.full(len(xy), -1, np.int32)
    table = Table(read_batch(update.folder / files["cells"]))
    rings = Bundle(read_batch(update.folder / files["cell_rings"]))
    return Cells(table, rings).at_many(xy)


def _place_anew(update: PackageUpdate, kind: str, cells: Cells) -> None:
    """Rewrite the table's `cell` column for a new grid."""
    if kind not in update.manifest.files:
        return
    batch = read_batch(update.folder / update.manifest.files[kind])
    cell = pa.array(cells.at_many(Table(batch).points("xy")))
    update.put(kind, batch.set_column(batch.schema.get_field_index("cell"), "cell", cell))
