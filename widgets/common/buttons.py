"""Buttons and chips, painted flat: fill, 1 px line, key hint, focus ring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from console.i18n import tr
from widgets.common.focus import FocusRing, paint_focus
from widgets.common.icons import paint_icon
from widgets.common.theme import FontRole, colour, font, px, theme
from widgets.common.tips import set_tip

_ARROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)

Kind = Literal["primary", "quiet", "plain"]


class FlatButton(QAbstractButton):
    """Base of the painted buttons: words, the key that does the same, and why it cannot be used."""

    def __init__(self, key: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self._tip = ""
        self._reason = ""
        self.ring = FocusRing(self)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        theme().changed.connect(self.updateGeometry)

    def set_words(self, text: str, tip: str = "") -> None:
        """What stands on it; `tip` says more where the words are short."""
        self._tip = tip
        self.setText(text)
        self.setAccessibleName(tip or text)
        self._refresh_tip()
        self.updateGeometry()

    def set_reason(self, reason: str) -> None:
        """Why it cannot be used now; "" makes it usable."""
        self._reason = reason
        self.setEnabled(not reason)
        self._refresh_tip()

    def _refresh_tip(self) -> None:
        tip = self._reason or self._tip or self.text()
        hint = tr("common.key_hint", text=tip, hint=self.key) if self.key else tip
        set_tip(self, hint if self._reason or self._tip or self.key else "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space uses it. Arrows belong to what holds the button: Qt would walk on with them."""
        if event.key() in _ARROWS:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def minimumSizeHint(self) -> QSize:
        """A button is never narrower than its words."""
        return self.sizeHint()


class Button(FlatButton):
    """A button: *primary* (near-white, one a view), *quiet* (edged) or *plain* (no edge)."""

    def __init__(
        self, kind: Kind = "quiet", icon: str = "", key: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(key, parent)
        self.kind: Kind = kind
        self.icon_name = icon
        policy = QSizePolicy.Policy.Minimum if kind == "primary" else QSizePolicy.Policy.Fixed
        self.setSizePolicy(policy, QSizePolicy.Policy.Fixed)

    @property
    def _role(self) -> FontRole:
        return "card_title" if self.kind == "primary" else "caption"

    def sizeHint(self) -> QSize:
        """As wide as icon, words and key; as high as its kind."""
        height = px(36 if self.kind == "primary" else 28)
        return QSize(round(self._content_width()) + 2 * self._padding(), height)

    def _padding(self) -> int:
        bare = not self.text() and not self.key
        return px(6) if bare else px(10 if self.kind != "plain" else 6)

    def _content_width(self) -> float:
        bold = QFontMetrics(font(self._role, self.kind == "primary"))
        parts = [bold.horizontalAdvance(self.text())] if self.text() else []
        if self.icon_name:
            parts.append(px(16))
        if self.key:
            parts.append(self._key_width())
        return sum(parts) + px(6) * max(0, len(parts) - 1)

    def _key_width(self) -> int:
        plain = QFontMetrics(font("caption")).horizontalAdvance(self.key)
        return plain + (px(12) if self.kind == "primary" else 0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint fill, edge, icon, words, key and focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        fill, edge, ink = self._colours()
        painter.setPen(QPen(edge, 1))
        painter.setBrush(fill)
        painter.drawRoundedRect(rect, px(4), px(4))
        self._paint_content(painter, ink)
        if self.ring.is_shown:
            paint_focus(painter, QRectF(self.rect()), px(4))

    def _colours(self) -> tuple[QColor, QColor, QColor]:
        clear = QColor(Qt.GlobalColor.transparent)
        if not self.isEnabled():
            edge = clear if self.kind == "plain" else colour("line.panel")
            return clear, edge, colour("text.disabled")
        if self.kind == "primary":
            state = ".pressed" if self.isDown() else ".hover" if self.underMouse() else ""
            fill = colour(f"action.primary{state}")
            return fill, fill, colour("text.inverse")
        return self._quiet_colours(clear)

    def _quiet_colours(self, clear: QColor) -> tuple[QColor, QColor, QColor]:
        plain = self.kind == "plain"
        rest = clear if plain else colour("surface.raised")
        fill = rest
        if self.isDown() or self.isChecked():
            fill = colour("surface.selected")
        elif self.underMouse():
            fill = colour("surface.hover")
        edge = clear if plain else colour("line.panel")
        return fill, edge, colour("text.2" if plain and not self.underMouse() else "text.1")

    def _paint_content(self, painter: QPainter, ink: QColor) -> None:
        x = (self.width() - self._content_width()) / 2
        if self.icon_name:
            side = px(16)
            box = QRectF(x, (self.height() - side) / 2, side, side)
            paint_icon(painter, box, self.icon_name, ink, 1.6 if self.kind == "primary" else 1.4)
            x += side + px(6)
        if self.text():
            x = self._paint_words(painter, x, ink)
        if self.key:
            self._paint_key(painter, x, ink)

    def _paint_words(self, painter: QPainter, x: float, ink: QColor) -> float:
        painter.setFont(font(self._role, self.kind == "primary"))
        painter.setPen(ink)
        width = painter.fontMetrics().horizontalAdvance(self.text())
        box = QRectF(x, 0, width + 1, self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self.text())
        return x + width + px(6)

    def _paint_key(self, painter: QPainter, x: float, ink: QColor) -> None:
        painter.setFont(font("caption"))
        box = QRectF(x, 0, self._key_width(), self.height())
        dim = "text.inverse.2" if self.kind == "primary" else "text.3"
        tint = colour(dim) if self.isEnabled() else ink
        painter.setPen(tint)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.key)
        if self.kind == "primary":
            height = px(20)
            frame = QRectF(x, (self.height() - height) / 2, self._key_width(), height)
            painter.setPen(QPen(colour("line.control"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame, px(3), px(3))


class Chip(FlatButton):
    """A switch for a layer or filter: on is a raised fill and a 2 px bar, not colour alone."""

    def __init__(self, key: str = "", parent: QWidget | None = None) -> None:
        super().__init__(key, parent)
        self._figure = ""
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_figure(self, figure: str) -> None:
        """The number behind the words."""
        if figure != self._figure:
            self._figure = figure
            self.updateGeometry()
            self.update()

    def _parts(self) -> list[tuple[str, str]]:
        on = self.isChecked()
        named = [
            (self.key, "text.3"),
            (self.text(), "text.1" if on else "text.3"),
            (self._figure, "text.2" if on else "text.3"),
        ]
        return [part for part in named if part[0]]

    def sizeHint(self) -> QSize:
        """As wide as key, words and figure."""
        metrics = QFontMetrics(font("caption"))
        parts = self._parts()
        words = sum(metrics.horizontalAdvance(text) for text, _ in parts)
        return QSize(words + px(6) * max(0, len(parts) - 1) + px(16), px(26))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint fill, bar, key, words and figure."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        fill = "surface.hover" if on or self.underMouse() else "surface.panel"
        painter.setPen(QPen(colour("line.chip.on" if on else "line.panel"), 1))
        painter.setBrush(colour(fill))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))
        if on:
            bar = QRectF(px(2), self.height() - px(3), self.width() - 2 * px(2), px(2))
            painter.fillRect(bar, colour("text.2"))
        self._paint_parts(painter)
        if self.ring.is_shown:
            paint_focus(painter, QRectF(self.rect()), px(4))

    def _paint_parts(self, painter: QPainter) -> None:
        painter.setFont(font("caption"))
        x = px(8)
        for text, tint in self._parts():
            width = painter.fontMetrics().horizontalAdvance(text)
            painter.setPen(colour(tint if self.isEnabled() else "text.disabled"))
            box = QRectF(x, 0, width + 1, self.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, text)
            x += width + px(6)


def on_click(button: QAbstractButton, action: Callable[[], object]) -> None:
    """Do `action` when the button is used, whatever the signal carries."""
    button.clicked.connect(lambda _checked=False: action())
