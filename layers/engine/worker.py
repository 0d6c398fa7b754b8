"""A tile renderer: `python -m layers.engine.worker FACTORY ARGUMENT SLOTS COUNT`.

FACTORY is `module:callable`, called with ARGUMENT and giving a `TilePainter`. Reads requests from
standard input, draws into the shared slots, answers on standard output, ends when the input ends.
"""

from __future__ import annotations

import ctypes
import importlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO, Protocol

from PySide6.QtGui import QImage

from console.clock import monotonic_s
from layers.engine.protocol import decode, encode, key_of
from layers.engine.slots import map_slots
from layers.engine.tile_grid import TILE_BYTES, TILE_PX, TileKey

log = logging.getLogger(__name__)

_BEAT_S = 0.25
_PR_SET_PDEATHSIG = 1
_NICENESS = 10
"""Tiles wait, the desk does not."""


Beat = Callable[[], None]


class TilePainter(Protocol):
    """Draws tiles; calls `beat` between steps, so that a slow tile is not taken for a dead one."""

    def paint(self, image: QImage, key: TileKey, beat: Beat) -> None:
        """Draw the whole of tile `key` into `image` (512 × 512, RGB32)."""


def painter_from(factory: str, argument: str) -> TilePainter:
    """The painter that `module:callable` makes of `argument`."""
    module, _, name = factory.partition(":")
    painter: TilePainter = getattr(importlib.import_module(module), name)(argument)
    return painter


def serve(painter: TilePainter, slots: memoryview, requests: BinaryIO, answers: BinaryIO) -> None:
    """Draw what is asked for until `requests` ends."""

    def say(message: dict[str, Any]) -> None:
        answers.write(encode(message))
        answers.flush()

    say({"ready": True})
    for line in iter(requests.readline, b""):
        say(_answer(painter, slots, decode(line), say))


def _answer(
    painter: TilePainter,
    slots: memoryview,
    message: dict[str, Any],
    say: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    number, start = message["id"], time.thread_time()
    try:
        _paint(painter, slots, message, _beating(lambda: say({"beat": number})))
    except Exception as error:
        log.exception("tile %s failed", message["key"])
        return {"failed": number, "reason": repr(error)}
    return {"done": number, "cpu_ms": round((time.thread_time() - start) * 1000, 2)}


def _paint(painter: TilePainter, slots: memoryview, message: dict[str, Any], beat: Beat) -> None:
    first = message["slot"] * TILE_BYTES
    view = slots[first : first + TILE_BYTES]
    image = QImage(view, TILE_PX, TILE_PX, TILE_PX * 4, QImage.Format.Format_RGB32)
    painter.paint(image, key_of(message), beat)


def _beating(say: Beat) -> Beat:
    last = monotonic_s()

    def beat() -> None:
        nonlocal last
        if monotonic_s() - last > _BEAT_S:
            last = monotonic_s()
            say()

    return beat


def _die_with_parent() -> None:
    """Ask Linux to end this process with its parent; elsewhere the closed pipe does it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def main(arguments: list[str]) -> None:
    """Run until the desk hangs up."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s: %(message)s")
    _die_with_parent()
    with suppress(OSError, AttributeError):
        os.nice(_NICENESS)
    factory, argument, path, count = arguments
    slots = memoryview(map_slots(path, int(count)))
    serve(painter_from(factory, argument), slots, sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    main(sys.argv[1:])
