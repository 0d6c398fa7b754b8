"""The supervisor of the tile renderers.

Keeps the queue of wanted tiles (the newest wish only, in the order given), hands each renderer at
most two at a time, replaces one that is stuck (one that works, or waits for a busy machine, is
not), and gives up on a tile that brought renderers down twice. Lives on the GUI thread and never
waits.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from layers.engine.renderer import WATCH_MS, Renderer
from layers.engine.slots import SlotFile
from layers.engine.tile_grid import TILE_PX, TileKey

log = logging.getLogger(__name__)

IN_FLIGHT = 2
CRASHES_TO_QUARANTINE = 2


@dataclass(frozen=True, slots=True)
class PainterSource:
    """How a renderer gets its painter: `factory` is `module:callable`, called with `argument`."""

    factory: str
    argument: str


class TilePool(QObject):
    """Renderer processes and the queue before them.

    `tile_ready(key, image)`: the image lies over shared memory and is good only during the call.
    """

    tile_ready = Signal(object, object)
    idle = Signal()

    def __init__(
        self, source: PainterSource, renderers: int = 2, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._slots = SlotFile(renderers * IN_FLIGHT)
        self._free = list(range(self._slots.count))
        self._queue: list[TileKey] = []
        self._crashes: dict[TileKey, int] = {}
        self._renderers = [self._new_renderer(source) for _ in range(renderers)]
        self._watch = QTimer(self)
        self._watch.timeout.connect(self._look_at_renderers)

    def start(self) -> None:
        """Start the renderers."""
        self._watch.start(WATCH_MS)
        for renderer in self._renderers:
            renderer.start()

    @property
    def process_ids(self) -> list[int]:
        """The renderers that run now."""
        return [r.process_id for r in self._renderers if r.process_id]

    @property
    def quarantined(self) -> set[TileKey]:
        """Tiles that are not drawn any more because they brought renderers down."""
        return {key for key, count in self._crashes.items() if count >= CRASHES_TO_QUARANTINE}

    @property
    def is_busy(self) -> bool:
        """Whether anything is wanted or being drawn."""
        return bool(self._queue) or any(r.load for r in self._renderers)

    def want(self, keys: Sequence[TileKey]) -> None:
        """Draw these, first ones first, instead of whatever was still waiting."""
        flying = {key for renderer in self._renderers for key in renderer.keys}
        barred = self.quarantined
        self._queue = [key for key in keys if key not in flying and key not in barred]
        self._feed()

    def close(self) -> None:
        """End the renderers and give the shared memory back."""
        self._watch.stop()
        self._queue.clear()
        for renderer in self._renderers:
            renderer.close()
        self._slots.close()

    def _new_renderer(self, source: PainterSource) -> Renderer:
        renderer = Renderer(
            source.factory, source.argument, self._slots.path, self._slots.count, self
        )
        renderer.ready.connect(self._feed)
        renderer.drawn.connect(self._deliver)
        renderer.failed.connect(self._blame)
        renderer.lost.connect(self._recover)
        return renderer

    def _feed(self) -> None:
        """Give work out evenly: the least loaded renderer first."""
        while self._queue and self._free:
            able = [r for r in self._renderers if r.is_ready and r.load < IN_FLIGHT]
            if not able:
                return
            renderer = min(able, key=lambda r: r.load)
            renderer.draw(self._queue.pop(0), self._free.pop())

    def _deliver(self, key: TileKey, slot: int) -> None:
        with self._slots.view(slot) as view:
            image = QImage(view, TILE_PX, TILE_PX, TILE_PX * 4, QImage.Format.Format_RGB32)
            self.tile_ready.emit(key, image)
            del image
        self._free.append(slot)
        self._feed()
        if not self.is_busy:
            self.idle.emit()

    def _blame(self, key: TileKey, slot: int, reason: str) -> None:
        self._free.append(slot)
        self._count_crash(key, reason)
        self._feed()

    def _recover(self, flying: list[tuple[TileKey, int]]) -> None:
        """A renderer went down: its first tile is to blame, the others are drawn again."""
        self._free.extend(slot for _, slot in flying)
        if flying:
            self._count_crash(flying[0][0], "the renderer went down")
            self._queue[:0] = [key for key, _ in flying[1:]]
        self._feed()

    def _count_crash(self, key: TileKey, reason: str) -> None:
        self._crashes[key] = self._crashes.get(key, 0) + 1
        log.warning("tile %s failed (%d times): %s", key, self._crashes[key], reason)
        if self._crashes[key] < CRASHES_TO_QUARANTINE:
            self._queue.append(key)

    def _look_at_renderers(self) -> None:
        for renderer in self._renderers:
            renderer.tick()
