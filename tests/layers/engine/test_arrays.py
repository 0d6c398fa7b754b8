"""The array helpers agree with the plain way of doing the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PySide6.QtCore import QPointF

from layers.engine.bulk import chunks, edges_of_rings, path_of, touching
from layers.engine.crowds import bounds_of
from layers.engine.occupied import Occupied
from layers.engine.picking import PointGrid, nearest_of

metres = st.floats(-5e4, 5e4, width=32)
points = st.integers(0, 60).flatmap(lambda n: arrays(np.float64, (n, 2), elements=metres))


@given(points, metres, metres, st.floats(0, 3e4))
def test_points_inside_as_by_comparing_all(xy: np.ndarray, x: float, y: float, r: float) -> None:
    bounds = (x - r, y - r, x + r, y + r)
    inside = [i for i, (px, py) in enumerate(xy) if abs(px - x) <= r and abs(py - y) <= r]
    by_bounds = [
        i
        for i, (px, py) in enumerate(xy)
        if bounds[0] <= px <= bounds[2] and bounds[1] <= py <= bounds[3]
    ]
    assert PointGrid(xy).inside(bounds).tolist() == by_bounds
    assert set(by_bounds) >= set(inside) or not inside


@given(points, metres, metres, st.floats(1, 3e4))
def test_nearest_as_by_comparing_all(xy: np.ndarray, x: float, y: float, r: float) -> None:
    found = PointGrid(xy).nearest(x, y, r)
    away = np.hypot(xy[:, 0] - x, xy[:, 1] - y)
    if found < 0:
        assert not (away <= r * (1 - 1e-9)).any()
    else:
        assert away[found] == pytest.approx(away.min())


def test_of_equally_near_points_the_last_lies_on_top() -> None:
    assert nearest_of(np.array([(1.0, 1.0), (1.0, 1.0)]), 0, 0, 5) == 1
    assert nearest_of(np.empty((0, 2)), 0, 0, 5) == -1


def test_bounds_of_points() -> None:
    assert bounds_of(np.array([(1, 5), (3, 2)])) == (1, 2, 3, 5)


@given(
    st.lists(st.tuples(*[st.floats(-50, 250)] * 2, *[st.floats(1, 60)] * 2), max_size=12),
    st.tuples(*[st.floats(0, 180)] * 2, *[st.floats(1, 60)] * 2),
)
def test_whatever_overlaps_is_found(
    boxes: list[tuple[float, ...]], asked: tuple[float, ...]
) -> None:
    taken = np.array([(x, y, x + w, y + h) for x, y, w, h in boxes]).reshape(-1, 4)
    x, y, w, h = asked
    box = np.array([(x, y, x + w, y + h)])
    overlap = [b for b in taken if b[0] < x + w and b[2] > x and b[1] < y + h and b[3] > y]
    seen = any(
        max(b[0], x) < min(b[2], x + w, 200) and max(b[1], y) < min(b[3], y + h, 200)
        for b in overlap
    )
    touched = bool(Occupied(taken, 200, 200).touches(box)[0])
    assert touched or not seen
    far = np.array([(b[0] - 9, b[1] - 9, b[2] + 9, b[3] + 9) for b in taken]).reshape(-1, 4)
    near = any(b[0] <= x + w and b[2] >= x and b[1] <= y + h and b[3] >= y for b in far)
    assert near or not touched


def test_a_path_holds_each_part() -> None:
    xy = np.array([(0, 0), (1, 0), (1, 1), (5, 5), (6, 5)], float)
    path = path_of(np.array([0, 3, 5]), xy)
    assert path.elementCount() == 5
    moves = [i for i in range(5) if path.elementAt(i).isMoveTo()]
    assert moves == [0, 3]
    assert path.elementAt(4).x == 6
    assert path_of(np.array([0]), np.empty((0, 2))).isEmpty()


def test_holes_stay_holes() -> None:
    outer = np.array([(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)], float)
    path = path_of(np.array([0, 5, 10]), np.concatenate([outer, outer * 0.4 + 3]))
    assert path.contains(QPointF(1, 1)) and not path.contains(QPointF(5, 5))


@given(st.lists(st.integers(1, 900), max_size=12))
def test_chunks_keep_every_part_whole(lengths: list[int]) -> None:
    offsets = np.cumsum([0, *lengths]).astype(np.int64)
    xy = np.arange(2.0 * offsets[-1]).reshape(-1, 2)
    seen = [part for o, p in chunks(offsets, xy) for part in np.split(p, o[1:-1])]
    assert [len(part) for part in seen] == lengths
    if seen:
        assert np.array_equal(np.concatenate(seen), xy)


def test_ring_edges_do_not_join_rings() -> None:
    ring = np.array([(0, 0), (1, 0), (1, 1), (0, 0)], float)
    edges = edges_of_rings(np.array([0, 4, 8]), np.concatenate([ring, ring + 10]))
    assert len(edges) == 6
    assert np.abs(edges[:, :2] - edges[:, 2:]).max() <= 1


def test_segments_outside_are_left_out() -> None:
    segments = np.array([(-50, -50, -10, -10), (-50, 50, 150, 50), (90, 90, 95, 95)], float)
    assert touching(segments, 100, 100, 2).tolist() == segments[1:].tolist()
