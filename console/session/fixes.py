"""The latest fix of each unit, as values and as arrays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from console.model.geo import world_from_lonlat
from console.model.unit import Fix, SosCall, UnitStatus

SET_BACK_MS = 120_000
"""A server tells a unit's newest fix. One that is older by more than this is so by the server's
clock, which was set back: the unit must not stand still until that clock has caught up.
"""

FixArrays = tuple[tuple[str, ...], NDArray[np.float64], NDArray[np.float32], NDArray[np.int64]]


class Fixes:
    """Where units are now, as far as this desk may know."""

    def __init__(self) -> None:
        self._latest: dict[str, Fix] = {}
        self._gone: frozenset[str] = frozenset()
        self._visitors: dict[str, UnitStatus] = {}
        self._arrays: FixArrays | None = None
        self.calls: Mapping[str, SosCall] = {}
        """Open calls for help of units from elsewhere that this desk may help, by unit."""

    def __len__(self) -> int:
        return len(self._latest)

    def of(self, unit_id: str) -> Fix | None:
        """The unit's latest fix, or None."""
        return self._latest.get(unit_id)

    def all(self) -> FixArrays:
        """Unit ids [n], `xy` float64[n,2] world metres, `heading` float32[n] degrees clockwise
        from north (NaN unknown), `at` int64[n] ms UTC. Not to be written to.
        """
        if self._arrays is None:
            self._arrays = _arrays_of(list(self._latest.values()))
        return self._arrays

    def take(self, fixes: Iterable[Fix]) -> bool:
        """Keep what is newer than what is known; whether anything was."""
        newer = [f for f in fixes if self._is_newer(f)]
        for fix in newer:
            self._latest[fix.unit_id] = fix
        if newer:
            self._arrays = None
            self._gone = self._gone.difference(f.unit_id for f in newer)
        return bool(newer)

    @property
    def gone(self) -> frozenset[str]:
        """Units that were seen and have left this desk's area: nothing is known of them now."""
        return self._gone

    def visiting(self, unit_id: str) -> UnitStatus | None:
        """What a unit from elsewhere that is in this desk's area is doing; None for all others."""
        return self._visitors.get(unit_id)

    def forget(self, unit_ids: Collection[str]) -> bool:
        """These units have left this desk's area; whether anything was known of one."""
        known = [u for u in unit_ids if self._latest.pop(u, None) is not None]
        for unit_id in unit_ids:
            self._visitors.pop(unit_id, None)
        if known:
            self._gone |= frozenset(known)
            self._arrays = None
        return bool(known)

    def forget_all(self) -> frozenset[str]:
        """Begin with nothing, for somebody else; the units that something was known of."""
        known = frozenset((*self._latest, *self._visitors, *self._gone, *self.calls))
        self._latest, self._visitors, self.calls = {}, {}, {}
        self._gone, self._arrays = frozenset(), None
        return known

    def keep_only(self, unit_ids: Collection[str]) -> bool:
        """All other units have left; whether anything was known of one."""
        return self.forget(self._latest.keys() - frozenset(unit_ids))

    def visit(self, states: Mapping[str, str]) -> bool:
        """What units from elsewhere are doing; a word that this program does not know is passed
        over. Whether anything is new.
        """
        known = {status.value: status for status in UnitStatus}
        told = {u: known[word] for u, word in states.items() if word in known}
        news = any(self._visitors.get(u) is not status for u, status in told.items())
        self._visitors.update(told)
        return news

    def hear_calls(self, calls: Mapping[str, SosCall] | None) -> frozenset[str]:
        """These are the calls for help from elsewhere now (None: as they were); the units of which
        anything is new.
        """
        if calls is None:
            return frozenset()
        before, self.calls = self.calls, calls
        both = before.keys() | calls.keys()
        return frozenset(u for u in both if before.get(u) != calls.get(u))

    def _is_newer(self, fix: Fix) -> bool:
        known = self._latest.get(fix.unit_id)
        return known is None or fix.at > known.at or fix.at < known.at - SET_BACK_MS


def _arrays_of(fixes: list[Fix]) -> FixArrays:
    x, y = world_from_lonlat([f.lon for f in fixes], [f.lat for f in fixes])
    heading = [np.nan if f.heading_deg is None else f.heading_deg for f in fixes]
    arrays = (
        tuple(f.unit_id for f in fixes),
        np.column_stack([x, y]).reshape(-1, 2),
        np.array(heading, np.float32),
        np.array([f.at for f in fixes], np.int64),
    )
    for array in arrays[1:]:
        array.setflags(write=False)
    return arrays
