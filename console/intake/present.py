"""What the package holds before an import, as records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from console.city.arrays import Bundle, Table, read_batch
from console.city.catalogue import Cameras, Cells, UnitRoster
from console.city.errors import CityError
from console.city.manifest import MANIFEST, Manifest, read_manifest
from console.i18n import text_of
from console.intake.errors import IntakeError
from console.intake.records import CameraRecord, CellRecord, UnitRecord
from console.intake.region import GLOBE, Region, region_around
from console.model.geo import lonlat_from_world


class Present:
    """The package at `folder`, which need not exist yet. Raises IntakeError when it is damaged."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.exists = (folder / MANIFEST).exists()
        try:
            self._manifest = read_manifest(folder) if self.exists else Manifest()
        except CityError as error:
            raise IntakeError(error.message) from error

    def region(self) -> Region:
        """Where new things are expected: around the city, or anywhere while there is none."""
        return region_around(self._manifest.bounds) if self._manifest.has_bounds else GLOBE

    def cells(self) -> list[CellRecord]:
        """The grid's cells."""
        table = self._table("cells")
        if table is None:
            return []
        rings = self._batch(self._manifest.files["cell_rings"])
        cells = Cells(table, Bundle(rings))
        texts = zip(cells.name, cells.community, cells.street, cells.district, strict=True)
        return [
            CellRecord(code, *names, int(cells.households[row]), _polygon(cells.rings(row)))
            for row, (code, names) in enumerate(zip(cells.code, texts, strict=True))
        ]

    def cameras(self) -> list[CameraRecord]:
        """The cameras."""
        table = self._table("cameras")
        if table is None:
            return []
        c = Cameras(table)
        lon, lat = _degrees(c.xy)
        numbers = (v.tolist() for v in (c.azimuth_deg, c.angle_deg, c.range_m, c.ptz, c.online))
        return [
            CameraRecord(*row)
            for row in zip(c.id, c.name, lon, lat, *numbers, c.stream, strict=True)
        ]

    def units(self) -> list[UnitRecord]:
        """The units."""
        table = self._table("units")
        if table is None:
            return []
        u = UnitRoster(table)
        lon, lat = _degrees(u.xy)
        return [
            UnitRecord(*row)
            for row in zip(u.id, u.name, lon, lat, u.kind, u.base, u.phone, strict=True)
        ]

    def _table(self, name: str) -> Table | None:
        file = self._manifest.files.get(name)
        return None if file is None else Table(self._batch(file))

    def _batch(self, file: str) -> pa.RecordBatch:
        try:
            return read_batch(self.folder / file)
        except (OSError, pa.ArrowInvalid) as error:
            detail = {"folder": self.folder, "detail": error}
            raise IntakeError(text_of("osm.city.damaged", **detail)) from error


def _degrees(xy: NDArray[Any]) -> tuple[list[float], list[float]]:
    lon, lat = lonlat_from_world(xy[:, 0], xy[:, 1])
    return lon.tolist(), lat.tolist()


def _polygon(rings: list[NDArray[Any]]) -> BaseGeometry:
    """The polygon of closed rings in world metres, given as each outer ring with its holes."""
    parts: list[tuple[Polygon, list[Polygon]]] = []
    for ring in rings:
        area = Polygon(np.column_stack(lonlat_from_world(ring[:, 0], ring[:, 1])))
        if parts and parts[-1][0].covers(area):
            parts[-1][1].append(area)
        else:
            parts.append((area, []))
    polygons = [Polygon(outer.exterior, [h.exterior for h in holes]) for outer, holes in parts]
    return polygons[0] if len(polygons) == 1 else MultiPolygon(polygons)
