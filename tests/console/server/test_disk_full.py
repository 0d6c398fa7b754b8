"""A full disk: reads go on, writes are refused clearly, and nothing is corrupt afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from console.audit import checked, own_heads, own_public_keys
from console.model.text import Text
from console.wire import encode_submission
from tests.helpers.server_process import ServerProcess, server_process
from tests.helpers.stream import SECRET, report, submission

if sys.platform == "win32":
    pytest.skip("POSIX limits", allow_module_level=True)

import resource

DESK = {"Authorization": f"Bearer {SECRET}"}
DISK_MB = 16
LONG = Text("长" * 1900, "x" * 1900)
"""Few such fill a disk."""


class Disk:
    """A place for a journal, and the way to fill it up and to make room again."""

    def __init__(
        self,
        folder: Path,
        fill: Callable[[ServerProcess], None],
        free: Callable[[ServerProcess | None], None],
    ) -> None:
        self.folder = folder
        self.fill = fill
        self.free = free


@pytest.fixture
def file_size_limit(tmp_path: Path) -> Disk:
    """No file may be written beyond its first megabyte: what a quota does to a server.

    Its log is laid out ahead, so that it fails in the middle of it and not at its end.
    """

    def fill(server: ServerProcess) -> None:
        _limit(server, 1 << 20)

    def free(server: ServerProcess | None) -> None:
        if server is not None:
            _limit(server, resource.RLIM_INFINITY)

    return Disk(tmp_path, fill, free)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Disk]:
    """A file system of a few megabytes, where the system lets us have one."""
    mount = shutil.which("mount")
    folder = tmp_path / "disk"
    folder.mkdir()
    options = f"size={DISK_MB}m"
    command = [mount or "", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if mount is None or os.geteuid() or subprocess.run(command, check=False).returncode:
        pytest.skip("mounting a small disk needs root")
    ballast = folder / "ballast"

    def fill(_server: ServerProcess) -> None:
        with ballast.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12):
                try:
                    while file.write(bytes(size)) == size:
                        pass
                except OSError:
                    continue

    def free(_server: ServerProcess | None) -> None:
        ballast.unlink()

    yield Disk(folder, fill, free)
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture(params=["file_size_limit", "small_disk"])
def disk(request: pytest.FixtureRequest) -> Disk:
    """Both kinds of full."""
    found: Disk = request.getfixturevalue(request.param)
    return found


class Client:
    """A desk that knows what it was answered."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self.accepted: list[str] = []
        self.refused: list[bytes] = []

    async def post(self, body: bytes = b"") -> tuple[int, dict[str, Any]]:
        """Post a submission, a new one by default."""
        body = body or encode_submission(submission(report(words=LONG)))
        address = f"{self._url}/api/v1/requests"
        async with self._session.post(address, data=body, headers=DESK) as answer:
            said = await answer.json()
        if answer.status == 200:
            self.accepted += [event["key"] for event in said["events"]]
        else:
            self.refused.append(body)
        return answer.status, said

    async def stored(self) -> list[str]:
        """The keys of all events, over the API."""
        keys: list[str] = []
        while True:
            status, page = await self.get(f"/api/v1/events?after={len(keys)}&limit=5000")
            assert status == 200
            keys += [event["key"] for event in page["events"]]
            if len(keys) >= page["head"]:
                return keys

    async def sign_in(self) -> dict[str, Any]:
        """A sign-in of a practice person: its tokens."""
        return await self._call("signin/practice", {"role": "duty_officer", "desk": "1"})

    async def renewed(self, signed_in: dict[str, Any]) -> dict[str, Any]:
        """The next tokens of a sign-in, which open what is to be read."""
        said = await self._call("refresh", {"refresh": signed_in["refresh"]})
        headers = {"Authorization": f"Bearer {said['access']}"}
        assert (await self.get("/api/v1/events?after=0&limit=1", headers))[0] == 200
        return said

    async def _call(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        address = f"{self._url}/api/v1/{path}"
        async with self._session.post(address, json=body, headers=DESK) as answer:
            said: dict[str, Any] = await answer.json()
            assert answer.status == 200, said
            return said

    async def get(
        self, path: str, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Get something."""
        async with self._session.get(self._url + path, headers=headers or DESK) as answer:
            return answer.status, await answer.json()


async def test_reads_go_on_writes_are_refused_and_all_is_sound(disk: Disk) -> None:
    with server_process(disk.folder / "j.sqlite") as server:
        async with aiohttp.ClientSession() as session:
            client = Client(session, server.url)
            for _ in range(20):
                assert (await client.post())[0] == 200
            signed_in = await client.sign_in()
            disk.fill(server)
            while not client.refused:
                status, said = await client.post()
            assert (status, said["error"]) == (503, "storage_failed")
            assert said["message"]["en"]
            assert said["message"]["zh"]
            assert (await client.get("/health"))[0] == 200
            assert await client.stored() == client.accepted
            for _ in range(50):
                signed_in = await client.renewed(signed_in)
            status, readiness = await client.get("/ready")
            assert status == 503
            assert readiness["checks"]["journal"] in ("not_writable", "appends_fail")
            for _ in range(20):
                await client.post()
            disk.free(server)
            await client.renewed(signed_in)
            for body in tuple(client.refused):
                assert (await client.post(body))[0] == 200
            for _ in range(20):
                assert (await client.post())[0] == 200
        assert server.stop() == 0
        server.start()
        async with aiohttp.ClientSession() as session:
            assert await Client(session, server.url).stored() == client.accepted
        assert len(set(client.accepted)) == len(client.accepted)
        server.stop()
    verdict, heads = checked(server.db, own_heads(server.db), own_public_keys(server.db))
    assert verdict.is_sound, verdict.findings[:3]
    assert verdict.events == len(client.accepted)
    assert heads is not None
    assert not heads.findings, heads.findings
    assert heads.covered == verdict.events


async def test_killed_while_the_disk_is_full(file_size_limit: Disk) -> None:
    disk = file_size_limit
    with server_process(disk.folder / "j.sqlite") as server:
        async with aiohttp.ClientSession() as session:
            client = Client(session, server.url)
            for _ in range(5):
                await client.post()
            disk.fill(server)
            while len(client.refused) < 3:
                await client.post()
        server.kill()
        disk.free(None)
        server.start()
        async with aiohttp.ClientSession() as session:
            assert await Client(session, server.url).stored() == client.accepted
        server.stop()
    verdict, _ = checked(server.db, [], {})
    assert verdict.is_sound
    assert verdict.events == len(client.accepted)


def _limit(server: ServerProcess, size: int) -> None:
    resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
