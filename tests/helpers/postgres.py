"""A private PostgreSQL cluster for tests and benchmarks, in a folder of its own.

Run as a program (`python -m tests.helpers.postgres`) it starts one, prints its URL and stops it
when its input ends.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

_NOBODIES = ("postgres", "nobody")
_counter = itertools.count(1)


class Cluster:
    """A running PostgreSQL with one database, reached over a socket in `folder`."""

    def __init__(self, binaries: Path, folder: Path, durable: bool) -> None:
        self._binaries = binaries
        self._folder = folder
        self._owner = _unprivileged()
        self._durable = durable
        self._process: subprocess.Popen[bytes] | None = None
        self._run("initdb", "-D", str(folder / "data"), "-U", "trellis", "-A", "trust", "-N")

    @property
    def url(self) -> str:
        """The database."""
        return f"postgresql:///postgres?user=trellis&host={quote(str(self._folder))}"

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self._folder / ".s.PGSQL.5432"

    def fresh(self) -> str:
        """The URL of an empty journal: a schema of its own."""
        name = f"journal_{next(_counter)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return f"{self.url}&options={quote(f'-csearch_path={name}')}"

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        off = () if self._durable else ("-c", "fsync=off")
        arguments = ("-D", str(self._folder / "data"), "-k", str(self._folder), "-h", "")
        self._process = subprocess.Popen(
            [str(self._binaries / "postgres"), *arguments, *off],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **_as_user(self._owner),
        )
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGINT ends all sessions at once; SIGQUIT as a crash would."""
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            process.wait(20)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._binaries / program), *arguments],
            check=True,
            capture_output=True,
            cwd=self._folder,
            **_as_user(self._owner),
        )


@contextmanager
def cluster(durable: bool = False) -> Iterator[Cluster]:
    """A running cluster, removed at the end. Skips the test where PostgreSQL is not installed."""
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="trellis-pg-"))
    try:
        _give(folder, _unprivileged())
        running = Cluster(binaries, folder, durable)
        running.start()
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder)


def find_binaries() -> Path:
    """Where `initdb` and `postgres` are; skips, or fails where CI must have them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    on_path = shutil.which("initdb")
    if on_path and not found:
        found = [Path(on_path).parent]
    if found:
        return found[-1]
    missing = "PostgreSQL is not installed (Debian package: postgresql)"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)


def _unprivileged() -> tuple[int, int] | None:
    """The user and group to run as, None for whoever runs this: initdb refuses root."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    found = next(known[name] for name in _NOBODIES if name in known)
    return found.pw_uid, found.pw_gid


def _as_user(owner: tuple[int, int] | None) -> dict[str, Any]:
    return {} if owner is None else {"user": owner[0], "group": owner[1]}


def _give(folder: Path, owner: tuple[int, int] | None) -> None:
    if owner is not None:
        os.chown(folder, *owner)


if __name__ == "__main__":
    with cluster(durable=True) as shown:
        print(shown.fresh(), flush=True)
        input()
