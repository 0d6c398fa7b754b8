"""The road and rail network on the ground, as ways that share their junctions' vertices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from console.practice.city.blocks import distance_out
from console.practice.city.courses import Course, Vertices, chained
from console.practice.city.crossings import separate_levels
from console.practice.city.drives import Drives
from console.practice.city.layout import Layout
from console.practice.city.naming import name_streets
from console.practice.city.roads import RANK, Register
from console.practice.city.streams import stream


@dataclass(slots=True)
class Way:
    """One OSM way: `cls` is its highway value, or rail."""

    cls: str
    road: int
    vertices: list[int]
    bridge: bool
    oneway: bool = False


@dataclass(slots=True)
class Network:
    """All ways, the courses they were cut from, and the ground under them."""

    register: Register
    ground: Vertices
    courses: list[Course]
    ways: list[Way]


def build_network(layout: Layout, drives: Drives, seed: int) -> Network:
    """Join edges to roads, name them, lift the rings over the avenues and cut roads into ways."""
    register, ground = layout.register, layout.ground
    courses = _courses(layout)
    name_streets(register, layout.bones.words, stream(seed, "street names"), ground, courses)
    drives.join(courses)
    ramps = separate_levels(register, ground, courses)
    _free_the_rails(register, ground, courses)
    _make_oneways(layout, courses, stream(seed, "one-ways"))
    ways = [way for course in courses for way in _ways(register, course)]
    link = register.add("trunk_link")
    ways += [Way("trunk_link", link, ramp, False) for ramp in ramps]
    service = register.add("service")
    ways += [Way("service", service, drive, False) for drive in drives.ways]
    _open_traps(ways)
    return Network(register, ground, courses, ways)


def _courses(layout: Layout) -> list[Course]:
    fabric, register = layout.fabric, layout.register
    bridges = fabric.edges_between(layout.blocks, ("river", "canal"))
    hill = fabric.edges_between(layout.blocks, ("hill",))
    by_road: dict[int, list[tuple[list[int], bool]]] = {}
    for edge in fabric.edges():
        road = fabric.road_of(edge)
        if road >= 0 and not (edge in hill and register.roads[road].cls != "trunk"):
            by_road.setdefault(road, []).append((fabric.path(edge), edge in bridges))
    return [course for road in sorted(by_road) for course in chained(road, by_road[road])]


def _free_the_rails(register: Register, ground: Vertices, courses: list[Course]) -> None:
    """Rails share no vertex with roads, and cross the broader ones on bridges."""
    broad = {
        v
        for course in courses
        if RANK[register.roads[course.road].cls] <= RANK["tertiary"]
        for v in course.vertices[1:-1]
    }
    for course in courses:
        if register.roads[course.road].cls == "rail":
            crossed = [v in broad for v in course.vertices]
            course.bridge = [b or crossed[i] or crossed[i + 1] for i, b in enumerate(course.bridge)]
            course.vertices = [ground.add(*ground.at(v)) for v in course.vertices]


def _make_oneways(layout: Layout, courses: list[Course], rng: np.random.Generator) -> None:
    plan = layout.fabric.sheet.xy
    for course in courses:
        road, draw = layout.register.roads[course.road], rng.random()
        first = course.vertices[0]
        if road.cls == "residential" and first < len(plan):
            road.oneway = bool(draw < 0.12 and distance_out(plan[first]) < 0.45)


def _ways(register: Register, course: Course) -> list[Way]:
    """The course cut where bridges begin and end."""
    road = register.roads[course.road]
    ways, start = [], 0
    for i in range(1, len(course.bridge) + 1):
        if i == len(course.bridge) or course.bridge[i] != course.bridge[start]:
            part = course.vertices[start : i + 1]
            ways.append(Way(road.cls, course.road, part, course.bridge[start], road.oneway))
            start = i
    return ways


def _open_traps(ways: list[Way]) -> None:
    """Make two-way again whatever one-way street can be entered but not left, or the reverse."""
    roads = [w for w in ways if w.cls != "rail"]
    label = strong_components(roads)
    main = int(np.argmax(np.bincount(label)))
    for way in roads:
        if way.oneway and any(label[v] != main for v in way.vertices):
            way.oneway = False


def strong_components(ways: list[Way]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """For every vertex number, its strongly connected component."""
    tails = [v for w in ways for v in w.vertices[:-1]]
    heads = [v for w in ways for v in w.vertices[1:]]
    back = [
        (b, a)
        for w in ways
        if not w.oneway
        for a, b in zip(w.vertices, w.vertices[1:], strict=False)
    ]
    rows = np.array(tails + [a for a, _ in back])
    cols = np.array(heads + [b for _, b in back])
    size = int(max(rows.max(), cols.max())) + 1
    graph = coo_array((np.ones(len(rows), np.int8), (rows, cols)), shape=(size, size))
    return np.asarray(connected_components(graph, connection="strong")[1], np.int32)
