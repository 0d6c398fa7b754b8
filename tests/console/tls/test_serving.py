"""A whole server over TLS: devices and desks that know its authority come in, others do not."""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import aiohttp
import pytest
from cryptography import x509
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from console.clock import ManualClock, SystemClock
from console.practice.field.api import Unreachable
from console.practice.field.http_api import HttpFieldApi
from console.session import LiveSession, Outbox
from console.tls import make_certificates
from console.wire import CommandFrame, PingFrame, decode_field_push
from tests.helpers.field_city import make_field_city
from tests.helpers.stream import SECRET, dispatch, report, submission
from widgets.bridge.transport import QtTransport

DAY_MS = 86_400_000
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def authority(folder: Path) -> Path:
    return make_certificates(folder / "ours", ["127.0.0.1"], SystemClock()).authority


@pytest.fixture(scope="module")
def url(folder: Path, authority: Path) -> Iterator[str]:
    city = make_field_city(folder)
    certificate = ["--cert", str(authority.with_name("server.pem"))]
    certificate += ["--key", str(authority.with_name("server.key"))]
    words = ["serve", "--city", str(city), "--data", str(folder), "--listen", "127.0.0.1:0"]
    server = subprocess.Popen(
        [sys.executable, "main.py", *words, *certificate, "--die-with-parent"],
        cwd=ROOT,
        env={**os.environ, "TRELLIS_SECRET": SECRET},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    with server.stdout as said:
        yield str(json.loads(said.readline())["url"])
        server.terminate()
        assert server.wait(10) == 0


async def test_a_device_that_knows_the_authority_comes_in(url: str, authority: Path) -> None:
    assert url.startswith("https://")
    async with HttpFieldApi(url, SECRET, authority) as api:
        assert await api.enrol("U-0001")
        assert isinstance(await api.events(0, 10), tuple)


async def test_a_device_gets_all_its_commands_at_once(url: str, authority: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(authority))
    async with (
        HttpFieldApi(url, SECRET, authority) as api,
        aiohttp.ClientSession() as client,
    ):
        token = await api.enrol("U-0002")
        ids: list[str] = []
        for _ in range(5):
            asked = report(lon=120.107, lat=30.107)
            order = dispatch(asked.incident_id, "U-0002", beside=ids)
            await api.submit(submission(asked, at=SystemClock().now_ms()))
            await api.submit(submission(order, at=SystemClock().now_ms()))
            ids += [o.command_id for o in order.orders]
        headers = {"Authorization": f"Bearer {token}"}
        async with client.ws_connect(f"{url}/api/v1/field", headers=headers, ssl=trusting) as ws:
            frames = [decode_field_push(await ws.receive_bytes(timeout=5)) for _ in range(6)]
        assert [f.command_id for f in frames if isinstance(f, CommandFrame)] == ids
        assert isinstance(frames[-1], PingFrame)


async def test_a_device_of_another_authority_stays_out(url: str, folder: Path) -> None:
    theirs = make_certificates(folder / "theirs", ["127.0.0.1"], SystemClock()).authority
    async with HttpFieldApi(url, SECRET, theirs) as api:
        with pytest.raises(Unreachable):
            await api.events(0, 10)


def test_a_desk_that_knows_the_authority_is_on_line(
    url: str, authority: Path, tmp_path: Path, qtbot: QtBot, qapp: QCoreApplication
) -> None:
    transport = QtTransport(url, SECRET, authority)
    session = LiveSession(transport, Outbox(tmp_path / "outbox"), SystemClock())
    session.start()
    qtbot.waitUntil(lambda: session.link.state == "online", timeout=10_000)
    session.close()


def shown_at(url: str, authority: Path) -> int:
    """The serial number of the certificate that a new client is shown."""
    trusting = ssl.create_default_context(cafile=str(authority))
    parts = urlsplit(url)
    with (
        socket.create_connection((parts.hostname, parts.port), 5) as plain,
        trusting.wrap_socket(plain, server_hostname=parts.hostname) as secured,
    ):
        found = x509.load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"")
    return found.serial_number


def days_left(url: str, authority: Path) -> float:
    """How long the certificate is good, as the server's figures say."""
    trusting = ssl.create_default_context(cafile=str(authority))
    with urlopen(f"{url}/metrics", context=trusting, timeout=5) as answer:
        text = answer.read().decode()
    (seconds,) = re.findall(r"^trellis_certificate_expires_seconds (\S+)$", text, re.MULTILINE)
    return float(seconds) / 86_400


def test_a_renewed_certificate_is_shown_without_a_restart(url: str, authority: Path) -> None:
    before = shown_at(url, authority)
    assert 396 < days_left(url, authority) <= 397
    make_certificates(authority.parent, [], ManualClock(SystemClock().now_ms() - 100 * DAY_MS))
    deadline = time.monotonic() + 20
    while shown_at(url, authority) == before:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert 296 < days_left(url, authority) <= 297


def test_a_desk_of_another_authority_says_why_it_is_not_on_line(
    url: str, folder: Path, tmp_path: Path, qtbot: QtBot, qapp: QCoreApplication
) -> None:
    other = make_certificates(folder / "others", ["127.0.0.1"], SystemClock()).authority
    transport = QtTransport(url, SECRET, other)
    session = LiveSession(transport, Outbox(tmp_path / "outbox"), SystemClock())
    session.start()
    qtbot.waitUntil(lambda: session.link.trouble == "untrusted", timeout=10_000)
    assert session.link.state == "offline"
    session.close()
