"""The practice city, made once: generated from a seed, then imported like anybody's city."""

from __future__ import annotations

import shutil
from pathlib import Path

from console.intake.cameras import import_cameras
from console.intake.errors import Progress, no_progress
from console.intake.grid import import_grid
from console.intake.osm import import_osm
from console.intake.units import import_units
from console.practice.city import FULL_HALF_M, generate
from console.practice.package import (
    PRACTICE_SEED,
    is_prepared,
    mark_prepared,
    practice_package,
)

GENERATING = 0.5
"""The share of the time that generating takes; importing takes the rest."""


def prepare_practice(
    folder: Path, seed: int = PRACTICE_SEED, progress: Progress = no_progress
) -> Path:
    """The package of the practice city under `folder`, made there if missing or outdated.

    Takes about half a minute the first time; `progress` is told the stage's key. Whatever stops it,
    the package is as it was. Raises IntakeError if what was generated cannot be imported.
    """
    package = practice_package(folder, seed)
    if is_prepared(folder, seed):
        return package
    draft = folder / f".city-{seed}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    build_practice(draft, seed, progress)
    mark_prepared(draft / "package", seed)
    shutil.rmtree(package, ignore_errors=True)
    (draft / "package").replace(package)
    shutil.rmtree(draft)
    return package


def build_practice(
    folder: Path, seed: int, progress: Progress = no_progress, half_m: float = FULL_HALF_M
) -> Path:
    """Generate a city of side 2 * `half_m` metres in `folder`/source and import it; its package."""
    files = generate(
        seed,
        folder / "source",
        lambda stage, share: progress(f"practice.stage.{stage}", GENERATING * share),
        half_m,
    )
    package = folder / "package"
    import_osm(
        files.osm,
        package,
        lambda stage, share: progress(stage, GENERATING + (0.95 - GENERATING) * share),
        time_zone="Asia/Shanghai",
    )
    progress("practice.stage.catalogues", 0.95)
    import_grid(files.grid, package)
    import_cameras(files.cameras, package)
    import_units(files.units, package)
    progress("practice.stage.ready", 1.0)
    return package
