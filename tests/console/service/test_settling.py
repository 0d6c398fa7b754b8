"""Results of another thread, awaited on a loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from console.journal import NoAnswer
from console.service.settling import Settling


async def test_results_and_errors_come_over() -> None:
    settling = Settling(asyncio.get_running_loop())
    futures: list[Future[int]] = [Future() for _ in range(200)]
    waiting = [settling.on_loop(future) for future in futures]

    def settle() -> None:
        for n, future in enumerate(futures):
            if n % 3:
                future.set_result(n)
            else:
                future.set_exception(ValueError(n))

    with ThreadPoolExecutor(1) as pool:
        pool.submit(settle).result(5)
    told = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
    assert [n for n in told if isinstance(n, int)] == [n for n in range(200) if n % 3]
    assert sum(isinstance(n, ValueError) for n in told) == 67


async def test_who_hangs_up_takes_nobody_along() -> None:
    settling = Settling(asyncio.get_running_loop())
    future: Future[int] = Future()
    gone, staying = settling.on_loop(future), settling.on_loop(future)
    gone.cancel()
    future.set_result(1)
    assert await asyncio.wait_for(staying, 5) == 1
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_what_is_done_already() -> None:
    future: Future[int] = Future()
    future.set_result(2)
    assert await Settling(asyncio.get_running_loop()).on_loop(future) == 2


async def test_what_waits_too_long_is_told_and_its_late_result_is_no_harm() -> None:
    settling = Settling(asyncio.get_running_loop())
    late: Future[int] = Future()
    asked = settling.on_loop(late)
    settling.give_up(60.0)
    assert not asked.done()
    settling.give_up(0.0)
    with pytest.raises(NoAnswer):
        await asked
    late.set_result(1)
    soon: Future[int] = Future()
    again = settling.on_loop(soon)
    soon.set_result(2)
    assert await again == 2
    settling.give_up(0.0)


async def test_c10_what_was_given_up_or_is_there_is_not_kept() -> None:
    settling = Settling(asyncio.get_running_loop())
    futures: list[Future[int]] = [Future() for _ in range(100)]
    asked = [settling.on_loop(future) for future in futures]
    settling.give_up(0.0)
    assert not settling._since
    for future in futures:
        future.set_result(1)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not settling._settled
    for each in asked:
        assert isinstance(each.exception(), NoAnswer)
