"""Sign in at this desk: name, password, and why it did not work."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.i18n import language, tr
from console.session import Failure
from widgets.bridge.account import Account
from widgets.bridge.language import follow_language, language_bridge, spoken
from widgets.common.buttons import Button, on_click
from widgets.common.fields import Field
from widgets.common.labels import Label
from widgets.common.theme import px, theme
from widgets.signin.browser import BrowserSignIn

WIDTH_PX, INSET_PX = 400, 24
_SECOND_MS = 1000


class SignInForm(QWidget):
    """Says `signed_in`, and `left` on Escape or *Cancel*; with `stays` nobody can leave it.

    While an account is locked the button counts down the seconds. The keyboard is in the name as
    long as that is empty: whoever types blind never has the password where it can be read.
    """

    signed_in = Signal()
    left = Signal()

    def __init__(
        self, account: Account, *, stays: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._account = account
        self._wait_s = 0
        self.title = Label("title", bold=True)
        self.where = Label("caption", "text.3")
        self.name = Field()
        self.password = Field()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.problem = Label("caption", "priority.1", wrap=True)
        self.come_in = Button("primary", key="Enter")
        self.single = Button("quiet")
        self.single.hide()
        self.leave = Button("quiet", key="Esc")
        if stays:
            self.leave.hide()
        self.language = Button("plain")
        self._labels = (Label("caption", "text.3"), Label("caption", "text.3"))
        self.browser = BrowserSignIn(account, parent=self)
        self._timer = QTimer(self)
        self._timer.setInterval(_SECOND_MS)
        self._timer.timeout.connect(self._count_down)
        self._lay_out()
        self._connect()
        follow_language(self._retranslate)
        self.follow()
        self.browser.ask()

    def begin(self) -> None:
        """Empty, with the keyboard in the name."""
        for field in (self.name, self.password):
            field.clear()
            field.set_wrong(False)
        self.complain("")
        self.follow()
        self._focus()

    def submit(self) -> None:
        """Try what stands in the fields."""
        if not self.come_in.isEnabled():
            return
        name, password = self.name.text().strip(), self.password.text()
        self.name.set_wrong(not name)
        self.password.set_wrong(not password)
        if not name or not password:
            self.complain(tr("signin.missing"))
            self._focus()
            return
        self._account.signin.with_password(name, password)

    def follow(self) -> None:
        """Show how the sign-in stands."""
        state = self._account.signin.state
        if state == "in":
            self.password.clear()
            self.signed_in.emit()
            return
        failure = self._account.failure
        if failure is not None:
            self._show_failure(failure)
        self._show_button()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter tries, Escape leaves; also outside of the fields."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.submit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def complain(self, words: str) -> None:
        """Say what is wrong; "" for nothing."""
        self.problem.setText(words)
        # A layout around the form does not ask how high wrapped words become.
        high = self.problem.heightForWidth(px(WIDTH_PX - 2 * INSET_PX)) if words else 0
        self.problem.setMinimumHeight(max(0, high))
        self.problem.setVisible(bool(words))

    def _focus(self) -> None:
        first = self.password if self.name.text().strip() else self.name
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_failure(self, failure: Failure) -> None:
        self._wait_s = -(-failure.wait_ms // 1000)
        if self._wait_s:
            self._timer.start()
        words = spoken(failure.message) if failure.error else tr("signin.no_answer")
        self.complain(words)
        self.password.clear()
        self.password.set_wrong(failure.error == "wrong_password")
        self._focus()

    def _count_down(self) -> None:
        self._wait_s -= 1
        if self._wait_s <= 0:
            self._timer.stop()
            self.complain("")
        self._show_button()

    def _show_button(self) -> None:
        coming = self._account.signin.state == "coming"
        if self._wait_s > 0:
            why = tr("signin.wait", seconds=self._wait_s)
        else:
            why = tr("signin.coming") if coming else ""
        self.come_in.set_words(why or tr("signin.come_in"))
        self.come_in.set_reason(why)

    def _connect(self) -> None:
        self._account.changed.connect(self.follow)
        self.name.entered.connect(self._next)
        self.password.entered.connect(self.submit)
        for field in (self.name, self.password):
            field.left.connect(self.left)
        on_click(self.come_in, self.submit)
        on_click(self.leave, self.left.emit)
        on_click(self.single, self.browser.start)
        self.browser.offered.connect(self.single.show)
        self.browser.failed.connect(lambda: self.complain(tr("signin.browser_failed")))
        on_click(self.language, self._switch_language)

    def _next(self) -> None:
        """Enter in the name goes on to the password, and tries when there is one."""
        if self.password.text():
            self.submit()
        else:
            self.password.setFocus(Qt.FocusReason.TabFocusReason)

    def _switch_language(self) -> None:
        language_bridge().speak("zh" if language() == "en" else "en")

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.language)
        self._column = QVBoxLayout(self)
        self._column.addLayout(head)
        self._column.addWidget(self.where)
        for label, field in zip(self._labels, (self.name, self.password), strict=True):
            label.setBuddy(field)
            self._column.addWidget(label)
            self._column.addWidget(field)
        self._column.addWidget(self.problem)
        buttons = QHBoxLayout()
        buttons.addWidget(self.come_in, 1)
        buttons.addWidget(self.leave)
        self._column.addLayout(buttons)
        self._column.addWidget(self.single)
        self.problem.hide()
        self._restyle()
        theme().changed.connect(self._restyle)

    def _retranslate(self) -> None:
        self.title.setText(tr("signin.title"))
        self.where.setText(tr("signin.where", url=self._account.url))
        for label, field, key in zip(
            self._labels, (self.name, self.password), ("name", "password"), strict=True
        ):
            label.setText(tr(f"signin.{key}"))
            field.setAccessibleName(tr(f"signin.{key}"))
        self.leave.set_words(tr("common.cancel"))
        self.language.set_words(tr("signin.other_language"), tr("signin.other_language_tip"))
        self.single.set_words(tr("signin.single"), tr("signin.single_tip"))
        failure = self._account.failure
        if failure is not None and failure.error and self.problem.text():
            self.complain(spoken(failure.message))
        self._show_button()

    def _restyle(self) -> None:
        self.setFixedWidth(px(WIDTH_PX))
        self._column.setContentsMargins(px(INSET_PX), px(20), px(INSET_PX), px(24))
        self._column.setSpacing(px(8))
