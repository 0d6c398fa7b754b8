"""How the desk stands with the server: connected and how quick, or since when not, and why."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from console.i18n import tr
from console.session import DISTRUST, LinkState
from widgets.common import format as fmt
from widgets.common.labels import Label
from widgets.common.theme import colour, px, theme
from widgets.common.tips import set_tip

_HEIGHTS = (3, 5, 8, 10)
_TINTS = {"online": "status.free", "connecting": "text.3", "offline": "priority.2"}


class SignalBars(QWidget):
    """Four bars; struck through when the link is down."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = "connecting"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def show_state(self, state: str) -> None:
        """Another state of the link."""
        if state != self._state:
            self._state = state
            self.update()

    def sizeHint(self) -> QSize:
        """Small."""
        return QSize(px(16), px(12))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the bars."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        down = self._state != "online"
        tint = colour("text.3" if down else _TINTS[self._state])
        for index, height in enumerate(_HEIGHTS):
            box = QRectF(px(4) * index, px(11 - height), px(2.2), px(height))
            painter.fillRect(box, tint)
        if self._state == "offline":
            painter.setPen(QPen(colour("priority.2"), px(1.6)))
            painter.drawLine(0, px(1), px(15), px(11))


class LinkView(QWidget):
    """Bars, state, and what is not sent yet; folded, the last is left to the tool tip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.folded = False
        self._bars = SignalBars()
        self.state = Label("caption")
        self.detail = Label("caption", "text.3")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        for widget in (self._bars, self.state, self.detail):
            self._row.addWidget(widget)
        self._restyle()
        theme().changed.connect(self._restyle)

    def show_link(self, link: LinkState, now_ms: int) -> None:
        """Say how the link stands at `now_ms`."""
        self._bars.show_state(link.state)
        self.state.set_tint(_tint_of(link))
        self.state.setText(self._state_words(link, now_ms))
        self.detail.set_tint("text.1" if link.pending or link.trouble else "text.3")
        self.detail.setText(self._detail_words(link))
        words = self.detail.text()
        set_tip(self, (f"{words}\n\n" if self.folded and words else "") + _tip_of(link))
        self.setAccessibleName(f"{self.state.text()} {self.detail.text()}")
        self.setAccessibleDescription(self.toolTip())

    def fold(self, folded: bool) -> None:
        """Do without what is not sent yet, or say it again."""
        self.folded = folded
        self.detail.setVisible(not folded)

    def spared_px(self) -> int:
        """How much less room it takes when it is folded."""
        return self.detail.sizeHint().width() + self._row.spacing()

    def _state_words(self, link: LinkState, now_ms: int) -> str:
        if link.state != "offline":
            return tr(f"topbar.link.{link.state}")
        age = fmt.age(now_ms - link.since_ms)
        if not link.trouble:
            return tr("topbar.link.offline", age=age)
        return f"{tr(f'topbar.trouble.{link.trouble}.state')} {age}"

    def _detail_words(self, link: LinkState) -> str:
        """What is to be done, how quick the link is, and what is not sent yet."""
        pending = tr("topbar.link.pending", count=link.pending)
        if link.state == "offline" and link.trouble:
            advice = tr(f"topbar.trouble.{link.trouble}.advice")
            return advice + tr("common.dot") + pending if link.pending else advice
        if link.state != "online" or link.latency_ms is None:
            return pending if link.pending else ""
        latency = tr("topbar.link.latency", ms=round(link.latency_ms))
        return latency + tr("common.dot") + pending

    def _restyle(self) -> None:
        self._row.setSpacing(px(6))


def _tint_of(link: LinkState) -> str:
    """A server that cannot prove who it is may be an impostor: that is no mere outage."""
    if link.state != "offline":
        return "text.1"
    return "priority.1" if link.trouble in DISTRUST else "priority.2"


def _tip_of(link: LinkState) -> str:
    """What happened, what it means, what to do; and what goes on meanwhile."""
    tip = tr(f"topbar.link.{link.state}_tip", time=fmt.clock_time(link.since_ms))
    if link.state == "offline" and link.trouble:
        return tr(f"topbar.trouble.{link.trouble}.tip") + "\n\n" + tip
    return tip
