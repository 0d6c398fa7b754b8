"""The next thing to do: one white button, the other choices beneath it, reasons asked in place."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.i18n import tr
from console.model.incident import Incident, Stage
from widgets.bridge.language import follow_language
from widgets.common import format as fmt
from widgets.common.buttons import Button, on_click
from widgets.common.fields import Field
from widgets.common.labels import Label
from widgets.common.segments import Segments
from widgets.common.theme import px, theme

_TO_VERIFY = (Stage.HANDLED, Stage.FED_BACK)


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
        self.question.setText(tr(f"incident.{purpose}.question", subject=subject))
        self.field.setPlaceholderText(tr(f"incident.{purpose}.hint"))
        self.field.setAccessibleName(tr(f"incident.{purpose}.hint"))
        self._required = tr(f"incident.{purpose}.required")
        self.confirm.set_words(tr(f"incident.{purpose}.confirm"))
        choices = tr(f"incident.{purpose}.choices").split("|")
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


class ActionBar(QWidget):
    """The buttons of the incident's stage. What they do is said as signals."""

    dispatch_wanted = Signal()
    accept_wanted = Signal()
    reject_wanted = Signal()
    verify_wanted = Signal()
    close_wanted = Signal()
    more_wanted = Signal()
    rated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dispatch = Button("primary", icon="send", key="Enter")
        self.verify = Button("primary", icon="check", key="V")
        self.close_primary = Button("primary", icon="lock", key="C")
        self.accept = Button("quiet", icon="check", key="A")
        self.reject = Button("quiet")
        self.close_quiet = Button("quiet", key="C")
        self.more = Button("quiet")
        self.rate_label = Label("caption", "text.2")
        self.rating = Segments(5)
        self._why_not_rate = ""
        self._lay_out()
        self._connect()
        theme().changed.connect(self._restyle)
        follow_language(self.retranslate)

    def show_stage(
        self, incident: Incident, *, sending: bool, nobody_left: bool, count: int, expanded: bool
    ) -> None:
        """Show the buttons of the incident's stage.

        `sending` is whether the list of whom to send is open, `count` how many are ticked,
        `nobody_left` whether units were sent and none is under way any more.
        """
        stage = incident.stage
        verify = stage in _TO_VERIFY
        close = stage is Stage.VERIFIED
        self.verify.setVisible(verify)
        self.close_primary.setVisible(close)
        self.dispatch.setVisible(sending and not verify and not close)
        self.accept.setVisible(stage is Stage.REPORTED)
        self.reject.setVisible(stage in (Stage.REPORTED, Stage.ACCEPTED))
        self.close_quiet.setVisible(stage in (Stage.ACCEPTED, *_TO_VERIFY) or nobody_left)
        self.more.setVisible(stage.is_open)
        to_rate = stage is Stage.CLOSED
        self.rate_label.setVisible(to_rate)
        self.rating.setVisible(to_rate and not self._why_not_rate)
        self.rating.choose_none()
        self._say_dispatch(count)
        self._say_more(sending, expanded)

    def retranslate(self) -> None:
        """Say the fixed words anew; the rest follows with `show_stage`."""
        self.verify.set_words(tr("incident.verify"), tr("incident.verify_tip"))
        self.close_primary.set_words(tr("incident.close.button"), tr("incident.close.tip"))
        self.close_quiet.set_words(tr("incident.close.button"), tr("incident.close.tip"))
        self.accept.set_words(tr("incident.accept"), tr("incident.accept_tip"))
        self.reject.set_words(tr("incident.reject.button"), tr("incident.reject.tip"))
        self.let_rate(self._why_not_rate)
        self.rating.set_words(
            list("12345"), [tr("incident.rate_tip", rating=r) for r in range(1, 6)]
        )

    def let_rate(self, why_not: str) -> None:
        """Let the person at this desk rate what is closed, or say why not."""
        self._why_not_rate = why_not
        self.rate_label.setText((why_not and tr("incident.rate_others")) or tr("incident.rate"))
        self.rate_label.set_tip(why_not)

    def _say_dispatch(self, count: int) -> None:
        self.dispatch.set_words(
            fmt.counted("incident.dispatch", count), tr("incident.dispatch_tip")
        )
        self.dispatch.set_reason("" if count else tr("incident.dispatch_nobody"))

    def _say_more(self, sending: bool, expanded: bool) -> None:
        name = "again" if not sending else "fewer" if expanded else "more"
        self.more.set_words(tr(f"incident.list.{name}"), tr(f"incident.list.{name}_tip"))

    def _connect(self) -> None:
        on_click(self.dispatch, self.dispatch_wanted.emit)
        on_click(self.verify, self.verify_wanted.emit)
        on_click(self.close_primary, self.close_wanted.emit)
        on_click(self.close_quiet, self.close_wanted.emit)
        on_click(self.accept, self.accept_wanted.emit)
        on_click(self.reject, self.reject_wanted.emit)
        on_click(self.more, self.more_wanted.emit)
        self.rating.chosen.connect(lambda index: self.rated.emit(index + 1))

    def _lay_out(self) -> None:
        self._column = QVBoxLayout(self)
        self._first = QHBoxLayout()
        for button in (self.dispatch, self.verify, self.close_primary):
            self._first.addWidget(button, 1)
        self._second = QHBoxLayout()
        for widget in (self.accept, self.reject, self.close_quiet, self.rate_label, self.rating):
            self._second.addWidget(widget)
        self._second.addStretch(1)
        self._second.addWidget(self.more)
        self._column.addLayout(self._first)
        self._column.addLayout(self._second)
        self._restyle()

    def _restyle(self) -> None:
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(px(8))
        self._first.setSpacing(px(8))
        self._second.setSpacing(px(8))
