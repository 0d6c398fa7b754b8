"""The strip of live pictures: follows the selected incident, and keeps what was opened by hand."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.clock import Clock, SystemClock
from console.i18n import tr
from widgets.bridge.language import follow_language
from widgets.bridge.video import VideoBridge
from widgets.common.labels import Header
from widgets.common.panel import Panel
from widgets.common.states import EmptyState
from widgets.common.theme import px, theme
from widgets.video.enlarged import EnlargedTile
from widgets.video.tile import HEIGHT, WIDTH, TileSpec, VideoTile

MOST = 6
GAP, INSET = 6, 12
EMPTY_AFTER_MS = 700


class VideoStrip(Panel):
    """Up to six tiles side by side, as many as there is room for.

    `show_cameras` says what follows the selection; `open_camera` adds one that stays until it is
    closed. What does not fit is not opened, and the head says how many those are. `stream_changed`
    says what a camera's stream is doing (a TileState), `emptied` whether there is nothing to show;
    that there is nothing is said a moment later, as the next incident's cameras are on their way.
    """

    camera_activated = Signal(str)
    stream_changed = Signal(str, object)
    emptied = Signal(bool)

    def __init__(
        self, video: VideoBridge, clock: Clock | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._video, self._clock = video, clock or SystemClock()
        self._followed: list[TileSpec] = []
        self._opened: list[TileSpec] = []
        self._dismissed: set[str] = set()
        self._selected = ""
        self._tiles: dict[str, VideoTile] = {}
        self._enlarged: EnlargedTile | None = None
        self._header = Header()
        self._field = QWidget()
        self._empty = EmptyState(self._field)
        self._soon_empty = QTimer(self)
        self._soon_empty.setSingleShot(True)
        self._soon_empty.setInterval(EMPTY_AFTER_MS)
        self._soon_empty.timeout.connect(lambda: self.emptied.emit(True))
        self._soon_empty.start()
        video.state_changed.connect(self._on_state)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addWidget(self._field, 1)
        follow_language(self._retranslate)
        theme().changed.connect(self._arrange)

    # -- what others say ------------------------------------------------------------------------

    def show_cameras(self, specs: Sequence[TileSpec]) -> None:
        """These follow the selection now, best first; those that stay play on undisturbed."""
        if {spec.camera_id for spec in specs} != {spec.camera_id for spec in self._followed}:
            self._dismissed.clear()
        self._followed = list(specs)
        self._arrange()

    def open_camera(self, spec: TileSpec) -> None:
        """Show a camera in front of the others until it is closed, and select it."""
        self._dismissed.discard(spec.camera_id)
        self._opened = [spec, *(old for old in self._opened if old.camera_id != spec.camera_id)]
        self.select_camera(spec.camera_id)
        self._arrange()

    def close_camera(self, camera_id: str) -> None:
        """Close a tile; one that follows the selection comes back with the next selection."""
        self._opened = [spec for spec in self._opened if spec.camera_id != camera_id]
        self._dismissed.add(camera_id)
        if self._enlarged is not None and self._enlarged.camera_id == camera_id:
            self._enlarged.close()
        self._arrange()

    def select_camera(self, camera_id: str) -> None:
        """Outline the tile of this camera, and no other."""
        self._selected = camera_id
        for tile in self._tiles.values():
            tile.set_selected(tile.spec.camera_id == camera_id)

    def tiles(self) -> list[VideoTile]:
        """The tiles in their order."""
        there = (self._tiles.get(spec.camera_id) for spec in self._fitting())
        return [tile for tile in there if tile is not None]

    def shutdown(self) -> None:
        """Close every stream, before the pool goes."""
        self._followed, self._opened = [], []
        if self._enlarged is not None:
            self._enlarged.close()
        self._arrange()

    def entry(self) -> QWidget:
        """The keyboard comes to the first tile."""
        return next(iter(self.tiles()), self)

    # -- which tiles there are ------------------------------------------------------------------

    def _wanted(self) -> list[TileSpec]:
        pinned = {spec.camera_id for spec in self._opened} | self._dismissed
        return self._opened + [spec for spec in self._followed if spec.camera_id not in pinned]

    def _capacity(self) -> int:
        room = self._field.width() - 2 * px(INSET) + px(GAP)
        return max(1, min(MOST, room // (self._tile_width() + px(GAP))))

    def _fitting(self) -> list[TileSpec]:
        return self._wanted()[: self._capacity()]

    def _arrange(self) -> None:
        fitting = self._fitting() if self.isVisible() else []
        kept = {spec.camera_id: spec for spec in fitting}
        for camera_id in [
            camera_id for camera_id in self._tiles if not self._stays(camera_id, kept)
        ]:
            self._drop(camera_id)
        for spec in fitting:
            self._tile_for(spec).show_spec(spec)
        self._place()
        self._empty.setVisible(not self._wanted())
        if not self._wanted():
            self._soon_empty.start()
        elif self._soon_empty.isActive() or self.isHidden():
            self._soon_empty.stop()
            self.emptied.emit(False)
        self._say_remark()

    def _on_state(self, handle: int) -> None:
        for camera_id, tile in self._tiles.items():
            if tile.handle == handle:
                self.stream_changed.emit(camera_id, self._video.state(handle))
                return

    def _stays(self, camera_id: str, kept: dict[str, TileSpec]) -> bool:
        spec = kept.get(camera_id)
        return spec is not None and spec.url == self._tiles[camera_id].spec.url

    def _tile_for(self, spec: TileSpec) -> VideoTile:
        tile = self._tiles.get(spec.camera_id)
        if tile is None:
            tile = VideoTile(self._video, self._clock, spec, parent=self._field)
            tile.activated.connect(self._activate)
            tile.enlarge_wanted.connect(self._enlarge)
            tile.close_wanted.connect(self.close_camera)
            tile.set_selected(spec.camera_id == self._selected)
            self._tiles[spec.camera_id] = tile
        return tile

    def _drop(self, camera_id: str) -> None:
        tile = self._tiles.pop(camera_id)
        tile.release()
        tile.hide()
        tile.deleteLater()

    def _tile_height(self) -> int:
        return max(px(80), self._field.height() - px(INSET))

    def _tile_width(self) -> int:
        return round(self._tile_height() * WIDTH / HEIGHT)

    def _place(self) -> None:
        width, height = self._tile_width(), self._tile_height()
        for number, spec in enumerate(self._fitting() if self._tiles else []):
            tile = self._tiles[spec.camera_id]
            tile.setGeometry(QRect(px(INSET) + number * (width + px(GAP)), 0, width, height))
            tile.show()
        self._empty.setGeometry(self._field.rect())

    # -- what happens ---------------------------------------------------------------------------

    def _activate(self, camera_id: str) -> None:
        self.select_camera(camera_id)
        self.camera_activated.emit(camera_id)

    def _enlarge(self, camera_id: str) -> None:
        if self._enlarged is not None:
            self._enlarged.close()
        tile = self._tiles[camera_id]
        # A window of the whole desk's: the strip may fold away while it is looked at.
        self._enlarged = EnlargedTile(self._video, self._clock, tile.spec, self.window())
        self._enlarged.closed.connect(self._forget_enlarged)
        self._enlarged.show()

    def _forget_enlarged(self) -> None:
        self._enlarged = None

    def _retranslate(self) -> None:
        self._header.title.setText(tr("video.title"))
        self._empty.say(tr("video.empty.title"), tr("video.empty.advice"))
        self.setAccessibleName(tr("video.title"))
        self._say_remark()

    def _say_remark(self) -> None:
        wanted = self._wanted()
        following, hidden = len(wanted) - len(self._opened), len(wanted) - len(self._fitting())
        words = [
            tr("video.follows") if following or not wanted else "",
            tr("video.by_hand", count=len(self._opened)) if self._opened else "",
            tr("video.more", count=hidden) if hidden else "",
        ]
        self._header.remark.setText(tr("common.dot").join(filter(None, words)))

    def showEvent(self, event: QShowEvent) -> None:
        """On the screen: the streams are opened."""
        super().showEvent(event)
        self._arrange()

    def hideEvent(self, event: QHideEvent) -> None:
        """Folded away: nothing is decoded that nobody sees."""
        super().hideEvent(event)
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may have room for more or fewer."""
        super().resizeEvent(event)
        self._arrange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk along the tiles."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        tiles = self.tiles() if step is not None else []
        focused = [number for number, tile in enumerate(tiles) if tile.hasFocus()]
        if step is None or not focused:
            super().keyPressEvent(event)
            return
        goal = min(max(focused[0] + step, 0), len(tiles) - 1)
        tiles[goal].setFocus(Qt.FocusReason.TabFocusReason)
