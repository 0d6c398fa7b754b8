"""The cycle collector sees little at a time, and misses nothing for long."""

from __future__ import annotations

import asyncio
import gc

import pytest

from console.server import garbage


class Knot:
    """Something that only the collector can end."""

    def __init__(self, ended: list[str], name: str) -> None:
        self.itself = self
        self._ended = ended
        self._name = name

    def __del__(self) -> None:
        self._ended.append(self._name)


def test_what_has_lived_is_set_aside_and_looked_at_again_in_the_review() -> None:
    uvloop = pytest.importorskip("uvloop")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_set_aside())


async def test_c1_where_each_connection_leaves_a_cycle_nothing_is_set_aside() -> None:
    before = gc.get_threshold(), gc.get_freeze_count()
    await garbage.keep_collected()
    assert (gc.get_threshold(), gc.get_freeze_count()) == before


async def _set_aside() -> None:
    ended: list[str] = []
    before = gc.get_threshold()
    old = Knot(ended, "old")
    collecting = asyncio.create_task(garbage.keep_collected())
    await asyncio.sleep(0)
    assert gc.get_freeze_count() > 10_000
    Knot(ended, "new")
    del old
    gc.collect()
    assert ended == ["new"]
    garbage.review()
    assert ended == ["new", "old"]
    collecting.cancel()
    await asyncio.wait([collecting])
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
