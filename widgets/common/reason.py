"""A sentence that is asked for in place."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.i18n import tr
from console.model.decide import MAX_TEXT
from widgets.bridge.language import follow_language
from widgets.common.buttons import Button, on_click
from widgets.common.fields import Field
from widgets.common.labels import Label
from widgets.common.theme import px


class ReasonForm(QWidget):
    """Asks for a sentence before something is done that cannot be taken back.

    What was written and not said yet stays for when the same is asked again.
    """

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._done: Callable[[str], object] | None = None
        self._asked = ("", "")
        self._subject = ""
        self._drafts: dict[tuple[str, str], str] = {}
        self.question = Label("body", bold=True, wrap=True)
        self.field = Field(limit=MAX_TEXT)
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

    def ask(
        self, purpose: str, done: Callable[[str], object], subject: str = "", about: str = ""
    ) -> None:
        """Ask for the reason of `purpose` (a table of the catalogue), then call `done` with it;
        where that says False it could not be taken, and the form stays. `about` tells what is
        asked here from the same of something else with that `subject`.
        """
        if not self.isHidden():
            self._keep_draft()
        self._done = done
        self._subject = subject
        self._asked = purpose, about or subject
        self._say_question()
        self.field.setText(self._drafts.get(self._asked, ""))
        self._complain("")
        self.show()
        self.field.setFocus(Qt.FocusReason.TabFocusReason)

    def keep(self, purpose: str, about: str, words: str) -> None:
        """Have `words` there when this is asked again: they were said, and not accepted."""
        self._drafts.setdefault((purpose, about), words)

    def close_form(self) -> None:
        """Put the question away."""
        if not self.isHidden():
            self._keep_draft()
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
        required = tr(f"{self._asked[0]}.required")
        if problem := self.field.excess() or (required if not reason else ""):
            self._complain(problem)
            return
        if self._done is None or self._done(reason) is False:
            return
        self._done = None
        self.field.clear()
        self.close_form()

    def _keep_draft(self) -> None:
        words = self.field.text().strip()
        if words:
            self._drafts[self._asked] = words
        else:
            self._drafts.pop(self._asked, None)

    def _say_question(self) -> None:
        purpose = self._asked[0]
        self.question.setText(tr(f"{purpose}.question", subject=self._subject))
        self.field.setPlaceholderText(tr(f"{purpose}.hint"))
        self.field.setAccessibleName(tr(f"{purpose}.hint"))
        self.confirm.set_words(tr(f"{purpose}.confirm"))
        choices = tr(f"{purpose}.choices").split("|")
        for position, button in enumerate(self._quick):
            button.setVisible(position < len(choices))
            button.set_words(choices[position] if position < len(choices) else "")

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
        if not self.isHidden():
            self._say_question()
            self._complain("")
