"""Positions for all sockets that may see the same part of the city: filtered and encoded once.

A unit from elsewhere that comes in is told with what it is doing, for the events that say so are
not this scope's; one that goes out, or that nothing more may be known of, is told to be gone. So
are the calls for help of units from elsewhere that are here, or work here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice

from console.access import View, Whereabouts
from console.access.area import LENGTHS
from console.model.unit import Fix, SosCall, UnitStatus
from console.wire import FixesFrame, encode_frame, fixes_frame

ByArea = Mapping[str, Mapping[str, Fix]]
"""Fixes by unit, under the beginning of the code of each district, street, community and cell where
they lie or where their unit is at home; under "" all of them.
"""

StatusOf = Callable[[str], UnitStatus]
Calls = Callable[[], Mapping[str, SosCall]]
"""All open calls for help, by unit."""


def by_area(fixes: Iterable[Fix], where: Whereabouts) -> ByArea:
    """`fixes` by area: worked out once, whatever the number of scopes."""
    given = list(fixes)
    here = where.cells_of([(fix.lon, fix.lat) for fix in given])
    found: dict[str, dict[str, Fix]] = {"": {fix.unit_id: fix for fix in given}}
    for fix, cell in zip(given, here, strict=True):
        for code in {cell, where.cell_of_unit(fix.unit_id)}:
            for length in LENGTHS if code else ():
                found.setdefault(str(code)[:length], {})[fix.unit_id] = fix
    return found


class Scope:
    """What `view` is sent of positions, tick by tick; at most `kept` ticks are remembered."""

    def __init__(
        self, view: View, where: Whereabouts, status_of: StatusOf, calls: Calls, kept: int
    ) -> None:
        self._view = view
        self._where = where
        self._status_of = status_of
        self._calls = calls
        self._told_calls: Mapping[str, SosCall] = {}
        self._frames: deque[bytes] = deque(maxlen=kept)
        self._holds: dict[str | None, bool] = {}
        self._here: set[str] = set()
        self._visitors: dict[str, UnitStatus] = {}
        self._all: bytes | None = None
        self.idle = 0
        """Ticks since a socket asked last."""

    def begin(self, latest: ByArea) -> None:
        """Start from where everybody is now."""
        seen = self._seen(latest)
        self._here = set(seen)
        self._visitors = {u: self._status_of(u) for u in seen if not self._is_at_home(u)}
        self._told_calls = self._calls_here()
        self._all = self._whole(seen, self._visitors)

    def has_news(self) -> bool:
        """Whether a visitor is doing something else than was told, or calls for help."""
        if self._calls_here() != self._told_calls:
            return True
        return any(self._status_of(u) is not said for u, said in self._visitors.items())

    def gather(self, moved: ByArea, moved_ids: frozenset[str]) -> None:
        """Take in one tick: those that `moved`."""
        seen = self._seen(moved)
        gone = sorted(self._here & moved_ids - seen.keys())
        self._here = (self._here | seen.keys()).difference(gone)
        states = self._news(seen, gone)
        calls = self._calls_here()
        news = calls if calls != self._told_calls else None
        self._told_calls = calls
        told = seen or gone or states or news is not None
        frame = self._frame(seen, gone=gone, states=states, calls=news) if told else b""
        self._frames.append(frame)
        if told:
            self._all = None
        self.idle += 1

    def since(self, ticks: int | None) -> list[bytes] | None:
        """The frames of the last `ticks`, empty where there was nothing; None when so many are not
        remembered.
        """
        self.idle = 0
        if ticks is None or ticks > len(self._frames):
            return None
        return list(islice(self._frames, len(self._frames) - ticks, None))

    def everything(self, latest: Callable[[], ByArea]) -> bytes:
        """One frame with all that may be seen, shared until something moves."""
        if self._all is None:
            seen = self._seen(latest())
            # Some came in since the last tick; should they leave before the next, it must be told.
            self._here |= seen.keys()
            states = {u: self._status_of(u) for u in seen if not self._is_at_home(u)}
            self._all = self._whole(seen, states)
        return self._all

    def _whole(self, seen: Mapping[str, Fix], states: Mapping[str, UnitStatus]) -> bytes:
        # Not `_told_calls`: those who were here before have still to be told what is new.
        return self._frame(seen, states=states, whole=True, calls=self._calls_here())

    def _calls_here(self) -> dict[str, SosCall]:
        """The calls of units from elsewhere that are here or work here."""
        return {
            unit_id: call
            for unit_id, call in self._calls().items()
            if not self._is_at_home(unit_id)
            and (unit_id in self._here or self._view.sees_work(unit_id))
        }

    def _news(self, seen: Iterable[str], gone: Iterable[str]) -> dict[str, UnitStatus]:
        """What visitors do that was not told before."""
        for unit_id in gone:
            self._visitors.pop(unit_id, None)
        arrived = {u for u in seen if u not in self._visitors and not self._is_at_home(u)}
        now = {u: self._status_of(u) for u in (*self._visitors, *arrived)}
        news = {u: status for u, status in now.items() if self._visitors.get(u) is not status}
        self._visitors = now
        return news

    def _seen(self, fixes: ByArea) -> dict[str, Fix]:
        """Those of `fixes` that may be seen, by unit."""
        seen: dict[str, Fix] = {}
        for prefix in self._view.seen_areas:
            seen.update(fixes.get(prefix, {}))
        return seen

    def _is_at_home(self, unit_id: str) -> bool:
        return self._in(self._where.cell_of_unit(unit_id))

    def _in(self, cell: str | None) -> bool:
        known = self._holds.get(cell)
        if known is None:
            known = self._holds[cell] = self._view.sees_cell(cell)
        return known

    @staticmethod
    def _frame(
        fixes: Mapping[str, Fix],
        *,
        gone: Sequence[str] = (),
        states: Mapping[str, UnitStatus] | None = None,
        whole: bool = False,
        calls: Mapping[str, SosCall] | None = None,
    ) -> bytes:
        said = {unit_id: status.value for unit_id, status in (states or {}).items()}
        helped = None if calls is None else dict(calls)
        wire = fixes_frame(list(fixes.values())).fixes
        return encode_frame(FixesFrame(wire, list(gone), said, whole, helped))
