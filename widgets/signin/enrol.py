"""Enrol a device: choose a unit, and show the one-time code as a QR code that a phone reads."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from urllib.parse import urlsplit

import msgspec
import segno
from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from console.i18n import tr
from console.session import Failure
from console.tls import is_loopback
from widgets.bridge.language import follow_language, spoken
from widgets.common import format as fmt
from widgets.common.buttons import Button, on_click
from widgets.common.desk import Desk
from widgets.common.fields import Choice
from widgets.common.labels import Label
from widgets.common.screen import room_of
from widgets.common.theme import QWIDGETSIZE_MAX, px, theme

log = logging.getLogger(__name__)

SIDE_PX = 260
QUIET_ZONE = 4
"""Light modules round the code that a reader needs (ISO/IEC 18004)."""


class _Enrolment(msgspec.Struct):
    code: str
    unit_id: str
    ends_at: int


class QrSquare(QWidget):
    """A QR code, black on white whatever the look: that is what phones read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._longest_px = QWIDGETSIZE_MAX
        self.modules: list[Sequence[int]] = []
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_text(self, text: str) -> None:
        """The code of `text`; "" for none."""
        self.modules = [] if not text else list(segno.make_qr(text, error="m").matrix)
        self.update()

    def shrink_to(self, longest_px: int) -> None:
        """Be no larger than this, where the screen is low."""
        self._longest_px = longest_px
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """A square."""
        side = min(px(SIDE_PX), self._longest_px)
        return QSize(side, side)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the modules on whole pixels."""
        painter = QPainter(self)
        if not self.modules:
            return
        painter.fillRect(self.rect(), QColor("white"))
        count = len(self.modules) + 2 * QUIET_ZONE
        side = max(1, min(self.width(), self.height()) // count)
        left = (self.width() - side * len(self.modules)) // 2
        for y, row in enumerate(self.modules):
            for x, dark in enumerate(row):
                if dark:
                    box = QRectF(left + x * side, left + y * side, side, side)
                    painter.fillRect(box, QColor("black"))


class EnrolDialog(QDialog):
    """One code for one device of one unit. A new code voids the one before."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._ends_at = 0
        self.title = Label("title", bold=True)
        self.advice = Label("caption", "text.2", wrap=True)
        self.unit = Choice()
        self.make = Button("primary", key="Enter")
        self.leave = Button("quiet", key="Esc")
        self.square = QrSquare()
        self.code = Label("title", bold=True)
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.remark = Label("caption", "text.3", wrap=True)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._tick)
        self._lay_out()
        on_click(self.make, self.ask)
        on_click(self.leave, self.reject)
        self.unit.left.connect(self.reject)
        self.unit.currentIndexChanged.connect(lambda _row: self._forget())
        follow_language(self._retranslate)
        theme().changed.connect(self._fit)

    def ask(self) -> None:
        """Ask the server for a code for the unit that is chosen."""
        account, row = self._desk.account, self.unit.currentIndex()
        if account is None or row < 0:
            return
        self._forget()
        body = msgspec.json.encode({"unit_id": self._desk.city.units.id[row]})
        account.caller.call("/api/v1/enrolments", body, account.token, self._replied)

    def _replied(self, status: int, said: bytes) -> None:
        if status != 200:
            self.remark.setText(_why(said) or tr("signin.no_answer"))
            return
        got = msgspec.json.decode(said, type=_Enrolment)
        self._ends_at = got.ends_at
        self.code.setText(got.code)
        url = self._desk.account.url if self._desk.account is not None else ""
        # Behind the #, so that no server on the way writes the code into its log.
        self.square.show_text(f"{url.rstrip('/')}/field#enrol={got.code}")
        self._timer.start()
        self._tick()

    def _advice(self, url: str) -> str:
        """What to do with the QR code; a phone does not reach a server of this machine alone."""
        if url and is_loopback(urlsplit(url).hostname or ""):
            return tr("signin.enrol.only_here", url=f"{url.rstrip('/')}/field")
        return tr("signin.enrol.advice")

    def _tick(self) -> None:
        left_ms = self._ends_at - self._desk.now_ms()
        if left_ms <= 0:
            self._forget()
            self.remark.setText(tr("signin.enrol.ended"))
            return
        self.remark.setText(tr("signin.enrol.left", left=fmt.age(left_ms)))
        self._fit()

    def _forget(self) -> None:
        self._timer.stop()
        self.code.setText("")
        self.remark.setText("")
        self.square.show_text("")

    def _lay_out(self) -> None:
        self._column = QVBoxLayout(self)
        self._column.addWidget(self.title)
        self._column.addWidget(self.advice)
        row = QHBoxLayout()
        row.addWidget(self.unit, 1)
        self._column.addLayout(row)
        for widget in (self.square, self.code):
            self._column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        self._column.addWidget(self.remark)
        buttons = QHBoxLayout()
        buttons.addWidget(self.make, 1)
        buttons.addWidget(self.leave)
        self._column.addLayout(buttons)
        self._restyle()
        theme().changed.connect(self._restyle)

    def _retranslate(self) -> None:
        self.setWindowTitle(tr("signin.enrol.title"))
        self.title.setText(tr("signin.enrol.title"))
        account = self._desk.account
        self.advice.setText(self._advice(account.url if account is not None else ""))
        self.make.set_words(tr("signin.enrol.make"))
        self.leave.set_words(tr("signin.enrol.leave"))
        self.unit.setAccessibleName(tr("signin.enrol.unit"))
        row = max(0, self.unit.currentIndex())
        self.unit.blockSignals(True)
        self.unit.clear()
        self.unit.addItems([spoken(name) for name in self._desk.city.units.name])
        self.unit.setCurrentIndex(row)
        self.unit.blockSignals(False)
        self._fit()

    def _fit(self) -> None:
        """As high as what is in it: a lower dialog would take it from the QR code. Only where
        the screen is lower than that, the QR code gives way, as a whole.
        """
        self.square.shrink_to(QWIDGETSIZE_MAX)
        over = self._height() - room_of(self.screen()).window_px[1]
        if over > 0:
            self.square.shrink_to(self.square.sizeHint().height() - over)
        self.setFixedHeight(self._height())

    def _height(self) -> int:
        self._column.activate()
        return self._column.totalHeightForWidth(self.width())

    def _restyle(self) -> None:
        self.setFixedWidth(px(400))
        self._column.setContentsMargins(px(24), px(20), px(24), px(24))
        self._column.setSpacing(px(8))


def _why(said: bytes) -> str:
    try:
        return spoken(msgspec.json.decode(said, type=Failure).message)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ""
