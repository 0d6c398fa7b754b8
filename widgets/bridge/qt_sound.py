"""The system's audio, by Qt."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QObject, Signal
from PySide6.QtMultimedia import QAudioFormat, QAudioSink, QMediaDevices, QtAudio

log = logging.getLogger(__name__)


class QtSoundOutput(QObject):
    """The system's usual output, whichever that is at the moment.

    Making it asks the sound system, which may take a while: not before the desk is there.
    """

    changed = Signal()
    """An output came or went."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._devices = QMediaDevices(self)
        self._devices.audioOutputsChanged.connect(self.changed)
        self._sink: QAudioSink | None = None
        self._buffer: QBuffer | None = None

    @property
    def is_there(self) -> bool:
        """Whether the system has an output."""
        return not QMediaDevices.defaultAudioOutput().isNull()

    def play(self, samples: NDArray[np.int16], rate_hz: int, gain: float) -> None:
        """Play on the system's usual output; without one nothing happens."""
        device = QMediaDevices.defaultAudioOutput()
        if device.isNull():
            return
        self._stop()
        form = QAudioFormat()
        form.setSampleRate(rate_hz)
        form.setChannelCount(1)
        form.setSampleFormat(QAudioFormat.SampleFormat.Int16)
        self._buffer = QBuffer(self)
        self._buffer.setData(QByteArray(samples.tobytes()))
        self._buffer.open(QBuffer.OpenModeFlag.ReadOnly)
        self._sink = QAudioSink(device, form, self)
        self._sink.setVolume(gain)
        self._sink.stateChanged.connect(self._watch)
        self._sink.start(self._buffer)

    def _watch(self) -> None:
        # Without the state that comes with the signal: PySide cannot convert it.
        sink = self._sink
        if sink is None or sink.state() != QtAudio.State.StoppedState:
            return
        if sink.error() not in (QtAudio.Error.NoError, QtAudio.Error.UnderrunError):
            log.warning("an alarm could not be played: %s", sink.error())

    def _stop(self) -> None:
        if self._sink is not None:
            sink, self._sink = self._sink, None
            sink.stop()
            sink.deleteLater()
        if self._buffer is not None:
            self._buffer.deleteLater()
            self._buffer = None
