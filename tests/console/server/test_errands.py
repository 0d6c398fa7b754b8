"""Errands: results and failures come back, a hang is told, and there is an end to how many wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from console.journal import NoAnswer, StorageFailed
from console.server.errands import THREADS, Errands


@pytest.fixture
def stuck() -> Iterator[threading.Event]:
    """Set at the end: what hangs goes on then."""
    event = threading.Event()
    yield event
    event.set()


async def test_the_result_comes_back_and_so_does_what_was_raised() -> None:
    errands = Errands("test", 2, 5.0)
    assert await errands.run(lambda: threading.current_thread().name.startswith("test"))
    with pytest.raises(KeyError, match="gone"):
        await errands.run(lambda: dict[str, int]()["gone"])
    errands.close()


async def test_a_hang_is_told_and_what_had_not_begun_is_never_done(stuck: threading.Event) -> None:
    errands = Errands("test", 50, 0.05)
    done: list[int] = []
    hanging = [asyncio.create_task(errands.run(stuck.wait)) for _ in range(THREADS)]
    await asyncio.sleep(0)
    with pytest.raises(NoAnswer, match=r"0\.05 s"):
        await errands.run(lambda: done.append(1))
    for answer in await asyncio.gather(*hanging, return_exceptions=True):
        assert isinstance(answer, NoAnswer)
    stuck.set()
    errands.close()
    assert not done


async def test_only_so_many_wait(stuck: threading.Event) -> None:
    errands = Errands("test", 3, 5.0)
    waiting = [asyncio.create_task(errands.run(stuck.wait)) for _ in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(StorageFailed, match="too much"):
        await errands.run(lambda: None)
    stuck.set()
    assert await asyncio.gather(*waiting) == [True] * 3
    await asyncio.sleep(0)
    assert await errands.run(lambda: 7) == 7
    errands.close()
