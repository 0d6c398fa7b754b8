import asyncio

from console.practice.field.turnstile import Turnstile


async def test_callers_come_in_one_after_another_and_in_order() -> None:
    turnstile, order = Turnstile(100.0, 3), []
    loop = asyncio.get_running_loop()

    async def come(number: int) -> None:
        async with turnstile:
            order.append((number, loop.time()))

    begun = loop.time()  # the first may be let in late on a busy machine
    await asyncio.gather(*(come(i) for i in range(10)))
    assert [number for number, _ in order] == list(range(10))
    assert order[-1][1] - begun >= 0.085


async def test_no_more_are_inside_than_may_be() -> None:
    turnstile, inside, most = Turnstile(10_000.0, 2), 0, 0

    async def come() -> None:
        nonlocal inside, most
        async with turnstile:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.005)
            inside -= 1

    await asyncio.gather(*(come() for _ in range(8)))
    assert most == 2


async def test_one_who_gives_up_leaves_the_way_free() -> None:
    turnstile = Turnstile(5.0, 1)
    async with turnstile:
        pass
    waiting = asyncio.create_task(turnstile.__aenter__())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(1), turnstile:
        pass
