"""Memory that the desk shares with its tile renderers: one mapped file, cut into slots of a tile.

On Linux the file is anonymous (memfd) and reached through the parent's descriptor table, so
nothing is left behind when the desk is killed; elsewhere it is an ordinary temporary file.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from pathlib import Path

from layers.engine.tile_grid import TILE_BYTES


class SlotFile:
    """`count` slots of one RGB32 tile each."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._descriptor, self.path, self._unlink = _anonymous_file()
        os.ftruncate(self._descriptor, count * TILE_BYTES)
        self._map = mmap.mmap(self._descriptor, count * TILE_BYTES)

    def view(self, slot: int) -> memoryview:
        """The bytes of one slot; release it before `close`."""
        return memoryview(self._map)[slot * TILE_BYTES : (slot + 1) * TILE_BYTES]

    def close(self) -> None:
        """Give the memory back."""
        self._map.close()
        os.close(self._descriptor)
        if self._unlink:
            Path(self.path).unlink(missing_ok=True)


def map_slots(path: str, count: int) -> mmap.mmap:
    """The slots of another process's `SlotFile`, for writing."""
    with Path(path).open("r+b") as file:
        return mmap.mmap(file.fileno(), count * TILE_BYTES)


def _anonymous_file() -> tuple[int, str, bool]:
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("trellis-tiles")
        return descriptor, f"/proc/{os.getpid()}/fd/{descriptor}", False
    descriptor, path = tempfile.mkstemp(prefix="trellis-tiles-")
    return descriptor, path, True
