"""What shows from the first moment of a start until there is a desk."""

from __future__ import annotations

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtWidgets import QApplication, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from console.clock import monotonic_s
from console.i18n import tr
from widgets.common.labels import Label
from widgets.common.theme import px

WIDTH_PX = 560
STAGES = ("program", "city", "server", "window")
"""What a start does, in its order: each has its words."""

_PATIENCE_S = 0.5
"""How long the system may take to put the window on the screen before the work goes on."""


class ProgressWindow(QWidget):
    """A title, a bar, and one line that says what is being done."""

    def __init__(self, title: str, stage: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = Label("title", bold=True)
        self._title.setText(title)
        self.stage = Label("body")
        self.stage.setText(stage)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setValue(0)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(px(3))
        self.row = QHBoxLayout()
        self.row.addWidget(self.stage, 1)
        self.setWindowTitle(tr("preparing.window"))
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedWidth(px(WIDTH_PX))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(24), px(24), px(24), px(24))
        column.setSpacing(px(12))
        column.addWidget(self._title)
        column.addWidget(self.bar)
        column.addLayout(self.row)

    def show_now(self) -> None:
        """Be in the middle of the screen before anything else is done."""
        self.adjustSize()
        self.move(self.screen().availableGeometry().center() - self.rect().center())
        self.show()
        handle, until_s = self.windowHandle(), monotonic_s() + _PATIENCE_S
        while handle is not None and not handle.isExposed() and monotonic_s() < until_s:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents, 20)
        self._paint_now()

    def _paint_now(self) -> None:
        """Whoever calls is about to keep the program busy."""
        self.repaint()
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)


class StartingWindow(ProgressWindow):
    """The desk is on its way: `show_stage` says how far it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("starting.title"), tr(f"starting.stage.{STAGES[0]}"), parent)

    def show_stage(self, stage: str) -> None:
        """`stage`, of STAGES, begins; all before it is done."""
        self.stage.setText(tr(f"starting.stage.{stage}"))
        self.bar.setValue(round(1000 * STAGES.index(stage) / len(STAGES)))
        if self.isVisible():
            self._paint_now()
