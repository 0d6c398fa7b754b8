"""Tile painters for renderer processes in tests: flat ones, and ones that fail on purpose."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QColor, QImage

from layers.engine.tile_grid import TileKey

CRASHING_COLUMN = 13
HANGING_COLUMN = 14
RAISING_COLUMN = 15
BUSY_COLUMN = 16
BUSY_S = 0.6


def colour_of(key: TileKey) -> QColor:
    """What a flat tile is filled with."""
    return QColor(key.column % 256, key.row % 256, key.step % 256)


class FlatPainter:
    """Fills each tile with a colour that tells its column and row."""

    def paint(self, image: QImage, key: TileKey, beat: Callable[[], None]) -> None:
        image.fill(colour_of(key))


class FaultyPainter(FlatPainter):
    """Dies, hangs, raises or is slow on some columns, and leaves a mark each time it is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def paint(self, image: QImage, key: TileKey, beat: Callable[[], None]) -> None:
        if key.column in (CRASHING_COLUMN, HANGING_COLUMN, RAISING_COLUMN, BUSY_COLUMN):
            (self._folder / f"{key.column}-{os.getpid()}").touch()
        if key.column == CRASHING_COLUMN:
            os._exit(3)
        if key.column == HANGING_COLUMN:
            time.sleep(60)
        if key.column == BUSY_COLUMN:
            until = time.thread_time() + BUSY_S
            while time.thread_time() < until:
                pass
        if key.column == RAISING_COLUMN:
            raise RuntimeError("on purpose")
        super().paint(image, key, beat)


def flat(_argument: str) -> FlatPainter:
    return FlatPainter()


def faulty(argument: str) -> FaultyPainter:
    return FaultyPainter(Path(argument))
