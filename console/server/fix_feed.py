"""Fixes on their way to the desks: gathered for a moment, encoded once, shared by all sockets."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from console.access import View, Whereabouts
from console.model.unit import Fix
from console.server.scope import Calls, Scope, StatusOf, by_area
from console.tracks import Rows, Tracks
from console.wire import encode_frame, fixes_frame

KEPT_TICKS = 40


class FixFeed:
    """Numbers the groups of fixes; a socket that is too far behind gets all units anew.

    Who sees a part of the city only is served by `Scope`, one for all that see the same part.
    """

    def __init__(
        self, tracks: Tracks, where: Whereabouts, status_of: StatusOf, calls: Calls = dict
    ) -> None:
        self._tracks = tracks
        self._where = where
        self._status_of = status_of
        self._calls = calls
        self._changed: dict[str, Fix] = {}
        self._frames: deque[bytes] = deque(maxlen=KEPT_TICKS)
        self._scopes: dict[str, Scope] = {}
        self.tick = 0
        self.taken = 0
        """Fixes that came in since the start and were kept."""
        self.tell: Callable[[Rows], None] | None = None
        """Called with what came in, at every tick: for the other nodes."""

    @property
    def kept_since(self) -> int:
        """What was made before this (ms UTC) is not kept."""
        return self._tracks.kept_since

    def take(self, fix: Fix) -> None:
        """A fix came in."""
        self.take_all((fix,))

    def take_all(self, fixes: Sequence[Fix]) -> None:
        """Fixes came in."""
        refused = self._tracks.refused
        self._changed.update((fix.unit_id, fix) for fix in self._tracks.take_all(fixes))
        self.taken += len(fixes) - (self._tracks.refused - refused)

    def hear(self, fixes: Sequence[Fix]) -> None:
        """Fixes that came in on another node, and are in the tracks already."""
        self._changed.update((fix.unit_id, fix) for fix in self._tracks.renew(fixes))

    def gather(self) -> bool:
        """Close the present group, and write it to the tracks; whether there was anything in it."""
        came_in = self._tracks.flush()
        if self.tell is not None:
            self.tell(came_in)
        if not self._changed and not any(scope.has_news() for scope in self._scopes.values()):
            return False
        group = list(self._changed.values())
        self._frames.append(encode_frame(fixes_frame(group)) if group else b"")
        self._gather_scopes(group)
        self._changed.clear()
        self.tick += 1
        return True

    def since(self, tick: int | None, view: View) -> list[tuple[int, bytes]]:
        """The frames after `tick` as `view` sees them, each with the tick that it leads to; None,
        or one long ago, gives one frame with every unit.
        """
        ticks = None if tick is None else self.tick - tick
        if not view.is_whole:
            frames = self._scoped(ticks, view)
        elif ticks is None or ticks > len(self._frames):
            frames = [encode_frame(fixes_frame(self._tracks.latest()))]
        else:
            frames = list(islice(self._frames, len(self._frames) - ticks, None))
        first = self.tick - len(frames) + 1
        return [(at, frame) for at, frame in enumerate(frames, first) if frame]

    def _gather_scopes(self, group: list[Fix]) -> None:
        """The group as each scope sees it; a scope that no socket asks for is let go."""
        self._scopes = {t: s for t, s in self._scopes.items() if s.idle < KEPT_TICKS}
        if self._scopes:
            moved, ids = by_area(group, self._where), frozenset(self._changed)
            for scope in self._scopes.values():
                scope.gather(moved, ids)

    def _scoped(self, ticks: int | None, view: View) -> list[bytes]:
        scope = self._scopes.get(view.tag)
        if scope is None:
            scope = Scope(view, self._where, self._status_of, self._calls, KEPT_TICKS)
            scope.begin(by_area(self._tracks.latest(), self._where))
            self._scopes[view.tag] = scope
        frames = scope.since(ticks)
        if frames is None:
            return [scope.everything(lambda: by_area(self._tracks.latest(), self._where))]
        return frames
