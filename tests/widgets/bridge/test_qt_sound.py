"""The system's audio, on a machine that has none: nothing fails, and it is said."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtMultimedia import QMediaDevices
from pytestqt.qtbot import QtBot

from widgets.bridge.qt_sound import QtSoundOutput

pytestmark = pytest.mark.qt_log_ignore(
    "PulseAudioService", "qt.multimedia", "invalid nullptr parameter", extend=True
)


def test_a1_whether_there_is_an_output_is_the_systems_word(qtbot: QtBot) -> None:
    output = QtSoundOutput()
    assert output.is_there is not QMediaDevices.defaultAudioOutput().isNull()
    if not output.is_there:
        output.play(np.zeros(480, np.int16), 48_000, 0.5)
