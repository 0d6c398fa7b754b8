"""A whole practice city, stage by stage, from a seed to files."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from console.practice.city.administration import administer
from console.practice.city.areas import lay_areas
from console.practice.city.blocks import split_blocks
from console.practice.city.buildings import raise_buildings
from console.practice.city.cameras import place_cameras
from console.practice.city.courses import Vertices
from console.practice.city.fabric import Fabric
from console.practice.city.names import Words
from console.practice.city.network import build_network
from console.practice.city.places import settle_places
from console.practice.city.roster import muster
from console.practice.city.skeleton import FULL_HALF_M, build_skeleton
from console.practice.city.streams import stream
from console.practice.city.warp import Warp
from console.practice.city.writing import write_cameras, write_extract, write_grid, write_units

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
    bones = build_skeleton(seed, half_m)
    blocks = split_blocks(bones, seed)
    fabric = Fabric(bones.sheet, Warp.of_seed(seed))
    ground = Vertices(fabric.xy)
    tell("roads", 0.1)
    network = build_network(bones, fabric, blocks, ground, seed)
    tell("buildings", 0.25)
    buildings = raise_buildings(fabric, bones.register, blocks, seed)
    areas = lay_areas(bones, fabric, blocks, ground, seed)
    tell("cells", 0.45)
    words = Words(stream(seed, "place names"))
    homes = np.bincount(buildings.block, buildings.homes, len(blocks))
    administration = administer(
        fabric, bones.register, blocks, homes, round(CELLS * share), words, seed
    )
    places = settle_places(fabric, blocks, administration, words, seed)
    tell("cameras", 0.6)
    cameras = place_cameras(network, places, round(CAMERAS * share), seed)
    members = muster(fabric, administration, places, round(UNITS * share), seed)
    tell("writing", 0.65)
    files = [out / n for n in ("practice.osm.pbf", "grid.geojson", "cameras.csv", "units.csv")]
    counts = write_extract(files[0], fabric, blocks, network, areas, buildings, places)
    write_grid(files[1], fabric, blocks, administration)
    write_cameras(files[2], cameras)
    write_units(files[3], members)
    counts |= {"cells": len(administration.cells), "cameras": len(cameras), "units": len(members)}
    log.info("practice city of seed %d written to %s: %s", seed, out, counts)
    tell("done", 1.0)
    return PracticeFiles(files[0], files[1], files[2], files[3], counts)


def _quiet(_stage: str, _done: float) -> None:
    pass
