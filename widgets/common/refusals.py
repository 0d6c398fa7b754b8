"""What the server would not do and nobody at this desk has read yet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from console.model.requests import ReportIncident
from console.session import Refusal


class UnreadRefusals(QObject):
    """Each stays with the incident it concerns ("" for none) until somebody has read it.

    `changed` carries that incident.
    """

    changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._of: dict[str, list[Refusal]] = {}

    @property
    def incident_ids(self) -> frozenset[str]:
        """The incidents that have any."""
        return frozenset(self._of)

    def of(self, incident_id: str) -> tuple[Refusal, ...]:
        """Those of an incident, oldest first."""
        return tuple(self._of.get(incident_id, ()))

    def of_reports(self) -> list[tuple[Refusal, ReportIncident]]:
        """Reports that were not accepted, oldest first: they have no incident to stand beside."""
        every = (refusal for known in self._of.values() for refusal in known)
        return [(r, r.request) for r in every if isinstance(r.request, ReportIncident)]

    def add(self, incident_id: str, refusal: Refusal) -> None:
        """One has come."""
        self._of.setdefault(incident_id, []).append(refusal)
        self.changed.emit(incident_id)

    def read(self, incident_id: str, refusal: Refusal) -> None:
        """Somebody has read it."""
        self._drop(incident_id, lambda known: known is refusal)

    def overtake(self, incident_id: str, request: type) -> None:
        """The same is asked for again: how it went before is of no interest any more."""
        self._drop(incident_id, lambda known: type(known.request) is request)

    def _drop(self, incident_id: str, is_read: Callable[[Refusal], bool]) -> None:
        known = self._of.pop(incident_id, [])
        left = [refusal for refusal in known if not is_read(refusal)]
        if left:
            self._of[incident_id] = left
        if len(left) < len(known):
            self.changed.emit(incident_id)
