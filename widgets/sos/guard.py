"""Keeps a click from the wrong place: what comes up above the panels moves them down."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

SETTLE_MS = 500
"""So long a hand needs to see that something has moved."""

_CLICKS = frozenset(
    {
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseButtonDblClick,
    }
)


class ClickGuard(QObject):
    """Swallows clicks on `window`, but for those on `free`, for a moment after `settle`."""

    def __init__(self, window: QWidget, free: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._free = free
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SETTLE_MS)
        self._timer.timeout.connect(self._let_go)

    def settle(self) -> None:
        """Something has moved under the pointer."""
        application = QApplication.instance()
        if application is not None and not self._timer.isActive():
            application.installEventFilter(self)
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click that was meant for what stood here before is for nobody."""
        if event.type() not in _CLICKS or not isinstance(watched, QWidget):
            return False
        own = watched.window() is self._window
        return own and watched is not self._free and not self._free.isAncestorOf(watched)

    def _let_go(self) -> None:
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self)
