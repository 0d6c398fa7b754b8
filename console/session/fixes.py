"""The latest fix of each unit: rows of numbers, into which each tick is merged."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from console.model.geo import world_from_lonlat
from console.model.unit import Fix, SosCall, UnitStatus
from console.wire import FixesFrame

FixArrays = tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float32], NDArray[np.int64]]

_ROW = np.dtype(
    [
        ("xy", "f8", 2),
        ("lon", "f8"),
        ("lat", "f8"),
        ("at", "i8"),
        ("heading", "f8"),
        ("speed", "f8"),
    ]
)
"""A fix: world metres, degrees, ms UTC, degrees from north and metres a second (NaN unknown)."""

_STATUS = {status.value: status for status in UnitStatus}


class Fixes:
    """Where units are now, as far as this desk may know.

    The server orders what it tells: what came last is where a unit is, whatever time it bears.
    """

    def __init__(self) -> None:
        self._row_of: dict[str, int] = {}
        self._rows = np.empty(0, _ROW)
        self._ids: tuple[str, ...] = ()
        self._arrays: FixArrays | None = None
        self._gone: frozenset[str] = frozenset()
        self._visitors: dict[str, UnitStatus] = {}
        self.calls: Mapping[str, SosCall] = {}
        """Open calls for help of units from elsewhere that this desk may help, by unit."""
        self.version = 0
        """Rises when more than places is new: a unit, one that left, what a visitor is doing."""

    def __len__(self) -> int:
        return len(self._row_of)

    def of(self, unit_id: str) -> Fix | None:
        """The unit's latest fix, or None."""
        row = self._row_of.get(unit_id)
        if row is None:
            return None
        _, lon, lat, at, heading, speed = self._rows[row].tolist()
        return Fix(unit_id, lon, lat, at, _known(heading), _known(speed))

    def all(self) -> FixArrays:
        """Unit ids [n], `xy` float64[n,2] world metres, `heading` float32[n] degrees clockwise
        from north (NaN unknown), `at` int64[n] ms UTC. Not to be written to.

        The ids are the same object while they are the same.
        """
        if self._arrays is None:
            if len(self._ids) != len(self._row_of):
                self._ids = tuple(self._row_of)
            rows = self._rows[: len(self._ids)]
            xy, at = rows["xy"].copy(), rows["at"].copy()
            heading = rows["heading"].astype(np.float32)
            for array in (xy, heading, at):
                array.setflags(write=False)
            self._arrays = self._ids, xy, heading, at
        return self._arrays

    def take(self, fixes: Iterable[Fix]) -> bool:
        """These are the units' latest; whether anything is new."""
        given = list(fixes)
        return self._merge(
            [f.unit_id for f in given],
            [f.lon for f in given],
            [f.lat for f in given],
            [f.at for f in given],
            ([f.heading_deg for f in given], [f.speed_mps for f in given]),
        )

    def take_frame(self, frame: FixesFrame) -> bool:
        """What the server tells of positions; whether anything is new."""
        told = frame.fixes
        changed = frame.whole and self.keep_only({f.unit_id for f in told})
        changed |= self.forget(frame.gone)
        changed |= self._merge(
            [f.unit_id for f in told],
            [f.lon for f in told],
            [f.lat for f in told],
            [f.at for f in told],
            ([f.heading for f in told], [f.speed for f in told]),
        )
        return self.visit(frame.states) or changed

    @property
    def gone(self) -> frozenset[str]:
        """Units that were seen and have left this desk's area: nothing is known of them now."""
        return self._gone

    def visiting(self, unit_id: str) -> UnitStatus | None:
        """What a unit from elsewhere that is in this desk's area is doing; None for all others."""
        return self._visitors.get(unit_id)

    def forget(self, unit_ids: Collection[str]) -> bool:
        """These units have left this desk's area; whether anything was known of one."""
        known = [u for u in unit_ids if u in self._row_of]
        for unit_id in unit_ids:
            self._visitors.pop(unit_id, None)
        if known:
            left = np.ones(len(self._row_of), np.bool_)
            left[[self._row_of[u] for u in known]] = False
            self._rows = self._rows[: len(left)][left]
            gone = frozenset(known)
            self._ids = tuple(u for u in self._row_of if u not in gone)
            self._row_of = {u: row for row, u in enumerate(self._ids)}
            self._gone |= gone
            self._changed()
        return bool(known)

    def forget_all(self) -> frozenset[str]:
        """Begin with nothing, for somebody else; the units that something was known of."""
        known = frozenset((*self._row_of, *self._visitors, *self._gone, *self.calls))
        self._row_of, self._visitors, self.calls = {}, {}, {}
        self._rows, self._ids, self._gone = np.empty(0, _ROW), (), frozenset()
        self._changed()
        return known

    def keep_only(self, unit_ids: Collection[str]) -> bool:
        """All other units have left; whether anything was known of one."""
        return self.forget(self._row_of.keys() - frozenset(unit_ids))

    def visit(self, states: Mapping[str, str]) -> bool:
        """What units from elsewhere are doing; a word that this program does not know is passed
        over. Whether anything is new.
        """
        told = {u: _STATUS[word] for u, word in states.items() if word in _STATUS}
        news = any(self._visitors.get(u) is not status for u, status in told.items())
        self._visitors.update(told)
        self.version += news
        return news

    def hear_calls(self, calls: Mapping[str, SosCall] | None) -> frozenset[str]:
        """These are the calls for help from elsewhere now (None: as they were); the units of which
        anything is new.
        """
        if calls is None:
            return frozenset()
        before, self.calls = self.calls, calls
        both = before.keys() | calls.keys()
        news = frozenset(u for u in both if before.get(u) != calls.get(u))
        self.version += bool(news)
        return news

    def _merge(
        self,
        unit_ids: Sequence[str],
        lon: Sequence[float],
        lat: Sequence[float],
        at: Sequence[int],
        heading_and_speed: tuple[Sequence[float | None], Sequence[float | None]],
    ) -> bool:
        if not unit_ids:
            return False
        fixes = np.empty(len(unit_ids), _ROW)
        fixes["lon"], fixes["lat"], fixes["at"] = lon, lat, at
        fixes["xy"] = np.column_stack(world_from_lonlat(fixes["lon"], fixes["lat"]))
        for name, values in zip(("heading", "speed"), heading_and_speed, strict=True):
            fixes[name] = np.array(values, np.float64)
        rows = self._rows_for(unit_ids)
        if self._rows[rows].tobytes() == fixes.tobytes():
            return False
        self._rows[rows] = fixes
        self._arrays = None
        return True

    def _rows_for(self, unit_ids: Sequence[str]) -> NDArray[np.int64]:
        """The rows of these units; new ones get one."""
        known = len(self._row_of)
        row_of = self._row_of
        rows = np.array([row_of.setdefault(u, len(row_of)) for u in unit_ids], np.int64)
        if len(row_of) > known:
            self._make_room(len(row_of))
            self._changed()
        if self._gone and not self._gone.isdisjoint(unit_ids):
            self._gone = self._gone.difference(unit_ids)
            self._changed()
        return rows

    def _make_room(self, wanted: int) -> None:
        if wanted > len(self._rows):
            room = np.zeros(max(wanted, 2 * len(self._rows)), _ROW)
            room[: len(self._rows)] = self._rows
            self._rows = room

    def _changed(self) -> None:
        self._arrays = None
        self.version += 1


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
