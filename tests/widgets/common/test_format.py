"""How numbers read, and that they never lie by rounding up."""

from __future__ import annotations

import math
import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.city import short_cell_code
from widgets.common import format as fmt

NOON_MS = 1_795_233_600_000


@pytest.fixture(autouse=True)
def english(speak: object) -> None:
    speak("en")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("elapsed_ms", "words"),
    [
        (-5, "0:00"),
        (108_000, "1:48"),
        (3_599_999, "59:59"),
        (3_600_000, "1:00 h"),
        (4_320_000, "1:12 h"),
        (3 * 86_400_000, "3 d"),
    ],
)
def test_age(elapsed_ms: int, words: str) -> None:
    assert fmt.age(elapsed_ms) == words


@pytest.mark.parametrize(
    ("left_ms", "words"),
    [
        (12_000, "0:12 left"),
        (720_000, "12 min left"),
        (7_300_000, "2 h left"),
        (5_400_000, "1 h left"),
        (-65_000, "1:05 over"),
    ],
)
def test_remaining(left_ms: int, words: str) -> None:
    assert fmt.remaining(NOON_MS + left_ms, NOON_MS) == words


@given(st.integers(0, 3_599_999))
def test_age_below_an_hour_is_whole_seconds_gone_by(elapsed_ms: int) -> None:
    minutes, seconds = fmt.age(elapsed_ms).split(":")
    assert int(minutes) * 60 + int(seconds) == elapsed_ms // 1000
    assert len(seconds) == 2


@given(st.integers(0, 10**12))
def test_what_is_left_is_never_overstated(left_ms: int) -> None:
    words = fmt.span(left_ms)
    number = re.match(r"(\d+):(\d\d)$|(\d+) (min|h|d)$", words)
    assert number is not None
    unit_s = {"min": 60, "h": 3600, "d": 86400}
    whole = int(number[3] or number[1]) * unit_s.get(number[4], 60)
    said = whole + int(number[2] or 0)
    assert said <= left_ms / 1000


@given(st.floats(0, 1e7))
def test_distance_is_within_half_a_step(metres: float) -> None:
    figure, unit = fmt.distance(metres).split(" ")
    back = float(figure) * (1000 if unit == "km" else 1)
    step = 1 if unit == "m" else 1000 if metres >= 99_950 else 100
    assert abs(back - metres) <= step / 2 + 1e-6


def test_the_unknown_has_no_figure() -> None:
    assert fmt.distance(math.inf) == fmt.eta(math.inf) == fmt.distance(math.nan) == "—"


@pytest.mark.parametrize(("seconds", "words"), [(130, "2:10"), (59.6, "1:00"), (3900, "1:05 h")])
def test_eta(seconds: float, words: str) -> None:
    assert fmt.eta(seconds) == words


def test_times_are_those_of_the_duty_zone() -> None:
    assert fmt.clock_time(NOON_MS) == "12:00:00"
    assert fmt.hour_minute(NOON_MS) == "12:00"
    assert fmt.date(NOON_MS) == "Sat 21 Nov 2026"


def test_date_in_chinese(speak: object) -> None:
    speak("zh")  # type: ignore[operator]
    assert fmt.date(NOON_MS) == "2026-11-21 周六"


@pytest.mark.parametrize(
    ("code", "said"), [("329904001005017", "005-017"), ("A-12", "A-12"), ("", "")]
)
def test_cells_are_called_by_their_last_parts(code: str, said: str) -> None:
    assert short_cell_code(code) == said


def test_one_and_many() -> None:
    assert fmt.counted("common.units", 1) == "1 unit"
    assert fmt.counted("common.units", 1200) == "1,200 units"


def test_b15_clocks_show_the_city_s_time_wherever_the_machine_stands() -> None:
    fmt.set_zone(ZoneInfo("Asia/Shanghai"))
    assert (fmt.clock_time(NOON_MS), fmt.hour_minute(NOON_MS)) == ("12:00:00", "12:00")
    fmt.set_zone(ZoneInfo("Europe/Vienna"))
    assert fmt.clock_time(NOON_MS) == "05:00:00"
    summer_ms = NOON_MS - 150 * 86_400_000  # 24 June: an hour more
    assert fmt.clock_time(summer_ms) == "06:00:00"
    fmt.set_zone(ZoneInfo("Pacific/Auckland"))
    assert fmt.date(NOON_MS + 8 * 3_600_000) == "Sun 22 Nov 2026"
