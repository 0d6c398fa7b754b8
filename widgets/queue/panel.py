"""The queue: what has been reported, what needs me first."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from console.i18n import tr
from console.model.requests import ReportIncident
from console.session import sos_calls
from widgets.bridge.language import follow_language, spoken
from widgets.common import format as fmt
from widgets.common.buttons import Button, on_click
from widgets.common.desk import Desk
from widgets.common.labels import Header
from widgets.common.panel import Panel
from widgets.common.segments import Segments
from widgets.common.states import EmptyState, Notice
from widgets.common.theme import px, theme, tokens
from widgets.queue.card import CardDelegate
from widgets.queue.list_view import CardList
from widgets.queue.model import QueueModel
from widgets.queue.report_form import ReportForm
from widgets.queue.rows import Segment

FORM_TOP_PX = 56


class QueuePanel(Panel):
    """Head with count and New, the three segments, and the cards; the form opens beside them, so
    that the queue is seen while somebody is on the telephone.
    """

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.model = QueueModel(desk)
        self.header = Header()
        self.new = Button("quiet", icon="plus", key="N")
        self.segments = Segments(3)
        self.list = CardList()
        self.form = ReportForm(desk, self)
        self.form.hide()
        self.empty = EmptyState()
        self.enrol = Button("quiet", icon="plus")
        self.empty.add(self.enrol)
        self._work = "all"
        self.notice = Notice()
        self._stack = QStackedWidget()
        self._lay_out()
        self._connect()
        follow_language(self._retranslate)
        theme().changed.connect(self._restyle)
        self._show_state()

    def entry(self) -> QWidget:
        """The cards, or the New button while there are none."""
        return self.list if self.model.rowCount() else self.new

    def step(self, by: int) -> None:
        """Select the next or previous incident, wherever the keyboard is; from one that is over
        the next that needs the officer.
        """
        if not self.model.rowCount():
            return
        incident = self._desk.picture.incidents.get(self._desk.selection.incident_id)
        row = self.model.row_of(incident.id) if incident is not None else -1
        is_over = incident is not None and not incident.stage.is_open
        if row < 0 or (is_over and self.segments.index != Segment.ALL):
            row = max(0, self.model.first_needing_me())
        else:
            row = min(max(row + by, 0), self.model.rowCount() - 1)
        self.list.touch()
        self._desk.selection.select_incident(self.model.id_at(row))

    def report(self) -> None:
        """Open the form for a new incident."""
        if self._desk.why_not(ReportIncident):
            return
        if self.form.isHidden():
            self.form.setParent(self.window())
            self.form.open()
        self._place_form()
        self.form.kind.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The form stays at the queue's side."""
        super().resizeEvent(event)
        self._place_form()

    def _place_form(self) -> None:
        """Beside the queue, beneath the map's switches; on a low window as high as it must."""
        if self.form.isHidden():
            return
        self.form.adjustSize()
        window, size = self.window(), self.form.size()
        corner = self.mapTo(window, QPoint(self.width() + px(12), px(FORM_TOP_PX)))
        left = max(0, min(corner.x(), window.width() - size.width()))
        top = max(0, min(corner.y(), window.height() - size.height()))
        self.form.move(left, top)
        self.form.raise_()

    def _lay_out(self) -> None:
        self.header.add(self.new)
        self._bar = QHBoxLayout()
        self._bar.addWidget(self.segments)
        self._bar.addStretch(1)
        self.list.setModel(self.model)
        self.list.setItemDelegate(CardDelegate(self._desk, self.model, self.list))
        for page in (self.list, self.empty):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(self.notice)
        column.addLayout(self._bar)
        column.addWidget(self._stack, 1)
        self._restyle()

    def _connect(self) -> None:
        on_click(self.new, self.report)
        on_click(self.enrol, self._desk.enrol_wanted.emit)
        self.segments.chosen.connect(self._show_segment)
        self.list.picked.connect(self._pick)
        self.list.in_hand.connect(self._hold)
        self.form.reported.connect(self._desk.selection.select_incident)
        self._desk.bridge.incidents_changed.connect(self._follow)
        self._desk.bridge.units_changed.connect(self._retranslate_empty)
        self._desk.bridge.link_changed.connect(self._repaint)
        self._desk.bridge.link_changed.connect(self._retranslate_empty)
        self._desk.bridge.people_changed.connect(self._show_rights)
        self._desk.second.connect(self._tick)
        self._desk.refusals.changed.connect(self._tick)
        self._desk.refusals.changed.connect(self._show_refused)
        self.notice.dismissed.connect(self._read_refused)
        on_click(self.notice.action, self._take_up_refused)
        self._desk.selection.incident_changed.connect(self._select)

    def _follow(self, incident_ids: set[str]) -> None:
        self.model.follow(incident_ids)
        self._settle()
        QTimer.singleShot(tokens()["motion_ms"]["highlight_new"] + 20, self, self._repaint)

    def _tick(self, _what: object = None) -> None:
        self.model.refresh()
        self._settle()

    def _show_refused(self, _incident_id: str = "") -> None:
        """A report that was not accepted is said here, and its words are not lost."""
        refused = self._desk.refusals.of_reports()
        if not refused:
            self.notice.hide()
            return
        refusal, report = refused[0]
        title = tr("queue.refused", what=spoken(report.address))
        self.notice.say(title, spoken(refusal.message), tr("queue.take_up"))

    def _read_refused(self) -> None:
        for refusal, report in self._desk.refusals.of_reports()[:1]:
            self._desk.refusals.read(report.incident_id, refusal)

    def _take_up_refused(self) -> None:
        """Into the form with it; what stands there already is reported, or cleared, first."""
        for refusal, report in self._desk.refusals.of_reports()[:1]:
            self.report()
            if self.form.take_back(report, spoken(refusal.message)):
                self._desk.refusals.read(report.incident_id, refusal)

    def _hold(self, held: bool) -> None:
        self.model.hold(held)
        self._settle()

    def _repaint(self, _what: object = None) -> None:
        self.list.viewport().update()

    def _settle(self) -> None:
        """After the rows changed: counts, the empty state, and the selection's bar."""
        self._show_counts()
        self._show_state()
        self._mark_selected(scroll=False)

    def _show_segment(self, index: int) -> None:
        self.model.show_segment(Segment(index))
        self._settle()
        self._retranslate_empty()

    def _pick(self, index: QModelIndex) -> None:
        if index.isValid():
            self._desk.selection.select_incident(self.model.id_at(index.row()))

    def _select(self, incident_id: str) -> None:
        self.model.mark_seen(incident_id)
        self.model.refresh()
        self._show_state()
        self._mark_selected(scroll=True)

    def _mark_selected(self, scroll: bool) -> None:
        row = self.model.row_of(self._desk.selection.incident_id)
        if row < 0:
            self.list.selectionModel().clear()
            return
        index = self.model.index(row)
        if self.list.currentIndex() != index or not self.list.selectionModel().isSelected(index):
            self.list.setCurrentIndex(index)
        if scroll:
            self.list.scrollTo(index)

    def _show_state(self) -> None:
        page = self.list if self.model.rowCount() else self.empty
        self._stack.setCurrentWidget(page)

    def _show_counts(self) -> None:
        counts = self.model.counts
        seen = not self._desk.why_not_see("operations")
        self.header.remark.setText(fmt.count(counts[1]) if seen else "")
        self.segments.set_figures([fmt.count(number) for number in counts])

    def _retranslate(self) -> None:
        self.setAccessibleName(tr("queue.title"))
        self.list.setAccessibleName(tr("queue.title"))
        self.header.title.setText(tr("queue.title"))
        self.new.set_words(tr("queue.new"), tr("queue.new_tip"))
        self.enrol.set_words(tr("topbar.enrol"))
        names = ("needs_me", "active", "all")
        self.segments.set_words(
            [tr(f"queue.segment.{name}") for name in names],
            [tr(f"queue.segment.{name}_tip") for name in names],
        )
        self._show_rights()
        self.model.refresh()
        self._show_counts()
        self._retranslate_empty()
        self._show_refused()

    def _show_rights(self) -> None:
        self.new.set_reason(self._desk.why_not(ReportIncident))
        work = self._desk.work
        self.segments.setVisible(work != "unseen")
        self.enrol.setVisible(work == "unseen" and self._desk.may_call("enrol"))
        if work != self._work:
            # Who does not act on incidents has none that needs them: all that goes on is theirs.
            self._work = work
            self.segments.choose(Segment.NEEDS_ME if work == "all" else Segment.ACTIVE)
            self._show_segment(self.segments.index)
        self._retranslate_empty()
        self._show_counts()

    def _retranslate_empty(self, _units: object = None) -> None:
        if why := self._desk.why_not_see("operations"):
            self.empty.say(why, tr(f"access.own_work.{self._desk.role}"))
            return
        if self._desk.session.link.state != "online" and not self._desk.picture.seq:
            self.empty.say(tr("queue.empty.unknown"), tr("queue.empty.unknown_advice"))
            return
        name = ("needs_me", "active", "all")[self.segments.index]
        if name == "needs_me" and sos_calls(self._desk.picture, self._desk.session.fixes):
            name = "calls_above"
        self.empty.say(tr(f"queue.empty.{name}"), tr("queue.empty.advice"))

    def _restyle(self) -> None:
        self._bar.setContentsMargins(px(12), px(4), px(12), px(8))
        self.list.scheduleDelayedItemsLayout()
        self.list.verticalScrollBar().setSingleStep(px(28))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._place_form()
