"""A whole server over TLS: devices and desks that know its authority come in, others do not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from console.clock import SystemClock
from console.practice.field.api import Unreachable
from console.practice.field.http_api import HttpFieldApi
from console.session import LiveSession, Outbox
from console.tls import make_certificates
from tests.helpers.field_city import make_field_city
from tests.helpers.stream import SECRET
from widgets.bridge.transport import QtTransport

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
        assert not await api.events(0, 10)
        assert await api.enrol("U-0001")


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
