"""Whether the server can do its work now: what a load balancer and a watchdog ask."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from console.clock import monotonic_s
from console.guarded_clock import GuardedClock
from console.journal import JournalError
from console.server.limits import Limits
from console.server.metrics import MeteredJournal, log_bytes

PROBE_S = 2.0
"""An answer is good for so long: anybody may ask, and asking writes to the disk."""

RECENT_FAILURE_S = 30.0
"""An append that failed longer ago says nothing when the disk takes writes again."""

PATIENCE_S = 3.0
"""What has not answered after so long is not ready."""

_PROBE = ".ready-probe"
_PROBE_BYTES = bytes(4096)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: "ok", or what is wrong with it. One that does not `block` is said, but
    submissions are taken all the same.
    """

    name: str
    state: str = "ok"
    blocks: bool = True

    @property
    def is_ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.state == "ok"


class Readiness:
    """Looks at what a submission needs. `folder` is where the journal lies, None for elsewhere."""

    def __init__(
        self,
        journal: MeteredJournal,
        folder: Path | None,
        tracks: Path | None,
        limits: Limits,
        guard: GuardedClock | None = None,
    ) -> None:
        self._journal = journal
        self._folder = folder
        self._tracks = tracks
        self._limits = limits
        self._guard = guard
        self._checks: list[Check] = []
        self._looked_s = float("-inf")
        self._looking: asyncio.Future[list[Check]] | None = None

    async def ready(self, _request: web.Request) -> web.Response:
        """`GET /ready`: 200 when submissions can be taken, else 503, and why."""
        checks = await self.look()
        good = all(check.is_ok for check in checks if check.blocks)
        return web.json_response(
            {
                "status": "ready" if good else "not_ready",
                "checks": {check.name: check.state for check in checks},
            },
            status=200 if good else 503,
        )

    async def look(self) -> list[Check]:
        """The checks, not older than PROBE_S; all who ask during a look share it."""
        if monotonic_s() - self._looked_s <= PROBE_S:
            return self._checks
        if self._looking is None:
            self._looking = asyncio.ensure_future(asyncio.to_thread(self._look))
            self._looking.add_done_callback(self._looked)
        done, _ = await asyncio.wait((self._looking,), timeout=PATIENCE_S)
        return done.pop().result() if done else [Check("journal", "unreadable")]

    def _looked(self, looking: asyncio.Future[list[Check]]) -> None:
        self._looking = None
        if not looking.cancelled() and looking.exception() is None:
            self._checks, self._looked_s = looking.result(), monotonic_s()

    def _look(self) -> list[Check]:
        checks = [Check("journal", self._journal_state())]
        if self._folder is not None:
            checks.append(Check("disk", _disk_state(self._folder, self._limits.disk_free_bytes)))
            checks.append(
                Check("log", _log_state(self._folder, self._limits.log_bytes), blocks=False)
            )
        if self._tracks is not None:
            checks.append(Check("tracks", _tracks_state(self._tracks)))
        if self._guard is not None:
            self._guard.now_ms()
            state = "jumped" if self._guard.refused_ms else "ok"
            checks.append(Check("clock", state, blocks=False))
        return checks

    def _journal_state(self) -> str:
        """Reads it, writes beside it, and asks how the last append went."""
        try:
            self._journal.read(self._journal.head, 1)
        except JournalError:
            return "unreadable"
        if self._folder is not None and not _takes_writes(self._folder):
            return "not_writable"
        failed = self._journal.failed_s
        if failed is not None and monotonic_s() - failed < RECENT_FAILURE_S:
            return "appends_fail"
        return "ok"


def _takes_writes(folder: Path) -> bool:
    """Whether a page can be made durable there."""
    probe = folder / _PROBE
    try:
        with probe.open("wb") as file:
            file.write(_PROBE_BYTES)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)
    return True


def _disk_state(folder: Path, wanted: int) -> str:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return "unreadable"
    return "ok" if free >= wanted else "nearly_full"


def _log_state(folder: Path, most: int) -> str:
    return "ok" if max(log_bytes(folder).values(), default=0) <= most else "held_back"


def _tracks_state(folder: Path) -> str:
    return "ok" if os.access(folder, os.R_OK | os.W_OK | os.X_OK) else "not_writable"
