"""Where nodes compare what their tracks hold of hours that are over, and pass on what is missing.

The contract is `tests/console/nodes/hour_contract.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Held:
    """What `holder` holds of an hour (ms UTC of its begin): `console.tracks.Contents` as bytes."""

    holder: str
    hour_ms: int
    contents: bytes


@dataclass(frozen=True, slots=True)
class Part:
    """The fixes of one bucket of an hour: `mark` tells one set of them from another."""

    hour_ms: int
    bucket: int
    mark: bytes


class HourBoard(Protocol):
    """For one thread at a time. Methods raise StorageFailed while it is away."""

    def held(self, since_ms: int) -> list[Held]:
        """What everybody holds of the hours from `since_ms` on."""
        ...

    def say(self, held: Held) -> None:
        """Have the others know, in place of what was said of that hour before."""
        ...

    def there(self, parts: Sequence[Part]) -> set[Part]:
        """Those of `parts` that hang there."""
        ...

    def take(self, part: Part) -> bytes | None:
        """The packed fixes of a part; None when it is not there."""
        ...

    def put(self, part: Part, body: bytes) -> None:
        """Put a part up. One that hangs there already stays."""
        ...

    def forget_before(self, hour_ms: int) -> None:
        """Take down what is of earlier hours."""
        ...

    def close(self) -> None:
        """Let go of the board."""
        ...
