"""A process and its surroundings: its parent, its locks and files, when it looks for garbage.

What differs between operating systems is one function a difference.
"""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


def die_with_parent(parent_pid: int | None = None, how: signal.Signals = signal.SIGTERM) -> bool:
    """Let the system end this process when the one that started it ends, however it ends.

    `parent_pid` is the parent as it was when it started us: when that one is gone already, this
    process ends at once. `how` is the signal: SIGKILL ends even one whose native code holds the
    interpreter. Returns whether the system can do it (Linux can); elsewhere the caller
    must watch its parent, for instance a pipe from it.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, how, 0, 0, 0) != 0:
        log.warning("prctl(PR_SET_PDEATHSIG): %s", os.strerror(ctypes.get_errno()))
        return False
    if parent_pid is not None and os.getppid() != parent_pid:
        raise SystemExit("the process that started this one is gone")
    return True


def lock_exclusively(file: IO[bytes]) -> bool:
    """Lock an open file for this process alone until it is closed; False when another has it."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists only there

        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl  # noqa: PLC0415 - exists only there

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def files_private(*places: Path | None) -> None:
    """What this process makes from now on is its owner's alone, and so is what lies at `places`, a
    file or all of a folder: an older program may have made it readable to others. Raises OSError.
    """
    os.umask(0o077)
    if os.name != "posix":
        return
    for place in places:
        if place is None or not place.exists():
            continue
        for path in (place, *(place.rglob("*") if place.is_dir() else ())):
            mode = path.stat().st_mode
            if mode & 0o077:
                path.chmod(mode & 0o700)


BACKLOG = 1024
"""Connections that may wait to be taken."""


def write_whole(path: Path, data: bytes, mode: int, *, durable: bool = True) -> None:
    """Put `data` at `path` whole or not at all, never readable by more than `mode` says. Not
    `durable`, a power failure may lose it. Raises OSError.
    """
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    draft.replace(path)


def open_ports(host: str, port: int) -> list[socket.socket]:
    """Listen at each of the addresses that `host` has, before there is anybody to answer.

    Who comes meanwhile waits in line, instead of being refused and coming again. Raises OSError.
    """
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    opened: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((kind, where) for kind, _, _, _, where in found):
            opened.append(_listening(family, address))
    except OSError:
        for each in opened:
            each.close()
        raise
    return opened


def _listening(family: int, address: tuple[object, ...]) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind(address)
        made.listen(BACKLOG)
    except OSError:
        made.close()
        raise
    return made


@dataclass(frozen=True, slots=True)
class Activity:
    """What a process did: processor time of all its threads, seconds, and whether one of them waits
    for the processor or a disk now.
    """

    cpu_s: float
    is_waiting: bool


def activity_of(pid: int) -> Activity | None:
    """What process `pid` did so far; None where the system does not tell (Linux does)."""
    ticks, is_waiting, told = 0, False, False
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        with suppress(OSError):  # a thread that has just ended
            fields = stat.read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
            is_waiting = is_waiting or fields[0] in "RD"
            told = True
    return Activity(ticks / os.sysconf("SC_CLK_TCK"), is_waiting) if told else None


class SilenceWatch:
    """Tells a process that is stuck from one that works, or waits for a busy machine.

    Silence says little: who draws something large, or gets no turn on the processor, is silent too.
    So only the silence counts in which it neither worked nor waited for its turn or for a disk; and
    its work, as processor time, has a limit of its own, `work_s`, which is all there is where the
    system does not tell.
    """

    def __init__(self, work_s: float) -> None:
        self._work_s = work_s
        self._still_s = self._silent_s = 0.0
        self._since: Activity | None = None
        self._last_cpu_s = 0.0

    def heard(self) -> None:
        """It has said something, or has nothing to say."""
        self._still_s = self._silent_s = 0.0
        self._since = None

    def is_stuck(self, pid: int, passed_s: float, still_s: float) -> bool:
        """To be asked again and again: `passed_s` have passed without a word since the last time,
        or since it was heard. `still_s` is how long it may do nothing.
        """
        self._silent_s += passed_s
        now = activity_of(pid)
        if now is None:
            return self._silent_s > max(self._work_s, still_s)
        if self._since is None:
            self._since, self._last_cpu_s = now, now.cpu_s
        if not now.is_waiting and now.cpu_s <= self._last_cpu_s:
            self._still_s += passed_s
        self._last_cpu_s = now.cpu_s
        return self._still_s > still_s or now.cpu_s - self._since.cpu_s > self._work_s


@contextmanager
def garbage_left_alone() -> Iterator[None]:
    """Do not look for cycles meanwhile, nor ever again in what was made.

    For work that makes much that stays and no cycles: loading modules, a picture from a history.
    Looking through it again and again costs a tenth of the one and half of the other, and later
    would hold up a server for a tenth of a second each time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()
