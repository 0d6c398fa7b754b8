"""The column of the selected incident, in the order of work.

What it is, how far in the loop, who to send, what was sent, what can see it, what was said.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from console.i18n import tr
from console.model.incident import Incident, Stage
from console.model.requests import (
    AcceptIncident,
    AddNote,
    ChangePriority,
    CloseIncident,
    DispatchUnits,
    EvaluateIncident,
    MarkSeen,
    MergeIncident,
    RecallCommand,
    RejectIncident,
    Request,
    VerifyIncident,
)
from console.session import Refusal
from widgets.bridge.language import follow_language, spoken
from widgets.common.desk import Desk
from widgets.common.labels import Header, Label
from widgets.common.panel import Panel
from widgets.common.reason import ReasonForm
from widgets.common.states import EmptyState
from widgets.common.tips import set_tip
from widgets.incident.actions import ActionBar
from widgets.incident.cameras import CameraList
from widgets.incident.candidates import CandidateList
from widgets.incident.column import WorkColumn
from widgets.incident.commands import CommandList
from widgets.incident.dispatching import Dispatching
from widgets.incident.drafts import with_drafts
from widgets.incident.head import IncidentHead
from widgets.incident.log import EventLog
from widgets.incident.loop import LoopStepper
from widgets.incident.note import NoteField
from widgets.incident.refused import RefusedNotice, written_in
from widgets.incident.second import SecondDispatchForm
from widgets.incident.sentences import Names, line_of

_SENDING = (Stage.REPORTED, Stage.ACCEPTED)


class IncidentPanel(Panel):
    """Everything about one incident, and everything that can be done with it."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._sending_again = False
        self._seen: set[str] = set()
        self.dispatching = Dispatching(desk, self)
        self.head = IncidentHead(desk)
        self.loop = LoopStepper(desk.plans)
        self.candidates = CandidateList()
        self.acts = ActionBar()
        self.only = Label("caption", "text.2", wrap=True)
        self.reason = ReasonForm()
        self.second = SecondDispatchForm(desk)
        self.notice = RefusedNotice(desk)
        self.commands = CommandList(desk)
        self.cameras = CameraList(desk)
        self.log_header = Header(30)
        self.log = EventLog()
        self.note = NoteField()
        self.empty = EmptyState()
        self._lay_out()
        self._connect()
        follow_language(self._retranslate)

    @property
    def incident(self) -> Incident | None:
        """The incident that is shown."""
        return self._desk.picture.incidents.get(self._desk.selection.incident_id)

    def entry(self) -> QWidget:
        """The button that comes next, or the note."""
        buttons = (self.acts.dispatch, self.acts.verify, self.acts.close_primary)
        return next((b for b in buttons if b.isVisible() and b.isEnabled()), self.note)

    def proceed(self) -> None:
        """Enter: what the white button says."""
        if self.acts.dispatch.isVisible():
            self.dispatch()
        elif self.acts.verify.isVisible():
            self.verify()
        elif self.acts.close_primary.isVisible():
            self.close_incident()

    def accept(self) -> None:
        """Take the incident on."""
        self._ask_if(AcceptIncident, Stage.REPORTED)

    def verify(self) -> None:
        """Confirm that it is dealt with."""
        self._ask_if(VerifyIncident, Stage.HANDLED, Stage.FED_BACK)

    def dispatch(self) -> None:
        """Send the ticked units."""
        incident = self.incident
        if incident is None or not self._may(DispatchUnits):
            return
        if self.dispatching.is_ranking:
            self.notice.warn(tr("incident.still_ranking"))
        elif incident.stage.is_open and self._sending(incident):
            self._send(incident, self.dispatching.ticked)

    def send_unit(self, unit_id: str) -> None:
        """Send just this unit, whatever is ticked."""
        incident = self.incident
        if incident is not None and incident.stage.is_open and self._may(DispatchUnits):
            self._send(incident, [unit_id])

    def close_incident(self) -> None:
        """Ask how it ended, then close it."""
        incident = self.incident
        if incident is not None and incident.stage.is_open and self._may(CloseIncident):
            self._ask("close", lambda why: CloseIncident(incident.id, why), incident.number)

    def reject(self) -> None:
        """Ask why, then turn it away."""
        incident = self.incident
        if incident is not None and incident.stage in _SENDING and self._may(RejectIncident):
            self._ask("reject", lambda why: RejectIncident(incident.id, why), incident.number)

    def change_priority(self, priority: int) -> None:
        """Ask why, then weigh the incident anew."""
        incident = self.incident
        if incident is not None and incident.stage.is_open and self._may(ChangePriority):
            level = tr(f"common.priority.p{priority}")
            self._ask("reprioritise", lambda why: ChangePriority(incident.id, priority, why), level)

    def merge_into(self, other_id: str) -> None:
        """Join the incident to another, and go on with that one."""
        incident = self.incident
        if incident is not None and incident.stage in _SENDING and self._may(MergeIncident):
            self._submit(MergeIncident(incident.id, other_id))
            self._desk.selection.select_incident(other_id)

    def recall(self, command_id: str) -> None:
        """Ask why, then call the unit back."""
        incident, command = self.incident, self._desk.picture.commands.get(command_id)
        if incident is not None and command is not None and self._may(RecallCommand):
            unit = self._desk.unit_name(command.unit_id)
            self._ask("recall", lambda why: RecallCommand(command_id, why), unit)

    def write_note(self) -> None:
        """Bring the keyboard to the note."""
        if self.incident is not None and self._may(AddNote):
            self.note.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def step_back(self) -> bool:
        """Put away what is open in the column; False when nothing was."""
        for form in (self.reason, self.second):
            if not form.isHidden():
                form.close_form()
                return True
        if self.note.hasFocus():
            self.note.clearFocus()
            return True
        return False

    def _send(self, incident: Incident, unit_ids: list[str]) -> None:
        """Send them; who has something to do elsewhere only when the officer says so."""
        engaged = self.dispatching.engaged(incident, unit_ids)

        def send() -> None:
            self.dispatching.send(incident, unit_ids, engaged)
            self._sending_again = False
            self._refresh()

        if engaged:
            self.acts.hide()
            self.second.ask(engaged, send)
        else:
            send()

    def _send_anyway(self, request: DispatchUnits) -> None:
        """Units turned out to be engaged: say where, and ask whether they are to do both."""
        incident = self._desk.picture.incidents.get(request.incident_id)
        if incident is not None and incident.stage.is_open and self._may(DispatchUnits):
            self._send(incident, [order.unit_id for order in request.orders])

    def _ask_if(self, request: type[AcceptIncident | VerifyIncident], *stages: Stage) -> None:
        incident = self.incident
        if incident is not None and incident.stage in stages and not self._waits(request):
            self._submit(request(incident.id))

    def _waits(self, kind: type) -> bool:
        waiting = self._desk.pending(self._desk.selection.incident_id)
        return any(isinstance(submission.request, kind) for submission in waiting)

    def _ask(self, purpose: str, make: Callable[[str], Request], subject: str) -> None:
        """Ask for a reason, then submit the request that `make` makes of it."""
        written = written_in(make(""))
        self.acts.hide()
        seen = self._desk.picture.seq
        self.reason.ask(
            f"incident.{purpose}",
            lambda why: self._submit(make(why), seen),
            subject,
            about=written[1] if written is not None else subject,
        )

    def _may(self, request: type) -> bool:
        """Whether the person at this desk may; where not, says why."""
        why = self._desk.why_not(request)
        if why:
            self.notice.warn(why)
        return not why

    def _submit(self, request: Request, seen: int | None = None) -> bool:
        """Ask for something, by what somebody had `seen`; False where it could not be asked for."""
        if not self._may(type(request)):
            return False
        self._desk.submit(request, seen)
        self._refresh()
        return True

    def _send_note(self) -> None:
        words, incident = self.note.text().strip(), self.incident
        if not words or incident is None:
            return
        if problem := self.note.excess():
            self.notice.warn(problem)
        elif self._submit(AddNote(incident.id, words)):
            self.note.clear()

    def _keep_words(self, refusal: Refusal) -> None:
        """What was written and not accepted is there for another try."""
        match written_in(refusal.request):
            case ("note", incident_id, words):
                self.note.give_back(incident_id, words)
            case (purpose, about, words):
                self.reason.keep(f"incident.{purpose}", about, words)

    def _rate(self, rating: int) -> None:
        if (incident := self.incident) is not None:
            self._submit(EvaluateIncident(incident.id, rating, ""))

    def _select(self, incident_id: str) -> None:
        self._sending_again = False
        self.notice.show_incident(incident_id)
        self.reason.close_form()
        self.second.close_form()
        self.note.change_to(incident_id)
        incident = self.incident
        if incident is None:
            self.cameras.forget()
        else:
            self.cameras.look_up(incident)
            self._mark_seen(incident_id)
        self._body.scroll_to_top()
        self._refresh()

    def _mark_seen(self, incident_id: str) -> None:
        """What people knew is part of the record; once a run is enough."""
        if incident_id not in self._seen and not self._desk.why_not(MarkSeen):
            self._seen.add(incident_id)
            self._desk.submit(MarkSeen(incident_id, self._desk.name))

    def _follow(self, incident_ids: set[str]) -> None:
        if self._desk.selection.incident_id in incident_ids:
            self._refresh()
            self._mark_late(self._desk.selection.incident_id)

    def _mark_late(self, incident_id: str) -> None:
        """An incident of this desk's own making is known only once the server has it."""
        incident = self.incident
        if incident is not None and incident_id not in self._seen:
            self._select(incident_id)
            self.dispatching.refresh()

    def _tick(self) -> None:
        incident = self.incident
        if incident is not None:
            self.head.show_incident(incident, self._desk.standing(incident))
            self.head.menu.show_incident(incident)
            self.loop.show_incident(incident, self._desk.now_ms())
            self.commands.update()

    def _sending(self, incident: Incident) -> bool:
        """Whether the list of whom to send is open: before the first command, and when asked."""
        fresh = incident.stage in _SENDING and not self._waits(DispatchUnits)
        return fresh or self._is_stuck(incident) or self._sending_again

    def _is_stuck(self, incident: Incident) -> bool:
        """Whether units were sent, and none is under way any more, nor has any dealt with it."""
        commands = self._desk.picture.commands_of(incident.id)
        nobody = bool(commands) and all(c.step.is_final for c in commands)
        return incident.stage is Stage.DISPATCHED and nobody

    def _more(self) -> None:
        incident = self.incident
        if incident is None:
            return
        if self._sending(incident):
            self.dispatching.expand(not self.dispatching.is_expanded)
        else:
            self._sending_again = True
        self._refresh()

    def _refresh(self, _what: object = None) -> None:
        """Bring everything up to date with the picture."""
        incident = self.incident
        self._pages.setCurrentWidget(self._body if incident else self.empty)
        if incident is None:
            self._say_nothing()
            return
        self._tick()
        self._show_dispatch(incident)
        given = self._desk.picture.commands_of(incident.id)
        pending = self._desk.pending(incident.id)
        self.commands.show_commands(with_drafts(given, pending))
        desk = self._desk
        names = Names(desk.unit_name, desk.incident_number, desk.person_name, incident.id)
        self._desk.session.look_into(incident.id)
        events = self._desk.picture.timeline(incident.id)
        lines = [line for e in events if (line := line_of(e, names)) is not None]
        self.log.show_lines(sorted(lines, key=lambda line: line.at))
        offline = self._desk.session.link.state == "offline"
        self.log_header.remark.setText(tr("incident.log.waiting") if pending and offline else "")

    def _say_nothing(self) -> None:
        """Nothing is selected, or what is selected is not, or no longer, to be seen here."""
        self.cameras.forget()
        if why := self._desk.why_not_see("operations"):
            self.empty.say(why, tr(f"access.own_work.{self._desk.role}"))
            return
        waiting = bool(self._desk.pending(self._desk.selection.incident_id))
        name = "waiting" if waiting else "empty"
        self.empty.say(tr(f"incident.{name}.title"), tr(f"incident.{name}.advice"))

    def _show_dispatch(self, incident: Incident) -> None:
        self._show_rights()
        may = not self._desk.why_not(DispatchUnits)
        sending = may and incident.stage.is_open and self._sending(incident)
        shown = [(c, self.dispatching.is_ticked(c)) for c in self.dispatching.shown]
        self.candidates.setVisible(sending)
        self.dispatching.offer(sending)
        why = "incident.who.failed" if self.dispatching.failed else "incident.who.nobody"
        self.candidates.show_candidates(shown, self.dispatching.is_ranking, tr(why))
        self.candidates.show_unmet(self.dispatching.unmet)
        self.acts.show_stage(
            incident,
            sending=sending,
            nobody_left=self._is_stuck(incident),
            count=len(self.dispatching.ticked),
            expanded=self.dispatching.is_expanded,
        )
        if why := self._desk.why_not(DispatchUnits):
            self.acts.dispatch.set_reason(why)

    def _show_rights(self) -> None:
        """What cannot be done here now says why: it is on its way, or the role may not."""
        acts, why_not = self.acts, self._desk.why_not
        work = self._desk.work
        is_asked = not (self.reason.isHidden() and self.second.isHidden())
        acts.setVisible(work == "all" and not is_asked)
        self.only.setVisible(work != "all")
        if work != "all":
            self.only.setText(tr(f"incident.only.{work}", role=self._desk.role_name))
        for button, request in ((acts.accept, AcceptIncident), (acts.verify, VerifyIncident)):
            waits = tr("incident.on_its_way") if self._waits(request) else ""
            button.set_reason(why_not(request) or waits)
        for closing in (acts.close_primary, acts.close_quiet):
            closing.set_reason(why_not(CloseIncident))
        acts.reject.set_reason(why_not(RejectIncident))
        acts.let_rate(why_not(EvaluateIncident))
        why_not_note = why_not(AddNote)
        self.note.setEnabled(not why_not_note)
        set_tip(self.note, why_not_note or tr("incident.note_tip"))

    def _lay_out(self) -> None:
        first: tuple[QWidget, ...] = (self.head, self.loop, self.commands, self.candidates)
        then: tuple[QWidget, ...] = (self.cameras, self.log_header, self.log)
        steps: tuple[QWidget, ...] = (self.acts, self.only, self.reason, self.second)
        self._body = WorkColumn((*first, *then), steps, self.note)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._body)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.notice)
        whole.addWidget(self._pages)

    def _connect(self) -> None:
        selection, bridge = self._desk.selection, self._desk.bridge
        selection.incident_changed.connect(self._select)
        bridge.incidents_changed.connect(self._follow)
        bridge.refused.connect(self._keep_words)
        bridge.units_changed.connect(self._refresh)
        bridge.link_changed.connect(self._refresh)
        bridge.people_changed.connect(self._refresh)
        self._desk.failed.connect(lambda why: self.notice.warn(spoken(why)))
        self._desk.second.connect(self._tick)
        self.dispatching.changed.connect(self._refresh)
        self.candidates.ticked.connect(self.dispatching.tick)
        self.candidates.hovered.connect(self._hold_order)
        self.commands.recall_wanted.connect(self.recall)
        self.reason.left.connect(self.acts.show)
        self.second.left.connect(self.acts.show)
        self.notice.send_wanted.connect(self._send_anyway)
        self.note.entered.connect(self._send_note)
        self.note.left.connect(self.note.clearFocus)
        acts = self.acts
        acts.dispatch_wanted.connect(self.dispatch)
        acts.accept_wanted.connect(self.accept)
        acts.reject_wanted.connect(self.reject)
        acts.verify_wanted.connect(self.verify)
        acts.close_wanted.connect(self.close_incident)
        acts.more_wanted.connect(self._more)
        acts.rated.connect(self._rate)
        self.head.menu.priority_wanted.connect(self.change_priority)
        self.head.menu.merge_wanted.connect(self.merge_into)

    def _hold_order(self, hold: bool) -> None:
        self.dispatching.hold_order = hold

    def _retranslate(self) -> None:
        self.setAccessibleName(tr("incident.panel"))
        self.candidates.retranslate()
        self.commands.retranslate()
        self.log_header.title.setText(tr("incident.log.title"))
        self.note.setPlaceholderText(tr("incident.note_hint"))
        self.note.setAccessibleName(tr("incident.note_hint"))
        set_tip(self.note, tr("incident.note_tip"))
        self.cameras.refresh()
        self.notice.refresh()
        self._refresh()
