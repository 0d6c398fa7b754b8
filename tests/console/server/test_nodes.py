"""Two whole servers on one PostgreSQL: what one is told of the field, the other shows."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, LiteralString

import aiohttp
import psycopg
import pytest

from console.clock import SystemClock
from console.wire import DevicesFrame, FixesFrame, FixFrame, decode_desk_frame, encode_frame
from tests.helpers.postgres import Cluster
from tests.helpers.server_process import ServerProcess, server_process
from tests.helpers.stream import PLACE, SECRET, running

DESK = {"Authorization": f"Bearer {SECRET}"}
LON, LAT = PLACE

clock = SystemClock()


@pytest.fixture(scope="module")
def nodes(postgres: Cluster) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    """Two servers on one database, for all tests here: they start slowly."""
    url = postgres.fresh()
    with server_process(url) as one, server_process(url) as two:
        yield one, two


class Desk:
    """What a desk is told, gathered as it comes in."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[float, float, int]] = {}
        self.online: set[str] = set()
        self.comings: list[tuple[str, bool]] = []
        """Units that came on line (True) or went off it, in order."""
        self._news = asyncio.Event()

    def take(self, payload: bytes) -> None:
        frame = decode_desk_frame(payload)
        if isinstance(frame, FixesFrame):
            self.places |= {f.unit_id: (f.lon, f.lat, f.at) for f in frame.fixes}
        elif isinstance(frame, DevicesFrame):
            self.online |= set(frame.online)
            self.online -= set(frame.offline)
            self.comings += [(u, True) for u in frame.online] + [(u, False) for u in frame.offline]
        self._news.set()

    async def until(self, holds: Callable[[], bool], timeout_s: float = 20) -> None:
        async with asyncio.timeout(timeout_s):
            while not holds():
                self._news.clear()
                await self._news.wait()


class Field:
    """A client of the servers."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self.http = http

    async def token(self, node: ServerProcess, unit_id: str) -> dict[str, str]:
        body = {"unit_id": unit_id}
        async with self.http.post(f"{node.url}/api/v1/devices", json=body, headers=DESK) as answer:
            return {"Authorization": f"Bearer {(await answer.json())['token']}"}

    async def get(self, node: ServerProcess, path: str) -> Any:
        async with self.http.get(f"{node.url}/api/v1/{path}", headers=DESK) as answer:
            assert answer.status == 200
            return await answer.json()

    async def lines(self, node: ServerProcess) -> float:
        """How many units are on line there, by its own figures."""
        async with self.http.get(f"{node.url}/metrics") as answer:
            found = re.search(r"^trellis_devices_online (\S+)", await answer.text(), re.MULTILINE)
        assert found is not None
        return float(found[1])

    async def has_lines(self, *expected: tuple[ServerProcess, int]) -> None:
        """Each node has so many units on line, once it has heard of those that have just left."""
        async with asyncio.timeout(30):
            while [await self.lines(node) for node, _ in expected] != [n for _, n in expected]:
                await asyncio.sleep(0.1)

    @asynccontextmanager
    async def phone(
        self, node: ServerProcess, token: dict[str, str]
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with self.http.ws_connect(f"{node.url}/api/v1/field", headers=token) as line:
            yield line

    @asynccontextmanager
    async def desk(self, node: ServerProcess) -> AsyncIterator[Desk]:
        desk = Desk()

        async def listen(line: aiohttp.ClientWebSocketResponse) -> None:
            async for message in line:
                desk.take(message.data)

        async with self.http.ws_connect(f"{node.url}/api/v1/stream", headers=DESK) as line:
            task = asyncio.create_task(listen(line))
            yield desk
            await line.close()
            await task


@asynccontextmanager
async def field() -> AsyncIterator[Field]:
    async with aiohttp.ClientSession() as http:
        yield Field(http)


async def say(line: aiohttp.ClientWebSocketResponse, step: int, at: int = 0) -> int:
    """A fix of now or of `at`, `step` metres or so to the north; its time."""
    at = at or clock.now_ms()
    await line.send_bytes(encode_frame(FixFrame(LON, LAT + step / 100_000, at, 90.4, 2.52)))
    return at


def at_of(desk: Desk, unit_id: str) -> int:
    return desk.places.get(unit_id, (0.0, 0.0, 0))[2]


Nodes = tuple[ServerProcess, ServerProcess]


async def test_a_desk_on_another_node_sees_a_unit_move(nodes: Nodes) -> None:
    one, two = nodes
    async with field() as at, at.desk(two) as desk, at.desk(one) as near:
        async with at.phone(one, await at.token(one, "U-0001")) as line:
            told = []
            for step in range(3):
                told.append(await say(line, step))
                await desk.until(lambda: at_of(desk, "U-0001") == told[-1])
                lon, lat, _ = desk.places["U-0001"]
                assert (lon, lat) == pytest.approx((LON, LAT + step / 100_000), abs=1e-7)
        await near.until(lambda: at_of(near, "U-0001") == told[-1])
        begin, end = told[0], told[-1] + 1
        for path in (
            "positions",
            f"positions?at={told[1]}",
            f"tracks/U-0001?from={begin}&to={end}",
        ):
            answers = [await at.get(node, path) for node in nodes]
            assert answers[0] == answers[1]
        assert [fix[2] for fix in answers[1]["fixes"]] == told


async def test_a_unit_that_goes_over_to_another_node_is_on_line_throughout(nodes: Nodes) -> None:
    one, two = nodes
    async with field() as at, at.desk(one) as first, at.desk(two) as second:
        token = await at.token(one, "U-0002")
        async with at.phone(one, token) as line:
            await say(line, 1)
            for desk in (first, second):
                await desk.until(lambda: "U-0002" in desk.online)  # noqa: B023 - waited for here
        async with at.phone(two, token) as line:
            later = await say(line, 2)
            for desk in (first, second):
                await desk.until(lambda: at_of(desk, "U-0002") == later)  # noqa: B023
            # Until the first node holds it no more; what is said after that, is said after all.
            while await at.lines(one):
                await asyncio.sleep(0.05)
            async with at.phone(one, await at.token(one, "U-0005")):
                for desk in (first, second):
                    await desk.until(lambda: "U-0005" in desk.online)  # noqa: B023
            for desk in (first, second):
                assert [came for u, came in desk.comings if u == "U-0002"] == [True]
        for desk in (first, second):
            await desk.until(lambda: "U-0002" not in desk.online)  # noqa: B023


async def test_the_units_of_a_node_that_was_killed_go_off_line_and_it_comes_back(
    nodes: Nodes,
) -> None:
    one, two = nodes
    async with field() as at, at.desk(one) as desk:
        token = await at.token(one, "U-0003")
        async with at.phone(two, token) as line:
            last = await say(line, 1)
            await desk.until(lambda: "U-0003" in desk.online and at_of(desk, "U-0003") == last)
            two.kill()
            await desk.until(lambda: "U-0003" not in desk.online)
        assert at_of(desk, "U-0003") == last, "where it was stays known"
        # Not by a thread of its own: the server would end with it.
        two.start()
        async with at.phone(one, token) as line, at.desk(two) as far:
            await far.until(lambda: "U-0003" in far.online)
            last = await say(line, 2)
            await far.until(lambda: at_of(far, "U-0003") == last)


async def test_positions_go_on_without_the_database_and_meet_again_after(
    nodes: Nodes, postgres: Cluster
) -> None:
    one, two = nodes
    async with field() as at, at.desk(one) as near, at.desk(two) as far:
        async with at.phone(one, await at.token(one, "U-0004")) as line:
            first = await say(line, 1)
            # That it is on line goes by a way of its own, and may come later than where it is.
            await far.until(lambda: at_of(far, "U-0004") == first and "U-0004" in far.online)
            await asyncio.to_thread(postgres.stop, signal.SIGQUIT)
            during = await say(line, 2)
            await near.until(lambda: at_of(near, "U-0004") == during)
            assert "U-0004" in far.online
            await asyncio.to_thread(postgres.start)
            await far.until(lambda: at_of(far, "U-0004") == during)
            after = await say(line, 3)
            await far.until(lambda: at_of(far, "U-0004") == after)
            assert ("U-0004", False) not in far.comings
        track = f"tracks/U-0004?from={first}&to={after + 1}"
        assert await at.get(one, track) == await at.get(two, track)


async def until_stored(url: str, table: LiteralString, least: int) -> None:
    async with asyncio.timeout(20), await psycopg.AsyncConnection.connect(url) as connection:
        await connection.set_autocommit(True)
        while True:
            found = await (await connection.execute(f"SELECT count(*) FROM {table}")).fetchone()
            if found is not None and found[0] >= least:
                return
            await asyncio.sleep(0.05)


async def test_what_a_node_missed_while_it_was_down_it_gets_of_the_others(
    postgres: Cluster, tmp_path: Path
) -> None:
    """At a start nodes compare at once, and then each minute: a start stands for the minute."""
    url = postgres.fresh()
    then = clock.now_ms() - 7_200_000
    track = f"tracks/U-0001?from={then}&to={then + 10}"
    with server_process(url, data=tmp_path / "one") as one:
        async with field() as at, at.desk(one) as desk:
            async with at.phone(one, await at.token(one, "U-0001")) as line:
                for step in range(3):
                    await say(line, step, then + step)
                await desk.until(lambda: at_of(desk, "U-0001") == then + 2)
            expected = await at.get(one, track)
        restart(one)
        await until_stored(url, "node_hour", 1)
        with server_process(url, data=tmp_path / "two") as two:
            await until_stored(url, "node_hour", 2)
            restart(one)
            await until_stored(url, "node_part", 1)
            restart(two)
            assert len(expected["fixes"]) == 3
            async with field() as at, asyncio.timeout(20):
                while await at.get(two, track) != expected:
                    await asyncio.sleep(0.05)


def restart(node: ServerProcess) -> None:
    """Stop it in order, and start it again."""
    assert node.stop() == 0
    node.start()


async def test_a_server_by_itself_has_no_neighbours() -> None:
    async with running() as server:
        assert server.parts.fixes.tell is None
        assert not server.parts.presence.linger_s
