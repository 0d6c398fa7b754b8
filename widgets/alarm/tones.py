"""The alarms' sounds, made from sines: short, soft at both ends, told apart by how they move.

A duty room is quiet at night, and people sit in it for years: no sirens.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000

Samples = NDArray[np.int16]


class Sound(IntEnum):
    """What is to be heard; the higher the graver."""

    FAILED = 1
    """A command was refused or timed out: two notes down."""
    URGENT = 2
    """A new incident of priority 1: two notes up."""
    SOS = 3
    """A unit calls for help: three pairs up, and again until somebody acknowledges."""


_NOTES: dict[Sound, tuple[tuple[float, float, float], ...]] = {
    Sound.FAILED: ((0.00, 523.25, 0.28), (0.20, 392.00, 0.40)),
    Sound.URGENT: ((0.00, 659.26, 0.24), (0.16, 987.77, 0.46)),
    Sound.SOS: tuple(
        (0.34 * pair + 0.14 * second, (783.99, 1174.66)[second], 0.20)
        for pair in range(3)
        for second in range(2)
    ),
}
"""Of each note when it begins (seconds), how high it is (Hz) and how long it sounds (seconds)."""

_ATTACK_S = 0.006
_PEAK = 0.6
_PARTIALS = ((1.0, 1.0), (2.0, 0.28), (3.0, 0.08))
"""Multiples of a note's frequency and how loud each is: a little bell, not a whistle."""


@cache
def samples(sound: Sound) -> Samples:
    """The sound as int16 [n] at `RATE_HZ`, one channel, at full volume. Not to be written to."""
    notes = _NOTES[sound]
    length_s = max(start + lasts for start, _, lasts in notes)
    wave = np.zeros(round(length_s * RATE_HZ))
    for start_s, hertz, lasts_s in notes:
        note = _note(hertz, lasts_s)
        first = round(start_s * RATE_HZ)
        wave[first : first + len(note)] += note[: len(wave) - first]
    made: Samples = np.round(wave / np.abs(wave).max() * _PEAK * 32767).astype(np.int16)
    made.setflags(write=False)
    return made


def _note(hertz: float, lasts_s: float) -> NDArray[np.float64]:
    """One note that dies away, from silence to silence: a step would be heard as a click."""
    at_s = np.arange(round(lasts_s * RATE_HZ)) / RATE_HZ
    wave = sum(loud * np.sin(2 * np.pi * hertz * times * at_s) for times, loud in _PARTIALS)
    rise = np.clip(at_s / _ATTACK_S, 0, 1)
    fall = np.exp(-4.0 * at_s / lasts_s) * np.clip((lasts_s - at_s) / 0.03, 0, 1)
    return np.asarray(wave * rise * fall)
