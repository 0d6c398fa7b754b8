"""The server as a process: killed under load, stopped in order, free of Qt."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from console.guarded_clock import DAY_MS
from console.i18n import text_of
from console.journal import JournalError
from console.journal.verify import verify
from console.model.requests import Submission
from console.server.run import CannotServe, serve
from console.wire import FixFrame, encode_frame, encode_submission
from tests.helpers.server_process import ROOT, ServerProcess, server_process
from tests.helpers.stream import SECRET, report, submission

KILLS = 10
WRITERS = 12
DESK = {"Authorization": f"Bearer {SECRET}"}


class Load:
    """Writers that post reports, and post each again until it is answered."""

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self.answered: dict[str, list[dict[str, Any]]] = {}
        self.tried_again = 0
        self.ending = False

    async def write(self, client: aiohttp.ClientSession) -> None:
        """Post one after the other until told to end."""
        while not self.ending:
            sent = submission(report())
            self.answered[sent.key] = await self._until_answered(client, sent)

    async def _until_answered(
        self, client: aiohttp.ClientSession, sent: Submission
    ) -> list[dict[str, Any]]:
        body = encode_submission(sent)
        while True:
            try:
                address = f"{self._server.url}/api/v1/requests"
                async with client.post(address, data=body, headers=DESK) as answer:
                    if answer.status == 200:
                        return list((await answer.json())["events"])
            except (aiohttp.ClientError, OSError):
                self.tried_again += 1
                await asyncio.sleep(0.02)


async def test_killed_under_load_nothing_answered_is_lost_and_nothing_doubled(
    tmp_path: Path,
) -> None:
    with server_process(tmp_path / "j.sqlite") as server:
        load = Load(server)
        async with aiohttp.ClientSession() as client:
            writers = [asyncio.create_task(load.write(client)) for _ in range(WRITERS)]
            for _ in range(KILLS):
                before = len(load.answered)
                while len(load.answered) < before + 20:
                    await asyncio.sleep(0.01)
                server.kill()
                await asyncio.to_thread(server.start)
            load.ending = True
            await asyncio.gather(*writers)
            stored = await all_events(client, server)
        assert server.stop() == 0
    assert load.tried_again >= KILLS
    by_key = {event["key"]: event for event in stored}
    assert len(by_key) == len(stored), "a submission was done twice"
    assert len({e["fact"]["number"] for e in stored}) == len(stored)
    for key, events in load.answered.items():
        assert [by_key.get(key)] == events, "an answered submission is not in the journal"
    verdict = verify(server.db)
    assert verdict.is_sound, verdict.findings[:3]
    assert verdict.events == len(stored)


async def all_events(client: aiohttp.ClientSession, server: ServerProcess) -> list[dict[str, Any]]:
    """The whole journal, over the API."""
    events: list[dict[str, Any]] = []
    while True:
        address = f"{server.url}/api/v1/events?after={len(events)}&limit=5000"
        async with client.get(address, headers=DESK) as answer:
            body = await answer.json()
        events += body["events"]
        if len(events) >= body["head"]:
            return events


async def test_asked_to_stop_it_says_goodbye_and_ends(tmp_path: Path) -> None:
    with server_process(tmp_path / "j.sqlite") as server:
        async with aiohttp.ClientSession() as client:
            url = f"{server.url}/api/v1/stream"
            async with client.ws_connect(url, headers=DESK) as ws:
                began = time.monotonic()
                stopping = asyncio.create_task(asyncio.to_thread(server.stop))
                async for _ in ws:
                    pass
                assert ws.close_code == aiohttp.WSCloseCode.GOING_AWAY
                assert await stopping == 0
                assert time.monotonic() - began < 3


def test_it_dies_with_its_parent(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child that its parent is gone")
    program = (
        "import os, sys; from pathlib import Path\n"
        "from tests.helpers.server_process import ServerProcess\n"
        "server = ServerProcess(Path(sys.argv[1])); server.start()\n"
        "print(server.pid, flush=True); os.kill(os.getpid(), 9)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "j.sqlite")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ran.returncode == -signal.SIGKILL
    pid = int(ran.stdout)
    deadline = time.monotonic() + 5
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False


def test_the_server_is_free_of_qt() -> None:
    program = (
        "import sys, console.server.run\n"
        "print(sorted(m for m in sys.modules if m.startswith(('PySide6', 'shiboken6', 'widgets'))))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    def start(**changes: Any) -> None:
        values: dict[str, Any] = {
            "city": None,
            "db": "memory:",
            "host": "127.0.0.1",
            "port": 0,
            "secret": SECRET,
            "ready": lambda _: os.kill(os.getpid(), signal.SIGTERM),
        }
        serve(**{**values, **changes})

    start()
    with pytest.raises(CannotServe, match="TRELLIS_SECRET"):
        start(secret="short")
    with pytest.raises(CannotServe, match="cannot listen on 192"):
        start(host="192.0.2.1")
    with pytest.raises(JournalError, match="--db"):
        start(db="nothing:")
    with pytest.raises(CannotServe, match="cannot be read"):
        start(city=tmp_path)
    assert text_of("server.error.no_secret").zh


async def test_c8_what_a_server_keeps_is_its_owner_s_alone(tmp_path: Path) -> None:
    """Also what an older version left readable to everybody."""
    umask = os.umask(0o022)
    try:
        with server_process(tmp_path / "city.sqlite") as server:
            await one_of_everything(server)
            server.stop()
            for path in tmp_path.rglob("*"):
                path.chmod(0o755 if path.is_dir() else 0o644)
            # Where keys are open to others a server does not start; the rest it puts right.
            (tmp_path / "city.audit" / "private.pem").chmod(0o600)
            server.start()
            await one_of_everything(server)
            server.stop()
    finally:
        os.umask(umask)
    names = {path.name for path in tmp_path.rglob("*")}
    assert {"city.picture", "city.tracks", "city.access", "city.audit"} <= names
    kept = [p for s in ("picture", "tracks", "access") for p in tmp_path.glob(f"city.{s}*")]
    kept += [path for place in kept if place.is_dir() for path in place.rglob("*")]
    assert {path.name: oct(path.stat().st_mode & 0o077) for path in kept} == {
        path.name: "0o0" for path in kept
    }


async def one_of_everything(server: ServerProcess) -> None:
    async with aiohttp.ClientSession() as client:
        url = f"{server.url}/api/v1"
        body = encode_submission(submission(report()))
        async with client.post(f"{url}/requests", data=body, headers=DESK) as answer:
            assert answer.status == 200
        async with client.post(f"{url}/devices", json={"unit_id": "U-1"}, headers=DESK) as answer:
            token = {"Authorization": f"Bearer {(await answer.json())['token']}"}
        async with client.ws_connect(f"{url}/field", headers=token) as line:
            at = time.time_ns() // 1_000_000
            await line.send_bytes(encode_frame(FixFrame(120.15, 30.28, at, 90.0, 2.5)))
            await asyncio.sleep(0.8)


@pytest.mark.parametrize(
    ("seen_days_ago", "says"), [(8, "8 days after"), (-2, "2 days before"), (6, ""), (0, "")]
)
def test_b4_a_clock_that_may_be_wrong_is_asked_about(
    tmp_path: Path, seen_days_ago: int, says: str
) -> None:
    kept = tmp_path / "city.clock"
    kept.write_text(str(time.time_ns() // 1_000_000 - seen_days_ago * DAY_MS))

    def start(*, accept_clock: bool = False, secret: str = "") -> None:
        serve(
            city=None,
            db=f"sqlite:///{tmp_path}/city.sqlite",
            host="127.0.0.1",
            port=0,
            secret=secret,
            ready=lambda _: os.kill(os.getpid(), signal.SIGTERM),
            accept_clock=accept_clock,
        )

    if not says:
        start()
        return
    with pytest.raises(CannotServe, match=says) as refused:
        start()
    assert "--accept-clock" in refused.value.message.zh
    assert not (tmp_path / "city.sqlite").exists(), "nothing was begun"
    start(secret=SECRET)  # a practice server asks nobody, and deletes nothing for a day
    start(accept_clock=True)
    start()
    assert abs(int(kept.read_text()) - time.time_ns() // 1_000_000) < DAY_MS
