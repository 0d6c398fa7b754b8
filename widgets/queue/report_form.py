"""The small form with which an officer reports an incident: type, priority, words, place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from console.i18n import tr
from console.model.decide import MAX_TEXT
from console.model.geo import LonLat
from console.model.ids import new_key
from console.model.requests import ReportIncident
from console.model.text import Text
from widgets.bridge.language import follow_language, spoken
from widgets.common import format as fmt
from widgets.common.buttons import Button, on_click
from widgets.common.desk import Desk
from widgets.common.fields import Choice, Field
from widgets.common.labels import Label
from widgets.common.segments import Segments
from widgets.common.theme import px, theme
from widgets.queue.address_field import AddressField
from widgets.queue.place import parse_coordinates

SOURCE = "desk"
WIDTH_PX = 340


class ReportForm(QFrame):
    """A card beside the queue. `reported` carries the new incident's id, `closed` that it is done.

    While the form is open, a click on the map is its place, and a pin stands there. What is written
    stays until it is reported or cleared, whatever becomes of the form meanwhile.
    """

    reported = Signal(str)
    closed = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dialog")
        self._desk = desk
        self._title = Label("title", bold=True)
        self._codes = list(desk.plans.types)
        self.kind = Choice()
        self.priority = Segments(4)
        self.address = AddressField(desk)
        self.place = Field()
        self.words = Field(limit=MAX_TEXT)
        self.problem = Label("caption", "priority.1", wrap=True)
        self.send = Button("primary", icon="plus", key="Enter")
        self.cancel = Button("quiet", key="Esc")
        self.clear = Button("quiet")
        self._labels = [Label("caption", "text.3") for _ in range(5)]
        self._lay_out()
        self._connect()
        follow_language(self._retranslate)
        theme().changed.connect(self._restyle)

    def open(self) -> None:
        """Start a report, or go on with the one that was begun, with the keyboard on the type."""
        self._complain("")
        if not self._is_begun:
            self.start_afresh()
        self.clear.setVisible(self._is_begun)
        self._desk.selection.want_place(True)
        self.show()
        self._mark_place()
        self.kind.setFocus(Qt.FocusReason.TabFocusReason)

    def start_afresh(self) -> None:
        """Forget what was written."""
        for field in (self.address, self.place, self.words):
            field.clear()
            field.set_wrong(False)
        self.clear.hide()
        self._complain("")
        self._take_usual_priority(self.kind.currentIndex())

    def take_back(self, report: ReportIncident, why: str) -> bool:
        """Have what was reported, and not accepted, in the form again, which says why; False where
        something else stands in it.
        """
        if self._is_begun:
            self._complain(tr("queue.form.begun"))
            return False
        if report.type_code in self._codes:
            self.kind.setCurrentIndex(self._codes.index(report.type_code))
        self.priority.choose(report.priority - 1)
        self.address.setText(spoken(report.address))
        self.place.setText(f"{report.lon:.5f}, {report.lat:.5f}")
        self.words.setText(spoken(report.words))
        self.clear.show()
        self._complain(why)
        return True

    @property
    def _is_begun(self) -> bool:
        """Whether anybody has written anything."""
        return any(f.text().strip() for f in (self.address, self.place, self.words))

    def close_form(self) -> None:
        """Put the form away without reporting."""
        self._desk.selection.want_place(False)
        self._desk.selection.mark_place(None)
        self.hide()
        self.closed.emit()

    def submit(self) -> None:
        """Report what stands in the form, or say what is missing."""
        place = parse_coordinates(self.place.text())
        self.place.set_wrong(place is None)
        long = next((f for f in (self.address, self.words) if f.excess()), None)
        if place is None:
            self._complain(tr("queue.form.place_wrong"), self.place)
        elif long is not None:
            self._complain(long.excess(), long)
        else:
            self._send(self._request(place))

    def _send(self, request: ReportIncident) -> None:
        self._desk.submit(request)
        self.start_afresh()
        self.close_form()
        self.reported.emit(request.incident_id)

    def _complain(self, words: str, field: Field | None = None) -> None:
        """Say what is wrong, with the keyboard where it is."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        self.adjustSize()
        if field is not None:
            field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _request(self, place: LonLat) -> ReportIncident:
        words = self.words.text().strip()
        return ReportIncident(
            incident_id=new_key(self._desk.now_ms()),
            type_code=self._codes[self.kind.currentIndex()],
            priority=self.priority.index + 1,
            lon=place.lon,
            lat=place.lat,
            address=self._address(place),
            words=Text(words, words),
            source=SOURCE,
        )

    def _address(self, place: LonLat) -> Text:
        """What was written, else the cell's community, else the coordinates."""
        written = self.address.text().strip()
        if written:
            return Text(written, written)
        cells = self._desk.city.cells
        cell = cells.at(*place.world)
        if cell >= 0:
            return cells.community[cell] or cells.name[cell]
        figures = fmt.coordinates(place.lon, place.lat)
        return Text(figures, figures)

    def _take_place(self, lon: float, lat: float) -> None:
        if self.isVisible():
            self.place.setText(f"{lon:.5f}, {lat:.5f}")
            self.place.set_wrong(False)
            self._complain("")
            self._desk.selection.want_place(True)

    def _take_located(self, place: LonLat) -> None:
        """An address that the city knows: its place, and the map goes there."""
        self._take_place(place.lon, place.lat)
        self._desk.selection.centre_on(place.lon, place.lat)

    def _mark_place(self) -> None:
        """The pin follows what is written."""
        if self.isVisible():
            self._desk.selection.mark_place(parse_coordinates(self.place.text()))

    def _take_usual_priority(self, row: int) -> None:
        if 0 <= row < len(self._codes):
            self.priority.choose(self._desk.plans.type_of(self._codes[row]).priority - 1)

    def _lay_out(self) -> None:
        self._column = QVBoxLayout(self)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.clear)
        self._column.addLayout(head)
        fields = (self.kind, self.priority, self.address, self.place, self.words)
        for label, field in zip(self._labels, fields, strict=True):
            label.setBuddy(field)
            self._column.addWidget(label)
            self._column.addWidget(field)
        self._column.addWidget(self.problem)
        buttons = QHBoxLayout()
        buttons.addWidget(self.send, 1)
        buttons.addWidget(self.cancel)
        self._column.addSpacing(px(6))
        self._column.addLayout(buttons)
        self._restyle()

    def _connect(self) -> None:
        self.kind.currentIndexChanged.connect(self._take_usual_priority)
        for field in (self.address, self.place, self.words):
            field.entered.connect(self.submit)
            field.left.connect(self.close_form)
        self.place.textChanged.connect(self._mark_place)
        self.address.located.connect(self._take_located)
        self.kind.left.connect(self.close_form)
        on_click(self.send, self.submit)
        on_click(self.cancel, self.close_form)
        on_click(self.clear, self.start_afresh)
        self._desk.selection.place_picked.connect(self._take_place)

    def _retranslate(self) -> None:
        self._title.setText(tr("queue.new_tip"))
        self.setAccessibleName(tr("queue.new_tip"))
        for label, name in zip(
            self._labels, ("type", "priority", "address", "place", "words"), strict=True
        ):
            label.setText(tr(f"queue.form.{name}"))
        row = max(0, self.kind.currentIndex())
        self.kind.blockSignals(True)
        self.kind.clear()
        self.kind.addItems([spoken(self._desk.plans.types[c].name) for c in self._codes])
        self.kind.setCurrentIndex(row)
        self.kind.blockSignals(False)
        levels = [f"common.priority.p{level}" for level in (1, 2, 3, 4)]
        self.priority.set_words(["1", "2", "3", "4"], [tr(key) for key in levels])
        self._retranslate_fields()

    def _retranslate_fields(self) -> None:
        named = (
            (self.kind, "type"),
            (self.priority, "priority"),
            (self.address, "address"),
            (self.place, "place"),
            (self.words, "words"),
        )
        for field, name in named:
            field.setAccessibleName(tr(f"queue.form.{name}"))
        self.address.setPlaceholderText(tr("queue.form.address_hint"))
        self.place.setPlaceholderText(tr("queue.form.place_hint"))
        self.words.setPlaceholderText(tr("queue.form.words_hint"))
        self._complain("")
        self.clear.set_words(tr("queue.form.clear"), tr("queue.form.clear_tip"))
        self.send.set_words(tr("queue.form.send"))
        self.cancel.set_words(tr("common.cancel"))

    def _restyle(self) -> None:
        self._column.setContentsMargins(px(16), px(12), px(16), px(16))
        self._column.setSpacing(px(4))
        self.setFixedWidth(px(WIDTH_PX))
