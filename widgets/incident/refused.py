"""What was not done for the selected incident: what was asked, why not, what changed meanwhile."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from console.i18n import tr
from console.model.requests import (
    AddNote,
    ChangePriority,
    CloseIncident,
    RecallCommand,
    RejectIncident,
    ReportIncident,
    Request,
)
from console.session import NOT_KEPT, Refusal
from widgets.bridge.language import spoken
from widgets.common import format as fmt
from widgets.common.buttons import on_click
from widgets.common.desk import Desk
from widgets.common.states import Notice
from widgets.incident.sentences import Names, line_of


def written_in(request: Request) -> tuple[str, str, str] | None:
    """What a person wrote into a request: the purpose that the form asked for, what it is about,
    and the words. None where nobody writes anything.
    """
    match request:
        case AddNote(incident_id=about, text=words):
            return "note", about, words
        case RejectIncident(incident_id=about, reason=words):
            return "reject", about, words
        case CloseIncident(incident_id=about, outcome=words):
            return "close", about, words
        case RecallCommand(command_id=about, reason=words):
            return "recall", about, words
        case ChangePriority(incident_id=incident_id, priority=priority, reason=words):
            return "reprioritise", f"{incident_id}/{priority}", words
    return None


class RefusedNotice(Notice):
    """Shows the incident's oldest unread refusal; dismissed, it is read and the next one comes.

    `send_wanted` carries a dispatch that was refused because a unit is engaged elsewhere: the
    officer may want it all the same.
    """

    send_wanted = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._incident_id = ""
        self._shown: Refusal | None = None
        self.dismissed.connect(self._read)
        on_click(self.action, self._go_on)
        desk.refusals.changed.connect(self._follow)

    def show_incident(self, incident_id: str) -> None:
        """Follow another incident; what concerns none is shown beside any."""
        self._incident_id = incident_id
        self.hide()
        self._show_next()

    def warn(self, words: str) -> None:
        """Say at once why something cannot be asked for."""
        self._shown = None
        self.say(tr("incident.refused"), words)

    def refresh(self) -> None:
        """Say it anew, in the language of now."""
        if self._shown is not None:
            self._say(self._shown)

    def _follow(self, incident_id: str) -> None:
        if incident_id in ("", self._incident_id):
            self._show_next()

    def _show_next(self) -> None:
        refusals = self._desk.refusals
        found = (*refusals.of(self._incident_id), *refusals.of(""))
        # A report has no incident to stand beside: the queue says it.
        unread = [r for r in found if not isinstance(r.request, ReportIncident)]
        if unread:
            self._shown = unread[0]
            self._say(self._shown)
        elif self._shown is not None:
            self._shown = None
            self.hide()

    def _say(self, refusal: Refusal) -> None:
        name = tr(f"incident.asked.{type(refusal.request).__name__}")
        desk, here = self._desk, self._incident_id
        names = Names(desk.unit_name, desk.incident_number, desk.person_name, here)
        lines = [line for e in refusal.changes if (line := line_of(e, names)) is not None]
        changes = [
            tr("event.with", head=f"{fmt.clock_time(line.at)} {line.who}".strip(), tail=line.words)
            for line in lines
        ]
        kept = refusal.code != NOT_KEPT
        title = tr("incident.undone", what=name) if kept else tr("incident.not_kept")
        go_on = tr("incident.second.go_on") if refusal.code == "unit_engaged" else ""
        self.say(title, "\n".join((spoken(refusal.message), *changes)), go_on)

    def _go_on(self) -> None:
        refusal = self._shown
        self._read()
        if refusal is not None:
            self.send_wanted.emit(refusal.request)

    def _read(self) -> None:
        if self._shown is not None:
            read, self._shown = self._shown, None
            self.hide()
            for incident_id in (self._incident_id, ""):
                self._desk.refusals.read(incident_id, read)
            self._show_next()
