"""The renderers' supervisor, with real processes: order, crash, hang, quarantine, end."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from layers.engine.pool import PainterSource, TilePool
from layers.engine.tile_grid import TileKey, TileStyle
from tests.helpers.tile_painters import (
    BUSY_COLUMN,
    CRASHING_COLUMN,
    HANGING_COLUMN,
    RAISING_COLUMN,
    colour_of,
)

PATIENCE_MS = 30_000


def tile(column: int, row: int = 3) -> TileKey:
    return TileKey(TileStyle(), 2, column, row)


class Catcher:
    """What came back, and whether its content was right."""

    def __init__(self, pool: TilePool) -> None:
        self.keys: list[TileKey] = []
        self.wrong: list[TileKey] = []
        pool.tile_ready.connect(self.take)

    def take(self, key: TileKey, image: QImage) -> None:
        self.keys.append(key)
        if image.pixelColor(5, 500) != colour_of(key):
            self.wrong.append(key)


@pytest.fixture
def pool(qtbot: QtBot, tmp_path: Path) -> Iterator[TilePool]:
    source = PainterSource("tests.helpers.tile_painters:faulty", str(tmp_path))
    made = TilePool(source, renderers=1)
    made.start()
    yield made
    made.close()


def test_tiles_come_back_with_their_content(pool: TilePool, qtbot: QtBot) -> None:
    caught = Catcher(pool)
    wanted = [tile(column) for column in range(9)]
    pool.want(wanted)
    qtbot.waitUntil(lambda: len(caught.keys) == 9, timeout=PATIENCE_MS)
    assert caught.keys == wanted
    assert not caught.wrong
    assert not pool.is_busy


def test_the_newest_wish_replaces_the_queue(pool: TilePool, qtbot: QtBot) -> None:
    caught = Catcher(pool)
    pool.want([tile(column) for column in range(10)])
    newest = [tile(column) for column in range(100, 104)]
    pool.want(newest)
    qtbot.waitUntil(lambda: len(caught.keys) >= 4 and not pool.is_busy, timeout=PATIENCE_MS)
    assert caught.keys == newest


def test_a_crash_is_survived_and_the_tile_given_up(
    pool: TilePool, qtbot: QtBot, tmp_path: Path
) -> None:
    caught = Catcher(pool)
    pool.want([tile(1), tile(CRASHING_COLUMN), tile(2), tile(3)])
    done = {tile(1), tile(2), tile(3)}
    qtbot.waitUntil(lambda: set(caught.keys) == done and not pool.is_busy, timeout=PATIENCE_MS)
    assert pool.quarantined == {tile(CRASHING_COLUMN)}
    assert len(list(tmp_path.glob(f"{CRASHING_COLUMN}-*"))) == 2
    pool.want([tile(CRASHING_COLUMN)])
    assert not pool.is_busy


def test_a_tile_that_raises_costs_no_process(pool: TilePool, qtbot: QtBot) -> None:
    caught = Catcher(pool)
    qtbot.waitUntil(lambda: bool(pool.process_ids), timeout=PATIENCE_MS)
    before = pool.process_ids
    pool.want([tile(RAISING_COLUMN), tile(1)])
    qtbot.waitUntil(lambda: bool(pool.quarantined) and not pool.is_busy, timeout=PATIENCE_MS)
    assert caught.keys == [tile(1)]
    assert pool.process_ids == before


def test_a_renderer_that_hangs_is_replaced(
    pool: TilePool, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layers.engine.renderer.SILENT_S", 0.5)
    caught = Catcher(pool)
    pool.want([tile(1)])
    qtbot.waitUntil(lambda: caught.keys == [tile(1)], timeout=PATIENCE_MS)
    (first,) = pool.process_ids
    pool.want([tile(HANGING_COLUMN), tile(2)])
    qtbot.waitUntil(lambda: tile(2) in caught.keys, timeout=PATIENCE_MS)
    assert pool.process_ids != [first]


def test_d10_a_renderer_that_works_is_left_alone_however_silent(
    pool: TilePool, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("layers.engine.renderer.SILENT_S", 0.1)
    caught = Catcher(pool)
    pool.want([tile(1)])
    qtbot.waitUntil(lambda: caught.keys == [tile(1)], timeout=PATIENCE_MS)
    before = pool.process_ids
    pool.want([tile(BUSY_COLUMN), tile(2)])
    qtbot.waitUntil(lambda: tile(2) in caught.keys, timeout=3 * PATIENCE_MS)
    assert tile(BUSY_COLUMN) in caught.keys
    assert pool.process_ids == before
    assert len(list(tmp_path.glob(f"{BUSY_COLUMN}-*"))) == 1


def test_d10_what_a_renderer_finished_before_it_went_is_kept(pool: TilePool, qtbot: QtBot) -> None:
    """Its answers lie in the pipe when the desk, which was busy, hears of its end."""
    caught = Catcher(pool)
    pool.want([tile(1)])
    qtbot.waitUntil(lambda: caught.keys == [tile(1)], timeout=PATIENCE_MS)
    pool.want([tile(2), tile(CRASHING_COLUMN)])
    (pid,) = pool.process_ids
    pool._renderers[0]._process.waitForBytesWritten()
    while _is_running(pid):
        time.sleep(0.02)
    qtbot.waitUntil(lambda: bool(pool.quarantined) and not pool.is_busy, timeout=PATIENCE_MS)
    assert caught.keys == [tile(1), tile(2)]
    assert pool.quarantined == {tile(CRASHING_COLUMN)}


def test_a_busy_desk_does_not_kill_its_renderers(
    pool: TilePool, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layers.engine.renderer.SILENT_S", 0.6)
    caught = Catcher(pool)
    pool.want([tile(1)])
    qtbot.waitUntil(lambda: caught.keys == [tile(1)], timeout=PATIENCE_MS)
    before = pool.process_ids
    pool.want([tile(2)])
    time.sleep(1.5)
    pool._look_at_renderers()
    qtbot.waitUntil(lambda: tile(2) in caught.keys, timeout=PATIENCE_MS)
    assert pool.process_ids == before


def test_a_killed_renderer_comes_back(pool: TilePool, qtbot: QtBot) -> None:
    caught = Catcher(pool)
    pool.want([tile(1)])
    qtbot.waitUntil(lambda: bool(caught.keys), timeout=PATIENCE_MS)
    os.kill(pool.process_ids[0], signal.SIGKILL)
    pool.want([tile(5)])
    qtbot.waitUntil(lambda: tile(5) in caught.keys, timeout=PATIENCE_MS)


def test_closing_ends_the_processes(qtbot: QtBot, tmp_path: Path) -> None:
    pool = TilePool(PainterSource("tests.helpers.tile_painters:flat", ""), renderers=2)
    pool.start()
    caught = Catcher(pool)
    pool.want([tile(1)])
    qtbot.waitUntil(lambda: bool(caught.keys), timeout=PATIENCE_MS)
    pids = pool.process_ids
    pool.close()
    for _ in range(50):
        if not any(_is_alive(pid) for pid in pids):
            break
        time.sleep(0.05)
    assert not any(_is_alive(pid) for pid in pids)


def _is_running(pid: int) -> bool:
    """Whether it has not ended, looked after or not."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
