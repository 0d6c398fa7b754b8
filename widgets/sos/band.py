"""The band under the top bar: all calls for help, whatever else the desk shows.

It is no part of the queue or the map: no filter, form or fold can hide it, and it is made from what
is so, not from what came, so that a desk which was off line shows it too.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.i18n import language, tr
from console.model.requests import AcknowledgeSos, EndSos
from console.model.unit import SosCall
from console.session import Refusal, sos_calls
from widgets.bridge.language import follow_language
from widgets.common import format as fmt
from widgets.common.buttons import Button, on_click
from widgets.common.desk import Desk
from widgets.common.labels import Label
from widgets.common.panel import Panel
from widgets.common.theme import px, theme
from widgets.sos.card import SosCard
from widgets.sos.details import actor_name

ENDED_SHOWN_MS = 60_000
"""So long it stands there that a unit is safe."""

SHARE_OF_WINDOW = 0.42
"""What the band may take of the window's height; beyond that it scrolls."""


class EndedLine(QFrame):
    """A call that is over: who says so."""

    def __init__(self, words: str, until_ms: int) -> None:
        super().__init__()
        self.until_ms = until_ms
        self.words = Label("body", "text.2", elide=True)
        self.words.setText(words)
        self.dismiss = Button("plain", icon="close")
        self.dismiss.set_words("", tr("sos.dismiss"))
        row = QHBoxLayout(self)
        row.setContentsMargins(px(16), px(2), px(10), px(2))
        row.addWidget(self.words, 1)
        row.addWidget(self.dismiss)


class SosBand(Panel):
    """All calls for help that this desk may see, those that wait first. `waiting` tells whether
    somebody waits for an answer, `arrived` that a call is new.
    """

    waiting = Signal(bool)
    arrived = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.cards: dict[str, SosCard] = {}
        self.ended: list[EndedLine] = []
        self._known: set[tuple[str, int]] = set()
        self.count = Label("body", bold=True)
        self._rows = QWidget()
        self._column = QVBoxLayout(self._rows)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._rows)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.count)
        whole.addWidget(self._scroll)
        self.hide()
        self._follow()
        follow_language(self._retranslate)
        theme().changed.connect(self._fit)

    @property
    def is_waiting(self) -> bool:
        """Whether a call waits for an answer."""
        return any(card.waits for card in self.cards.values())

    def entry(self) -> QWidget:
        """The button that answers the oldest call that waits."""
        card = next((c for c in self.cards.values() if c.waits), None)
        first = card or next(iter(self.cards.values()), None)
        return self if first is None else first.acknowledge if first.waits else first.show_place

    def go_to_call(self) -> None:
        """Show the oldest call that waits on the map, with the keyboard on its button."""
        if not self.cards:
            return
        entry = self.entry()
        card = next(c for c in self.cards.values() if c.isAncestorOf(entry))
        card.look()
        self._scroll.ensureWidgetVisible(card)
        entry.setFocus(Qt.FocusReason.TabFocusReason)

    def refresh(self, _ids: object = None) -> None:
        """Show what is so now."""
        calls = sos_calls(self._desk.picture, self._desk.session.fixes)
        for unit_id in [u for u in self.cards if u not in calls]:
            self._end(unit_id)
        for unit_id, call in calls.items():
            if unit_id not in self.cards:
                self._add(unit_id)
            self.cards[unit_id].show_call(call)
        self._drop_ended()
        self._order(calls)
        self._show()
        self._tell(calls)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width may want another height."""
        super().resizeEvent(event)
        self._fit()

    def _follow(self) -> None:
        bridge = self._desk.bridge
        for signal in (bridge.units_changed, bridge.fixes_changed, bridge.link_changed):
            signal.connect(self.refresh)
        bridge.commands_changed.connect(self.refresh)
        bridge.people_changed.connect(self.refresh)
        bridge.refused.connect(self._complain)
        self._desk.second.connect(self.refresh)

    def _add(self, unit_id: str) -> None:
        card = self.cards[unit_id] = SosCard(self._desk, unit_id)
        card.resized.connect(self._fit)
        self._column.addWidget(card)

    def _end(self, unit_id: str) -> None:
        card = self.cards.pop(unit_id)
        card.hide()
        card.deleteLater()
        words = self._ended_words(unit_id)
        if words:
            line = EndedLine(words, self._desk.now_ms() + ENDED_SHOWN_MS)
            on_click(line.dismiss, lambda: self._dismiss(line))
            self.ended.append(line)
            self._column.addWidget(line)

    def _ended_words(self, unit_id: str) -> str:
        """How a call ended; "" where this desk cannot know, for the unit is from elsewhere."""
        call = self._desk.picture.unit(unit_id).sos
        if call is None or call.is_open:
            return ""
        told = {
            "unit": self._desk.unit_name(unit_id),
            "who": actor_name(self._desk, call.ended_by),
            "time": fmt.clock_time(call.ended_at),
            "reason": call.reason,
        }
        return tr("sos.officer_ended" if call.reason else "sos.self_ended", **told)

    def _dismiss(self, line: EndedLine) -> None:
        line.until_ms = 0
        self._drop_ended()
        self._show()

    def _drop_ended(self) -> None:
        now = self._desk.now_ms()
        for line in [line for line in self.ended if line.until_ms <= now]:
            self.ended.remove(line)
            line.hide()
            line.deleteLater()

    def _order(self, calls: Iterable[str]) -> None:
        """Those that wait first, the oldest first; the cards move only when that is another."""
        waiting = [u for u in calls if self.cards[u].waits]
        oldest = min(waiting, key=lambda u: (self.cards[u].call.at, u), default="")
        for unit_id in calls:
            self.cards[unit_id].show_key(unit_id == oldest)
        units = sorted(calls, key=lambda u: (not self.cards[u].waits, self.cards[u].call.at, u))
        if units != list(self.cards):
            self.cards = {unit_id: self.cards[unit_id] for unit_id in units}
            for place, card in enumerate(self.cards.values()):
                self._column.insertWidget(place, card)

    def _show(self) -> None:
        self.setVisible(bool(self.cards or self.ended))
        self._fit()

    def _fit(self) -> None:
        """As high as the calls want, but for most of the window; then how many there are stands
        above them.
        """
        wanted = self._rows.sizeHint().height()
        window = self.window()
        most = round(window.height() * SHARE_OF_WINDOW) if window is not self else wanted
        self._scroll.setFixedHeight(min(wanted, most))
        self.count.setVisible(wanted > most)
        self.count.setMargin(px(8))
        self.count.setText(fmt.counted("sos.more", len(self.cards)))

    def _tell(self, calls: dict[str, SosCall]) -> None:
        now = {(unit_id, call.at) for unit_id, call in calls.items()}
        fresh, self._known = now - self._known, now
        self.waiting.emit(self.is_waiting)
        if fresh:
            self.arrived.emit()

    def _complain(self, refusal: Refusal) -> None:
        request = refusal.request
        if isinstance(request, AcknowledgeSos | EndSos) and request.unit_id in self.cards:
            self.cards[request.unit_id].take_back(request, refusal.message.in_language(language()))

    def _retranslate(self) -> None:
        self.setAccessibleName(tr("sos.title"))
        for card in self.cards.values():
            card.retranslate()
        self.refresh()
