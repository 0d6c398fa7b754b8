"""The board of hours in memory: for tests."""

from __future__ import annotations

from collections.abc import Sequence

from console.nodes.hours import Held, Part


class MemoryHours:
    """`console.nodes.HourBoard` for all nodes of one process."""

    def __init__(self) -> None:
        self._held: dict[tuple[int, str], Held] = {}
        self._parts: dict[Part, bytes] = {}

    def held(self, since_ms: int) -> list[Held]:
        """As the interface says."""
        return [held for (hour, _), held in sorted(self._held.items()) if hour >= since_ms]

    def say(self, held: Held) -> None:
        """As the interface says."""
        self._held[held.hour_ms, held.holder] = held

    def there(self, parts: Sequence[Part]) -> set[Part]:
        """As the interface says."""
        return set(parts) & self._parts.keys()

    def take(self, part: Part) -> bytes | None:
        """As the interface says."""
        return self._parts.get(part)

    def put(self, part: Part, body: bytes) -> None:
        """As the interface says."""
        self._parts.setdefault(part, body)

    def forget_before(self, hour_ms: int) -> None:
        """As the interface says."""
        self._held = {k: v for k, v in self._held.items() if k[0] >= hour_ms}
        self._parts = {p: body for p, body in self._parts.items() if p.hour_ms >= hour_ms}

    def close(self) -> None:
        """Nothing to let go of."""
