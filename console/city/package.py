"""Opening a city package."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import pyarrow as pa

from console.city.arrays import Bundle, Table, read_batch
from console.city.basemap import BaseMap
from console.city.catalogue import Cameras, Cells, Places, UnitRoster
from console.city.empty import EMPTY
from console.city.errors import CityError
from console.city.graph import RoadGraph
from console.city.manifest import Manifest, read_manifest
from console.i18n import text_of


class City:
    """A city package, memory-mapped and read only; safe to read from several threads.

    What an import replaces later is not seen here: open the package again for that.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest: Manifest = read_manifest(path)
        if self.manifest.is_older:
            said = text_of("osm.city.older", folder=path, format=self.manifest.format)
            raise CityError(said)
        self._batches = {name: self._batch(name) for name in EMPTY}
        self.cells = Cells(Table(self._batches["cells"]), Bundle(self._batches["cell_rings"]))
        self.cameras = Cameras(Table(self._batches["cameras"]))
        self.units = UnitRoster(Table(self._batches["units"]))
        self.places = Places(Table(self._batches["places"]))

    @cached_property
    def basemap(self) -> BaseMap:
        """The lines, fills and labels of each level."""
        return BaseMap(*(Bundle(self._batches[name]) for name in ("lines", "fills", "labels")))

    @cached_property
    def roads(self) -> RoadGraph:
        """The road graph; its search structures are built by the first search."""
        return RoadGraph(Bundle(self._batches["roads"]))

    def _batch(self, table: str) -> pa.RecordBatch:
        """The table's file; an empty table where the package has none."""
        if table not in self.manifest.files:
            return EMPTY[table]()
        try:
            return read_batch(self.path / self.manifest.files[table])
        except (OSError, pa.ArrowInvalid) as error:
            said = text_of("osm.city.damaged", folder=self.path, detail=error)
            raise CityError(said) from error


def open_city(path: Path) -> City:
    """Open the package in folder `path`; takes milliseconds. Raises CityError."""
    return City(path)
