from __future__ import annotations

import numpy as np
import pytest

from console.intake.errors import IntakeError
from console.intake.reference import WGS_84, reference_of
from console.intake.region import GLOBE, Fault, Region, judge, region_around

NANJING = region_around((118.6, 31.9, 118.9, 32.2))


def _faults(points: list[tuple[float, float]], region: Region = GLOBE) -> list[Fault | None]:
    xy = np.array(points, np.float64)
    return list(judge(reference_of(WGS_84), xy[:, 0], xy[:, 1], region, "x, y").faults)


def test_the_region_reaches_fifty_kilometres_beyond_the_city() -> None:
    east_deg = 0.45 / np.cos(np.radians(32.2))
    assert abs(NANJING.east - 118.9 - east_deg) < 0.002
    assert abs(NANJING.north - 32.2 - 0.4497) < 0.001


def test_each_fault() -> None:
    good = (118.78, 32.05)
    points = [good, (0, 0), (32.05, 118.78), (np.nan, 32), (200.0, 32.0), (121.5, 31.2), good, good]
    assert _faults(points, NANJING) == [
        None,
        Fault.ZERO,
        Fault.SWAPPED,
        Fault.MISSING,
        Fault.OFF_GLOBE,
        Fault.FAR,
        None,
        None,
    ]


def test_without_a_city_only_the_globe_judges() -> None:
    good = (118.5, 45.0)
    assert _faults([good, (45.0, 118.0), good])[1] is Fault.SWAPPED


def test_without_a_city_the_rest_of_the_file_judges() -> None:
    good = (118.78, 32.05)
    assert _faults([good, good, (9.5, 47.1)]) == [None, None, Fault.STRAY]
    assert _faults([good, (9.5, 47.1)]) == [None, None], "one against one proves nothing"
    vaduz = (9.5, 47.1)
    assert _faults([vaduz, vaduz, (47.1, 9.5)])[2] is Fault.SWAPPED


def test_nothing_at_all_is_no_wholly_wrong_file() -> None:
    assert _faults([(0, 0), (np.nan, np.nan)]) == [Fault.ZERO, Fault.MISSING]


def test_half_swapped_is_a_matter_of_rows_more_is_of_the_file() -> None:
    good, bad = (118.78, 32.05), (32.05, 118.78)
    assert _faults([good, bad])[1] is Fault.SWAPPED
    with pytest.raises(IntakeError, match="swapped"):
        _faults([good, bad, bad])
