"""Which incidents stand in the queue, and in what order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from console.model.incident import Incident, Stage
from widgets.common.desk import Desk
from widgets.common.standing import Standing

MAX_ENDED = 300
"""How many ended incidents the list of all goes back to; older ones are found by search."""


class Segment(IntEnum):
    """The queue's three lists."""

    NEEDS_ME = 0
    ACTIVE = 1
    ALL = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One card: the incident, where it stands, and how many reports were merged into it."""

    incident: Incident
    standing: Standing
    reports: int


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of a segment in order, and how many need me, are active, are there at all."""

    rows: list[Row]
    counts: tuple[int, int, int]


class QueueRows:
    """Follows the picture and lists what a segment shows: needs me first, then priority, then age.

    The selected incident stays in the list, and among those that need me, while it is selected,
    whatever becomes of it: nothing vanishes or jumps under the officer's hand.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._open: set[str] = set()
        self._ended: dict[str, int] = {}
        self._merged: dict[str, set[str]] = {}
        self.follow(desk.picture.incidents)

    def follow(self, incident_ids: Iterable[str]) -> None:
        """Take in what became of some incidents."""
        for incident_id in incident_ids:
            incident = self._desk.picture.incidents.get(incident_id)
            if incident is not None:
                self._file(incident)
            else:
                # The picture is another one, and does not know it.
                self._open.discard(incident_id)
                self._ended.pop(incident_id, None)

    def listing(self, segment: Segment, selected: str) -> Listing:
        """What a segment shows now."""
        rows = self._open_rows()
        needing = sum(row.standing.needs_me for row in rows)
        counts = needing, len(rows), len(rows) + len(self._ended)
        return Listing(self._of_segment(rows, segment, selected), counts)

    def _of_segment(self, rows: list[Row], segment: Segment, selected: str) -> list[Row]:
        if segment is Segment.NEEDS_ME:
            rows = [r for r in rows if r.standing.needs_me or r.incident.id == selected]
        rows.sort(key=lambda row: _order(row, selected))
        if segment is Segment.ALL:
            rows += self._ended_rows()
        elif selected in self._ended:
            rows.append(self._row(selected))
        return rows

    def _file(self, incident: Incident) -> None:
        if incident.stage.is_open:
            self._open.add(incident.id)
            self._ended.pop(incident.id, None)
            return
        self._open.discard(incident.id)
        self._ended[incident.id] = incident.stage_since
        if incident.stage is Stage.MERGED:
            self._merged.setdefault(incident.merged_into, set()).add(incident.id)

    def _open_rows(self) -> list[Row]:
        return [self._row(incident_id) for incident_id in self._open]

    def _ended_rows(self) -> list[Row]:
        newest = sorted(self._ended, key=lambda i: (-self._ended[i], i))
        return [self._row(incident_id) for incident_id in newest[:MAX_ENDED]]

    def _row(self, incident_id: str) -> Row:
        incident = self._desk.picture.incidents[incident_id]
        reports = 1 + len(self._merged.get(incident_id, ()))
        return Row(incident, self._desk.standing(incident), reports)


def _order(row: Row, selected: str) -> tuple[bool, int, int, str]:
    incident = row.incident
    first = row.standing.needs_me or incident.id == selected
    return not first, incident.priority, incident.reported_at, incident.id
