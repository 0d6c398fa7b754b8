"""Water, green and land use on the ground, as tagged rings and lines."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from console.model.text import Text
from console.practice.city.blocks import Block
from console.practice.city.buildings import SCHOOL_YARD, plot_of, row_angle
from console.practice.city.courses import Vertices
from console.practice.city.fabric import Fabric
from console.practice.city.names import Words
from console.practice.city.nametables import HOUSING
from console.practice.city.roads import Register
from console.practice.city.shapes import soft_outline
from console.practice.city.sheet import area_m2, centre_of
from console.practice.city.skeleton import CANAL_HALF_M, EMBANKMENT_M, RIVER_HALF_M, Skeleton
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


def lay_areas(
    bones: Skeleton, fabric: Fabric, blocks: list[Block], ground: Vertices, seed: int
) -> Areas:
    """Water, banks, parks, woods and the use of every block."""
    rng = stream(seed, "areas")
    areas = Areas([], [])
    _land_use(bones, fabric, blocks, areas, stream(seed, "estates"))
    _river(bones, fabric, areas, rng)
    _canal(bones, fabric, areas)
    _parks(bones, fabric, blocks, ground, areas, rng)
    _woods(fabric, blocks, areas)
    return areas


def _land_use(
    bones: Skeleton, fabric: Fabric, blocks: list[Block], areas: Areas, rng: np.random.Generator
) -> None:
    words = Words(rng)
    for block in blocks:
        use, draw = LAND_USE.get(block.use), rng.random()
        if use:
            tags = {"landuse": use}
            if block.use in ("slabs", "towers", "villas") and draw < 0.4:
                tags |= named(_estate(words, rng), place="neighbourhood")
            areas.shapes.append(Shape(tags, fabric.outline(block.face)))
        if block.use == "school":
            _sports_field(bones.register, fabric, block, areas)


def _estate(words: Words, rng: np.random.Generator) -> Text:
    zh, en = words.compound()
    kind = HOUSING[int(rng.integers(len(HOUSING)))]
    return Text(zh + kind[0], f"{en} {kind[1]}")


def _sports_field(register: Register, fabric: Fabric, block: Block, areas: Areas) -> None:
    """A running track in the part of the school's ground that has no buildings."""
    plot = plot_of(fabric, register, block.face)
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


def _bank(fabric: Fabric, u: FloatArray, side: float, phase: float) -> FloatArray:
    """The water's edge: a little off the straight, so that the river widens and narrows."""
    off = 17 * np.sin(u / 330 + phase) + 9 * np.sin(u / 150 + 2 * phase) - 6
    return fabric.warp(np.column_stack([u, side * (RIVER_HALF_M + off)]))


def _river(bones: Skeleton, fabric: Fabric, areas: Areas, rng: np.random.Generator) -> None:
    half = bones.sheet.half_m
    u = np.arange(-half, half + 1, 40.0)
    phases = rng.uniform(0, 6.28, 2)
    outline = np.concatenate(
        [_bank(fabric, u, -1.0, phases[0]), _bank(fabric, u[::-1], 1.0, phases[1])]
    )
    name = Text("澜江", "Lan River")
    island = _island(fabric, rng)
    tags = named(Text("鹭洲", "Luzhou Island"), place="islet", natural="wood", leisure="park")
    areas.relations.append(
        Multipolygon(named(name, natural="water", water="river"), [outline], [(tags, island)])
    )
    middle = fabric.warp(np.column_stack([u, 0 * u]))
    areas.shapes.append(Shape(named(name, waterway="river"), xy=middle, closed=False))
    _bank_greens(fabric, areas, half)


def _island(fabric: Fabric, rng: np.random.Generator) -> FloatArray:
    theta = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    p = rng.uniform(0, 6.28, 2)
    radius = 1 + 0.10 * np.sin(3 * theta + p[0]) + 0.06 * np.sin(5 * theta + p[1])
    return fabric.warp(
        np.column_stack([-900 + 290 * radius * np.cos(theta), 6 + 50 * radius * np.sin(theta)])
    )


def _bank_greens(fabric: Fabric, areas: Areas, half_m: float) -> None:
    """Green strips between the embankment roads and the water, between one bridge and the next."""
    for side, zh, en in ((1.0, "北", "N"), (-1.0, "南", "S")):
        for k, start in enumerate(np.arange(-half_m, half_m - 1, 1000.0)):
            u = np.linspace(start + 25, min(start + 975, half_m), 20)
            outer = np.column_stack([u, np.full(20, side * (EMBANKMENT_M - 14))])
            inner = np.column_stack([u[::-1], np.full(20, side * (RIVER_HALF_M - 28))])
            tags = {"leisure": "park"}
            if k % 4 == 1:
                tags |= named(Text(f"滨江{zh}岸公园", f"Binjiang {en} Bank Park"))
            areas.shapes.insert(0, Shape(tags, xy=fabric.warp(np.concatenate([outer, inner]))))


def _canal(bones: Skeleton, fabric: Fabric, areas: Areas) -> None:
    half = bones.sheet.half_m
    if abs(bones.canal_u) > half - 400:
        return
    v = np.arange(RIVER_HALF_M - 40, half + 1, 40.0)
    width = CANAL_HALF_M - 17 + 3 * np.sin(v / 210)
    west = np.column_stack([bones.canal_u - width, v])
    east = np.column_stack([bones.canal_u + width, v])[::-1]
    name = Text("柳溪河", "Liuxi Creek")
    outline = fabric.warp(np.concatenate([west, east]))
    areas.shapes.append(Shape(named(name, natural="water", water="canal"), xy=outline))
    middle = fabric.warp(np.column_stack([0 * v + bones.canal_u, v]))
    areas.shapes.append(Shape(named(name, waterway="canal"), xy=middle, closed=False))


def _parks(
    bones: Skeleton,
    fabric: Fabric,
    blocks: list[Block],
    ground: Vertices,
    areas: Areas,
    rng: np.random.Generator,
) -> None:
    parks = [b for b in blocks if b.use == "park"]
    parks.sort(key=lambda b: -area_m2(fabric.sheet.points(b.face)))
    names = _park_names(bones, fabric, parks)
    for block, (park, lake) in zip(parks, names, strict=True):
        plot = plot_of(fabric, bones.register, block.face)
        if len(plot) < 3:
            continue
        green = soft_outline(plot, rng, 0.985, 0.02, 14.0)
        areas.shapes.append(Shape(named(park, leisure="park"), xy=green))
        big = area_m2(fabric.sheet.points(block.face)) > 70_000
        if big:
            water = soft_outline(plot, rng, 0.46, 0.26, 4.0)
            areas.shapes.append(Shape(named(lake, natural="water", water="lake"), xy=water))
        _paths(fabric, block, plot, ground, areas, rng, (0.8, 0.6) if big else (0.66,))
    for block in blocks:
        if block.use == "green":
            _pocket_park(bones, fabric, block, areas, rng)


def _park_names(bones: Skeleton, fabric: Fabric, parks: list[Block]) -> list[tuple[Text, Text]]:
    """Names of a park and of its lake; the great park by the river has its own."""
    names = []
    great = [
        ("柳岸公园", "Liu'an Park", "青石湖", "Qingshi Lake"),
        ("鹭湾公园", "Luwan Park", "鹭湾", "Lu Bay"),
    ]
    for block in parks:
        u, v = centre_of(fabric.sheet.points(block.face))
        if great and 470 < u < 1290 and 187 < v < 640:
            zh, en, lake_zh, lake_en = great.pop(0)
            names.append((Text(zh, en), Text(lake_zh, lake_en)))
            continue
        zh, en = bones.words.compound()
        names.append((Text(f"{zh}公园", f"{en} Park"), Text(f"{zh}湖", f"{en} Lake")))
    return names


def _paths(
    fabric: Fabric,
    block: Block,
    plot: FloatArray,
    ground: Vertices,
    areas: Areas,
    rng: np.random.Generator,
    scales: tuple[float, ...],
) -> None:
    """Loops round the park, joined to each other and to the streets outside."""
    loops = []
    for scale in scales:
        curve = soft_outline(plot, rng, scale, 0.05, 7.0)
        loops.append([ground.add(float(x), float(y)) for x, y in curve])
    footway = {"highway": "footway"}
    areas.shapes += [Shape(footway, [*loop, loop[0]], closed=False) for loop in loops]
    gates = fabric.outline(block.face)
    for quarter in (3, 19, 36):
        chain = [loop[quarter] for loop in reversed(loops)]
        chain.append(_nearest(ground, gates, chain[-1]))
        areas.shapes.append(Shape(footway, chain, closed=False))


def _nearest(ground: Vertices, vertices: list[int], to: int) -> int:
    steps = ground.of(vertices) - np.array(ground.at(to))
    return vertices[int(np.argmin(np.hypot(steps[:, 0], steps[:, 1])))]


def _pocket_park(
    bones: Skeleton, fabric: Fabric, block: Block, areas: Areas, rng: np.random.Generator
) -> None:
    plot = plot_of(fabric, bones.register, block.face)
    if len(plot) >= 3:
        outline = soft_outline(plot, rng, 0.97, 0.03, 10.0, 28)
        areas.shapes.append(Shape({"leisure": "park"}, xy=outline))


def _woods(fabric: Fabric, blocks: list[Block], areas: Areas) -> None:
    """The hill's wood, its corners rounded off by an opening."""
    faces = [fabric.xy[fabric.outline(b.face)] for b in blocks if b.use == "hill"]
    if not faces:
        return
    whole = shapely.union_all([shapely.Polygon(f) for f in faces])
    soft = whole.buffer(-30).buffer(-260).buffer(260)
    for k, part in enumerate(shapely.get_parts(soft)):
        tags = {"natural": "wood"}
        if k == 0:
            tags |= named(Text("云台山", "Yuntai Hill"))
        areas.shapes.append(Shape(tags, xy=shapely.get_coordinates(part.exterior)[:-1]))
