"""Names for the streets and lanes that the skeleton did not name."""

from __future__ import annotations

import numpy as np

from console.model.text import Text
from console.practice.city.courses import Course, Vertices
from console.practice.city.names import Words, joined, numbered_zh, ordinal_en
from console.practice.city.nametables import LANE_ENDINGS
from console.practice.city.roads import RANK, Register

NAMED_LANES = 0.9
"""Share of the residential lanes that have a name, as on real maps."""


def name_streets(
    register: Register,
    words: Words,
    rng: np.random.Generator,
    ground: Vertices,
    courses: list[Course],
) -> None:
    """Name every tertiary street, then the lanes: by the street they leave, or on their own."""
    for course in courses:
        road = register.roads[course.road]
        if road.cls == "tertiary" and not road.name:
            (x0, y0), (x1, y1) = (ground.at(course.vertices[i]) for i in (0, -1))
            ending = ("路", "Rd") if abs(x1 - x0) > abs(y1 - y0) else ("街", "St")
            road.name = joined(words.compound(), *ending)
    _name_lanes(register, words, rng, courses)


def _name_lanes(
    register: Register, words: Words, rng: np.random.Generator, courses: list[Course]
) -> None:
    parents = _streets_by_vertex(register, courses)
    lanes_of: dict[int, int] = {}
    for course in courses:
        road = register.roads[course.road]
        chance, kind, ending = rng.random(3)
        if road.cls != "residential" or road.name or chance > NAMED_LANES:
            continue
        parent = parents.get(course.vertices[0], parents.get(course.vertices[-1]))
        if parent is None or kind < 0.4 or lanes_of.get(parent, 0) >= 30:
            road.name = joined(words.compound(), *LANE_ENDINGS[int(ending * len(LANE_ENDINGS))])
            continue
        lanes_of[parent] = lanes_of.get(parent, 0) + 1
        road.name = _numbered_lane(register.roads[parent].name, lanes_of[parent])


def _streets_by_vertex(register: Register, courses: list[Course]) -> dict[int, int]:
    """The most important named street (up to secondary) through each vertex."""
    best: dict[int, int] = {}
    for course in courses:
        rank = RANK[register.roads[course.road].cls]
        if RANK["secondary"] <= rank <= RANK["tertiary"]:
            for v in course.vertices:
                if v not in best or rank < RANK[register.roads[best[v]].cls]:
                    best[v] = course.road
    return best


def _numbered_lane(street: Text, number: int) -> Text:
    return Text(f"{street.zh}{numbered_zh(number)}巷", f"{street.en} {ordinal_en(number)} Ln")
