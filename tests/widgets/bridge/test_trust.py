"""The desk's own sockets pin the authority: streams and posts, on good and bad certificates."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiohttp import web
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from console.clock import ManualClock, SystemClock
from console.session import Trouble
from console.tls import TlsError, make_certificates, server_context
from widgets.bridge.transport import QtTransport

DAY_MS = 86_400_000


class Heard:
    """A receiver that remembers."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.reasons: list[str] = []
        self.statuses: list[int] = []
        self.troubles: list[Trouble] = []

    def opened(self) -> None:
        """The stream is open."""

    def frame(self, data: bytes) -> None:
        self.frames.append(data)

    def closed(self, reason: str, trouble: Trouble = "") -> None:
        self.reasons.append(reason)
        self.troubles.append(trouble)

    def latency(self, latency_ms: float) -> None:
        """A ping came back."""


@contextmanager
def https_server(certificates: Path | None, host: str = "127.0.0.1") -> Iterator[str]:
    """A server on loopback, in a thread of its own, that greets and answers 200; without
    certificates it speaks no TLS.
    """
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    port = [0]

    async def stream(request: web.Request) -> web.StreamResponse:
        token = request.headers["Authorization"]
        if not token.endswith(" token"):
            status = int(token.rpartition(" ")[2])
            asked = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
            return web.Response(status=status, headers=asked)
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        await ws.send_bytes(b"hello")
        async for _ in ws:
            pass
        return ws

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=b"{}")

    async def start() -> web.AppRunner:
        app = web.Application()
        app.add_routes([web.get("/api/v1/stream", stream), web.post("/api/v1/requests", answer)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        tls = None
        if certificates is not None:
            tls = server_context(certificates / "server.pem", certificates / "server.key")
        await web.TCPSite(runner, host, 0, ssl_context=tls).start()
        port[0] = runner.addresses[0][1]
        return runner

    def serve() -> None:
        runner = loop.run_until_complete(start())
        ready.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=serve)
    thread.start()
    assert ready.wait(10)
    yield f"https://{host}:{port[0]}"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def heard_from(url: str, authority: Path | None, qtbot: QtBot, token: str = "token") -> Heard:
    """What a transport hears that opens a stream and posts."""
    heard = Heard()
    transport = QtTransport(url, token, authority)
    transport.open(0, heard)
    transport.post(b"{}", lambda status, _body: heard.statuses.append(status))
    qtbot.waitUntil(lambda: bool(heard.statuses and (heard.frames or heard.reasons)), timeout=8000)
    transport.close()
    # Qt's own threads still end what was open; the transport must be there until they have.
    qtbot.wait(100)
    transport.deleteLater()
    qtbot.wait(20)
    return heard


def test_the_pinned_authority_is_trusted_and_no_other(tmp_path: Path, qtbot: QtBot) -> None:
    good = make_certificates(tmp_path / "good", [], SystemClock())
    other = make_certificates(tmp_path / "other", [], SystemClock())
    with https_server(tmp_path / "good") as url:
        heard = heard_from(url, good.authority, qtbot)
        assert (heard.frames, heard.statuses, heard.reasons) == ([b"hello"], [200], [])
        for authority in (other.authority, None):
            heard = heard_from(url, authority, qtbot)
            assert (heard.frames, heard.statuses) == ([], [0])
            assert "不信任" in heard.reasons[0]
            assert heard.troubles == ["untrusted"]


def test_an_expired_certificate_and_another_host_are_said(
    tmp_path: Path, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock(SystemClock().now_ms() - 400 * DAY_MS)
    old = make_certificates(tmp_path / "old", [], clock)
    with caplog.at_level(logging.WARNING), https_server(tmp_path / "old") as url:
        heard = heard_from(url, old.authority, qtbot)
        assert (heard.frames, heard.statuses) == ([], [0])
        assert "已过期" in heard.reasons[0]
        assert heard.troubles == ["expired"]
    assert "已过期" in caplog.text


def test_another_servers_certificate_is_not_taken(tmp_path: Path, qtbot: QtBot) -> None:
    good = make_certificates(tmp_path, [], SystemClock())
    with https_server(tmp_path) as url:
        heard = heard_from(url.replace("127.0.0.1", "127.0.0.1.nip.invalid"), good.authority, qtbot)
        assert heard.statuses == [0]
        assert heard.troubles == ["unknown_host"]


def test_an_authority_that_is_none_is_said(tmp_path: Path, qapp: QCoreApplication) -> None:
    for content in (None, b"nothing"):
        path = tmp_path / "authority.pem"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(TlsError, match="cannot be used as a certificate"):
            QtTransport("https://127.0.0.1:1", "token", path)


def test_each_trouble_has_its_name(
    tmp_path: Path, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    good = make_certificates(tmp_path / "good", [], SystemClock()).authority
    with https_server(tmp_path / "good", "127.0.0.2") as url:
        assert heard_from(url, good, qtbot).troubles == ["wrong_host"]
    tomorrow = ManualClock(SystemClock().now_ms() + 2 * DAY_MS)
    early = make_certificates(tmp_path / "early", [], tomorrow).authority
    with https_server(tmp_path / "early") as url:
        assert heard_from(url, early, qtbot).troubles == ["not_yet_valid"]
    with https_server(None) as url:
        assert heard_from(url, good, qtbot).troubles == ["no_tls"]
        plain = url.replace("https:", "http:")
        assert heard_from(plain, None, qtbot, token="401").troubles == ["signed_out"]
        assert "does not take the token" in caplog.text
        assert heard_from(plain, None, qtbot, token="503").troubles == ["faulty"]
        assert heard_from(plain, None, qtbot, token="").troubles == ["signed_out"]
    assert heard_from(url, good, qtbot).troubles == ["refused"]
