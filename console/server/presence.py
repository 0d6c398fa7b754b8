"""Which units have a device on the line."""

from __future__ import annotations

from typing import Protocol


class Line(Protocol):
    """One device's connection."""

    def nudge(self) -> None:
        """There may be something to send."""
        ...

    def check(self) -> None:
        """Say and ask for signs of life, when it is time."""
        ...

    def replace(self) -> None:
        """The same unit has connected anew; close."""
        ...


class Presence:
    """The line of each connected unit: one, the newest, for a phone that reconnects at a tunnel's
    end leaves a dead one behind.
    """

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._online: frozenset[str] | None = None

    @property
    def online(self) -> frozenset[str]:
        """Units with a device on the line; the same object while they are the same."""
        if self._online is None:
            self._online = frozenset(self._lines)
        return self._online

    def check(self) -> None:
        """Have every line look whether it still lives."""
        for line in tuple(self._lines.values()):
            line.check()

    def join(self, unit_id: str, line: Line) -> None:
        """The unit's device is on `line` now."""
        old = self._lines.get(unit_id)
        self._lines[unit_id] = line
        self._online = None
        if old is not None:
            old.replace()

    def leave(self, unit_id: str, line: Line) -> None:
        """`line` is gone; does nothing when a newer one took its place."""
        if self._lines.get(unit_id) is line:
            del self._lines[unit_id]
            self._online = None

    def nudge(self, unit_id: str) -> None:
        """Tell the unit's line, if any, that there may be something to send."""
        line = self._lines.get(unit_id)
        if line is not None:
            line.nudge()
