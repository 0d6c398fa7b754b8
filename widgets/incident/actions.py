"""The next thing to do: one white button, and the other choices beneath it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.i18n import tr
from console.model.incident import Incident, Stage
from widgets.bridge.language import follow_language
from widgets.common import format as fmt
from widgets.common.buttons import Button, on_click
from widgets.common.labels import Label
from widgets.common.segments import Segments
from widgets.common.theme import px, theme

_TO_VERIFY = (Stage.HANDLED, Stage.FED_BACK)


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
