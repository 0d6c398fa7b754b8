"""Alive is one thing, able to take submissions another."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from pathlib import Path

import apsw
import pytest

from console.clock import ManualClock
from console.journal import Decide, Receipt, StorageFailed
from console.journal.memory import MemoryJournal
from console.journal.open import open_journal
from console.journal.sqlite_file import LOG_LIMIT_BYTES
from console.model.event import Event
from console.server import health
from console.server.app import Storage
from console.server.limits import Limits
from tests.helpers.stream import NOW, Running, report, running, submission


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look anew each time."""
    monkeypatch.setattr(health, "PROBE_S", -1.0)


@pytest.fixture
def stored(tmp_path: Path) -> Storage:
    """Tracks in a folder, as beside a journal."""
    return Storage(tracks=tmp_path / "j.tracks")


async def ready(server: Running) -> tuple[int, dict[str, str]]:
    """Status and checks."""
    async with server.client.get(f"{server.url}/ready") as answer:
        body = await answer.json()
    assert body["status"] == ("ready" if answer.status == 200 else "not_ready")
    return answer.status, body["checks"]


async def test_a_server_that_can_do_its_work(stored: Storage, tmp_path: Path) -> None:
    journal = open_journal(f"sqlite:///{tmp_path}/j.sqlite", ManualClock(NOW))
    async with running(journal, storage=stored) as server:
        assert await ready(server) == (
            200,
            {"journal": "ok", "disk": "ok", "log": "ok", "tracks": "ok"},
        )
        assert not list(tmp_path.glob("*probe*"))
    journal.close()


async def test_in_memory_there_is_no_disk_to_look_at() -> None:
    async with running() as server:
        assert await ready(server) == (200, {"journal": "ok"})


async def test_little_room_left(stored: Storage) -> None:
    async with running(storage=stored, limits=Limits(disk_free_bytes=1 << 60)) as server:
        assert await ready(server) == (
            503,
            {"journal": "ok", "disk": "nearly_full", "log": "ok", "tracks": "ok"},
        )


async def test_c4_a_log_that_a_reader_holds_back_is_said_and_is_cut_back_afterwards(
    stored: Storage, tmp_path: Path
) -> None:
    """Submissions are taken all the same, until the disk is nearly full."""
    journal = open_journal(f"sqlite:///{tmp_path}/j.sqlite", ManualClock(NOW))
    log = tmp_path / "j.sqlite-wal"
    limits = Limits(log_bytes=20 << 20)
    async with running(journal, storage=stored, limits=limits) as server:
        reader = apsw.Connection(str(tmp_path / "j.sqlite"), flags=apsw.SQLITE_OPEN_READONLY)
        reader.execute("BEGIN; SELECT count(*) FROM event")
        while log.stat().st_size <= limits.log_bytes:
            await asyncio.gather(*(server.post(submission(report())) for _ in range(200)))
            server.clock.advance(1000)  # what a desk may send in a second
        assert await ready(server) == (
            200,
            {"journal": "ok", "disk": "ok", "log": "held_back", "tracks": "ok"},
        )
        async with server.client.get(f"{server.url}/metrics") as answer:
            shown = (await answer.text()).partition('trellis_log_bytes{database="j.sqlite"} ')[2]
        assert float(shown.split()[0]) == log.stat().st_size
        reader.close()
        while log.stat().st_size > LOG_LIMIT_BYTES:
            await server.post(submission(report()))
        assert (await ready(server))[1]["log"] == "ok"
    journal.close()


async def test_a_disk_that_takes_no_writes(
    stored: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    async with running(storage=stored) as server:
        monkeypatch.setattr("os.fsync", full)
        status, checks = await ready(server)
        assert (status, checks["journal"]) == (503, "not_writable")
        monkeypatch.undo()


async def test_tracks_that_went_away(stored: Storage) -> None:
    async with running(storage=stored) as server:
        assert stored.tracks is not None
        moved = stored.tracks.rename(stored.tracks.with_name("moved"))
        status, checks = await ready(server)
        assert (status, checks["tracks"]) == (503, "not_writable")
        moved.rename(stored.tracks)
        assert (await ready(server))[0] == 200


class Failing(MemoryJournal):
    """A journal whose storage fails when told to."""

    fails = False

    def write(self, key: str, digest: bytes, decide: Decide) -> Future[Receipt]:
        if not self.fails:
            return super().write(key, digest, decide)
        future: Future[Receipt] = Future()
        future.set_exception(StorageFailed("the disk is full"))
        return future

    def read(self, after: int, limit: int) -> list[Event]:
        if self.fails and limit == 1:
            raise StorageFailed("gone")
        return super().read(after, limit)


async def test_appends_that_fail_until_one_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Failing(ManualClock(NOW))
    async with running(journal) as server:
        journal.fails = True
        assert (await server.post(submission(report())))[0] == 503
        assert await ready(server) == (503, {"journal": "unreadable"})
        journal.fails = False
        assert await ready(server) == (503, {"journal": "appends_fail"})
        assert (await server.post(submission(report())))[0] == 200
        assert await ready(server) == (200, {"journal": "ok"})
        journal.fails = True
        await server.post(submission(report()))
        journal.fails = False
        monkeypatch.setattr(health, "RECENT_FAILURE_S", 0.0)
        assert await ready(server) == (200, {"journal": "ok"})
