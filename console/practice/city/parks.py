"""Parks with their lakes and paths, pocket parks, and the wooded hill."""

from __future__ import annotations

import numpy as np
import shapely

from console.model.text import Text
from console.practice.city.areas import Areas, FloatArray, Shape, named
from console.practice.city.blocks import Block
from console.practice.city.courses import Vertices
from console.practice.city.layout import Layout
from console.practice.city.network import Network
from console.practice.city.roads import RAIL
from console.practice.city.shapes import soft_outline
from console.practice.city.skeleton import in_great_park
from console.practice.city.streams import stream

LAKE_FROM_M2 = 70_000.0
"""Parks smaller than this have no lake."""


def lay_parks(layout: Layout, network: Network, areas: Areas, seed: int) -> None:
    """Add parks, pocket parks and the hill's wood."""
    rng = stream(seed, "parks")
    streets = _street_vertices(network)
    parks = [b for b in layout.blocks if b.use == "park"]
    parks.sort(key=lambda b: -layout.area_m2(b))
    for block, (park, lake) in zip(parks, _park_names(layout, parks), strict=True):
        loops = _park(layout, areas, block, (park, lake), rng)
        gates = [v for v in layout.fabric.outline(block.face) if v in streets]
        _paths(layout, gates, loops, areas)
    for block in layout.blocks:
        if block.use == "green":
            plot = layout.plot(block)
            if len(plot) >= 3:
                areas.shapes.append(Shape({"leisure": "park"}, xy=_rounded(plot, 9.0)))
    _woods(layout, areas, rng)


def _street_vertices(network: Network) -> set[int]:
    """Vertices that a person can walk on from a park's gate: not those of expressways and rails."""
    closed = ("trunk", "trunk_link", RAIL)
    return {v for way in network.ways if way.cls not in closed for v in way.vertices}


def _park(
    layout: Layout, areas: Areas, block: Block, names: tuple[Text, Text], rng: np.random.Generator
) -> list[FloatArray]:
    """Add the park's green and its lake; the curves of its paths, the outermost first."""
    plot = layout.plot(block, -9.0)
    if len(plot) < 3:
        return []
    areas.shapes.append(Shape(named(names[0], leisure="park"), xy=_rounded(plot, 30.0)))
    loops = [soft_outline(plot, rng, scale=0.8, wobble=0.06, sharpness=6.0)]
    if layout.area_m2(block) > LAKE_FROM_M2:
        water = soft_outline(plot, rng, scale=0.5, wobble=0.3, sharpness=3.5, off_middle=0.09)
        areas.shapes.append(Shape(named(names[1], natural="water", water="lake"), xy=water))
        loops.append(water.mean(axis=0) + 1.2 * (water - water.mean(axis=0)))
    return loops


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


def _paths(layout: Layout, gates: list[int], curves: list[FloatArray], areas: Areas) -> None:
    """Loops round the park (the outermost first), joined to each other and to the streets."""
    ground = layout.ground
    loops = [[ground.add(float(x), float(y)) for x, y in curve] for curve in curves]
    footway = {"highway": "footway"}
    areas.shapes += [Shape(footway, [*loop, loop[0]], closed=False) for loop in loops]
    if not loops or not gates:
        return
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


def _woods(layout: Layout, areas: Areas, rng: np.random.Generator) -> None:
    """The hill's wood: the ground without streets, its edge drawn in by bays and spurs."""
    fabric = layout.fabric
    faces = [fabric.xy[fabric.outline(b.face)] for b in layout.blocks if b.use == "hill"]
    if not faces:
        return
    whole = shapely.union_all([shapely.Polygon(f) for f in faces])
    soft = shapely.get_parts(whole.buffer(-290).buffer(260))
    if not len(soft):
        return
    hill = max(soft, key=lambda part: part.area)
    edge = shapely.get_coordinates(shapely.segmentize(hill.exterior, 55.0))[:-1]
    tags = named(Text("云台山", "Yuntai Hill"), natural="wood")
    areas.shapes.append(Shape(tags, xy=_with_bays(edge, rng)))


def _with_bays(edge: FloatArray, rng: np.random.Generator) -> FloatArray:
    """A closed line (n, 2) drawn in towards its middle by up to a third, unevenly."""
    middle = edge.mean(axis=0)
    theta = np.arctan2(*(edge - middle).T)
    phases = rng.uniform(0, 2 * np.pi, 4)
    waves = [np.sin(k * theta + p) / k**0.7 for k, p in zip((3, 5, 8, 13), phases, strict=True)]
    depth = 0.16 + 0.13 * np.sum(waves, axis=0)
    outline: FloatArray = middle + (edge - middle) * (1 - np.clip(depth, 0.02, 0.34))[:, None]
    return outline
