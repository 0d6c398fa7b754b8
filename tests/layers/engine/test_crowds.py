"""Who stands alone and who shares a badge: nobody is lost, and the map stays sparse."""

from __future__ import annotations

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from layers.engine.crowds import Crowds, Morton, crowds_of
from layers.engine.occupied import Occupied, beside, overlaps
from layers.engine.viewport import Viewport, metres_per_px_of

metres = st.floats(-5e4, 5e4, width=32)
points = st.integers(0, 80).flatmap(lambda n: arrays(np.float64, (n, 2), elements=metres))
SIDE_PX = 256


@given(points, st.floats(20, 3e4), st.integers(1, 6), st.sampled_from([None, 2]))
def test_nobody_is_lost_or_counted_twice(
    xy: np.ndarray, side: float, most: int, most_a_site: int | None
) -> None:
    crowds = crowds_of(Morton(xy), side, most, most_a_site)
    badges = [crowds.members(badge).tolist() for badge in range(len(crowds.badge_count))]
    assert [len(members) for members in badges] == crowds.badge_count.tolist()
    assert sorted([*crowds.alone.tolist(), *chain.from_iterable(badges)]) == list(range(len(xy)))
    sites = [crowds.site(site).tolist() for site in crowds.alone_sites.tolist()]
    assert sorted(chain.from_iterable(sites)) == crowds.alone.tolist()


@given(points.filter(len), st.floats(20, 3e4), st.integers(1, 6))
def test_a_bin_has_one_badge_at_most_and_few_beside_it(
    xy: np.ndarray, side: float, most: int
) -> None:
    crowds = crowds_of(Morton(xy), side, most)
    bins = 2.0 ** max(4, round(np.log2(side)))
    few = max(1, round(most * (bins / side) ** 2)) + 2
    alone = np.floor(xy[[crowds.site(site)[0] for site in crowds.alone_sites]] / bins)
    badges = np.floor(crowds.badge_xy / bins)
    for where, limit in ((alone.reshape(-1, 2), few), (badges, 1)):
        if len(where):
            assert np.unique(where, axis=0, return_counts=True)[1].max() <= limit


def test_d5_three_times_as_many_points_are_no_more_symbols() -> None:
    """3,000 or 120,000 cameras: what is drawn depends on the screen, not on the catalogue."""
    chance = np.random.default_rng(1)
    some = chance.uniform(-6000, 6000, (3000, 2))
    many = chance.uniform(-6000, 6000, (120_000, 2))
    for step in range(-4, 21):
        for xy in (some, many):
            drawn = _drawn(crowds_of(Morton(xy), SIDE_PX * metres_per_px_of(step), 16), xy, step)
            assert drawn <= 18 * (1 + 1200 / 256) * (1 + 700 / 256) * 1.2, step


def test_d5_a_crowd_dissolves_over_several_notches() -> None:
    chance = np.random.default_rng(2)
    bases = chance.uniform(-6000, 6000, (40, 2))
    xy = bases[chance.integers(0, 40, 300)] + chance.normal(0, 400, (300, 2))
    shown = []
    for step in range(19, 3, -2):
        crowds = crowds_of(Morton(xy), SIDE_PX * metres_per_px_of(step), 5, 2)
        shown.append(_drawn(crowds, xy, step))
    assert shown[0] < 40 and max(shown) < 100, shown
    assert np.diff(shown).max() < 35, shown


def test_a_point_that_moves_changes_only_its_own_bins() -> None:
    chance = np.random.default_rng(3)
    xy = chance.uniform(0, 8192, (400, 2))
    before = crowds_of(Morton(xy), 512, 5)
    xy[0] = (100.0, 100.0)
    after = crowds_of(Morton(xy), 512, 5)
    far = np.flatnonzero((xy > 4096).all(axis=1))
    assert np.isin(far, before.alone).tolist() == np.isin(far, after.alone).tolist()


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_are_no_crowd(count: int) -> None:
    crowds = crowds_of(Morton(np.zeros((count, 2))), 256, 1)
    assert len(crowds.badge_count) == 0 and len(crowds.alone) == count


def test_a_badge_goes_beside_what_is_in_its_place() -> None:
    at, half = np.array([(100.0, 100.0), (300.0, 100.0)]), np.array([(17.0, 10.0)] * 2)
    taken = np.array([(90.0, 90.0, 110.0, 110.0)])
    placed = beside(at, half, Occupied(taken, 400, 300), 14.0)
    boxes = np.concatenate([placed - half, placed + half], axis=1)
    assert overlaps(boxes, taken).tolist() == [0, 0]
    assert placed[1].tolist() == [300, 100]


def _drawn(crowds: Crowds, xy: np.ndarray, step: int) -> int:
    """How many symbols lie on a screen of 1200 × 700."""
    view = Viewport(0, 0, metres_per_px_of(step), 1200, 700)
    sites = xy[crowds.order[crowds.site_starts[crowds.alone_sites]]]
    at = view.screen_from_world(np.concatenate([sites, crowds.badge_xy]))
    return int(np.count_nonzero((at > 0).all(axis=1) & (at < (1200, 700)).all(axis=1)))
