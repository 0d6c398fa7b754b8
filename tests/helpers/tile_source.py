"""A tile source without processes: hands over flat tiles when told to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from layers.engine.tile_grid import TILE_PX, TileKey
from tests.helpers.tile_painters import colour_of


class FakeTiles(QObject):
    """Remembers what is wanted; `deliver` draws it."""

    tile_ready = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[TileKey] = []

    def want(self, keys: Sequence[TileKey]) -> None:
        self.wanted = list(keys)

    def deliver(self, count: int | None = None) -> None:
        """Hand over the first `count` wanted tiles, or all."""
        for key in self.wanted[:count]:
            image = QImage(TILE_PX, TILE_PX, QImage.Format.Format_RGB32)
            image.fill(colour_of(key))
            self.tile_ready.emit(key, image)
        self.wanted = self.wanted[count:] if count is not None else []
