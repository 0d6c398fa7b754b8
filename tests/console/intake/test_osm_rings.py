from collections import Counter

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from console.intake.osm.areas import AreaShapes
from console.intake.osm.fills import fill_levels
from console.intake.osm.rings import Rings, simplified
from console.intake.osm.rings import rings_of as rings_of_areas

TILE_DEG = 0.0009
"""Side of a tile, about 100 m at the equator."""

Polygons = NDArray[np.object_]


def wavy_tiles(columns: int, rows: int, points: int, seed: int) -> Polygons:
    """A sheet of tiles whose common borders are wavy lines of `points` points each."""
    rng = np.random.default_rng(seed)
    corners = np.stack(np.meshgrid(np.arange(columns + 1), np.arange(rows + 1)), -1) * TILE_DEG
    corners = corners + rng.uniform(-0.1, 0.1, corners.shape) * TILE_DEG
    share = np.linspace(0, 1, points + 2)[:, None]

    def border(a: tuple[int, int], b: tuple[int, int]) -> NDArray[np.float64]:
        p, q = corners[a[1], a[0]], corners[b[1], b[0]]
        wave = np.random.default_rng([seed, *sorted((*a, *b)), a[0] == b[0]]).normal(
            0, 0.03 * TILE_DEG, (points + 2, 2)
        )
        wave[[0, -1]] = 0
        return np.asarray(p + share * (q - p) + wave)

    def tile(c: int, r: int) -> shapely.Polygon:
        south, north = border((c, r), (c + 1, r)), border((c, r + 1), (c + 1, r + 1))
        west, east = border((c, r), (c, r + 1)), border((c + 1, r), (c + 1, r + 1))
        return shapely.Polygon(np.concatenate([south, east[1:], north[::-1][1:], west[::-1][1:]]))

    return np.array([tile(c, r) for r in range(rows) for c in range(columns)], object)


def rings_of(polygons: Polygons, kind: NDArray[np.int64]) -> Rings:
    parts, of_area = shapely.get_parts(polygons, return_index=True)
    rings, of_part = shapely.get_rings(parts, return_index=True)
    lonlat, ring = shapely.get_coordinates(rings, return_index=True)
    areas = AreaShapes(lonlat, ring, of_area[of_part], kind, [])
    return rings_of_areas(areas, np.ones(len(polygons), bool))


def edges_of(rings: Rings) -> Counter[tuple[int, int]]:
    """How many rings use each edge, whichever way round."""
    found: Counter[tuple[int, int]] = Counter()
    for ring in range(len(rings.polygon)):
        points = rings.point[rings.ring == ring].tolist()
        for a, b in zip(points, points[1:] + points[:1], strict=True):
            found[min(a, b), max(a, b)] += 1
    return found


def area_of(rings: Rings) -> float:
    return sum(
        shapely.Polygon(rings.xy[rings.ring == ring]).area for ring in range(len(rings.polygon))
    )


sheets = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 25), st.integers(0, 10**6))


@settings(max_examples=60, deadline=None)
@given(sheets, st.floats(0.1, 40.0))
def test_neighbours_keep_their_common_borders(
    sheet: tuple[int, int, int, int], tolerance_m: float
) -> None:
    tiles = wavy_tiles(*sheet)
    rings = rings_of(tiles, np.zeros(len(tiles), np.int64))
    simple = simplified(rings, tolerance_m)
    assert set(edges_of(simple).values()) <= {1, 2}
    if len(simple.polygon) == len(tiles):  # nothing vanished: then nothing gapes or overlaps either
        outline = sum(1 for n in edges_of(simple).values() if n == 1)
        inner = sum(1 for n in edges_of(simple).values() if n == 2)
        assert outline + 2 * inner == len(simple.xy)
        columns, rows, _, _ = sheet
        borders_inside = columns * (rows - 1) + rows * (columns - 1)
        assert inner >= borders_inside


@settings(max_examples=30, deadline=None)
@given(sheets, st.floats(0.5, 10.0))
def test_a_level_simplified_from_a_finer_one_tears_nothing_either(
    sheet: tuple[int, int, int, int], tolerance_m: float
) -> None:
    tiles = wavy_tiles(*sheet)
    rings = rings_of(tiles, np.zeros(len(tiles), np.int64))
    for _ in range(3):
        rings = simplified(rings, tolerance_m)
        tolerance_m *= 2
        assert set(edges_of(rings).values()) <= {1, 2}


def test_simplifying_saves_points_and_keeps_the_area() -> None:
    tiles = wavy_tiles(3, 3, 25, 7)
    rings = rings_of(tiles, np.zeros(9, np.int64))
    simple = simplified(rings, 12.0)
    assert len(simple.xy) < len(rings.xy) / 2
    assert area_of(simple) == pytest.approx(area_of(rings), rel=0.01)


def test_a_hole_filled_by_another_area_keeps_fitting() -> None:
    circle = shapely.Point(0, 0).buffer(TILE_DEG / 2, quad_segs=32)
    around = shapely.box(-TILE_DEG, -TILE_DEG, TILE_DEG, TILE_DEG).difference(circle)
    rings = rings_of(np.array([around, circle], object), np.array([1, 0]))
    simple = simplified(rings, 5.0)
    hole, island = (simple.point[simple.ring == r] for r in (1, 2))
    assert set(hole.tolist()) == set(island.tolist())
    assert 3 < len(hole) < 40


def test_what_is_straight_loses_all_points_between_its_corners() -> None:
    square = shapely.segmentize(shapely.box(0, 0, TILE_DEG, TILE_DEG), TILE_DEG / 14)
    simple = simplified(rings_of(np.array([square], object), np.zeros(1, np.int64)), 0.5)
    assert len(simple.xy) == 4


def test_no_areas_make_empty_levels() -> None:
    none = rings_of(np.empty(0, object), np.empty(0, np.int64))
    arrays = fill_levels(none, none)
    assert arrays["0.xy"].shape == (0, 2) and arrays["0.large_xy"].shape == (0, 2)
