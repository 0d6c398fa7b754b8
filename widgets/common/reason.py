"""A sentence that is asked for in place."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.i18n import tr
from widgets.bridge.language import follow_language
from widgets.common.buttons import Button, on_click
from widgets.common.fields import Field
from widgets.common.labels import Label
from widgets.common.theme import px


class ReasonForm(QWidget):
    """Asks for a sentence before something is done that cannot be taken back."""

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._done: Callable[[str], None] | None = None
        self._required = ""
        self.question = Label("body", bold=True, wrap=True)
        self.field = Field()
        self.problem = Label("caption", "priority.1", wrap=True)
        self.confirm = Button("primary", key="Enter")
        self.cancel = Button("quiet", key="Esc")
        self._quick = [Button("quiet") for _ in range(4)]
        self._lay_out()
        for button in self._quick:
            button.clicked.connect(partial(self._take_quick, button))
        on_click(self.confirm, self._confirm)
        on_click(self.cancel, self.close_form)
        self.field.entered.connect(self._confirm)
        self.field.left.connect(self.close_form)
        self.hide()
        follow_language(self._retranslate)

    def ask(self, purpose: str, done: Callable[[str], None], subject: str = "") -> None:
        """Ask for the reason of `purpose` (a table of the catalogue), then call `done` with it."""
        self._done = done
        self.question.setText(tr(f"{purpose}.question", subject=subject))
        self.field.setPlaceholderText(tr(f"{purpose}.hint"))
        self.field.setAccessibleName(tr(f"{purpose}.hint"))
        self._required = tr(f"{purpose}.required")
        self.confirm.set_words(tr(f"{purpose}.confirm"))
        choices = tr(f"{purpose}.choices").split("|")
        for position, button in enumerate(self._quick):
            button.setVisible(position < len(choices))
            button.set_words(choices[position] if position < len(choices) else "")
        self.field.clear()
        self._complain("")
        self.show()
        self.field.setFocus(Qt.FocusReason.TabFocusReason)

    def close_form(self) -> None:
        """Put the question away."""
        if not self.isHidden():
            focus = self.focusWidget()
            if focus is not None:
                focus.clearFocus()  # else Qt would put the keyboard into the next field
            self.hide()
            self.left.emit()

    def _take_quick(self, button: Button, _checked: bool = False) -> None:
        self.field.setText(button.text())
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _confirm(self) -> None:
        reason = self.field.text().strip()
        if self._required and not reason:
            self._complain(self._required)
            return
        done, self._done = self._done, None
        self.close_form()
        if done is not None:
            done(reason)

    def _complain(self, words: str) -> None:
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        self.field.set_wrong(bool(words))

    def _lay_out(self) -> None:
        quick = QHBoxLayout()
        quick.setSpacing(px(6))
        for button in self._quick:
            quick.addWidget(button)
        quick.addStretch(1)
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        buttons.addWidget(self.confirm, 1)
        buttons.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(6))
        column.addWidget(self.question)
        column.addLayout(quick)
        column.addWidget(self.field)
        column.addWidget(self.problem)
        column.addLayout(buttons)

    def _retranslate(self) -> None:
        self.cancel.set_words(tr("common.cancel"))
        self.close_form()
