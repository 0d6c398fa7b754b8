"""Where units were: the store of tracks, its one door.

Fixes come in by `take`, and a `flush` a few times a second writes them to a log and makes them
findable. `seal` puts hours that have closed into compressed files; what comes in late for one waits
in the log, is found all the same, and goes in at the next sealing. `take`, `flush`, `latest` and
`of` belong to one thread (the event loop); all else may be called by any, beside them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from console.clock import Clocks
from console.model.unit import Fix
from console.tracks.fix_log import FixLog
from console.tracks.forgetting import Forgotten, forget_on_shelf
from console.tracks.hours import Hours
from console.tracks.numbers import UnitNumbers
from console.tracks.policy import TracksPolicy
from console.tracks.rows import (
    HOUR_MS,
    LATEST_AT,
    NEVER,
    ROW,
    Positions,
    Rows,
    Track,
    blank_state,
    fixes_of,
    in_order,
    keepable,
    last_of_each,
    overlay,
    positions_of,
    rows_of,
    track_of,
)
from console.tracks.sealing import seal_hour
from console.tracks.shelf import Shelf, grown
from console.tracks.unsealed import Run, Unsealed

log = logging.getLogger(__name__)

GRACE_MS = 120_000
"""An hour is sealed so long after its end: what was on its way has arrived by then."""
AHEAD_MS = 120_000
"""A newest fix further ahead than this was made by a wrong clock; the next one replaces it."""
OPEN_ROWS = 6_000_000
"""Unsealed fixes (24 bytes each) at which even the open hour is sealed, to bound memory."""
IN_MEMORY_ROWS = 1_000_000
"""Fixes kept when there is no folder."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a sealing did: the hours (ms UTC of their begin) whose files are new."""

    hours: tuple[int, ...] = ()


class Tracks:
    """The fixes of all units, dated by the scenario. `folder` None keeps the last million in memory
    only.

    Not durable to the last fix, by design: a group is written every time `flush` is called.
    Raises OSError when the folder cannot be made or read.
    """

    def __init__(
        self, folder: Path | None, clocks: Clocks, policy: TracksPolicy | None = None
    ) -> None:
        self._clocks = clocks
        self._clock = clocks.scenario
        self._policy = policy or TracksPolicy()
        self._numbers = UnitNumbers()
        self._lock = threading.Lock()
        self._sealing = threading.Lock()
        self._latest: dict[str, Fix] = {}
        self._incoming: list[Fix] = []
        self._unsealed = Unsealed()
        self._forgotten_before = 0
        self.refused = 0
        """Fixes that `take` did not keep."""
        self._log: FixLog | None = None
        self._shelf: Shelf | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._shelf = Shelf(folder, self._numbers)
            self._log = FixLog(folder, clocks.scenario, self._numbers)
            self._restore(self._log)
        self.hours = Hours(self._shelf, self._runs, lambda: self._unsealed.changes, self._numbers)
        """Whole hours, to be compared with another server's."""

    @property
    def kept_since(self) -> int:
        """What was made before this (ms UTC) is not kept."""
        return self._cutoff()

    def latest(self) -> list[Fix]:
        """The newest fix of each unit."""
        return list(self._latest.values())

    def of(self, unit_id: str) -> Fix | None:
        """The newest fix of one unit, or None."""
        return self._latest.get(unit_id)

    def take(self, fix: Fix) -> bool:
        """Keep `fix`; returns whether it is the unit's newest (late ones only go to the tracks).

        Not kept: what is no place or time, and what is older than the policy lets be kept.
        """
        return bool(self.take_all((fix,)))

    def take_all(self, fixes: Sequence[Fix]) -> list[Fix]:
        """`take` each of `fixes`; those that are their units' newest."""
        cutoff = self._cutoff()
        kept = [fix for fix in fixes if keepable(fix, cutoff)]
        if len(kept) < len(fixes):
            self.refused += len(fixes) - len(kept)
            log.debug("%d fixes are not kept", len(fixes) - len(kept))
        self._incoming += kept
        # Of two made at once the later to come is where the unit is: a clock that is a little ahead
        # dates all of a moment alike.
        return [fix for fix in kept if self._is_newest(fix, fix.at)]

    def _is_newest(self, fix: Fix, since: int) -> bool:
        """Whether its unit's latest is not after `since`; then `fix` is kept as that."""
        known = self._latest.get(fix.unit_id)
        if known is not None and (known.at > since or known == fix) and not self._is_ahead(known):
            return False
        self._latest[fix.unit_id] = fix
        return True

    def flush(self) -> Rows:
        """Make what has come in since the last call findable, and write it to the log.

        A full disk costs what a crash before the next sealing would lose, no more. Returns what
        came in, with unit numbers for `named`.
        """
        fixes, self._incoming = self._incoming, []
        rows = rows_of(fixes, self._numbers.of(f.unit_id for f in fixes))
        self._keep(rows)
        return rows

    def latest_rows(self) -> Rows:
        """The newest fix of each unit as a row, with unit numbers for `named`. For any thread."""
        fixes = self.latest()
        return rows_of(fixes, self._numbers.of(f.unit_id for f in fixes))

    def named(self, rows: Rows) -> tuple[tuple[str, ...], Rows]:
        """Ids, and `rows` whose unit numbers are places among them: for elsewhere."""
        numbers, places = np.unique(rows["unit"], return_inverse=True)
        told = rows.copy()
        told["unit"] = places
        return self._numbers.names_of(numbers.tolist()), told

    def keep(self, unit_ids: Sequence[str], rows: Rows) -> list[Fix]:
        """Keep what another server took and named; the newest fix of each unit is for `renew`.

        Findable at once. Passed over: what `take` would not keep.
        """
        at = rows["at"]
        rows = rows[(at >= max(self._cutoff(), 0)) & (at < LATEST_AT)]
        own = rows.copy()
        own["unit"] = np.array(self._numbers.of(unit_ids), np.int32)[rows["unit"]]
        self._keep(own)
        return fixes_of(last_of_each(in_order(rows)), unit_ids)

    def renew(self, fixes: Iterable[Fix]) -> list[Fix]:
        """Take those of `fixes` for their units' latest that are newer; returns these."""
        return [fix for fix in fixes if self._is_newest(fix, fix.at - 1)]

    def _keep(self, rows: Rows) -> None:
        if not len(rows):
            return
        with self._lock:
            self._unsealed.add(rows)
            if self._log is None:
                self._unsealed.drop_oldest(IN_MEMORY_ROWS)
                return
            try:
                self._log.append(rows)
            except OSError:
                log.exception("%d fixes could not be written to the log", len(rows))

    def positions_at(self, t: int) -> Positions:
        """Where every unit was at `t` (ms UTC): the newest fix of each with `at` <= `t`.

        Units without one are not in it, nor those whose newest is older than the policy keeps.
        Knows what was flushed. Raises OSError, TracksDamaged.
        """
        rows = self._state_at(t)
        return positions_of(rows, self._numbers.names_of(rows["unit"].tolist()))

    def track(self, unit_id: str, begin_ms: int, end_ms: int) -> Track:
        """Where the unit went: its fixes with `begin_ms` <= `at` < `end_ms`, by rising time.

        One fix a millisecond; of several the first that came in. Knows what was flushed.
        Raises OSError, TracksDamaged.
        """
        begin_ms, end_ms = max(begin_ms, self._cutoff()), min(end_ms, LATEST_AT)
        number = self._numbers.find(unit_id)
        if number is None or begin_ms >= end_ms:
            return track_of(np.empty(0, ROW), unit_id)
        unsealed = [run.of_unit(number, begin_ms, end_ms) for run in self._runs()]
        rows = np.empty(0, ROW)
        if self._shelf is not None:
            rows = self._shelf.track(unit_id, begin_ms, end_ms)
        rows["unit"] = number
        if any(map(len, unsealed)):
            rows = in_order(np.concatenate([rows, *unsealed]))
        return track_of(rows, unit_id)

    def seal(self, *, everything: bool = False) -> Sealed:
        """Put closed hours into their files, with what came in late for hours before them.

        For a thread of its own; `everything` seals the open hour and lone late fixes too. Raises
        OSError: nothing is lost then, and the next call tries again.
        """
        if self._shelf is None or self._log is None:
            return Sealed()
        with self._sealing:
            with self._lock:
                hours = self._due(self._shelf, everything)
                runs = self._unsealed.hold() if hours else ()
                logs = self._log.rotate() if hours else frozenset()
            done: set[int] = set()
            try:
                for hour in hours:
                    self._seal_hour(self._shelf, hour, runs)
                    done.add(hour)
            finally:
                with self._lock:
                    self._unsealed.release(frozenset(done))
                    self._log.done(frozenset(done), logs)
        return Sealed(tuple(hours))

    def enforce_policy(self, now_ms: int) -> Forgotten:
        """Delete what the policy does not let be kept, counted from `now_ms` (ms UTC): a time of
        the wall that is sure. For a thread of its own. Raises OSError.
        """
        return self.forget_before(self._policy_cutoff(now_ms))

    def forget_before(self, at: int) -> Forgotten:
        """Delete what was made before `at` (ms UTC), and give none of it out from now on.

        Hour files go whole, once their hour is over by `at`; the record is `forgotten.jsonl`.
        """
        now = self._clock.now_ms()
        with self._sealing:
            self._forgotten_before = max(self._forgotten_before, at)
            with self._lock:
                self._unsealed.drop_before(at)
                if self._log is not None:
                    self._log.forget_before(at // HOUR_MS * HOUR_MS)
            for unit_id, fix in list(self._latest.items()):
                if fix.at < at:
                    self._latest.pop(unit_id, None)
            if self._shelf is None:
                return Forgotten(now, at)
            return forget_on_shelf(self._shelf, at, now)

    def close(self) -> None:
        """Write what is left and close the log."""
        self.flush()
        with self._lock:
            if self._log is not None:
                self._log.close()

    def _state_at(self, t: int, *, readable: bool = False) -> Rows:
        """The row of each unit then; `readable` passes over an hour that is damaged."""
        # Runs first: what is sealed meanwhile is then seen twice, and not missed.
        runs = self._runs()
        state = blank_state(len(self._numbers))
        if self._shelf is not None:
            hour = self._shelf.hour_until(t)
            if hour is not None:
                state = self._shelf.state_at(hour, t, readable=readable)
        state = grown(state, len(self._numbers))
        for run in runs:
            overlay(state, run.latest_until(t))
        result: Rows = state[state["at"] >= max(self._cutoff(), NEVER + 1)]
        return result

    def _runs(self) -> tuple[Run, ...]:
        with self._lock:
            return self._unsealed.runs()

    def _cutoff(self) -> int:
        return max(self._forgotten_before, self._policy_cutoff(self._clocks.wall.now_ms()))

    def _policy_cutoff(self, wall_ms: int) -> int:
        """Fixes bear the scenario's time, and are kept as long as the policy says by the wall."""
        cutoff = self._policy.cutoff(wall_ms)
        return self._clocks.scenario_of(cutoff) if cutoff else 0

    def _is_ahead(self, fix: Fix) -> bool:
        return fix.at > self._clock.now_ms() + AHEAD_MS

    def _due(self, shelf: Shelf, everything: bool) -> list[int]:
        """The hours to be sealed now. Late fixes wait until an hour closes: that is soon enough,
        and each costs a whole file.
        """
        runs = self._unsealed.runs()
        hours = sorted(frozenset[int]().union(*(run.hours for run in runs)))
        if everything or len(self._unsealed) > OPEN_ROWS:
            return hours
        over = self._clock.now_ms() - GRACE_MS - HOUR_MS
        closed = [hour for hour in hours if hour <= over]
        known = set(shelf.hours())
        return closed if any(hour not in known for hour in closed) else []

    def _seal_hour(self, shelf: Shelf, hour: int, runs: tuple[Run, ...]) -> None:
        if hour + HOUR_MS > self._cutoff():
            seal_hour(shelf, self._numbers, hour, runs)

    def _restore(self, fix_log: FixLog) -> None:
        """Take the latest fixes from the last hour and from all logs."""
        for rows in fix_log.restore():
            self._unsealed.add(rows)
        rows = self._state_at(self._clock.now_ms() + AHEAD_MS, readable=True)
        fixes = fixes_of(rows, self._numbers.names())
        self._latest = {fix.unit_id: fix for fix in fixes}
