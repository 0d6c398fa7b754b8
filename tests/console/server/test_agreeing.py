"""Servers whose tracks differ answer the same once an hour is over and compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.journal import StorageFailed
from console.model.unit import Fix
from console.nodes.hours import Held
from console.nodes.memory_hours import MemoryHours
from console.server import agreeing
from console.server.agreeing import holder_of
from console.server.app import Storage
from tests.helpers.stream import NOW, PLACE, Running, running, soon

HOUR = 3_600_000
THEN = NOW - 3 * HOUR
LON, LAT = PLACE


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreeing, "AGREE_EVERY_S", 0.02)
    monkeypatch.setattr(agreeing, "AGAIN_S", 0.02)
    monkeypatch.setattr(agreeing, "_MORE_S", 0.0)


def take(server: Running, *times: int) -> None:
    for at in times:
        server.parts.fixes.take(Fix("U-0001", LON, LAT, at, 90, 2.5))
    server.parts.fixes.gather()


async def answer(server: Running, path: str) -> object:
    async with server.client.get(f"{server.url}/api/v1/{path}", headers=server.desk) as reply:
        assert reply.status == 200
        return await reply.json()


async def test_what_a_server_missed_while_it_was_down_it_gets(tmp_path: Path) -> None:
    board = MemoryHours()
    here = [Storage(tracks=tmp_path / name, hours=board) for name in ("one", "two")]
    async with running(storage=here[0]) as one, running(storage=here[1]) as two:
        take(one, THEN, THEN + 1, THEN + 2)
        take(two, THEN + 1, THEN + 3)
        one.parts.tracks.seal(everything=True)
        for server in (one, two):
            tracks = server.parts.tracks
            await soon(lambda: len(tracks.track("U-0001", THEN, NOW)) == 4)  # noqa: B023
        for path in (f"tracks/U-0001?from={THEN}&to={NOW}", f"positions?at={THEN + 2}"):
            assert await answer(one, path) == await answer(two, path)
        newest = two.parts.tracks.of("U-0001")
        assert newest is not None
        assert newest.at == THEN + 3
        await soon(lambda: one.parts.tracks.of("U-0001") == newest)


class Away(MemoryHours):
    def held(self, since_ms: int) -> list[Held]:
        raise StorageFailed("pulled out")


async def test_a_database_that_is_away_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    tried = 0

    class Counted(Away):
        def forget_before(self, hour_ms: int) -> None:
            nonlocal tried
            tried += 1

    async with running(storage=Storage(hours=Counted())):
        await soon(lambda: tried > 3)
    assert caplog.text.count("pulled out") == 1


async def test_d13_a_database_that_comes_back_is_not_waited_for_a_minute_more(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(agreeing, "AGREE_EVERY_S", 3600.0)
    tried = 0

    class Back(MemoryHours):
        def held(self, since_ms: int) -> list[Held]:
            nonlocal tried
            tried += 1
            if tried == 1:
                raise StorageFailed("pulled out")
            return super().held(since_ms)

    board = Back()
    take_in = Storage(tracks=tmp_path / "one", hours=board)
    async with running(storage=take_in) as server:
        take(server, THEN)
        await soon(lambda: tried > 1)


def test_a_folder_keeps_its_name(tmp_path: Path) -> None:
    assert holder_of(tmp_path) == holder_of(tmp_path)
    assert holder_of(None) != holder_of(None)
