import numpy as np
import pytest

from console.model.geo import ground_scale
from console.practice.field.course import Course, course_of, standing


def course(
    points: list[tuple[float, float]], seconds: list[float], leaves_ms: float, pace: float = 1.0
) -> Course:
    return course_of(np.array(points, float), np.array(seconds, float), leaves_ms, pace)


def test_it_is_at_each_point_at_its_moment_and_evenly_between() -> None:
    way = course([(0, 0), (100, 0), (100, 50)], [0, 10, 20], 1000)
    assert (way.where(6000).x, way.where(6000).y) == (50, 0)
    assert way.where(6000).heading_deg == 90
    assert way.where(16000).heading_deg == 0
    assert way.where(6000).speed_mps == pytest.approx(10 * float(ground_scale(0)))
    assert way.ends_at == 21000


def test_before_and_after_it_stands() -> None:
    way = course([(0, 0), (100, 0)], [0, 10], 1000)
    assert way.where(0).heading_deg is None
    assert (way.where(99_000).x, way.where(99_000).speed_mps) == (100, 0)
    assert standing(3, 4, 0).where(5).x == 3


def test_half_the_pace_takes_twice_as_long() -> None:
    assert course([(0, 0), (100, 0)], [0, 10], 0, pace=0.5).ends_at == 20_000


def test_a_course_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError):
        course([], [], 0)
    with pytest.raises(ValueError):
        course([(0, 0)], [0, 1], 0)
