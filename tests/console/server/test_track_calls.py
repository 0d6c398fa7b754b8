"""The calls that read the tracks: what comes back, in pages, for whom, and how much at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from console.access import Actor, Area, Role, View
from console.clock import ManualClock
from console.model.unit import Fix
from console.server import track_calls
from console.server.app import Storage
from console.server.errors import Problem
from console.server.limits import Limits
from console.server.rate import Rate
from console.server.track_calls import Readers
from tests.helpers.stream import NOW, PLACE, Running, running

HOUR = 3_600_000
LON, LAT = PLACE


async def get(server: Running, path: str, **headers: str) -> tuple[int, dict[str, Any]]:
    address = f"{server.url}/api/v1/{path}"
    async with server.client.get(address, headers=headers or server.desk) as answer:
        return answer.status, await answer.json()


def report(server: Running, *times: int, unit: str = "U-0001") -> None:
    for at in times:
        server.parts.fixes.take(Fix(unit, LON, LAT, at, 90.4, 2.52))
    server.parts.fixes.gather()


async def test_where_everybody_was(tmp_path: Path) -> None:
    async with running(storage=Storage(tracks=tmp_path)) as server:
        report(server, NOW - 2 * HOUR, NOW - 5)
        server.parts.fixes.take(Fix("U-0002", LON, LAT, NOW - HOUR))
        server.parts.fixes.gather()
        server.parts.tracks.seal(everything=True)
        status, body = await get(server, f"positions?at={NOW - HOUR}")
        assert status == 200
        assert body == {
            "at": NOW - HOUR,
            "fixes": [
                ["U-0001", LON, LAT, NOW - 2 * HOUR, 90.0, 2.5],
                ["U-0002", LON, LAT, NOW - HOUR, None, None],
            ],
        }
        assert (await get(server, f"positions?at={NOW - HOUR - 1}"))[1]["fixes"] == [
            ["U-0001", LON, LAT, NOW - 2 * HOUR, 90.0, 2.5]
        ]
        assert (await get(server, "positions"))[1]["fixes"][0][3] == NOW - 5


async def test_where_one_went_in_pages() -> None:
    async with running(limits=Limits(track_page=3)) as server:
        times = [NOW - 8 * HOUR + n * HOUR for n in range(8)]
        report(server, *times)
        told: list[int] = []
        begin: int | None = times[0]
        while begin is not None:
            status, body = await get(server, f"tracks/U-0001?from={begin}&to={times[-1]}")
            assert (status, body["unit_id"]) == (200, "U-0001")
            assert len(body["fixes"]) <= 3
            told += [fix[2] for fix in body["fixes"]]
            begin = body["next"]
        assert told == times[:-1]
        assert (await get(server, f"tracks/U-0001?from={NOW}&to={NOW + 1}"))[1]["fixes"] == []
        assert (await get(server, f"tracks/nobody?from=0&to={HOUR}"))[1]["fixes"] == []


@pytest.mark.parametrize(
    "query",
    [
        "positions?at=",
        "positions?at=-1",
        "positions?at=now",
        "positions?at=1e9",
        "positions?at=" + "9" * 16,
        "tracks/U-0001",
        "tracks/U-0001?from=1",
        "tracks/U-0001?from=5&to=5",
        "tracks/U-0001?from=6&to=5",
        f"tracks/U-0001?from=0&to={31 * 24 * HOUR + 1}",
        f"tracks/{'x' * 65}?from=0&to=1",
    ],
)
async def test_what_cannot_be_asked(query: str) -> None:
    async with running() as server:
        status, body = await get(server, query)
        assert (status, body["error"]) == (400, "bad_request")
        assert body["message"]["zh"]


async def test_a_device_may_read_no_tracks() -> None:
    async with running() as server:
        device = await server.device("U-0001")
        for path in ("positions?at=1", "tracks/U-0001?from=1&to=2"):
            assert (await get(server, path, **device))[0] == 403
            assert (await get(server, path, Authorization="Bearer no"))[0] == 401


async def test_only_what_lies_in_the_callers_area() -> None:
    async with running() as server:
        here = replace(
            server.parts.where,
            cell_at=lambda lon, _lat: "330106001001001" if lon > LON else "330107001001001",
            cell_of_unit=lambda _unit: None,
        )
        view = View(Actor(Role.SUPERVISOR, "li", Area(("330106",))), here)
        rows: list[track_calls.Row] = [
            ("U-0001", LON + by, LAT, NOW + by, None, 1.0) for by in (-1, 1, 2)
        ]
        assert track_calls._seen(view, rows) == rows[1:]


async def test_a_crowd_of_readers_is_told_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    readers = Readers(Limits(tracks_rate=Rate(0.1, 2)), ManualClock(NOW))
    assert [await readers.read("li", list) for _ in range(2)] == [[], []]
    with pytest.raises(Problem) as refused:
        await readers.read("li", lambda: 3)
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "10")
    assert await readers.read("wang", lambda: 4) == 4
    monkeypatch.setattr(track_calls, "READERS_WAITING", -2)
    with pytest.raises(Problem):
        await readers.read("zhao", lambda: 5)
    readers.close()


async def test_a_damaged_hour_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    async with running(storage=Storage(tracks=tmp_path)) as server:
        report(server, NOW - 30 * HOUR, NOW)
        server.parts.tracks.seal(everything=True)
        first = min(tmp_path.glob("*.hour"))
        first.write_bytes(first.read_bytes()[:-9])
        server.parts.tracks._shelf._open.clear()  # type: ignore[union-attr]
        status, body = await get(server, f"positions?at={NOW - 29 * HOUR}")
        assert (status, body["error"]) == (500, "tracks_unreadable")
        assert first.name in body["message"]["en"]
        assert (await get(server, f"positions?at={NOW}"))[0] == 200


async def test_sealing_goes_on_beside_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(track_calls, "SEAL_EVERY_S", 0.01)
    async with running(storage=Storage(tracks=tmp_path)) as server:
        report(server, NOW)
        server.clock.advance(2 * HOUR)
        async with asyncio.timeout(10):
            while not list(tmp_path.glob("*.hour")) or list(tmp_path.glob("*.fixes")):
                await asyncio.sleep(0.01)
        assert (await get(server, f"positions?at={NOW}"))[1]["fixes"][0][0] == "U-0001"
