from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.practice.city.bones import along
from console.practice.city.sheet import Sheet, area_m2

HALF = 1000.0
cuts = st.lists(
    st.tuples(
        st.floats(-HALF, HALF), st.floats(-HALF, HALF), st.floats(0, math.pi), st.integers(0, 50)
    ),
    max_size=25,
)


def cut_up(cuts: list[tuple[float, float, float, int]], snap_m: float) -> Sheet:
    sheet = Sheet(HALF)
    for u, v, angle, pick in cuts:
        leaves = list(sheet.root.leaves())
        face = leaves[pick % len(leaves)]
        sheet.cut(face, (u, v), (math.cos(angle), math.sin(angle)), along(0), snap_m)
    return sheet


@settings(max_examples=60, deadline=None)
@given(cuts, st.sampled_from([0.01, 17.0]))
def test_cuts_lose_no_ground(cuts: list[tuple[float, float, float, int]], snap_m: float) -> None:
    sheet = cut_up(cuts, snap_m)
    total = sum(area_m2(sheet.points(f)) for f in sheet.root.leaves())
    # A snapped end moves the border between two parts, never the outline of the whole; what a
    # neighbour's corner does not follow is at most a sliver.
    assert total == pytest.approx(4 * HALF**2, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(cuts)
def test_nodes_lie_in_order_on_their_lines(cuts: list[tuple[float, float, float, int]]) -> None:
    sheet = cut_up(cuts, 17.0)
    for line in sheet.lines:
        assert [t for t, _ in line.nodes] == sorted(t for t, _ in line.nodes)
        for t, node in line.nodes:
            f = t / math.dist(line.p, line.q)
            expected = (
                line.p[0] + f * (line.q[0] - line.p[0]),
                line.p[1] + f * (line.q[1] - line.p[1]),
            )
            assert math.dist(expected, sheet.xy[node]) < 1e-3


def test_a_cut_through_a_corner_starts_at_the_corner() -> None:
    sheet = Sheet(HALF)
    assert sheet.cut(sheet.root, (0.0, 0.0), (math.sqrt(0.5), math.sqrt(0.5)), along(3))
    assert len(sheet.xy) == 4
    assert [len(f.nodes) for f in sheet.root.leaves()] == [3, 3]


def test_a_line_beside_the_face_cuts_nothing() -> None:
    sheet = Sheet(HALF)
    assert not sheet.cut(sheet.root, (2 * HALF, 0.0), (0.0, 1.0), along(0))
    assert list(sheet.root.leaves()) == [sheet.root]


def test_lanes_on_both_sides_of_a_street_meet() -> None:
    sheet = Sheet(HALF)
    sheet.cut(sheet.root, (0.0, 0.0), (1.0, 0.0), along(0))
    north, south = sheet.root.children
    sheet.cut(north, (100.0, 0.0), (0.0, 1.0), along(1), 17.0)
    sheet.cut(south, (110.0, 0.0), (0.0, 1.0), along(2), 17.0)
    street = next(line for line in sheet.lines if line.road_at(0, 0) == 0)
    assert len(street.nodes) == 3
