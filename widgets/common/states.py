"""What a panel says when there is nothing to show, or when something was refused: in place."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.i18n import tr
from widgets.bridge.language import follow_language
from widgets.common.buttons import Button, on_click
from widgets.common.icons import paint_icon
from widgets.common.labels import Label
from widgets.common.theme import colour, px, theme
from widgets.common.tips import set_tip


class EmptyState(QWidget):
    """One line why there is nothing, one line what to do, where the first row would be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label("body", wrap=True)
        self.advice = Label("body", "text.2", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.title)
        self._column.addWidget(self.advice)
        self._column.addStretch(1)
        self._restyle()
        theme().changed.connect(self._restyle)

    def say(self, title: str, advice: str) -> None:
        """Why there is nothing, and what to do."""
        self.title.setText(title)
        self.advice.setText(advice)

    def add(self, widget: QWidget) -> None:
        """Put a button under the words."""
        self._column.insertWidget(self._column.count() - 1, widget)

    def _restyle(self) -> None:
        self._column.setContentsMargins(px(12), px(12), px(12), px(12))
        self._column.setSpacing(px(4))


class IconMark(QWidget):
    """A small icon that stands still."""

    def __init__(self, name: str, tint: str, side: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._tint = tint
        self._side = side
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(px(self._side), px(self._side))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the icon."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_icon(painter, QRectF(self.rect()), self._name, colour(self._tint))


class Hairline(QWidget):
    """Parts what stays from what scrolls."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(1)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the line."""
        QPainter(self).fillRect(self.rect(), colour("line.hair"))


class Notice(QWidget):
    """An error in place: what happened, and what it means and what to do; goes when dismissed.

    `dismissed` says that somebody has; a notice may offer a way on beneath its words.
    """

    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label("body", wrap=True)
        self.body = Label("caption", "text.2", wrap=True)
        self._icon = IconMark("warn", "priority.2")
        self._dismiss = Button("plain", icon="close")
        on_click(self._dismiss, self._put_away)
        self.action = Button("quiet")
        self.action.hide()
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.title)
        words.addWidget(self.body)
        words.addWidget(self.action, 0, Qt.AlignmentFlag.AlignLeft)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addLayout(words, 1)
        self._row.addWidget(self._dismiss, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()
        self._restyle()
        theme().changed.connect(self._restyle)
        follow_language(self._retranslate)

    def say(self, title: str, body: str = "", action: str = "") -> None:
        """Show what happened until it is dismissed or replaced; `action` names the way on."""
        self.title.setText(title)
        self.body.setText(body)
        self.body.setVisible(bool(body))
        self.action.setVisible(bool(action))
        self.action.set_words(action)
        self.setAccessibleDescription(f"{title} {body}".strip())
        self.show()

    def _put_away(self) -> None:
        self.hide()
        self.dismissed.emit()

    def _retranslate(self) -> None:
        self._dismiss.setAccessibleName(tr("common.dismiss"))
        set_tip(self._dismiss, tr("common.dismiss"))

    def _restyle(self) -> None:
        self._row.setContentsMargins(px(12), px(6), px(6), px(6))
        self._row.setSpacing(px(8))
