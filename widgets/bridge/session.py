"""A session's changes as Qt signals, gathered so that a burst is one look at the picture."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from console.clock import monotonic_s
from console.session import Changes, Refusal, Session

QUIET_MS = 50
"""The least time between two rounds of signals."""


class SessionBridge(QObject):
    """Wraps `session`. Signals come from the event loop, never from inside a call to the session.

    Each carries the ids touched since the last round; `refused` comes once for every refusal.
    """

    incidents_changed = Signal(object)
    """set[str]: incidents, among them those whose commands moved on."""
    commands_changed = Signal(object)
    """set[str]"""
    units_changed = Signal(object)
    """set[str]"""
    fixes_changed = Signal()
    link_changed = Signal()
    """The link, its latency, or how much is pending."""
    people_changed = Signal()
    """What people are called, or what the person at this desk may do."""
    refused = Signal(object)
    """A `console.session.Refusal`."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._incidents: set[str] = set()
        self._commands: set[str] = set()
        self._units: set[str] = set()
        self._refused: list[Refusal] = []
        self._fixes = False
        self._link = False
        self._people = False
        self._told_s = -float("inf")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._tell)
        self._unsubscribe = session.subscribe(self._gather)
        self.destroyed.connect(self._unsubscribe)

    def _gather(self, changes: Changes) -> None:
        self._incidents |= changes.incidents
        self._commands |= changes.commands
        self._units |= changes.units
        self._refused += changes.refused
        self._fixes |= changes.fixes
        self._link |= changes.link or changes.outbox
        self._people |= changes.people
        if not self._timer.isActive():
            quiet_ms = QUIET_MS - (monotonic_s() - self._told_s) * 1000
            self._timer.start(round(max(0.0, quiet_ms)))

    def _tell(self) -> None:
        self._told_s = monotonic_s()
        incidents, self._incidents = self._incidents, set()
        commands, self._commands = self._commands, set()
        units, self._units = self._units, set()
        refused, self._refused = self._refused, []
        fixes, self._fixes = self._fixes, False
        link, self._link = self._link, False
        people, self._people = self._people, False
        if people:
            self.people_changed.emit()
        if commands:
            self.commands_changed.emit(commands)
        if incidents:
            self.incidents_changed.emit(incidents)
        if units:
            self.units_changed.emit(units)
        if fixes:
            self.fixes_changed.emit()
        if link:
            self.link_changed.emit()
        for refusal in refused:
            self.refused.emit(refusal)
