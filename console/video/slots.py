"""Pictures handed from a worker process to the desktop through one memory-mapped file a stream.

Three slots in turn, each under a seqlock: the writer makes a slot's generation odd, writes, makes
it even again; a reader copies and looks whether the generation stayed the same. Neither side ever
waits for the other, and a writer that dies half-way leaves an odd generation behind, not a broken
picture. The file lies in /dev/shm where there is one, else in the temporary folder; its name holds
the owner's process id, so that what a killed desktop left behind is found and removed by the next.

    int64 header[8]: magic, room in bytes of a slot, newest sequence, 0...
    three times:  int64 slot[8]: generation, sequence, width, height, stride, picture_ms, 0, 0
                  pixels (room bytes, 64-byte aligned)
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile
from itertools import count
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from console.video.frame import Frame

MAGIC = 0x54524C_56494430
PREFIX = "trellis-video-"
SLOTS = 3
_HEADER = 64
_STEP_WIDTH, _STEP_HEIGHT = 160, 90
_TRIES = 3
_serial = count(1)


def room_for(width: int, height: int) -> int:
    """Bytes for a picture of this size, in coarse steps so that small resizes need no new file."""
    wide = -(-width // _STEP_WIDTH) * _STEP_WIDTH
    high = -(-height // _STEP_HEIGHT) * _STEP_HEIGHT
    return -(-wide * high * 4 // 64) * 64


def shared_folders() -> list[Path]:
    """Where shared pictures may live: memory where the system offers it, then the temporary folder.

    A container's /dev/shm is often 64 MB: what does not fit there goes to the second.
    """
    candidates = [Path("/dev/shm"), Path(tempfile.gettempdir())]
    return [folder for folder in candidates if os.access(folder, os.W_OK)]


def create_slots(room: int, after: int = 0, folder: Path | None = None) -> Path:
    """Make an empty file for pictures of up to `room` bytes, numbered from `after` + 1.

    OSError where there is no space in `folder`, or in any of `shared_folders()`.
    """
    header = np.array([MAGIC, room, after], np.int64).tobytes()
    name = f"{PREFIX}{os.getpid()}-{next(_serial)}"
    refusal = OSError("there is no folder for shared pictures")
    for place in [folder] if folder else shared_folders():
        try:
            return _create(place / name, header, _HEADER + SLOTS * (_HEADER + room))
        except OSError as error:
            (place / name).unlink(missing_ok=True)
            refusal = error
    raise refusal


def _create(path: Path, header: bytes, size: int) -> Path:
    with path.open("xb") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)  # or a full disk kills who writes later
        else:
            file.truncate(size)
        file.write(header)
    return path


def sweep(folder: Path | None = None) -> int:
    """Remove files whose desktop is gone; how many."""
    swept = 0
    for place in [folder] if folder else shared_folders():
        for path in place.glob(f"{PREFIX}*"):
            owner = path.name.removeprefix(PREFIX).partition("-")[0]
            if owner.isdigit() and not _alive(int(owner)):
                path.unlink(missing_ok=True)
                swept += 1
    return swept


def _alive(pid: int) -> bool:
    if os.name != "posix":
        return (
            True  # signal 0 would end the process on Windows; its temporary folder is swept anyway
        )
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class _Mapped:
    """The mapped file seen as arrays; ValueError where it is not one of ours.

    It is never unmapped by hand, since another thread may just be copying: the memory goes with
    the last array over it.
    """

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            mapped = mmap.mmap(file.fileno(), 0)
        self.header: NDArray[np.int64] = np.frombuffer(mapped, np.int64, 8)
        if self.header[0] != MAGIC:
            raise ValueError(f"{path} holds no pictures")
        self.room = int(self.header[1])
        starts = [_HEADER + k * (_HEADER + self.room) for k in range(SLOTS)]
        self.slots = [np.frombuffer(mapped, np.int64, 8, at) for at in starts]
        self.pixels = [np.frombuffer(mapped, np.uint8, self.room, at + _HEADER) for at in starts]


class SlotWriter:
    """The worker's side: `begin` lends the next slot, `commit` shows it."""

    def __init__(self, path: Path) -> None:
        self._mapped = _Mapped(path)
        self.sequence = int(self._mapped.header[2])
        self._index = 0

    @property
    def room(self) -> int:
        """Bytes a picture may have."""
        return self._mapped.room

    def begin(self, width: int, height: int) -> NDArray[np.uint8]:
        """The next slot's memory, shape (height, width * 4); ValueError where it is too large."""
        size = width * height * 4
        if size > self.room:
            raise ValueError(f"{width}×{height} does not fit in {self.room} bytes")
        self._index = (self.sequence + 1) % SLOTS
        slot = self._mapped.slots[self._index]
        slot[0] |= 1
        slot[2], slot[3], slot[4] = width, height, width * 4
        return self._mapped.pixels[self._index][:size].reshape(height, width * 4)

    def commit(self, picture_ms: int) -> int:
        """Show what was written since `begin`; its sequence number."""
        slot = self._mapped.slots[self._index]
        self.sequence += 1
        slot[1], slot[5] = self.sequence, picture_ms
        slot[0] += 1
        self._mapped.header[2] = self.sequence
        return self.sequence


class SlotReader:
    """The desktop's side."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._mapped = _Mapped(path)

    @property
    def room(self) -> int:
        """Bytes a picture may have."""
        return self._mapped.room

    @property
    def sequence(self) -> int:
        """The newest picture's number; 0 before the first."""
        return int(self._mapped.header[2])

    def picture_ms(self) -> int | None:
        """When the newest picture came, milliseconds since 1970 UTC."""
        return int(self._mapped.slots[self.sequence % SLOTS][5]) or None

    def latest(self, newer_than: int = 0) -> Frame | None:
        """A copy of the newest picture, or None when there is none newer than `newer_than`."""
        for _ in range(_TRIES):
            sequence = self.sequence
            if sequence <= newer_than:
                return None
            frame = self._copy(sequence % SLOTS)
            if frame is not None:
                return frame
        return None

    def _copy(self, index: int) -> Frame | None:
        slot = self._mapped.slots[index]
        generation, sequence, width, height, stride, picture_ms = (int(v) for v in slot[:6])
        size = height * stride
        if generation & 1 or not 0 < size <= self.room:
            return None
        pixels = self._mapped.pixels[index][:size].reshape(height, stride).copy()
        if int(slot[0]) != generation:
            return None
        return Frame(pixels, width, height, stride, sequence, picture_ms)

    def remove(self) -> None:
        """Remove the file; who has it mapped keeps it until the end."""
        with contextlib.suppress(PermissionError):  # Windows, while a worker has it: swept later
            self.path.unlink(missing_ok=True)
