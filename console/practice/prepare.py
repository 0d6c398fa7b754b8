"""The practice city, made once: generated from a seed, then imported like anybody's city."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from console.intake.cameras import import_cameras
from console.intake.errors import Progress, no_progress
from console.intake.grid import import_grid
from console.intake.osm import import_osm
from console.intake.units import import_units
from console.practice.city import FULL_HALF_M, generate

PRACTICE_SEED = 20261121
"""The city that everybody sees first."""

RECIPE = 2
"""Raised when the generator or the package changes, so that an older practice city is made anew."""

STAMP = "practice.json"

GENERATING = 0.5
"""The share of the time that generating takes; importing takes the rest."""


def practice_package(folder: Path, seed: int = PRACTICE_SEED) -> Path:
    """Where the package of the practice city is, or will be, under `folder`."""
    return folder / f"city-{seed}"


def is_prepared(folder: Path, seed: int = PRACTICE_SEED) -> bool:
    """Whether the practice city is there, and made by this recipe."""
    stamp = practice_package(folder, seed) / STAMP
    if not stamp.exists():
        return False
    return bool(json.loads(stamp.read_text("utf-8")) == _stamp(seed))


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
    (draft / "package" / STAMP).write_text(json.dumps(_stamp(seed)), "utf-8")
    shutil.rmtree(package, ignore_errors=True)
    (draft / "package").replace(package)
    shutil.rmtree(draft)
    return package


def _stamp(seed: int) -> dict[str, int]:
    return {"seed": seed, "recipe": RECIPE}


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
    )
    progress("practice.stage.catalogues", 0.95)
    import_grid(files.grid, package)
    import_cameras(files.cameras, package)
    import_units(files.units, package)
    progress("practice.stage.ready", 1.0)
    return package
