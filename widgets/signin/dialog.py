"""Sign in before there is a desk: the form in a window of its own."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from console.i18n import tr
from widgets.bridge.account import Account
from widgets.bridge.language import follow_language
from widgets.signin.form import SignInForm


class SignInDialog(QDialog):
    """Closes by itself, accepted, once somebody is signed in; rejected when it is left."""

    def __init__(self, account: Account, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.form = SignInForm(account)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.form)
        self.form.signed_in.connect(self.accept)
        self.form.left.connect(self.reject)
        self.finished.connect(self.form.browser.stop)
        follow_language(self._retranslate)

    def showEvent(self, event: QShowEvent) -> None:
        """The keyboard begins in the name."""
        super().showEvent(event)
        self.form.begin()

    def _retranslate(self) -> None:
        self.setWindowTitle(tr("signin.window"))
