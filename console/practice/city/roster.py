"""Field units: grid workers by their cells, crews at their stations, boats on the river."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from console.model.text import Text
from console.model.unit import UnitKind
from console.practice.city.administration import Administration
from console.practice.city.layout import Layout
from console.practice.city.places import Place
from console.practice.city.streams import stream

SHARES = (
    (UnitKind.CAR, 0.14),
    (UnitKind.MOTO, 0.09),
    (UnitKind.FIRE, 0.05),
    (UnitKind.AMBULANCE, 0.05),
    (UnitKind.DRONE, 0.03),
    (UnitKind.BOAT, 0.02),
)
"""Share of each kind; the rest are grid workers on foot."""

CALL_SIGNS = {
    UnitKind.FOOT: ("网格员 G-{:03d}", "Grid worker G-{:03d}"),
    UnitKind.CAR: ("巡逻 B-{:02d}", "Patrol B-{:02d}"),
    UnitKind.MOTO: ("骑巡 M-{:02d}", "Moto M-{:02d}"),
    UnitKind.FIRE: ("消防 F-{:02d}", "Fire F-{:02d}"),
    UnitKind.AMBULANCE: ("急救 A-{:02d}", "Ambulance A-{:02d}"),
    UnitKind.DRONE: ("无人机 D-{:02d}", "Drone D-{:02d}"),
    UnitKind.BOAT: ("巡逻艇 W-{:02d}", "Boat W-{:02d}"),
}
BASE_OF = {
    UnitKind.CAR: "police",
    UnitKind.MOTO: "police",
    UnitKind.FIRE: "fire_station",
    UnitKind.AMBULANCE: "hospital",
    UnitKind.DRONE: "police",
}


@dataclass(frozen=True, slots=True)
class Member:
    """A unit at home: ground metres (x, y) and the name of its base."""

    kind: UnitKind
    name: Text
    x: float
    y: float
    base: Text


def muster(
    layout: Layout, administration: Administration, places: list[Place], count: int, seed: int
) -> list[Member]:
    """`count` units, grid workers first."""
    rng = stream(seed, "units")
    numbers = {kind: max(1, round(count * share)) for kind, share in SHARES}
    walkers = count - sum(numbers.values())
    members = list(_grid_workers(layout, administration, walkers, rng))
    for kind, number in numbers.items():
        if kind is UnitKind.BOAT:
            members += _boats(layout, number, rng)
        else:
            members += _stationed(kind, number, places, rng)
    return members


def call_sign(kind: UnitKind, number: int) -> Text:
    """A unit's name from its kind and number."""
    zh, en = CALL_SIGNS[kind]
    return Text(zh.format(number), en.format(number))


def _grid_workers(
    layout: Layout, administration: Administration, count: int, rng: np.random.Generator
) -> Iterator[Member]:
    cells = [c for c in administration.cells if c.households]
    spread = np.linspace(0, len(cells) - 1, count).round().astype(int)
    for number, k in enumerate(spread, 1):
        cell = cells[k]
        x, y = layout.on_ground(np.array([cell.middle]))[0] + rng.uniform(-40, 40, 2)
        office = Text(f"{cell.community.zh}居委会", f"{cell.community.en} Office")
        yield Member(UnitKind.FOOT, call_sign(UnitKind.FOOT, number), float(x), float(y), office)


def _stationed(
    kind: UnitKind, count: int, places: list[Place], rng: np.random.Generator
) -> list[Member]:
    stations = [p for p in places if p.kind == BASE_OF[kind]]
    members = []
    for number in range(1, count + 1):
        # A prime step spreads few units over many stations, whatever order those come in.
        station = stations[(number * 7) % len(stations)]
        x, y = station.x + rng.uniform(-18, 18), station.y + rng.uniform(-18, 18)
        members.append(Member(kind, call_sign(kind, number), float(x), float(y), station.name))
    return members


def _boats(layout: Layout, count: int, rng: np.random.Generator) -> list[Member]:
    reach = layout.half_m * 0.85
    u = np.linspace(-reach, reach, count) + rng.uniform(-150, 150, count)
    # Off the middle line, where the island is.
    xy = layout.on_ground(np.column_stack([u, np.full(count, -82.0)]))
    base = Text("澜江水上派出所", "Lan River Police")
    return [
        Member(UnitKind.BOAT, call_sign(UnitKind.BOAT, k + 1), float(x), float(y), base)
        for k, (x, y) in enumerate(xy)
    ]
