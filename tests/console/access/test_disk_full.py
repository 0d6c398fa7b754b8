"""A store of people on a full disk: reading goes on, writing is refused, nothing is half done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from console.access import Role, StoreFailed
from console.access.access_log import AccessLog
from console.access.log_check import check_log
from console.access.log_keeper import keeping_log, own_log_heads
from console.access.log_ledger import open_log_ledger
from console.access.log_policy import DAY_MS, LogPolicy
from console.access.open import open_store
from console.access.sessions import ACCESS_MS
from console.access.sqlite import SqliteStore
from console.audit import own_public_keys
from console.clock import ManualClock
from console.journal.open import open_journal
from tests.helpers.people import PASSWORD, bearer, door
from tests.helpers.stream import NOW


@contextmanager
def full(store: SqliteStore) -> Iterator[None]:
    """SQLite itself finds no room for one page more: SQLITE_FULL, as from a full disk."""
    pages = store._db.pragma("page_count")
    store._db.pragma("max_page_count", pages)
    with pytest.raises(StoreFailed, match="full"), store.change():
        for number in range(1000):
            store.put("ballast", str(number), bytes(4000))
    # What free pages there are inside the file are taken up too.
    number = 0
    while True:
        try:
            with store.change():
                store.put("ballast", str(number), bytes(500))
            number += 1
        except StoreFailed:
            break
    yield
    store._db.pragma("max_page_count", 1 << 30)


def test_all_or_nothing(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "city.access")
    with store.change():
        store.put("k", "1", b"x" * 4000)
    with full(store):
        for _ in range(3):
            with pytest.raises(StoreFailed), store.change():
                store.put("k", "2", b"y" * 9000)
        assert store.all("k") == [b"x" * 4000]
    with store.change():
        store.put("k", "2", b"y" * 9000)
    assert len(store.all("k")) == 2
    store.close()


async def test_a_server_whose_store_is_full() -> None:
    """Who is in stays in; who comes is told; what happened meanwhile is in the log afterwards."""
    async with door() as server:
        boss = server.headers(server.person("boss", Role.SUPERVISOR))
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        store = server.gate._store
        assert isinstance(store, SqliteStore)
        body = {"name": "lin", "password": PASSWORD, "desk": "03"}
        with full(store):
            status, said = await server.call("signin", body)
            assert (status, said["error"]) == (503, "storage_failed")
            assert (await server.call("me", headers=boss))[0] == 200
            for _ in range(30):
                assert (await server.call("people", headers=boss))[0] == 403
            server.gate.log.flush()
        status, said = await server.call("signin", body)
        assert status == 200
        assert (await server.call("me", headers=bearer(said["access"])))[0] == 200
        kinds = [note.kind for _, note in server.gate.log.read(0, 999)]
        assert kinds.count("access.refused") == 30


async def test_c5_who_is_in_stays_in_for_longer_than_a_token_lives() -> None:
    async with door() as server:
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        body = {"name": "lin", "password": PASSWORD, "desk": "03"}
        _, first = await server.call("signin", body)
        _, unused = await server.call("signin", body)
        _, unused = await server.call("refresh", {"refresh": unused["refresh"]})
        store = server.gate._store
        assert isinstance(store, SqliteStore)
        with full(store):
            # A token that came with the last write, used for the first time now.
            assert (await server.call("events", headers=bearer(unused["access"])))[0] == 200
            said = first
            for _ in range(5):
                server.clock.advance(ACCESS_MS + 1)
                assert (await server.call("events", headers=bearer(said["access"])))[0] == 401
                status, said = await server.call("refresh", {"refresh": said["refresh"]})
                assert status == 200, said
                assert (await server.call("events", headers=bearer(said["access"])))[0] == 200
            assert said["refresh"] == first["refresh"], "nothing was spent"
        lent = said
        status, said = await server.call("refresh", {"refresh": lent["refresh"]})
        assert (status, said["refresh"] != lent["refresh"]) == (200, True)
        assert (await server.call("events", headers=bearer(said["access"])))[0] == 200
        assert (await server.call("refresh", {"refresh": lent["refresh"]}))[0] == 401


async def test_c5_a_copied_token_is_no_good_on_a_full_disk_either() -> None:
    async with door() as server:
        server.person("lin", Role.DUTY_OFFICER, password=PASSWORD)
        _, first = await server.call("signin", {"name": "lin", "password": PASSWORD, "desk": "03"})
        _, said = await server.call("refresh", {"refresh": first["refresh"]})
        assert (await server.call("me", headers=bearer(said["access"])))[0] == 200
        store = server.gate._store
        assert isinstance(store, SqliteStore)
        with full(store):
            assert (await server.call("refresh", {"refresh": first["refresh"]}))[0] == 401
        server.gate.sessions.revoke_person("lin", "lost")
        with full(store):
            assert (await server.call("refresh", {"refresh": said["refresh"]}))[0] == 401


def test_the_log_is_whole_after_a_full_disk(tmp_path: Path) -> None:
    url, clock = f"sqlite:///{tmp_path / 'city.sqlite'}", ManualClock(NOW)
    open_journal(url, clock).close()
    store = open_store(url)
    assert isinstance(store, SqliteStore)
    log = AccessLog(store, clock)
    for _ in range(50):
        log.note("access.failed", "person/lin", "203.0.113.9", "x" * 200)
    log.flush()
    clock.advance(400 * DAY_MS)
    with keeping_log(url, clock, LogPolicy()) as keeper:
        assert keeper is not None
        inner = keeper._store
        assert isinstance(inner, SqliteStore)
        with full(inner):
            for _ in range(300):
                log.note("access.failed", "person/lin", "203.0.113.9", "y" * 200)
            log._store = inner
            log.flush()
            assert len(inner.notes(0, 999)) == 50
            # The statement may still fit where the file has a gap: all of it is done, or nothing.
            with suppress(StoreFailed):
                keeper.cut()
            assert len(inner.notes(0, 999)) in (50, 1), "nothing is half cut"
            log._store = store
        log.flush()
        keeper.cut()
    store.close()
    ledger = open_log_ledger(url)
    assert ledger is not None
    with closing(ledger):
        verdict = check_log(ledger, own_log_heads(url), own_public_keys(url))
    assert verdict.is_sound, verdict
    assert verdict.entries == 301
