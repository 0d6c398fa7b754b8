"""The events of each incident, oldest first: what a desk shows of an incident's past."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from console.model.event import Event
from console.model.records import IncidentRecord

KEPT_TIMELINES = 5000
"""Of incidents that are over; those of open ones are all kept."""


class Timelines:
    """`incidents` are the records here, by id: the timelines of those that are over may be dropped,
    and loaded again.
    """

    def __init__(self, incidents: Mapping[str, IncidentRecord]) -> None:
        self._incidents = incidents
        self._events: dict[str, list[Event]] = {}
        self._most = 2 * KEPT_TIMELINES
        self._begun_before: set[str] = set()

    def of(self, incident_id: str) -> tuple[Event, ...]:
        """What is here of the incident's timeline."""
        return tuple(self._events.get(incident_id, ()))

    def is_whole(self, incident_id: str) -> bool:
        """Whether the incident's timeline is here from its beginning."""
        return incident_id not in self._begun_before

    def add(self, incident_id: str, event: Event) -> None:
        """The next event of the incident."""
        self._events.setdefault(incident_id, []).append(event)
        if len(self._events) > self._most:
            self._drop()

    def miss_beginning(self, incident_id: str) -> None:
        """Of this incident nothing is here before the next event."""
        self._begun_before.add(incident_id)

    def load(
        self, incident_id: str, events: Iterable[Event], through: int, picture_seq: int
    ) -> bool:
        """Put all events of an incident up to `through` before those that are here already, in a
        picture after event `picture_seq`. False, and nothing changed, where that leaves a gap.
        """
        known = self._events.get(incident_id, [])
        first = known[0].seq if known else picture_seq + 1
        if through + 1 < first:
            return False
        # Looked at last: it is dropped last.
        self._events.pop(incident_id, None)
        self._events[incident_id] = [*(e for e in events if e.seq < first), *known]
        self._begun_before.discard(incident_id)
        return True

    def undo_after(self, seq: int) -> None:
        """Remove the events that follow on `seq`."""
        for timeline in self._events.values():
            while timeline and timeline[-1].seq > seq:
                timeline.pop()

    def _drop(self) -> None:
        """Forget those of incidents that are over, the oldest first."""
        surplus = len(self._events) - KEPT_TIMELINES
        over = (i for i in self._events if (r := self._incidents.get(i)) and not r.stage.is_open)
        for incident_id in list(islice(over, surplus)):
            del self._events[incident_id]
            self._begun_before.add(incident_id)
        # Not at the next event again, however many are open.
        self._most = len(self._events) + KEPT_TIMELINES
