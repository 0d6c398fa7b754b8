"""The store: all or nothing, seen by other processes, private; and what is kept in it."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

from console.access import Actor, Gate, NotSignedIn, Role, area_of
from console.access.access_log import GATHERED_LIMIT, AccessLog
from console.access.attempts import (
    FIRST_LOCK_MS,
    FREE_FAILURES,
    LONGEST_LOCK_MS,
    Rate,
    lock_after,
)
from console.access.devices import TOKENS_PER_UNIT, Devices
from console.access.open import open_store
from console.access.sqlite import SqliteStore
from console.access.store import StoreFailed
from console.clock import ManualClock
from console.journal.open import open_journal
from tests.helpers.postgres import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A journal that is there, and no store yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'city.sqlite'}"
    address: str = request.getfixturevalue("postgres").fresh()
    open_journal(address, ManualClock(1)).close()
    return address


def test_a_change_is_all_or_nothing(url: str) -> None:
    store = open_store(url)
    with pytest.raises(RuntimeError), store.change():
        store.put("k", "1", b"x")
        with store.change():
            store.put("k", "2", b"y")
        raise RuntimeError
    assert store.all("k") == []
    with store.change():
        store.put("k", "1", b"x", "g")
        store.put("k", "2", b"y", "g", ends_at=5)
        store.put("k", "3", b"z")
    assert store.group("k", "g") == [b"x", b"y"]
    assert store.group("k", "") == []
    with store.change():
        store.purge(5)
        store.delete("k", "3")
    store.close()
    again = open_store(url)
    assert again.all("k") == [b"x"]
    again.close()


def test_what_another_process_changes_is_noticed(url: str) -> None:
    one, two = open_store(url), open_store(url)
    before = one.stamp()
    assert one.stamp() == before
    with two.change():
        two.put("k", "1", b"x")
    assert one.stamp() != before
    assert one.get("k", "1") == b"x"
    with one.change():
        one.note([b"first", b"second"])
    assert [row.body for row in two.notes(0, 1)] == [b"first"]
    one.close()
    two.close()


def test_the_file_is_private_and_lies_beside_the_journal(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'new' / 'city.sqlite'}")
    file = tmp_path / "new" / "city.access"
    assert file.stat().st_mode & 0o077 == 0
    store.close()


def test_a_store_that_cannot_be_used_says_so(tmp_path: Path) -> None:
    (tmp_path / "no.access").write_bytes(b"this is no database at all" * 100)
    with pytest.raises(StoreFailed) as caught:
        SqliteStore(tmp_path / "no.access")
    assert caught.value.message.zh
    newer = apsw.Connection(str(tmp_path / "newer.access"))
    newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(StoreFailed, match="newer"):
        SqliteStore(tmp_path / "newer.access")


def test_signing_in_is_the_same_over_both(url: str) -> None:
    store, clock = open_store(url), ManualClock(1_795_000_000_000)
    gate = Gate(store, clock)
    person = gate.people.add("lin", "林", Role.DUTY_OFFICER, area_of(["330106"]))
    grant = gate.sessions.open(person, "03")
    assert gate.identify(grant.access) == grant.actor
    other = Gate(open_store(url), clock)
    assert other.identify(grant.access) == grant.actor
    gate.sessions.revoke_person("lin", "test")
    with pytest.raises(NotSignedIn):
        gate.identify(grant.access)
    assert other.has_changed()
    assert not other.has_changed()
    gate.sessions.open(person, "04")
    assert not other.has_changed(), "a token more changes nobody's rights"
    with pytest.raises(NotSignedIn):
        other.identify(grant.access)
    gate.close()
    other.close()


def test_people_come_after_the_journal(postgres: Cluster) -> None:
    with pytest.raises(StoreFailed, match="no journal"):
        open_store(postgres.fresh())


def test_device_tokens(tmp_path: Path) -> None:
    store, clock = SqliteStore(tmp_path / "a.access"), ManualClock(1)
    devices = Devices(store, clock)
    issued = []
    for _ in range(TOKENS_PER_UNIT + 2):
        clock.advance(1)
        issued.append(devices.issue("U-0001"))
    other = devices.issue("U-0002")
    good = [t for t in issued if devices.identify(t) == Actor(Role.DEVICE, "U-0001")]
    assert good == issued[-TOKENS_PER_UNIT:]
    assert devices.identify(other[:-1]) is None
    assert devices.revoke("U-0001") == TOKENS_PER_UNIT
    assert [devices.identify(token) for token in issued] == [None] * len(issued)
    assert devices.identify(other) == Actor(Role.DEVICE, "U-0002")
    store.close()
    assert other.encode() not in (tmp_path / "a.access").read_bytes()


def test_locks_grow_to_an_hour() -> None:
    assert [lock_after(n) for n in range(FREE_FAILURES)] == [0] * FREE_FAILURES
    locks = [lock_after(n) for n in range(FREE_FAILURES, 200)]
    assert locks[:3] == [FIRST_LOCK_MS, 2 * FIRST_LOCK_MS, 4 * FIRST_LOCK_MS]
    assert locks == sorted(locks)
    assert locks[-1] == LONGEST_LOCK_MS


def test_a_rate_is_a_burst_and_then_one_at_a_time() -> None:
    clock = ManualClock(0)
    rate = Rate(clock, burst=3, every_ms=1000, keys=2)
    for _ in range(3):
        assert rate.wait_ms("a") == 0
        rate.charge("a")
    wait = rate.wait_ms("a")
    assert 0 < wait <= 1001
    assert rate.wait_ms("b") == 0
    clock.advance(wait)
    assert rate.wait_ms("a") == 0
    rate.charge("a")
    assert rate.wait_ms("a") > 0
    rate.charge("b")
    rate.charge("c")
    assert len(rate._buckets) == 2


def test_the_log_counts_what_it_cannot_keep() -> None:
    store, clock = SqliteStore(None), ManualClock(7)
    log = AccessLog(store, clock)
    for number in range(GATHERED_LIMIT + 5):
        log.note("access.failed", f"person/n{number}", "203.0.113.9", "x" * 1000)
    notes = log.read(0, 10_000)
    assert len(notes) == GATHERED_LIMIT + 1
    assert (notes[-1][1].kind, notes[-1][1].detail) == ("access.dropped", "5")
    assert len(notes[0][1].detail) == 200
    assert [seq for seq, _ in log.read(notes[-3][0], 1)] == [notes[-2][0]]
