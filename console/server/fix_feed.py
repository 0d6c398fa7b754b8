"""Fixes on their way to the desks: gathered for a moment, encoded once, shared by all sockets."""

from __future__ import annotations

from collections import deque
from itertools import islice

from console.access import View
from console.model.unit import Fix
from console.tracks import Tracks
from console.wire import encode_frame, fixes_frame

KEPT_TICKS = 40


class FixFeed:
    """Numbers the groups of fixes; a socket that is too far behind gets all units anew."""

    def __init__(self, tracks: Tracks) -> None:
        self._tracks = tracks
        self._changed: dict[str, Fix] = {}
        self._frames: deque[bytes] = deque(maxlen=KEPT_TICKS)
        self._groups: deque[list[Fix]] = deque(maxlen=KEPT_TICKS)
        self.tick = 0
        self.taken = 0
        """Fixes that came in since the start."""

    def take(self, fix: Fix) -> None:
        """A fix came in."""
        self.taken += 1
        if self._tracks.take(fix):
            self._changed[fix.unit_id] = fix

    def gather(self) -> bool:
        """Close the present group, and write it to the tracks; whether there was anything in it."""
        self._tracks.flush()
        if not self._changed:
            return False
        group = list(self._changed.values())
        self._frames.append(encode_frame(fixes_frame(group)))
        self._groups.append(group)
        self._changed.clear()
        self.tick += 1
        return True

    def since(self, tick: int | None, view: View) -> list[bytes]:
        """The frames after `tick` as `view` sees them; None, or one long ago, gives one frame with
        every unit.
        """
        if tick is None or self.tick - tick > len(self._frames):
            return [encode_frame(fixes_frame(view.fixes(self._tracks.latest())))]
        start = len(self._frames) - (self.tick - tick)
        if view.is_whole:
            return list(islice(self._frames, start, None))
        seen = [f for group in islice(self._groups, start, None) for f in view.fixes(group)]
        return [encode_frame(fixes_frame(seen))] if seen else []
