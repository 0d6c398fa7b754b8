"""Calls on connections that died without a word."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from tests.helpers.stream import hung_up
from widgets.bridge.account import TIMEOUT_MS, QtCaller
from widgets.bridge.transport import POST_TIMEOUT_MS, QtTransport


@pytest.fixture
def forgetful() -> Iterator[str]:
    """A server behind a firewall that forgets: of each connection that stays open one request is
    answered, what comes after it goes nowhere, and nobody is told.
    """
    loop = asyncio.new_event_loop()
    ready, port = threading.Event(), [0]
    servers: list[asyncio.Server] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = re.search(rb"content-length: (\d+)", head)
            await reader.readexactly(int(length[1]) if length else 0)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            if b"connection: close" not in head:
                await reader.read()
        finally:
            writer.close()

    async def start() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        servers.append(server)
        port[0] = server.sockets[0].getsockname()[1]
        ready.set()

    def run() -> None:
        loop.run_until_complete(start())
        loop.run_forever()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(5)
    yield f"http://127.0.0.1:{port[0]}"
    loop.call_soon_threadsafe(servers[0].close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.run_until_complete(hung_up())
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def test_d8_a_call_is_not_lost_on_a_connection_that_died(forgetful: str, qtbot: QtBot) -> None:
    caller = QtCaller(forgetful)
    statuses: list[int] = []

    def answered(count: int) -> bool:
        return len(statuses) == count

    for count in range(1, 4):
        caller.call("/api/v1/enrolments", b"{}", "token", lambda s, _b: statuses.append(s))
        qtbot.waitUntil(partial(answered, count), timeout=TIMEOUT_MS // 2)
    caller.close()
    assert statuses == [200, 200, 200]


def test_d8_nor_is_a_dispatch(forgetful: str, qtbot: QtBot) -> None:
    transport = QtTransport(forgetful, "token")
    statuses: list[int] = []

    def answered(count: int) -> bool:
        return len(statuses) == count

    for count in range(1, 5):
        if count % 2:
            transport.post(b"{}", lambda s, _b: statuses.append(s))
        else:
            transport.fetch("/api/v1/picture", lambda s, _b: statuses.append(s))
        qtbot.waitUntil(partial(answered, count), timeout=POST_TIMEOUT_MS // 2)
    transport.close()
    assert statuses == [200, 200, 200, 200]
