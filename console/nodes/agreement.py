"""Has nodes agree on hours that are over: what one missed while it was down, it gets from the rest.

Every node says what it holds of each hour, in few numbers. Where two differ, the fuller one puts up
what it has of that bucket, once, and the others take it in beside their own. Who then has more than
was put up is the fuller one of the next round; what all agree on never goes over the database.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from console.clock import Clock
from console.model.unit import Fix
from console.nodes.hours import Held, HourBoard, Part
from console.nodes.packing import pack_fixes, unpack_fixes
from console.tracks import Contents, Tracks, TracksDamaged, contents_from

log = logging.getLogger(__name__)

HOUR_MS = 3_600_000
SETTLED_MS = 240_000
"""An hour is compared so long after its end: it is sealed by then, and nothing is on its way."""
BACK_MS = 48 * HOUR_MS
"""Hours older than this are not compared any more."""
FIXES_AT_ONCE = 4_000_000
"""Of one hour a turn gives buckets of so many fixes, 24 bytes each, or one: to bound memory."""

_MARK = struct.Struct("<QQ")
Everybody = Mapping[str, Contents]
"""What each holder holds of one hour."""


class Agreement:
    """One node's part in it, under the name `holder`. For one thread at a time.

    `heard` is called with the newest fix of each unit among those taken in.
    """

    def __init__(
        self,
        tracks: Tracks,
        board: HourBoard,
        holder: str,
        clock: Clock,
        heard: Callable[[list[Fix]], None],
    ) -> None:
        self._tracks = tracks
        self._board = board
        self._holder = holder
        self._clock = clock
        self._heard = heard
        self._known: dict[int, tuple[tuple[int, int], Contents]] = {}
        self._taken: set[Part] = set()
        self._stopping = False

    def stop(self) -> None:
        """End a turn early, and have no more. For any thread."""
        self._stopping = True

    def turn(self) -> bool:
        """Compare, give and take; whether there was something to give or take.

        Raises StorageFailed, OSError.
        """
        since, until = self._window()
        self._board.forget_before(since)
        self._known = {hour: known for hour, known in self._known.items() if hour >= since}
        self._taken = {part for part in self._taken if part.hour_ms >= since}
        held = self._held(since)
        living = _living(held)
        moved = False
        for hour in sorted(held.keys() | self._tracks.hours.there()):
            if since <= hour <= until and not self._stopping:
                moved |= self._settle(hour, held.get(hour, {}), living)
        return moved

    def _window(self) -> tuple[int, int]:
        """The first and the last hour that are compared: those of which nothing is forgotten."""
        now = self._clock.now_ms()
        since = max(now - BACK_MS, self._tracks.kept_since)
        return -(-since // HOUR_MS) * HOUR_MS, now - SETTLED_MS - HOUR_MS

    def _held(self, since: int) -> dict[int, dict[str, Contents]]:
        found: dict[int, dict[str, Contents]] = {}
        for held in self._board.held(since):
            try:
                found.setdefault(held.hour_ms, {})[held.holder] = contents_from(held.contents)
            except ValueError as error:
                log.error("what %s holds of an hour cannot be read: %s", held.holder, error)
        return found

    def _settle(self, hour_ms: int, said: Everybody, living: set[str]) -> bool:
        """Agree on one hour; whether there was something to do."""
        before = said.get(self._holder)
        try:
            mine = self._mine(hour_ms, before)
        except TracksDamaged:
            log.exception("an hour cannot be compared with other nodes'")
            return False
        if before is None or before.as_bytes() != mine.as_bytes():
            self._board.say(Held(self._holder, hour_ms, mine.as_bytes()))
        others = {h: c for h, c in said.items() if h in living and h != self._holder}
        wanted, given = self._differences(hour_ms, mine, others)
        taken = self._take(wanted)
        return self._give(hour_ms, given) or taken

    def _mine(self, hour_ms: int, said: Contents | None) -> Contents:
        """What this node holds: worked out anew only when it has changed."""
        state = self._tracks.hours.state(hour_ms)
        known = self._known.get(hour_ms)
        if known is not None and known[0] == state:
            return known[1]
        if known is None and said is not None and state == (said.fixes, 0):
            mine = said
        else:
            mine = self._tracks.hours.contents(hour_ms)
        self._known[hour_ms] = state, mine
        return mine

    def _differences(
        self, hour_ms: int, mine: Contents, others: Everybody
    ) -> tuple[list[Part], list[Part]]:
        """The parts to take, and the parts that are this node's to give."""
        wanted, given = [], []
        for bucket in _different(mine, others):
            own = mine.mark(bucket)
            marks = {holder: contents.mark(bucket) for holder, contents in others.items()}
            fullest = max(marks.values())
            if own < fullest:
                wanted.append(Part(hour_ms, bucket, _MARK.pack(*fullest)))
            elif all(self._holder < h for h, mark in marks.items() if mark == own):
                given.append(Part(hour_ms, bucket, _MARK.pack(*own)))
        return wanted, given

    def _take(self, wanted: list[Part]) -> bool:
        taken = False
        for part in wanted:
            skips = self._stopping or part in self._taken
            body = None if skips else self._board.take(part)
            if body is not None:
                self._taken.add(part)
                self._keep(part, body)
                taken = True
        return taken

    def _keep(self, part: Part, body: bytes) -> None:
        try:
            self._heard(self._tracks.keep(*unpack_fixes(body)))
        except (ValueError, OverflowError) as error:
            log.error("bucket %d of an hour cannot be taken in: %s", part.bucket, error)

    def _give(self, hour_ms: int, given: list[Part]) -> bool:
        there = self._board.there(given)
        lacking = _some([part for part in given if part not in there])
        if lacking:
            rows = self._tracks.hours.parts(hour_ms, frozenset(p.bucket for p in lacking))
            for part in lacking:
                self._board.put(part, pack_fixes(*self._tracks.named(rows[part.bucket])))
        return bool(lacking)


def _some(parts: list[Part]) -> list[Part]:
    """The first of `parts`, as many as may be put up at once."""
    fixes = np.cumsum([_MARK.unpack(part.mark)[0] for part in parts])
    return parts[: max(int(np.searchsorted(fixes, FIXES_AT_ONCE)), 1)]


def _living(held: Mapping[int, Everybody]) -> set[str]:
    """Those who have said what they hold of the last hours: nobody waits for others."""
    newest = max(held, default=0)
    return {h for hour, said in held.items() if hour >= newest - HOUR_MS for h in said}


def _different(mine: Contents, others: Everybody) -> Iterator[int]:
    """The buckets in which somebody differs."""
    differs = np.zeros(len(mine.counts), np.bool_)
    for contents in others.values():
        differs |= (contents.counts != mine.counts) | (contents.sums != mine.sums)
    yield from np.flatnonzero(differs).tolist()
