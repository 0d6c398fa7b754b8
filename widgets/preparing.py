"""The first minute: the practice city is made by a process of its own, and can be stopped."""

from __future__ import annotations

import json
from collections.abc import Sequence

from PySide6.QtCore import QProcess, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QWidget

from console.i18n import tr
from widgets.common.buttons import Button
from widgets.starting import ProgressWindow


class PreparingWindow(ProgressWindow):
    """Runs `command`, which prints its progress as JSON lines {"stage", "share"}, and shows it.

    `finished` carries 1 when the command ended well; 0 when it failed or was stopped, with
    `complaint` holding what it said.
    """

    finished = Signal(int)

    def __init__(self, command: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(tr("preparing.title"), tr("preparing.why"), parent)
        self.complaint = ""
        self._stopped = False
        self._cancel = Button()
        self._cancel.set_words(tr("common.cancel"), tr("preparing.cancel_tip"))
        self._cancel.clicked.connect(self.close)
        self.row.addWidget(self._cancel)
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._end)
        self._process.start(command[0], list(command[1:]))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closing stops the work; what was there before stays as it was."""
        self._stopped = True
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.terminate()
            self._process.waitForFinished(3000)
        super().closeEvent(event)

    def _read(self) -> None:
        while self._process.canReadLine():
            said = json.loads(bytes(self._process.readLine().data()))
            self.bar.setValue(round(1000 * said["share"]))
            percent = round(100 * said["share"])
            self.stage.setText(tr("preparing.stage", stage=tr(said["stage"]), percent=percent))

    def _end(self, code: int, status: QProcess.ExitStatus) -> None:
        self.complaint = bytes(self._process.readAllStandardError().data()).decode().strip()
        well = code == 0 and status is QProcess.ExitStatus.NormalExit and not self._stopped
        self.finished.emit(int(well))
        self.close()
