"""What a server tells other nodes of the field and hears of them, over a board in memory."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest

from console.access import Actor, Area, Role, View
from console.journal import StorageFailed
from console.model.unit import Fix
from console.nodes import KEPT_GROUPS, Board, Heard, Known, Said
from console.nodes.memory import MemoryBoard, Wall
from console.server import neighbours
from console.server.app import Storage
from console.server.limits import Limits
from console.wire import FixesFrame, decode_desk_frame
from tests.helpers.stream import NOW, PLACE, Running, running, soon

LON, LAT = PLACE
QUICK = Limits(fixes_every_s=0.02)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "BEAT_S", 0.05)
    monkeypatch.setattr(neighbours, "RETRY_S", 0.05)
    monkeypatch.setattr(neighbours, "LINE_EVERY_S", 0.0)


@asynccontextmanager
async def node(board: Board) -> AsyncIterator[Running]:
    async with running(limits=QUICK, storage=Storage(board=board)) as server:
        yield server


def take(server: Running, unit_id: str, at: int, lon: float = LON) -> None:
    server.parts.fixes.take(Fix(unit_id, lon, LAT, at, 90, 2.5))


def at_of(server: Running, unit_id: str) -> int:
    fix = server.parts.tracks.of(unit_id)
    return 0 if fix is None else fix.at


async def test_a_newcomer_is_told_of_units_that_have_been_quiet() -> None:
    wall = Wall()
    async with node(MemoryBoard(wall, 1)) as one, node(MemoryBoard(wall, 2)):
        take(one, "U-0001", NOW - 9)
        for step in range(2 * KEPT_GROUPS):
            take(one, "U-0002", NOW - 999 + step)
            one.parts.fixes.gather()
        async with node(MemoryBoard(wall, 3)) as three:
            await soon(lambda: at_of(three, "U-0001") == NOW - 9)
            await soon(lambda: at_of(three, "U-0002") == NOW - 999 + 2 * KEPT_GROUPS - 1)


async def test_what_is_heard_is_not_told_again() -> None:
    wall = Wall()
    async with node(MemoryBoard(wall, 1)) as one, node(MemoryBoard(wall, 2)) as two:
        for step in range(5):
            take(one, "U-0001", NOW + step)
            await soon(lambda: at_of(two, "U-0001") == NOW + step)  # noqa: B023 - waited for here
        take(two, "U-0002", NOW)
        await soon(lambda: at_of(one, "U-0002") == NOW)
        assert len(wall.groups[2]) == 1
        assert two.parts.fixes.taken == 1


async def test_a_late_fix_and_a_burst_reach_the_tracks_of_all() -> None:
    wall = Wall()
    async with node(MemoryBoard(wall, 1)) as one, node(MemoryBoard(wall, 2)) as two:
        for at in (NOW, NOW - 50_000, NOW - 40_000):
            take(one, "U-0001", at)
        await soon(lambda: len(two.parts.tracks.track("U-0001", NOW - 99_999, NOW + 1)) == 3)
        assert at_of(two, "U-0001") == NOW


async def test_who_sees_a_part_sees_that_part_of_what_other_nodes_took() -> None:
    wall = Wall()
    async with node(MemoryBoard(wall, 1)) as one, node(MemoryBoard(wall, 2)) as two:
        take(one, "U-0001", NOW)
        await soon(lambda: at_of(two, "U-0001") == NOW)
        for area, seen in (("330106", 1), ("330999", 0)):
            view = View(Actor(Role.DUTY_OFFICER, "lin", Area((area,))), two.parts.where)
            ((_, payload),) = two.parts.fixes.since(None, view)
            frame = decode_desk_frame(payload)
            assert isinstance(frame, FixesFrame)
            assert len(frame.fixes) == seen


async def test_a_group_that_cannot_be_read_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    wall = Wall()
    board = MemoryBoard(wall, 1)
    async with node(MemoryBoard(wall, 2)) as two:
        for beat in range(2):
            board.swap(Said(beat, ((beat + 1, b"TRG1 nothing of the kind"),), 1, b""), {})
            await asyncio.sleep(0.2)
        await soon(lambda: "cannot be read" in caplog.text)
        take(two, "U-0001", NOW)
        await soon(lambda: at_of(two, "U-0001") == NOW)


class Failing(MemoryBoard):
    """A board that can be away."""

    is_away = False

    def swap(self, said: Said, known: Mapping[int, Known]) -> Heard:
        if self.is_away:
            raise StorageFailed("pulled out")
        return super().swap(said, known)


async def test_a_board_that_is_away_is_said_once_and_what_was_missed_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING)
    wall = Wall()
    board = Failing(wall, 1)
    async with node(board) as one, node(MemoryBoard(wall, 2)) as two:
        take(one, "U-0001", NOW)
        await soon(lambda: at_of(two, "U-0001") == NOW)
        board.is_away = True
        await soon(lambda: "pulled out" in caplog.text)
        for step in range(1, 9):
            take(one, "U-0001", NOW + step)
            one.parts.fixes.gather()
            await asyncio.sleep(0.05)
        assert at_of(one, "U-0001") == NOW + 8
        assert caplog.text.count("pulled out") == 1
        assert at_of(two, "U-0001") == NOW
        board.is_away = False
        await soon(lambda: len(two.parts.tracks.track("U-0001", NOW, NOW + 9)) == 9)
        assert "0 groups are missing" in caplog.text
