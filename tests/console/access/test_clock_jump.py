"""The machine's clock is set an hour forwards or back: nobody is locked out, nothing lives on."""

from __future__ import annotations

import pytest

from console.access.attempts import FIRST_LOCK_MS, FREE_FAILURES, Lockout, Rate
from console.access.codes import Codes
from console.access.devices import TOKENS_PER_UNIT, Devices
from console.access.gate import Gate
from console.access.people import People
from console.access.policy import Role
from console.access.sessions import ACCESS_MS, FAMILY_MS, NotSignedIn, Sessions
from console.access.sqlite import SqliteStore
from console.clock import ManualClock

NOW = 1_795_000_000_000
HOUR_MS = 3_600_000
BOTH_WAYS = pytest.mark.parametrize("jump_ms", [HOUR_MS, -HOUR_MS])


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def store() -> SqliteStore:
    return SqliteStore(None)


@pytest.fixture
def sessions(store: SqliteStore, clock: ManualClock) -> Sessions:
    people = People(store, clock)
    people.add("lin", "林", Role.DUTY_OFFICER)
    return Sessions(store, people, clock)


@BOTH_WAYS
def test_who_is_signed_in_stays_so_by_the_next_refresh(
    sessions: Sessions, clock: ManualClock, jump_ms: int
) -> None:
    grant = sessions.open(sessions._people.get("lin"), "03")
    clock.set(NOW + jump_ms)
    with pytest.raises(NotSignedIn, match="ended"):
        sessions.identify(grant.access)
    assert sessions.holds(grant.actor)
    fresh = sessions.refresh(grant.refresh)
    assert sessions.identify(fresh.access) == grant.actor
    clock.advance(ACCESS_MS)
    with pytest.raises(NotSignedIn, match="ended"):
        sessions.identify(fresh.access)


def test_nodes_whose_clocks_differ_a_little_take_each_others_tokens(
    sessions: Sessions, clock: ManualClock
) -> None:
    grant = sessions.open(sessions._people.get("lin"), "03")
    clock.set(NOW - 30_000)
    assert sessions.identify(grant.access) == grant.actor


def test_a_sign_in_ends_a_day_after_the_clock_was_set_back_at_the_latest(
    sessions: Sessions, clock: ManualClock
) -> None:
    grant = sessions.open(sessions._people.get("lin"), "03")
    clock.set(NOW - 30 * 24 * HOUR_MS)
    grant = sessions.refresh(grant.refresh)
    for _ in range(4):
        clock.advance(FAMILY_MS // 4 - 1)
        grant = sessions.refresh(grant.refresh)
    clock.advance(4)
    with pytest.raises(NotSignedIn, match="ended"):
        sessions.refresh(grant.refresh)


def test_a_lock_is_never_longer_than_it_was_meant(store: SqliteStore, clock: ManualClock) -> None:
    lockout = Lockout(store, clock)
    for _ in range(FREE_FAILURES):
        lockout.failed("lin", "10.0.0.1")
    assert lockout.wait_ms("lin", "10.0.0.1") == FIRST_LOCK_MS
    clock.set(NOW - HOUR_MS)
    assert lockout.wait_ms("lin", "10.0.0.1") == FIRST_LOCK_MS
    clock.set(NOW + FIRST_LOCK_MS)
    assert lockout.wait_ms("lin", "10.0.0.1") == 0


@BOTH_WAYS
def test_a_code_is_no_good_when_nobody_can_tell_how_old_it_is(
    store: SqliteStore, clock: ManualClock, jump_ms: int
) -> None:
    codes = Codes(store, clock)
    typed, _ = codes.make("device", "U-0001")
    clock.set(NOW + jump_ms)
    assert codes.use("device", typed) is None
    again, _ = codes.make("device", "U-0001")
    clock.set(clock.now_ms() - 30_000)  # another node's clock
    assert codes.use("device", again) is not None


def test_the_devices_enrolled_last_are_the_ones_that_stay(
    store: SqliteStore, clock: ManualClock
) -> None:
    devices = Devices(store, clock)
    early = [devices.issue("U-0001") for _ in range(TOKENS_PER_UNIT)]
    clock.set(NOW - HOUR_MS)
    late = [devices.issue("U-0001") for _ in range(TOKENS_PER_UNIT - 1)]
    good = [token for token in (*early, *late) if devices.identify(token)]
    assert good[1:] == late
    assert len(good) == TOKENS_PER_UNIT


@BOTH_WAYS
def test_tries_come_back_with_time_and_not_with_the_clock(clock: ManualClock, jump_ms: int) -> None:
    rate = Rate(clock, burst=2, every_ms=3000)
    for _ in range(2):
        assert rate.wait_ms("a") == 0
        rate.charge("a")
    clock.set(NOW + jump_ms)
    assert rate.wait_ms("a") == 3001
    clock.advance(3000)
    assert rate.wait_ms("a") == 0


def test_a_token_is_looked_up_again_in_time(store: SqliteStore, clock: ManualClock) -> None:
    gate = Gate(store, clock)
    person = gate.people.add("lin", "林", Role.DUTY_OFFICER)
    grant = gate.sessions.open(person, "03")
    assert gate.identify(grant.access) == grant.actor
    clock.set(NOW - HOUR_MS)
    clock.advance(ACCESS_MS)
    with pytest.raises(NotSignedIn, match="ended"):
        gate.identify(grant.access)
    gate.close()
