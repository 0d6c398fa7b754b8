"""Which cameras give a picture, as far as this desk knows: what was imported and what was tried."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from console.city import Cameras
from console.clock import Clock
from console.video import Reason, StreamState, TileState

BELIEVED_MS = 10 * 60_000
"""How long a failure is held against a camera that nobody has tried again."""

TRIES = 2
"""Failed tries in a row before a camera counts as down: one may be a lost packet."""

_NOT_THE_CAMERA = frozenset({Reason.NO_LIBVLC, Reason.WORKER_LOST, Reason.NO_SPACE})
_AT_ONCE = frozenset({Reason.UNAUTHORIZED, Reason.NOT_FOUND, Reason.BAD_ADDRESS})


@dataclass(frozen=True, slots=True)
class _Tried:
    at_ms: int
    failure: Reason | None


class CameraHealth(QObject):
    """Learns from the streams that this desk opens; `changed` when a camera went down or came back.

    A camera that played is online, whatever the catalogue says; one that refused is not, until it
    plays or `BELIEVED_MS` have passed.
    """

    changed = Signal()

    def __init__(self, cameras: Cameras, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._cameras, self._clock = cameras, clock
        self._tried: dict[str, _Tried] = {}

    def learn(self, camera_id: str, state: TileState) -> None:
        """Take what a camera's stream is doing now."""
        before = self._tried.get(camera_id)
        if state.state is StreamState.LIVE:
            failure = None
        elif _has_failed(state):
            failure = state.reason
        else:
            return
        self._tried[camera_id] = _Tried(self._clock.now_ms(), failure)
        if before is None or before.failure != failure:
            self.changed.emit()

    def forget_old(self) -> None:
        """Hold no failure against a camera for ever."""
        oldest = self._clock.now_ms() - BELIEVED_MS
        old = [c for c, t in self._tried.items() if t.failure is not None and t.at_ms < oldest]
        for camera_id in old:
            del self._tried[camera_id]
        if old:
            self.changed.emit()

    def failure(self, camera_id: str) -> Reason | None:
        """Why a camera gave no picture when it was last tried; None where it did, or nobody did."""
        tried = self._tried.get(camera_id)
        return tried.failure if tried is not None else None

    def online(self) -> NDArray[np.bool_]:
        """Which cameras give a picture, bool[n] in the order of the catalogue; the caller's own."""
        online = np.array(self._cameras.online)
        for camera_id, tried in self._tried.items():
            online[self._cameras.index(camera_id)] = tried.failure is None
        return online

    def failures(self) -> dict[str, Reason]:
        """The failed cameras and why; the caller's own."""
        return {c: t.failure for c, t in self._tried.items() if t.failure is not None}


def _has_failed(state: TileState) -> bool:
    if state.reason is None or state.reason in _NOT_THE_CAMERA:
        return False
    return state.reason in _AT_ONCE or state.attempt >= TRIES
