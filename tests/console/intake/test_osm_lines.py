import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from console.city.arrays import Bundle, bundle_batch
from console.city.basemap import LEVELS_METRES_PER_PX, LINE_CLASSES, Level
from console.city.empty import EMPTY
from console.intake.osm.lines import (
    NAME_ONLY,
    PARTS_METRES_PER_PX,
    TOLERANCE_PX,
    Chains,
    joined,
    line_arrays,
    on_land,
    simplified,
)

PRIMARY = LINE_CLASSES.index("primary")
SERVICE = LINE_CLASSES.index("service")


def chains(*lines: list[tuple[float, float]], line_class: int = PRIMARY) -> Chains:
    count = len(lines)
    drawn = np.array([shapely.LineString(line) for line in lines], object)
    return joined(drawn, np.full(count, line_class), np.arange(count))


def levels_of(built: Chains) -> list[Level]:
    bundle = Bundle(bundle_batch(line_arrays([built] * len(PARTS_METRES_PER_PX))))
    others = (Bundle(EMPTY["fills"]()), Bundle(EMPTY["labels"]()))
    return [Level(n, bundle, *others) for n in range(len(LEVELS_METRES_PER_PX))]


def test_pieces_of_one_street_become_one_line() -> None:
    pieces = np.array(
        [shapely.LineString([(i, 0), (i + 1, 0)]) for i in (2, 0, 1)]
        + [shapely.LineString([(1, 0), (1, 5)])],
        object,
    )
    built = joined(pieces, np.full(4, PRIMARY), np.array([7, 7, 7, 8]))
    lengths = {int(n): g.length for n, g in zip(built.name, built.lines, strict=True)}
    assert lengths == {7: 3.0, 8: 5.0}
    assert (built.line_class == PRIMARY).all()


def test_a_line_stays_within_a_third_of_a_pixel() -> None:
    rng = np.random.default_rng(3)
    line = np.column_stack([np.arange(500) * 20.0, np.cumsum(rng.normal(0, 8, 500))])
    built = chains([(x, y) for x, y in line.tolist()])
    for metres_per_px in PARTS_METRES_PER_PX:
        simple = simplified(built, metres_per_px)
        gap = shapely.hausdorff_distance(simple.lines[0], built.lines[0])
        assert gap <= TOLERANCE_PX * metres_per_px + 1e-9
        built_points, points = map(shapely.get_num_coordinates, (built.lines[0], simple.lines[0]))
        assert points <= built_points


def test_small_roads_are_on_fine_levels_only() -> None:
    lane = chains([(0, 0), (500, 0)], line_class=SERVICE)
    assert len(simplified(lane, 4.0).lines) == 1
    assert len(simplified(lane, 8.0).lines) == 0


def test_a_river_is_a_line_on_land_and_only_a_name_in_its_bed() -> None:
    stream = LINE_CLASSES.index("stream")
    river = chains([(0, 0), (1000, 0)], [(0, 500), (1000, 500)], line_class=stream)
    lake = np.array([shapely.box(300, -50, 700, 50)], object)
    dry = on_land(river, lake)
    drawn = dry.chosen(dry.line_class == stream)
    assert sorted(shapely.length(drawn.lines).tolist()) == [300, 300, 1000]
    named = dry.chosen(dry.line_class == NAME_ONLY)
    assert shapely.length(named.lines).tolist() == [1000]
    everywhere = (-1e4, -1e4, 1e4, 1e4)
    segments = levels_of(dry)[-1].lines("stream", everywhere)
    assert np.hypot(*(segments[:, 2:] - segments[:, :2]).T).sum() == pytest.approx(1600)


coordinates = st.floats(-3000, 3000).map(lambda v: round(v, 2))
points = st.tuples(coordinates, coordinates)
drawings = st.lists(st.lists(points, min_size=2, max_size=6, unique=True), min_size=1, max_size=8)
windows = st.tuples(coordinates, coordinates, st.floats(1, 800), st.floats(1, 800)).map(
    lambda w: (w[0], w[1], w[0] + w[2], w[1] + w[3])
)


@settings(max_examples=60, deadline=None)
@given(drawings, windows)
def test_a_window_gets_every_bit_of_line_that_touches_it(drawing, window) -> None:  # type: ignore[no-untyped-def]
    built = chains(*drawing)
    frame = shapely.box(*window)
    truth = shapely.union_all(shapely.intersection(built.lines, frame)).length
    for level in levels_of(built)[-3:]:
        found = level.lines("primary", window)
        assert found.flags.c_contiguous and found.dtype == np.float64
        bits = shapely.linestrings(found.reshape(-1, 2, 2)) if len(found) else np.empty(0, object)
        shown = shapely.union_all(shapely.intersection(bits, frame)).length
        assert shown == pytest.approx(truth, abs=0.1)


@settings(max_examples=40, deadline=None)
@given(drawings, windows)
def test_joined_lines_are_the_same_segments(drawing, window) -> None:  # type: ignore[no-untyped-def]
    level = levels_of(chains(*drawing))[-1]
    segments = level.lines("primary", window)
    offsets, xy = level.polylines("primary", window)
    assert offsets[0] == 0 and offsets[-1] == len(xy)
    again = [
        np.concatenate([xy[a : b - 1], xy[a + 1 : b]], axis=1)
        for a, b in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)
    ]
    assert np.array_equal(np.concatenate([np.empty((0, 4)), *again]), segments)


def test_a_class_that_is_none_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="tuple"):
        levels_of(chains([(0, 0), (1, 1)]))[0].lines("river", (0, 0, 1, 1))
