"""`city.json`: what a package holds, and which files are the present ones.

The manifest names every file of the package, so replacing the manifest is the one step that makes
an import happen; until then readers see the old files, and after it the new ones, never a mixture.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from console.city.errors import CityError
from console.i18n import text_of
from console.model.geo import LonLat
from console.model.text import Text

MANIFEST = "city.json"
FORMAT = 2
"""Grows when an older program could not read the package any more, or this one an older package:
2 tells roads apart by who may use them, and holds barriers.
"""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in the package. `bounds` is (min lon, min lat, max lon, max lat) in degrees WGS 84.

    `counts` holds things by kind ("roads", "buildings", "cells", ...), `sources` the file each
    import came from, `files` the present file of each table, `generation` the number of imports.
    """

    name: Text = field(default_factory=Text)
    bounds: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    centre: LonLat = field(default_factory=lambda: LonLat(0.0, 0.0))
    counts: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    generation: int = 0
    format: int = FORMAT
    time_zone: str = ""
    """The city's own, by its IANA name ("Asia/Shanghai"); "" where nobody said it."""

    @property
    def is_older(self) -> bool:
        """Whether the streets must be imported again before the package can be opened."""
        return self.format < FORMAT and "osm" in self.sources

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the city's clocks and days; UTC where nobody said it."""
        return ZoneInfo(self.time_zone or "UTC")

    @property
    def source(self) -> str:
        """The file that the streets came from, or the first import's."""
        return self.sources.get("osm") or next(iter(self.sources.values()), "")

    @property
    def has_bounds(self) -> bool:
        """Whether anything was imported that has a place."""
        return self.bounds[2] > self.bounds[0] or self.bounds[3] > self.bounds[1]


def read_manifest(folder: Path) -> Manifest:
    """Read `folder/city.json`, of this format or an older one.

    Raises CityError when there is none or it cannot be understood.
    """
    try:
        raw = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if not 1 <= raw["format"] <= FORMAT:
            raise CityError(text_of("osm.city.format", folder=folder, format=raw["format"]))
        return _manifest(raw, folder)
    except FileNotFoundError as error:
        raise CityError(text_of("osm.city.missing", folder=folder)) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CityError(text_of("osm.city.damaged", folder=folder, detail=error)) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace `folder/city.json` in one step, on disk before it counts."""
    raw = {**asdict(manifest), "format": FORMAT}
    draft = folder / f".{MANIFEST}.{os.getpid()}"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(raw, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / MANIFEST)


def _known_zone(name: str, folder: Path) -> str:
    if name and not is_time_zone(name):
        raise CityError(text_of("osm.city.zone", folder=folder, name=name))
    return name


def is_time_zone(name: str) -> bool:
    """Whether this machine knows a time zone by that IANA name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _manifest(raw: dict[str, Any], folder: Path) -> Manifest:
    west, south, east, north = raw["bounds"]
    return Manifest(
        name=Text(**raw["name"]),
        bounds=(west, south, east, north),
        centre=LonLat(**raw["centre"]),
        counts=raw["counts"],
        sources=raw["sources"],
        files=raw["files"],
        generation=raw["generation"],
        format=raw["format"],
        time_zone=_known_zone(raw.get("time_zone", ""), folder),
    )
