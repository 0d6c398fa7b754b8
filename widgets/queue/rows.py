"""Which incidents stand in the queue, and in what order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from math import inf

from console.model.incident import Incident
from widgets.common.desk import Desk
from widgets.common.standing import Standing

MAX_ENDED = 300
"""How many ended incidents the list of all goes back to; older ones are found by search."""


_Order = tuple[bool, float, int, int, str]


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
    """Follows the picture and lists what a segment shows: what needs me first, then what runs out
    first, each priority with its head start.

    The selected incident keeps its place while it is selected, whatever becomes of it: nothing
    vanishes or jumps under the officer's hand.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._place_held: tuple[str, _Order] = ("", (False, inf, 0, 0, ""))
        self._open: set[str] = set()
        self._ended: dict[str, int] = {}
        self._picture = desk.picture
        self.follow(desk.picture.incidents)

    def follow(self, incident_ids: Iterable[str]) -> None:
        """Take in what became of some incidents."""
        for incident_id in incident_ids:
            incident = self._desk.picture.incidents.get(incident_id)
            if incident is not None:
                self._file(incident)
            else:
                self._open.discard(incident_id)
                self._ended.pop(incident_id, None)

    def listing(self, segment: Segment, selected: str) -> Listing:
        """What a segment shows now."""
        self._follow_picture()
        unread = self._desk.refusals.incident_ids & self._ended.keys()
        rows = [self.row(incident_id) for incident_id in self._open | unread]
        needing = sum(row.standing.needs_me for row in rows)
        counts = needing, len(self._open), len(self._open) + len(self._ended)
        return Listing(self._of_segment(rows, segment, selected), counts)

    def _follow_picture(self) -> None:
        """Where another picture has taken the place of the one followed (another person, another
        journal), nothing of that one is so any more.
        """
        if self._picture is not self._desk.picture:
            self._picture = self._desk.picture
            self._open.clear()
            self._ended.clear()
            self.follow(self._picture.incidents)

    def _of_segment(self, rows: list[Row], segment: Segment, selected: str) -> list[Row]:
        if segment is Segment.NEEDS_ME:
            rows = [r for r in rows if r.standing.needs_me or r.incident.id == selected]
        listed = {row.incident.id for row in rows}
        if segment is not Segment.ALL and selected in self._ended.keys() - listed:
            rows.append(self.row(selected))
        rows.sort(key=lambda row: self._order(row, selected))
        return rows + self._ended_rows(listed) if segment is Segment.ALL else rows

    def _order(self, row: Row, selected: str) -> _Order:
        incident, due = row.incident, row.standing.due
        is_selected, needs_me = incident.id == selected, row.standing.needs_me
        if is_selected and not needs_me and self._place_held[0] == selected:
            return self._place_held[1]
        head_start_ms = self._desk.plans.priorities[incident.priority].head_start_s * 1000
        runs_out = inf if due is None else due - head_start_ms
        waits = not (needs_me or is_selected)
        order = waits, runs_out, incident.priority, incident.reported_at, incident.id
        if is_selected:
            self._place_held = selected, order
        return order

    def _file(self, incident: Incident) -> None:
        if incident.stage.is_open:
            self._open.add(incident.id)
            self._ended.pop(incident.id, None)
            return
        self._open.discard(incident.id)
        self._ended[incident.id] = incident.stage_since

    def _ended_rows(self, listed: set[str]) -> list[Row]:
        newest = sorted(self._ended.keys() - listed, key=lambda i: (-self._ended[i], i))
        return [self.row(incident_id) for incident_id in newest[:MAX_ENDED]]

    def row(self, incident_id: str) -> Row:
        """The card of an incident that the picture holds."""
        incident = self._desk.picture.incidents[incident_id]
        reports = self._desk.picture.report_count(incident_id)
        return Row(incident, self._desk.standing(incident), reports)
