"""A whole practice city, stage by stage, from a seed to files."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from console.practice.city.administration import administer
from console.practice.city.areas import Areas, lay_land_use
from console.practice.city.bones import FULL_HALF_M
from console.practice.city.buildings import Buildings, raise_buildings
from console.practice.city.cameras import place_cameras
from console.practice.city.catalogues import write_cameras, write_grid, write_units
from console.practice.city.extract import write_extract
from console.practice.city.layout import Layout
from console.practice.city.names import Words
from console.practice.city.network import Network, build_network
from console.practice.city.parks import lay_parks
from console.practice.city.places import Place, settle_places
from console.practice.city.roster import muster
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
    share = (half_m / FULL_HALF_M) ** 2
    tell("streets", 0.0)
    layout = Layout.of_seed(seed, half_m)
    tell("roads", 0.1)
    network = build_network(layout, seed)
    tell("buildings", 0.2)
    buildings, halls = _buildings(layout, network, seed)
    areas = _areas(layout, network, seed)
    tell("cells", 0.5)
    words = Words(stream(seed, "place names"))
    homes = np.bincount(buildings.block, buildings.homes, len(layout.blocks)).astype(np.float64)
    administration = administer(layout, homes, round(CELLS * share), words, seed)
    places = halls + settle_places(layout, administration, words, seed)
    tell("cameras", 0.55)
    cameras = place_cameras(layout, network, places, round(CAMERAS * share), seed)
    members = muster(layout, administration, places, round(UNITS * share), seed)
    tell("writing", 0.65)
    files = [out / n for n in ("practice.osm.pbf", "grid.geojson", "cameras.csv", "units.csv")]
    write_extract(
        files[0], layout, network=network, areas=areas, buildings=buildings, places=places
    )
    write_grid(files[1], layout, administration)
    write_cameras(files[2], cameras)
    write_units(files[3], members)
    counts = {
        "ways": len(network.ways),
        "buildings": len(buildings.block),
        "places": len(places),
        "cells": len(administration.cells),
        "cameras": len(cameras),
        "units": len(members),
    }
    log.info("practice city of seed %d written to %s: %s", seed, out, counts)
    tell("done", 1.0)
    return PracticeFiles(files[0], files[1], files[2], files[3], counts)


def _buildings(layout: Layout, network: Network, seed: int) -> tuple[Buildings, list[Place]]:
    """All buildings, and the place of the station if there is a railway."""
    station = found_station(layout)
    buildings = cleared(raise_buildings(layout, seed), network)
    if station is None:
        return buildings, []
    return with_hall(buildings, station), [station.place]


def _areas(layout: Layout, network: Network, seed: int) -> Areas:
    areas = Areas([], [])
    lay_land_use(layout, areas, seed)
    lay_waters(layout, areas, seed)
    lay_parks(layout, network, areas, seed)
    return areas


def _quiet(_stage: str, _done: float) -> None:
    pass
