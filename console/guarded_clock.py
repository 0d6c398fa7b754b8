"""A machine's clock that somebody sets, or that goes wrong, must not move a server's time.

`GuardedClock` does not follow a jump while the server runs. `SettledTime` is what may be deleted
by: a clock that is wrong from the start deletes nothing before somebody can notice.
"""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

from console.clock import Clock

log = logging.getLogger(__name__)

JUMP_MS = 60_000
"""A clock is put right by steps up to this; a larger one is a jump."""

DAY_MS = 86_400_000
LEAP_MS = 2 * DAY_MS
"""A server that was off for longer, or whose clock is wrong: nothing is deleted for HOLD_MS."""
HOLD_MS = DAY_MS
FORWARD_MS = 7 * DAY_MS
BACK_MS = DAY_MS
"""A server whose clock is that much on, or back, since it ran last does not start unasked."""
_KEPT_EVERY_MS = 60_000


class GuardedClock:
    """`own`, but for its jumps: then it goes on as it went before, until `own` is back there.

    A machine's suspension is no jump. For any thread.
    """

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._mark = own.now_ms(), own.elapsed_ms()
        self.refused_ms = 0
        """By how much the machine's clock is ahead of this one, 0 while it is followed."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC."""
        wall, elapsed = self._own.now_ms(), self._own.elapsed_ms()
        was, then = self._mark
        steady = was + elapsed - then
        off = wall - steady
        if abs(off) <= JUMP_MS:
            self._mark = wall, elapsed
            if self.refused_ms:
                self.refused_ms = 0
                log.warning("the machine's clock is back; it is followed again")
            return wall
        if abs(off - self.refused_ms) > JUMP_MS:
            log.error(
                "the machine's clock jumped by %d s: it is not followed. If the machine is right, "
                "start the server anew",
                off // 1000,
            )
        self.refused_ms = off
        return steady

    def elapsed_ms(self) -> int:
        """As `own` does."""
        return self._own.elapsed_ms()


class SettledTime:
    """The time that retention goes by. `path` keeps how far it is; None keeps nothing.

    After a leap, which a restart makes possible, it stands still until the clock has stood by it
    for HOLD_MS. For any thread.
    """

    def __init__(self, clock: Clock, path: Path | None = None) -> None:
        self._clock = clock
        self._path = path
        self._lock = threading.Lock()
        self._settled = self._kept = _read(path)
        self._leapt: int | None = None

    @property
    def leap_ms(self) -> int:
        """By how much the clock is on (or back, below 0) since it was last settled; 0 when it was
        not yet.
        """
        return self._clock.now_ms() - self._settled if self._settled else 0

    def accept(self) -> None:
        """Somebody says that the clock is right."""
        with self._lock:
            if self._settled:
                self._settle(self._clock.now_ms())

    def now_ms(self) -> int:
        """What is to be kept for a while counts from here back: ms UTC, never after the clock."""
        now, elapsed = self._clock.now_ms(), self._clock.elapsed_ms()
        with self._lock:
            if not self._settled or now - self._settled <= LEAP_MS:
                self._settle(now)
            elif self._leapt is None:
                self._leapt = elapsed
                log.error(
                    "the clock is %d h on since the server was last seen: nothing is deleted for "
                    "%d h",
                    (now - self._settled) // 3_600_000,
                    HOLD_MS // 3_600_000,
                )
            elif elapsed - self._leapt >= HOLD_MS:
                self._settle(now)
            return self._settled

    def _settle(self, now: int) -> None:
        self._settled, self._leapt = now, None
        if self._path is not None and abs(now - self._kept) >= _KEPT_EVERY_MS:
            self._kept = now
            try:
                _write(self._path, now)
            except OSError:
                log.exception("what time it is could not be kept")


def _read(path: Path | None) -> int:
    if path is None or not path.exists():
        return 0
    try:
        return max(int(path.read_text("ascii")), 0)
    except (OSError, ValueError):
        log.exception("%s cannot be read: the clock is taken to be right", path)
        return 0


def _write(path: Path, now: int) -> None:
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{now}\n")
    draft.replace(path)
