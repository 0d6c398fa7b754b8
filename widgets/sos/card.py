"""One call for help: who, where, how to reach them, who has answered, and what can be done."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from console.i18n import tr
from console.model.requests import AcknowledgeSos, EndSos
from console.model.unit import SosCall
from widgets.common import format as fmt
from widgets.common.buttons import Button, FlatButton, on_click
from widgets.common.desk import Desk
from widgets.common.labels import Label
from widgets.common.reason import ReasonForm
from widgets.common.theme import FontRole, colour, px, theme
from widgets.sos.details import SosDetails, answer_words, details_of
from widgets.sos.mark import SosMark

KEY = "F9"
_ENDING = "sos.end"

NARROW_PX = 1230
"""Below this width the facts stand in two rows instead of one."""


class _Fact(QWidget):
    """A value, and under it what it is or what qualifies it."""

    def __init__(self, role: FontRole, *, elide: bool) -> None:
        super().__init__()
        self.value = Label(role, bold=True, elide=elide)
        self.note = Label("body", elide=elide)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.value)
        column.addWidget(self.note)

    def say(self, value: str, note: str) -> None:
        self.value.setText(value)
        self.note.setText(note)

    def set_tints(self, value: str, note: str) -> None:
        self.value.set_tint(value)
        self.note.set_tint(note)


class SosCard(QFrame):
    """The call of one unit: filled red until somebody has acknowledged. `resized` when it is of
    another height.
    """

    resized = Signal()

    def __init__(self, desk: Desk, unit_id: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.unit_id = unit_id
        self.call = SosCall(0)
        self._narrow: bool | None = None
        self._details: SosDetails | None = None
        self.mark = SosMark(desk)
        self.who = _Fact("title", elide=True)
        self.place = _Fact("value", elide=True)
        self.phone = _Fact("title", elide=False)
        self.answer = _Fact("value", elide=False)
        self.acknowledge = Button("primary", icon="check")
        self.show_place = Button("quiet", icon="target")
        self.end = Button("quiet")
        self.problem = Label("body", wrap=True)
        self.reason = ReasonForm()
        self._lay_out()
        self._connect()
        theme().changed.connect(self._restyle)
        self.retranslate()

    @property
    def waits(self) -> bool:
        """Whether nobody has acknowledged yet."""
        return not self.call.acknowledged_at

    def show_call(self, call: SosCall) -> None:
        """Show the call as it stands now."""
        if call.at != self.call.at:
            self.problem.hide()
        self.call = call
        self._details = details = details_of(self._desk, self.unit_id)
        now = self._desk.now_ms()
        sending = self._is_sending()
        words = answer_words(self._desk, call, sending=sending)
        times = {"called": fmt.hour_minute(call.at), "seen": fmt.clock_time(call.acknowledged_at)}
        self.who.say(details.name, details.work or self._kind_words(details))
        self.place.say(details.place, details.position)
        self.place.note.set_tip(_coordinates(details))
        self.phone.say(details.phone or "—", tr("sos.phone" if details.phone else "sos.no_phone"))
        if self.waits:
            self.answer.say(fmt.age(now - call.at), words)
        else:
            self.answer.say(words, tr("sos.times", **times))
        self.acknowledge.setVisible(self.waits)
        self.acknowledge.set_reason(words if sending else self._desk.why_not(AcknowledgeSos))
        self.end.set_reason(self._desk.why_not(EndSos))
        said = tr("sos.card", unit=details.name, place=details.place, answer=words)
        self.setAccessibleName(said)
        self.mark.show_call(self.waits)
        self._tint()

    def show_key(self, shown: bool) -> None:
        """Whether the key goes to this card."""
        key = KEY if shown else ""
        if key != self.acknowledge.key:
            self.acknowledge.key = key
            self.retranslate()

    def take_back(self, request: AcknowledgeSos | EndSos, words: str) -> None:
        """The server refused what was asked here: say why; a reason that was written is there when
        it is asked for again.
        """
        if isinstance(request, EndSos):
            self.reason.keep(_ENDING, self._desk.unit_name(self.unit_id), request.reason)
        self.problem.setText(words)
        self.problem.show()
        self.resized.emit()

    def look(self) -> None:
        """Bring the unit to the middle of the map."""
        self._desk.selection.select_unit(self.unit_id)
        if self._details is not None and self._details.at is not None:
            self._desk.selection.centre_on(self._details.at.lon, self._details.at.lat)

    def retranslate(self) -> None:
        """Say the fixed words anew; the rest follows with `show_call`."""
        self.acknowledge.set_words(tr("sos.acknowledge"), tr("sos.acknowledge_tip"))
        self.show_place.set_words(tr("sos.show"), tr("sos.show_tip"))
        self.end.set_words(tr("sos.end.button"), tr("sos.end.tip"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter is for the button that has the keyboard: here it must not dispatch anybody."""
        focus = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(focus, FlatButton):
            focus.click()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may want the facts in another order."""
        super().resizeEvent(event)
        self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Red all over, or a red bar at the left once somebody has acknowledged."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour("priority.1" if self.waits else "surface.raised"))
        if not self.waits:
            painter.fillRect(0, 0, px(6), self.height(), colour("priority.1"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, colour("surface.window"))

    def _kind_words(self, details: SosDetails) -> str:
        kind = tr(f"common.unit_kind.{details.kind.value}") if details.kind is not None else ""
        return tr("common.dot").join(word for word in (kind, self.unit_id) if word)

    def _is_sending(self) -> bool:
        """Whether this desk has acknowledged, and the server has not answered yet."""
        asked = AcknowledgeSos(self.unit_id, self.call.at)
        return any(submission.request == asked for submission in self._desk.session.pending)

    def _tint(self) -> None:
        first, second = ("text.inverse", "text.inverse") if self.waits else ("text.1", "text.2")
        for fact in (self.who, self.place, self.phone, self.answer):
            fact.set_tints(first, second)
        self.problem.set_tint(first)
        if not self.waits and self._details is not None and self._details.is_old:
            self.place.note.set_tint("priority.2")
        self.update()

    def _acknowledge(self) -> None:
        self.problem.hide()
        self._desk.submit(AcknowledgeSos(self.unit_id, self.call.at))
        self.show_call(self.call)

    def _ask_end(self) -> None:
        def end(reason: str) -> None:
            self._desk.submit(EndSos(self.unit_id, self.call.at, reason))

        self._form.show()
        self.reason.ask(_ENDING, end, self._desk.unit_name(self.unit_id))
        self.resized.emit()

    def _close_form(self) -> None:
        self._form.hide()
        self.resized.emit()

    def _connect(self) -> None:
        on_click(self.acknowledge, self._acknowledge)
        on_click(self.show_place, self.look)
        on_click(self.end, self._ask_end)
        self.reason.left.connect(self._close_form)

    def _lay_out(self) -> None:
        self._buttons = QWidget()
        row = QHBoxLayout(self._buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        for button in (self.acknowledge, self.show_place, self.end):
            row.addWidget(button)
        self._button_row = row
        # A ground of its own: what is asked is read on dark, also on a red card.
        self._form = QFrame()
        self._form.setObjectName("dialog")
        inside = QVBoxLayout(self._form)
        inside.addWidget(self.reason)
        self._inside = inside
        self._form.hide()
        self.problem.hide()
        self._grid = QGridLayout()
        self._column = QVBoxLayout(self)
        self._column.addLayout(self._grid)
        self._column.addWidget(self.problem)
        self._column.addWidget(self._form, 0, Qt.AlignmentFlag.AlignRight)
        self._restyle()

    def _arrange(self) -> None:
        narrow = self.width() < px(NARROW_PX)
        if narrow == self._narrow:
            return
        self._narrow = narrow
        facts = (self.mark, self.who, self.place, self.phone, self.answer, self._buttons)
        for widget in facts:
            self._grid.removeWidget(widget)
        for column in range(6):
            self._grid.setColumnStretch(column, 0)
        if narrow:
            for widget, place in zip(facts, _NARROW, strict=True):
                self._grid.addWidget(widget, *place)
            self._grid.setColumnStretch(1, 1)
        else:
            for column, widget in enumerate(facts):
                self._grid.addWidget(widget, 0, column)
            self._grid.setColumnStretch(1, 1)
            self._grid.setColumnStretch(2, 2)
        self.resized.emit()

    def _restyle(self) -> None:
        self._column.setContentsMargins(px(12), px(8), px(12), px(9))
        self._column.setSpacing(px(6))
        self._grid.setHorizontalSpacing(px(12))
        self._grid.setVerticalSpacing(px(4))
        self._button_row.setSpacing(px(8))
        self._inside.setContentsMargins(px(12), px(12), px(12), px(12))
        self._form.setFixedWidth(px(560))
        # So wide that the facts of several cards stand under each other.
        for widget, width in ((self.phone, 80), (self.answer, 180), (self._buttons, 292)):
            widget.setMinimumWidth(px(width))
        self._narrow = None
        self._arrange()


def _coordinates(details: SosDetails) -> str:
    """Where the unit was last, in figures: to be read out to who asks for them."""
    return "" if details.at is None else fmt.coordinates(details.at.lon, details.at.lat)


_NARROW = ((0, 0, 2, 1), (0, 1), (1, 1, 1, 2), (0, 2), (0, 3), (1, 3))
"""Mark, who, place, telephone, answer, buttons: row, column and how many of each."""
