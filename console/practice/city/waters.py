"""The river with its island and green banks, and the canal."""

from __future__ import annotations

import numpy as np

from console.model.text import Text
from console.practice.city.areas import Areas, FloatArray, Multipolygon, Shape, named
from console.practice.city.bones import CANAL_HALF_M, EMBANKMENT_M, RIVER_HALF_M
from console.practice.city.fabric import Fabric
from console.practice.city.layout import Layout
from console.practice.city.streams import stream


def lay_waters(layout: Layout, areas: Areas, seed: int) -> None:
    """Add the river, its island and banks, and the canal."""
    _river(layout, areas, stream(seed, "waters"))
    _bank_greens(layout.fabric, areas, layout.half_m)
    _canal(layout, areas)


def _river(layout: Layout, areas: Areas, rng: np.random.Generator) -> None:
    half, fabric = layout.half_m, layout.fabric
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


def _bank(fabric: Fabric, u: FloatArray, side: float, phase: float) -> FloatArray:
    """The water's edge: a little off the straight, so that the river widens and narrows."""
    off = 17 * np.sin(u / 330 + phase) + 9 * np.sin(u / 150 + 2 * phase) - 6
    return fabric.warp(np.column_stack([u, side * (RIVER_HALF_M + off)]))


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
            u = np.linspace(start, min(start + 1000, half_m), 26)
            outer = np.column_stack([u, np.full(26, side * (EMBANKMENT_M - 14))])
            inner = np.column_stack([u[::-1], np.full(26, side * (RIVER_HALF_M - 45))])
            tags = {"leisure": "park"}
            if k % 4 == 1:
                tags |= named(Text(f"滨江{zh}岸公园", f"Binjiang {en} Bank Park"))
            areas.shapes.insert(0, Shape(tags, xy=fabric.warp(np.concatenate([outer, inner]))))


def _canal(layout: Layout, areas: Areas) -> None:
    """Nothing where the city is too small to reach that far west."""
    half, bones, fabric = layout.half_m, layout.bones, layout.fabric
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
