"""Nobody is signed in: the desk is covered until somebody is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from console.i18n import tr
from widgets.bridge.account import Account
from widgets.bridge.language import follow_language
from widgets.common.labels import Label
from widgets.common.theme import colour, px, theme
from widgets.common.tips import hide_tip
from widgets.signin.form import WIDTH_PX, SignInForm

_COMES = frozenset({QEvent.Type.Show, QEvent.Type.ShowToParent, QEvent.Type.ZOrderChange})


class SignInCover(QWidget):
    """Lies over everything in `window`, with the form to sign in, and closes the program's other
    windows.

    While it is up nothing comes out in front of it, whatever shows itself or rises meanwhile;
    `desk` is hidden, so that it neither takes keys nor plays video. `seat` says in words which
    desk this is.
    """

    def __init__(
        self, account: Account, window: QWidget, desk: QWidget, seat: Callable[[], str]
    ) -> None:
        super().__init__(window)
        self._desk = desk
        self._seat = seat
        self.form = SignInForm(account, stays=True)
        self.seat = Label("caption", "text.3")
        self.why = Label("body", "text.2", wrap=True)
        self._card = QFrame()
        self._card.setObjectName("dialog")
        self._column = QVBoxLayout(self._card)
        for widget in (self.why, self.form):
            self._column.addWidget(widget)
        whole = QVBoxLayout(self)
        whole.addStretch(1)
        whole.addWidget(self._card, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addWidget(self.seat, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(1)
        self.hide()
        self._restyle()
        theme().changed.connect(self._restyle)
        follow_language(self._retranslate)

    def put_up(self) -> None:
        """Cover the desk at once."""
        window, app = self.window(), QApplication.instance()
        self.setGeometry(window.rect())
        self.show()
        self.raise_()
        self._desk.hide()
        hide_tip()
        if isinstance(app, QApplication):
            app.installEventFilter(self)
            for other in app.topLevelWidgets():
                if other is not window and other.isVisible():
                    other.close()
        self.form.begin()

    def take_down(self) -> None:
        """Somebody is signed in."""
        self.hide()
        self._desk.show()

    def hideEvent(self, event: QHideEvent) -> None:
        """It watches over what is in front only as long as it is there itself."""
        super().hideEvent(event)
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What comes out elsewhere goes again, and what rises stays beneath."""
        if event.type() in _COMES and isinstance(watched, QWidget) and watched is not self:
            if watched.isWindow():
                if watched is not self.window() and watched.windowType() != Qt.WindowType.ToolTip:
                    QTimer.singleShot(0, watched, watched.close)
            elif watched.parentWidget() is self.parentWidget():
                self.raise_()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Nothing of the desk shines through."""
        QPainter(self).fillRect(self.rect(), colour("surface.window"))

    def _retranslate(self) -> None:
        self.setAccessibleName(tr("signin.title"))
        self.why.setText(tr("signin.covered"))
        self.seat.setText(self._seat())

    def _restyle(self) -> None:
        self.why.setFixedWidth(px(WIDTH_PX))
        self._column.setContentsMargins(0, px(16), 0, 0)
        self._column.setSpacing(0)
        self.why.setContentsMargins(px(24), 0, px(24), 0)
