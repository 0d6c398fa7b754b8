"""Asked before a unit that has something to do elsewhere is sent: nobody is sent twice unawares."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.i18n import tr
from widgets.bridge.language import follow_language
from widgets.common.buttons import Button, on_click
from widgets.common.desk import Desk
from widgets.common.labels import Label
from widgets.common.theme import px, theme
from widgets.incident.dispatching import Engagement


class SecondDispatchForm(QWidget):
    """Says what the units are doing, and asks whether they are to do both. `left` when it is over.

    Enter does not answer it: whoever pressed it twice has not read it.
    """

    left = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._engaged: Sequence[Engagement] = ()
        self._done: Callable[[], None] | None = None
        self.question = Label("body", bold=True, wrap=True)
        self.confirm = Button("quiet", icon="send")
        self.cancel = Button("quiet", key="Esc")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self.confirm)
        self._buttons.addWidget(self.cancel)
        self._buttons.addStretch(1)
        self._column.addWidget(self.question)
        self._column.addLayout(self._buttons)
        on_click(self.confirm, self._confirm)
        on_click(self.cancel, self.close_form)
        self.hide()
        self._restyle()
        theme().changed.connect(self._restyle)
        follow_language(self._retranslate)

    def ask(self, engaged: Sequence[Engagement], done: Callable[[], None]) -> None:
        """Ask, and call `done` when they are to do both."""
        self._engaged, self._done = engaged, done
        self._retranslate()
        self.show()

    def close_form(self) -> None:
        """Put the question away: nobody is sent."""
        if not self.isHidden():
            self._done = None
            self.hide()
            self.left.emit()

    def _confirm(self) -> None:
        done = self._done
        self.close_form()
        if done is not None:
            done()

    def _retranslate(self) -> None:
        self.confirm.set_words(tr("incident.second.confirm"), tr("incident.second.tip"))
        self.cancel.set_words(tr("common.cancel"))
        lines = [self._line(engagement) for engagement in self._engaged]
        self.question.setText("\n".join((*lines, tr("incident.second.question"))))

    def _line(self, engagement: Engagement) -> str:
        unit = self._desk.unit_name(engagement.unit_id)
        incident = self._desk.picture.incidents.get(engagement.incident_id)
        if incident is None:
            return tr("incident.second.elsewhere", unit=unit)
        named = f"{self._desk.title_of(incident)} {incident.number}"
        return tr("incident.second.engaged", unit=unit, incident=named)

    def _restyle(self) -> None:
        self._column.setSpacing(px(8))
        self._buttons.setSpacing(px(8))
