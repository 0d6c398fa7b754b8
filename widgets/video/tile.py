"""One camera's live picture: the picture, its caption, its tags, and words when it stops."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QWidget

from console.clock import Clock
from console.i18n import tr
from console.video import StreamState
from widgets.bridge.language import follow_language
from widgets.bridge.video import VideoBridge
from widgets.common.buttons import Button, on_click
from widgets.common.focus import FocusRing
from widgets.common.theme import px, theme
from widgets.common.tips import set_tip
from widgets.video.painting import TileLook, paint_tile
from widgets.video.words import TileWords, words_for

WIDTH, HEIGHT = 240, 136


@dataclass(frozen=True, slots=True)
class TileSpec:
    """What a tile is to show: a camera, its name, its stream's address, and a tag above left."""

    camera_id: str
    title: str
    url: str
    tag: str = ""


class VideoTile(QWidget):
    """Shows one stream; two tiles of one camera show the same."""

    activated = Signal(str)
    enlarge_wanted = Signal(str)
    close_wanted = Signal(str)

    def __init__(
        self,
        video: VideoBridge,
        clock: Clock,
        spec: TileSpec,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._video, self._clock = video, clock
        self.spec = spec
        self.handle = video.open(spec.url, *self._device_size())
        self._selected = False
        self._ring = FocusRing(self)
        self._words = TileWords()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._close = self._make_close_button()
        video.frame_ready.connect(self._on_frame)
        video.state_changed.connect(self._on_state)
        follow_language(self._retranslate)
        theme().changed.connect(self.updateGeometry)

    def _make_close_button(self) -> Button:
        button = Button("plain", icon="close", parent=self)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the Delete key does the same
        on_click(button, lambda: self.close_wanted.emit(self.spec.camera_id))
        button.hide()
        return button

    @property
    def words(self) -> TileWords:
        """What it says now."""
        return self._words

    @property
    def state(self) -> StreamState:
        """What the stream is doing."""
        return self._video.state(self.handle).state

    def show_spec(self, spec: TileSpec) -> None:
        """The same camera under another tag or name."""
        if spec != self.spec:
            self.spec = spec
            self._refresh_words()

    def set_selected(self, selected: bool) -> None:
        """Draw the white outline or not."""
        if selected != self._selected:
            self._selected = selected
            self.update()

    def release(self) -> None:
        """Stop watching; the stream ends with the last tile that shows it."""
        self._video.unwatch(self.handle, self)
        self._video.close(self.handle)

    def sizeHint(self) -> QSize:
        """The design's size at this scale."""
        return QSize(px(WIDTH), px(HEIGHT))

    # -- what happens ---------------------------------------------------------------------------

    def _on_frame(self, handle: int) -> None:
        if handle == self.handle:
            self.update()

    def _on_state(self, handle: int) -> None:
        if handle == self.handle:
            self._refresh_words()

    def _refresh_words(self) -> None:
        state = self._video.state(self.handle)
        self._words = words_for(state, self._clock.now_ms())
        if self._words.tip != self.toolTip():
            set_tip(self, self._words.tip)
        self.setAccessibleName(self.spec.title)
        self.setAccessibleDescription(
            " ".join((tr(f"video.state.{state.state}"), *self._words.lines))
        )
        self.update()

    def _retranslate(self) -> None:
        self._close.set_words("", tr("video.close"))
        self._refresh_words()

    def _device_size(self) -> tuple[int, int]:
        ratio = self.devicePixelRatioF()
        size = self.size() if self.isVisible() else self.sizeHint()
        return round(size.width() * ratio), round(size.height() * ratio)

    def _watch(self) -> None:
        if self.isVisible():
            self._video.watch(self.handle, self, *self._device_size())

    # -- Qt -------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """On the screen: pictures are wanted."""
        super().showEvent(event)
        self._watch()
        self._refresh_words()

    def hideEvent(self, event: QHideEvent) -> None:
        """Off the screen: nothing need be copied or painted."""
        super().hideEvent(event)
        self._video.unwatch(self.handle, self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size."""
        super().resizeEvent(event)
        side = px(22)
        self._close.setGeometry(QRect(QPoint(self.width() - side, 0), QSize(side, side)))
        self._watch()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint picture, words, tags, caption and rings."""
        look = TileLook(
            self.spec.title,
            self.spec.tag,
            self._video.image(self.handle),
            self._video.picture_ms(self.handle),
            self.state,
            self._words,
            selected=self._selected,
            focused=self._ring.is_shown,
        )
        paint_tile(QPainter(self), self.rect(), look)

    def enterEvent(self, event: QEnterEvent) -> None:
        """The cross shows while the pointer is over the tile."""
        super().enterEvent(event)
        self._close.show()

    def leaveEvent(self, event: QEvent) -> None:
        """And goes with it."""
        super().leaveEvent(event)
        self._close.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click selects the camera."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.activated.emit(self.spec.camera_id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click shows it large."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.enlarge_wanted.emit(self.spec.camera_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space selects, Enter shows large, Delete closes; arrows are the strip's."""
        signal = _KEYS.get(Qt.Key(event.key()))
        if signal is None:
            super().keyPressEvent(event)
        else:
            getattr(self, signal).emit(self.spec.camera_id)


_KEYS = {
    Qt.Key.Key_Space: "activated",
    Qt.Key.Key_Return: "enlarge_wanted",
    Qt.Key.Key_Enter: "enlarge_wanted",
    Qt.Key.Key_Delete: "close_wanted",
}
