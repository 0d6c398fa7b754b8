"""An output that plays nothing and remembers what it was given: for tests and for pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What would have been heard: int16 (n,), one channel, and how loud (0 to 1)."""

    samples: NDArray[np.int16]
    rate_hz: int
    gain: float


@dataclass
class FakeSoundOutput:
    """In place of `widgets.bridge.qt_sound.QtSoundOutput`."""

    is_there: bool = True
    played: list[Played] = field(default_factory=list)

    def play(self, samples: NDArray[np.int16], rate_hz: int, gain: float) -> None:
        """Remember it."""
        self.played.append(Played(samples, rate_hz, gain))
