"""Parks with their lakes and paths, pocket parks, and the wooded hill."""

from __future__ import annotations

import numpy as np
import shapely

from console.model.text import Text
from console.practice.city.areas import Areas, FloatArray, Shape, named
from console.practice.city.blocks import Block
from console.practice.city.courses import Vertices
from console.practice.city.layout import Layout
from console.practice.city.shapes import soft_outline
from console.practice.city.skeleton import in_great_park
from console.practice.city.streams import stream

LAKE_FROM_M2 = 70_000.0
"""Parks smaller than this have no lake."""


def lay_parks(layout: Layout, areas: Areas, seed: int) -> None:
    """Add parks, pocket parks and the hill's wood."""
    rng = stream(seed, "parks")
    parks = [b for b in layout.blocks if b.use == "park"]
    parks.sort(key=lambda b: -layout.area_m2(b))
    for block, (park, lake) in zip(parks, _park_names(layout, parks), strict=True):
        _park(layout, areas, block, (park, lake), rng)
    for block in layout.blocks:
        if block.use == "green":
            plot = layout.plot(block)
            if len(plot) >= 3:
                areas.shapes.append(Shape({"leisure": "park"}, xy=_rounded(plot, 9.0)))
    _woods(layout, areas)


def _park(
    layout: Layout, areas: Areas, block: Block, names: tuple[Text, Text], rng: np.random.Generator
) -> None:
    plot = layout.plot(block, -9.0)
    if len(plot) < 3:
        return
    areas.shapes.append(Shape(named(names[0], leisure="park"), xy=_rounded(plot, 30.0)))
    loops = [soft_outline(plot, rng, scale=0.8, wobble=0.06, sharpness=6.0)]
    if layout.area_m2(block) > LAKE_FROM_M2:
        water = soft_outline(plot, rng, scale=0.5, wobble=0.3, sharpness=3.5, off_middle=0.09)
        areas.shapes.append(Shape(named(names[1], natural="water", water="lake"), xy=water))
        loops.append(water.mean(axis=0) + 1.2 * (water - water.mean(axis=0)))
    _paths(layout, block, loops, areas)


def _park_names(layout: Layout, parks: list[Block]) -> list[tuple[Text, Text]]:
    """Names of a park and of its lake; the great park by the river has its own."""
    names = []
    for block in parks:
        if in_great_park(*layout.middle(block)):
            names.append((Text("柳岸公园", "Liu'an Park"), Text("青石湖", "Qingshi Lake")))
            continue
        zh, en = layout.bones.words.compound()
        names.append((Text(f"{zh}公园", f"{en} Park"), Text(f"{zh}湖", f"{en} Lake")))
    return names


def _paths(layout: Layout, block: Block, curves: list[FloatArray], areas: Areas) -> None:
    """Loops round the park (the outermost first), joined to each other and to the streets."""
    ground = layout.ground
    loops = [[ground.add(float(x), float(y)) for x, y in curve] for curve in curves]
    footway = {"highway": "footway"}
    areas.shapes += [Shape(footway, [*loop, loop[0]], closed=False) for loop in loops]
    gates = layout.fabric.outline(block.face)
    for place in (3, 16, 29, 41):
        chain = [loops[0][place], _nearest(ground, gates, loops[0][place])]
        areas.shapes.append(Shape(footway, chain, closed=False))
        if len(loops) > 1:
            inner = _nearest(ground, loops[1], loops[0][place])
            areas.shapes.append(Shape(footway, [loops[0][place], inner], closed=False))


def _nearest(ground: Vertices, vertices: list[int], to: int) -> int:
    steps = ground.of(vertices) - np.array(ground.at(to))
    return vertices[int(np.argmin(np.hypot(steps[:, 0], steps[:, 1])))]


def _rounded(plot: FloatArray, radius_m: float) -> FloatArray:
    """The plot with its corners rounded off, as far as it is broad enough for that."""
    whole = shapely.Polygon(plot)
    soft = whole.buffer(-radius_m).buffer(radius_m, quad_segs=5)
    if soft.geom_type != "Polygon" or soft.is_empty:
        return plot
    return np.asarray(shapely.get_coordinates(soft.exterior)[:-1], np.float64)


def _woods(layout: Layout, areas: Areas) -> None:
    """The hill's wood, its corners rounded off by an opening."""
    fabric = layout.fabric
    faces = [fabric.xy[fabric.outline(b.face)] for b in layout.blocks if b.use == "hill"]
    if not faces:
        return
    whole = shapely.union_all([shapely.Polygon(f) for f in faces])
    soft = whole.buffer(-30).buffer(-260).buffer(260)
    for k, part in enumerate(shapely.get_parts(soft)):
        tags = {"natural": "wood"}
        if k == 0:
            tags |= named(Text("云台山", "Yuntai Hill"))
        areas.shapes.append(Shape(tags, xy=shapely.get_coordinates(part.exterior)[:-1]))
