"""What the phone says of where it is: only what was measured, and when."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest

from tests.helpers.field_centre import UNIT, Centre, enrolled, now_ms
from tests.helpers.phone_browser import PhoneBrowser

T0 = 1_795_000_000_000

PHONE = """
  const { Position } = await import('./field/position.js');
  const real = Date.now;
  let now = args[0];
  Date.now = () => now;
  const said = [], asked = [];
  let watching = null, isOn = true, aheadMs = 0;
  Object.defineProperty(navigator, 'geolocation', { configurable: true, value: {
    watchPosition: (found, failed) => { watching = { found, failed }; return 1; },
    clearWatch: () => {},
    getCurrentPosition: (found, failed) => asked.push({ found, failed }),
  }});
  const position = new Position({
    clock: { now: () => now + aheadMs },
    say: (frame) => isOn && said.push(frame) > 0,
    changed: () => {},
  });
  const at = (lon, timestamp = now) => (
    { coords: { longitude: lon, latitude: 30.28, accuracy: 5 }, timestamp });
  const measured = (lon, timestamp) => watching.found(at(lon, timestamp));
  const pass = (ms) => { for (let n = 0; n < ms; n += 5000) { now += 5000; position.tick(); } };
  try { position.start(true); %s } finally { Date.now = real; }
"""


def run(phone: PhoneBrowser, source: str, begin: int = T0) -> Any:
    """The outcome of a script in which time passes as it says."""
    told = phone.script(PHONE % source, begin)
    assert not isinstance(told, str), told
    return told


@pytest.fixture
def page(phone: PhoneBrowser, centre: Centre) -> PhoneBrowser:
    phone.visit(f"{centre.server.url}/field")
    return phone


def test_a4_no_measurement_no_fix(page: PhoneBrowser) -> None:
    """Ten minutes without a measurement: the one there was is said once, and then it is lost."""
    told = run(
        page,
        """
        measured(120.15); pass(600_000);
        return { said, asked: asked.length, state: position.state, age: now - position.here.at };
        """,
    )
    assert [fix["at"] for fix in told["said"]] == [T0]
    assert told["asked"] == 1, "the phone is asked, once at a time"
    assert (told["state"], told["age"]) == ("lost", 600_000)


def test_a4_who_stands_still_is_measured_and_heard_of(page: PhoneBrowser) -> None:
    told = run(
        page,
        """
        measured(120.15);
        for (let n = 0; n < 3; n++) { pass(30_000); asked.pop().found(at(120.15)); }
        return { said, state: position.state };
        """,
    )
    assert [fix["at"] - T0 for fix in told["said"]] == [0, 30_000, 60_000, 90_000]
    assert told["state"] == "on"


def test_a4_a_place_bears_the_time_when_it_was_measured(page: PhoneBrowser) -> None:
    told = run(
        page,
        "measured(120.15, now - 8000); pass(5000); measured(120.16, now - 1500); return said;",
    )
    assert [fix["at"] - T0 for fix in told] == [-8000, 3500]


def test_a4_what_was_kept_off_line_keeps_its_times(page: PhoneBrowser) -> None:
    """Also when the centre's clock was learnt of only meanwhile."""
    told = run(
        page,
        """
        isOn = false;
        for (let n = 0; n < 4; n++) { measured(120.15 + n / 100); pass(10_000); }
        isOn = true; aheadMs = 300_000;
        position.resume(); pass(5000);
        return said;
        """,
    )
    assert [fix["at"] - T0 for fix in told] == [300_000 + n * 10_000 for n in range(4)]


def test_a4_a_failing_watch_says_so_and_a_new_place_ends_it(page: PhoneBrowser) -> None:
    told = run(
        page,
        """
        const states = [];
        measured(120.15); states.push(position.state);
        watching.failed({ code: 3, PERMISSION_DENIED: 1 }); states.push(position.state);
        pass(60_000);
        measured(120.17); states.push(position.state);
        return { said, states };
        """,
    )
    assert told["states"] == ["on", "lost", "on"]
    assert [fix["at"] - T0 for fix in told["said"]] == [0, 60_000]


AGES = [
    (T0 - 5000, 0, 5000),
    (T0 + 1500, 0, 0),
    (T0 - 5000, 600_000, 5000),
    (T0 - 5000, -600_000, 5000),
    (T0 + 600_000 - 5000, 600_000, 5000),
    (T0 - 600_000 - 5000, -600_000, 5000),
    (T0 - 978_307_200_000 - 5000, 0, 5000),
    (T0 - 3_000_000, 0, 3_000_000),
    (T0 // 1000, 0, None),
    (T0 - 4_000_000, 0, None),
    (0, 0, None),
]
"""The time of a measurement, how far ahead the centre's clock is, and how old that is at T0."""


def test_a4_how_old_a_measurement_is_whatever_its_time_counts_by(page: PhoneBrowser) -> None:
    """By the phone's own clock, by the satellites' (the centre's), or from 2001."""
    told = page.script(
        "const { ageOfMeasurement } = await import('./field/position.js');"
        "const [cases, now] = args;"
        "return cases.map(([time, ahead]) => ageOfMeasurement(time, now, now + ahead));",
        [[timestamp, ahead_ms] for timestamp, ahead_ms, _ in AGES],
        T0,
    )
    assert told == [age_ms for _, _, age_ms in AGES]


def test_a4_a_measurement_without_a_time_is_not_sent(page: PhoneBrowser) -> None:
    told = run(page, "measured(120.15, 1234); return { said, state: position.state };")
    assert told == {"said": [], "state": "untimed"}


@pytest.mark.parametrize("ahead_ms", [600_000, -600_000])
def test_a5_a_phone_whose_clock_is_wrong_is_where_it_is_now_and_is_known_to_be_wrong(
    phone: PhoneBrowser, centre: Centre, ahead_ms: int
) -> None:
    wrong = f"const right = Date.now; Date.now = () => right() + {ahead_ms};"
    phone.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": wrong})
    enrolled(phone, centre)
    phone.wait(lambda: centre.call("positions")["fixes"] or None, "a position")
    ((unit, *_, at, _heading, _speed),) = centre.call("positions")["fixes"]
    assert unit == UNIT
    assert abs(at - now_ms()) < 120_000
    phone.wait(lambda: "trellis_device_clocks_off 1.0" in figures(centre), "the clock to be known")
    phone.tap("[data-act=me]")
    phone.sees("The centre has where you were just now")
    assert phone.faults() == []


def figures(centre: Centre) -> str:
    """The server's figures."""
    with urllib.request.urlopen(f"{centre.server.url}/metrics", timeout=20) as answer:
        return str(answer.read(), "utf-8")
