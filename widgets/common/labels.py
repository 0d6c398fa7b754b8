"""Text on panels: one line that ends in … or several that wrap, in a role and a grey."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from widgets.common.theme import FontRole, colour, font, px, theme
from widgets.common.tips import set_tip


class Label(QLabel):
    """A line of text in one of the theme's roles and tints; follows the theme's scale.

    With `elide`, text that does not fit ends in … and the tool tip has all of it.
    """

    def __init__(
        self,
        role: FontRole = "body",
        tint: str = "text.1",
        *,
        bold: bool = False,
        elide: bool = False,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._role: FontRole = role
        self._bold = bold
        self._elide = elide
        self._own_tip = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.set_tint(tint)
        self._restyle()
        theme().changed.connect(self._restyle)

    def set_tint(self, tint: str) -> None:
        """Draw the text in the colour called `tint`."""
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.WindowText, colour(tint))
        self.setPalette(palette)

    def set_tip(self, tip: str) -> None:
        """A tool tip that stays even where the text is not cut."""
        self._own_tip = tip
        set_tip(self, tip)

    def setText(self, text: str) -> None:
        """Show `text`; the same text again costs nothing."""
        if text != self.text():
            super().setText(text)
            self._tell_all()

    def minimumSizeHint(self) -> QSize:
        """A line that may be cut asks for nothing."""
        hint = super().minimumSizeHint()
        return QSize(px(16), hint.height()) if self._elide else hint

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text, cut with … where it does not fit."""
        if not self._elide:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        flags = self.alignment() | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), int(flags), self._shown())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may cut the text or no longer."""
        super().resizeEvent(event)
        self._tell_all()

    def _shown(self) -> str:
        metrics = QFontMetrics(self.font())
        return metrics.elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())

    def _tell_all(self) -> None:
        if self._elide and not self._own_tip:
            set_tip(self, self.text() if self._shown() != self.text() else "")

    def _restyle(self) -> None:
        self.setFont(font(self._role, self._bold))


class Header(QWidget):
    """A panel's or section's head: its name in bold, a quiet remark, buttons at the end."""

    def __init__(self, height: int = 36, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = height
        self._parted = height < 34
        self.title = Label("body", bold=True)
        self.remark = Label("caption", "text.3", elide=True)
        self.row = QHBoxLayout(self)
        self.row.addWidget(self.title)
        self.row.addWidget(self.remark, 1)
        self._restyle()
        theme().changed.connect(self._restyle)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A section is parted from the one before by a line."""
        if self._parted:
            QPainter(self).fillRect(0, 0, self.width(), 1, colour("line.hair"))

    def add(self, widget: QWidget) -> None:
        """Put a button or figure at the end of the head."""
        self.row.addWidget(widget)

    def _restyle(self) -> None:
        self.setFixedHeight(px(self._height))
        self.row.setContentsMargins(px(12), 0, px(12), 0)
        self.row.setSpacing(px(8))
