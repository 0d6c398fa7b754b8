"""The samples that would be played."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from widgets.alarm.tones import RATE_HZ, Sound, samples


@pytest.mark.parametrize("sound", list(Sound))
def test_a1_a_sound_is_short_quiet_and_without_clicks(sound: Sound) -> None:
    wave = samples(sound)
    assert wave.dtype == np.int16
    assert 0.3 < len(wave) / RATE_HZ < 1.2
    assert 0.5 < np.abs(wave).max() / 32767 < 0.7
    steps = np.abs(np.diff(wave.astype(np.int32), prepend=0, append=0))
    assert steps.max() < 0.16 * 32767, "a jump is heard as a click"
    assert abs(int(wave[0])) < 50
    assert abs(int(wave[-1])) < 50


def loudest_hz(wave: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return float(np.fft.rfftfreq(len(wave), 1 / RATE_HZ)[spectrum.argmax()])


def test_a1_the_sounds_are_told_apart_by_how_they_move() -> None:
    """Two notes down: failed; two up: urgent; three pairs up: a call for help."""

    def heard(sound: Sound, *at_s: float) -> list[float]:
        wave = samples(sound)
        return [loudest_hz(wave[round(s * RATE_HZ) : round((s + 0.12) * RATE_HZ)]) for s in at_s]

    first, second = heard(Sound.FAILED, 0.02, 0.32)
    assert first > second
    first, second = heard(Sound.URGENT, 0.02, 0.3)
    assert first < second
    notes = heard(Sound.SOS, 0.02, 0.16, 0.36, 0.50, 0.70, 0.84)
    assert [one < other for one, other in pairwise(notes)] == [True, False, True, False, True]
