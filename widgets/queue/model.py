"""The queue as a Qt model that is never reset: rows come, go and move one by one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from console.i18n import tr
from console.model.incident import Stage
from widgets.common import format as fmt
from widgets.common.desk import Desk
from widgets.queue.rows import QueueRows, Row, Segment

ROW_ROLE = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()


class QueueModel(QAbstractListModel):
    """The rows of one segment; `refresh` brings them up to date."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._rows: list[Row] = []
        self._source = QueueRows(desk)
        self._segment = Segment.NEEDS_ME
        self._counts = (0, 0, 0)
        self._is_held = False
        self._seen: set[str] = set()
        self._arrived: dict[str, int] = {}
        self.refresh()
        self._arrived.clear()

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many incidents each segment has."""
        return self._counts

    def show_segment(self, segment: Segment) -> None:
        """List another segment."""
        self._segment = segment
        self.refresh()
        self._arrived.clear()

    def hold(self, held: bool) -> None:
        """While held no row moves or goes, and new ones come in at the end."""
        self._is_held = held
        if not held:
            self.refresh()

    def follow(self, incident_ids: set[str]) -> None:
        """Take in what became of some incidents."""
        self._source.follow(incident_ids)
        self.refresh()

    def refresh(self) -> None:
        """Bring rows and what they say up to date with picture and clock."""
        listing = self._source.listing(self._segment, self._desk.selection.incident_id)
        wanted, self._counts = listing.rows, listing.counts
        if self._is_held:
            wanted = self._in_present_order(wanted)
        self._remove_missing({row.incident.id for row in wanted})
        self._reorder(wanted)
        self._insert_new(wanted)
        self._rows = wanted
        if wanted:
            self.dataChanged.emit(self.index(0), self.index(len(wanted) - 1))

    def _in_present_order(self, wanted: list[Row]) -> list[Row]:
        fresh = {row.incident.id: row for row in wanted}
        here = dict.fromkeys(row.incident.id for row in self._rows)
        known = self._desk.picture.incidents
        stay = [fresh.get(i) or self._source.row(i) for i in here if i in known]
        return stay + [row for incident_id, row in fresh.items() if incident_id not in here]

    def row_of(self, incident_id: str) -> int:
        """The row of an incident, -1 if this segment has it not."""
        ids = (row.incident.id for row in self._rows)
        return next((i for i, known in enumerate(ids) if known == incident_id), -1)

    def first_needing_me(self) -> int:
        """The row to work at next, -1 when nothing needs the officer."""
        return next((i for i, row in enumerate(self._rows) if row.standing.needs_me), -1)

    def id_at(self, row: int) -> str:
        """The incident in a row."""
        return self._rows[row].incident.id

    def mark_seen(self, incident_id: str) -> None:
        """The officer has opened the card: it is new no longer."""
        self._seen.add(incident_id)

    def is_unseen(self, row: Row) -> bool:
        """Whether nobody at this desk has looked at a fresh report yet."""
        return row.incident.stage is Stage.REPORTED and row.incident.id not in self._seen

    def arrived_ms_ago(self, incident_id: str) -> int | None:
        """How long ago a row came in while people were looking, None if it was there before."""
        at = self._arrived.get(incident_id)
        return None if at is None else self._desk.now_ms() - at

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """How many rows there are."""
        return 0 if parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row itself, and its words for who does not see the card."""
        row = self._rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._words(row)
        return None

    def _words(self, row: Row) -> str:
        incident, standing = row.incident, row.standing
        return tr(
            "queue.card",
            priority=tr(f"common.priority.p{incident.priority}"),
            title=self._desk.title_of(incident),
            place=self._desk.place_of(incident),
            state=standing.state,
            detail=standing.detail,
            age=fmt.age(self._desk.now_ms() - incident.reported_at),
        )

    def _remove_missing(self, wanted: set[str]) -> None:
        for position in range(len(self._rows) - 1, -1, -1):
            if self._rows[position].incident.id not in wanted:
                self.beginRemoveRows(_ROOT, position, position)
                del self._rows[position]
                self.endRemoveRows()

    def _reorder(self, wanted: list[Row]) -> None:
        """Bring the rows that stay into their new order, selection and all."""
        here = {row.incident.id: i for i, row in enumerate(self._rows)}
        order = [row.incident.id for row in wanted if row.incident.id in here]
        if order == list(here):
            return
        self.layoutAboutToBeChanged.emit()
        places = {incident_id: i for i, incident_id in enumerate(order)}
        before = self.persistentIndexList()
        after = [self.index(places[self._rows[i.row()].incident.id]) for i in before]
        self._rows = [self._rows[here[incident_id]] for incident_id in order]
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _insert_new(self, wanted: list[Row]) -> None:
        here = {row.incident.id for row in self._rows}
        for position, row in enumerate(wanted):
            if row.incident.id not in here:
                self._arrived[row.incident.id] = self._desk.now_ms()
                self.beginInsertRows(_ROOT, position, position)
                self._rows.insert(position, row)
                self.endInsertRows()
