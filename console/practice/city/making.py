"""A whole practice city, stage by stage, from a seed to files."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from console.practice.city.administration import Administration, administer
from console.practice.city.areas import Areas, lay_land_use
from console.practice.city.bones import FULL_HALF_M
from console.practice.city.buildings import Buildings, raise_buildings
from console.practice.city.cameras import Camera, place_cameras
from console.practice.city.catalogues import write_cameras, write_grid, write_units
from console.practice.city.drives import lay_drives
from console.practice.city.extract import write_extract
from console.practice.city.layout import Layout
from console.practice.city.names import Words
from console.practice.city.network import Network, build_network
from console.practice.city.parks import lay_parks
from console.practice.city.places import Place, settle_places
from console.practice.city.roster import Member, muster
from console.practice.city.station import cleared, found_station, with_hall
from console.practice.city.streams import stream
from console.practice.city.waters import lay_waters

log = logging.getLogger(__name__)
Progress = Callable[[str, float], None]

CELLS, CAMERAS, UNITS = 1200, 3000, 300
"""Of a city of full size; smaller cities have fewer in proportion to their area."""


@dataclass(frozen=True, slots=True)
class PracticeFiles:
    """Where a practice city was written, and how much of everything it has."""

    osm: Path
    grid: Path
    cameras: Path
    units: Path
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class _City:
    """A whole city, ready to be written."""

    layout: Layout
    network: Network
    areas: Areas
    buildings: Buildings
    places: list[Place]
    administration: Administration
    cameras: list[Camera]
    members: list[Member]

    def counts(self) -> dict[str, int]:
        return {
            "ways": len(self.network.ways),
            "buildings": len(self.buildings.block),
            "places": len(self.places),
            "cells": len(self.administration.cells),
            "cameras": len(self.cameras),
            "units": len(self.members),
        }


def generate(
    seed: int,
    out: Path,
    progress: Progress | None = None,
    half_m: float = FULL_HALF_M,
) -> PracticeFiles:
    """Make the practice city of `seed` in the folder `out` (made if missing; files replaced).

    The same seed and size give the same bytes. `progress` is told the stage (a key such as
    "roads") and how much is done (0–1). `half_m` is half the city's side in metres, 2000 to 6000.
    Raises ValueError for another size and OSError when the folder cannot be written.
    """
    if not 2000 <= half_m <= FULL_HALF_M:
        raise ValueError(f"half_m must be between 2000 and {FULL_HALF_M:g}, not {half_m:g}")
    tell = progress or _quiet
    out.mkdir(parents=True, exist_ok=True)
    city = _made(seed, half_m, tell)
    tell("writing", 0.6)
    files = _written(city, out)
    log.info("practice city of seed %d written to %s: %s", seed, out, files.counts)
    tell("done", 1.0)
    return files


def _made(seed: int, half_m: float, tell: Progress) -> _City:
    share = (half_m / FULL_HALF_M) ** 2
    tell("streets", 0.0)
    layout = Layout.of_seed(seed, half_m)
    tell("buildings", 0.1)
    station = found_station(layout)
    buildings = raise_buildings(layout, seed)
    tell("roads", 0.3)
    network = build_network(layout, lay_drives(layout, buildings, seed), seed)
    buildings = cleared(buildings, network)
    areas = _areas(layout, network, seed)
    tell("cells", 0.5)
    words = Words(stream(seed, "place names"))
    homes = np.bincount(buildings.block, buildings.homes, len(layout.blocks)).astype(np.float64)
    administration = administer(layout, homes, round(CELLS * share), words, seed)
    places = settle_places(layout, administration, words, seed)
    if station is not None:
        buildings, places = with_hall(buildings, station), [station.place, *places]
    tell("cameras", 0.55)
    cameras = place_cameras(layout, network, places, round(CAMERAS * share), seed)
    members = muster(layout, administration, places, round(UNITS * share), seed)
    return _City(layout, network, areas, buildings, places, administration, cameras, members)


def _areas(layout: Layout, network: Network, seed: int) -> Areas:
    areas = Areas([], [])
    lay_land_use(layout, areas, seed)
    lay_waters(layout, areas, seed)
    lay_parks(layout, network, areas, seed)
    return areas


def _written(city: _City, out: Path) -> PracticeFiles:
    names = ("practice.osm.pbf", "grid.geojson", "cameras.csv", "units.csv")
    osm, grid, cameras, units = (out / name for name in names)
    write_extract(
        osm,
        city.layout,
        network=city.network,
        areas=city.areas,
        buildings=city.buildings,
        places=city.places,
    )
    write_grid(grid, city.layout, city.administration)
    write_cameras(cameras, city.cameras)
    write_units(units, city.members)
    return PracticeFiles(osm, grid, cameras, units, city.counts())


def _quiet(_stage: str, _done: float) -> None:
    pass
