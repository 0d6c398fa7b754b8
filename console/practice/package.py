"""Where a practice city is kept, and whether it is there; light, because every start asks."""

from __future__ import annotations

import json
from pathlib import Path

PRACTICE_SEED = 20261121
"""The city that everybody sees first."""

RECIPE = 4
"""Raised when the generator or the package changes, so that an older practice city is made anew."""

STAMP = "practice.json"


def practice_package(folder: Path, seed: int = PRACTICE_SEED) -> Path:
    """Where the package of the practice city is, or will be, under `folder`."""
    return folder / f"city-{seed}"


def is_prepared(folder: Path, seed: int = PRACTICE_SEED) -> bool:
    """Whether the practice city is there, and made by this recipe."""
    stamp = practice_package(folder, seed) / STAMP
    if not stamp.exists():
        return False
    return bool(json.loads(stamp.read_text("utf-8")) == _stamp(seed))


def mark_prepared(package: Path, seed: int) -> None:
    """Say in `package` which seed and recipe made it."""
    (package / STAMP).write_text(json.dumps(_stamp(seed)), "utf-8")


def _stamp(seed: int) -> dict[str, int]:
    return {"seed": seed, "recipe": RECIPE}
