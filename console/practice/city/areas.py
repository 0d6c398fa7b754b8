"""Surfaces on the ground, as tagged rings and lines; the use of every block."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from console.model.text import Text
from console.practice.city.buildings import SCHOOL_YARD
from console.practice.city.layout import Layout
from console.practice.city.names import Words
from console.practice.city.nametables import HOUSING
from console.practice.city.plots import row_angle
from console.practice.city.streams import stream

FloatArray = NDArray[np.float64]

Tags = dict[str, str]

LAND_USE = {
    "slabs": "residential",
    "towers": "residential",
    "oldtown": "residential",
    "village": "residential",
    "villas": "residential",
    "business": "commercial",
    "industry": "industrial",
    "campus": "education",
    "field": "farmland",
}

SHARE_OF_NAMED_ESTATES = 0.4


def named(name: Text, **tags: str) -> Tags:
    """Tags with a bilingual name."""
    return {"name": name.zh, "name:zh": name.zh, "name:en": name.en, **tags}


@dataclass(slots=True)
class Shape:
    """A line or, where `closed`, an area: by shared vertices, or by ground metres (n, 2)."""

    tags: Tags
    vertices: list[int] = field(default_factory=list)
    xy: FloatArray | None = None
    closed: bool = True


@dataclass(slots=True)
class Multipolygon:
    """A relation: outer rings and holes, in ground metres."""

    tags: Tags
    outer: list[FloatArray]
    inner: list[tuple[Tags, FloatArray]]


@dataclass(slots=True)
class Areas:
    """All that is drawn as a surface (buildings apart), and the paths in the parks."""

    shapes: list[Shape]
    relations: list[Multipolygon]


def lay_land_use(layout: Layout, areas: Areas, seed: int) -> None:
    """The use of every block, with the names of some housing estates; schools' sports fields."""
    rng = stream(seed, "estates")
    words = Words(rng)
    for block in layout.blocks:
        use, draw = LAND_USE.get(block.use), rng.random()
        if use:
            tags = {"landuse": use}
            if block.use in ("slabs", "towers", "villas") and draw < SHARE_OF_NAMED_ESTATES:
                tags |= named(_estate(words, rng), place="neighbourhood")
            areas.shapes.append(Shape(tags, layout.fabric.outline(block.face)))
        if block.use == "school":
            _sports_field(layout.plot(block), areas)


def _estate(words: Words, rng: np.random.Generator) -> Text:
    zh, en = words.compound()
    kind = HOUSING[int(rng.integers(len(HOUSING)))]
    return Text(zh + kind[0], f"{en} {kind[1]}")


def _sports_field(plot: FloatArray, areas: Areas) -> None:
    """A running track in the part of the school's ground that has no buildings."""
    if len(plot) < 3:
        return
    angle = row_angle(plot)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    local = plot @ turn.T
    (u0, v0), (u1, v1) = local.min(axis=0), local.max(axis=0)
    half_u, half_v = (u1 - u0) * SCHOOL_YARD * 0.36, (v1 - v0) * 0.32
    if min(half_u, half_v) < 12:
        return
    theta = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    bulge = np.column_stack([np.cos(theta), np.sin(theta)])
    bulge = np.sign(bulge) * np.abs(bulge) ** 0.7 * (min(half_u, 48), min(half_v, 90))
    middle = np.array([u0 + (u1 - u0) * SCHOOL_YARD * 0.46, (v0 + v1) / 2])
    areas.shapes.append(Shape({"leisure": "track", "sport": "running"}, xy=(bulge + middle) @ turn))
