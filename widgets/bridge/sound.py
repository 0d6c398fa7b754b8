"""Sound out of the machine: the port.

Qt's audio is behind it in `widgets.bridge.qt_sound`, the fake beside it in
`widgets.bridge.fake_sound`.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class SoundOutput(Protocol):
    """Plays samples, one sound at a time."""

    @property
    def is_there(self) -> bool:
        """Whether there is anything to hear it from."""
        ...

    def play(self, samples: NDArray[np.int16], rate_hz: int, gain: float) -> None:
        """Play `samples` (n,) of one channel, `gain` 0 to 1, in place of what still sounds."""
        ...


class NoSoundOutput:
    """There is nothing to hear it from, and there will not be."""

    is_there = False

    def play(self, samples: NDArray[np.int16], rate_hz: int, gain: float) -> None:
        """Nobody hears it."""
