"""How long to wait before trying again: longer each time, and never all desks at once."""

from __future__ import annotations

import random
from collections.abc import Callable

FIRST_S = 0.25
LONGEST_S = 8.0
LONGEST_OWN_S = 0.5
"""The longest wait for a server of the desk's own, which nobody else knocks at."""

JITTER = 0.2


class Backoff:
    """0.25 s doubling to `longest_s`, give or take a fifth; `chance` gives numbers in [0, 1)."""

    def __init__(
        self, chance: Callable[[], float] = random.random, longest_s: float = LONGEST_S
    ) -> None:
        self._chance = chance
        self._longest_s = longest_s
        self._next_s = FIRST_S

    def delay_s(self) -> float:
        """The next wait, in seconds."""
        base, self._next_s = self._next_s, min(2 * self._next_s, self._longest_s)
        return base * (1 + JITTER * (2 * self._chance() - 1))

    def reset(self) -> None:
        """It worked; start small again."""
        self._next_s = FIRST_S
