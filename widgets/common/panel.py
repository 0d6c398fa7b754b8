"""What every panel of the desk has in common: its ground, its name, where its keyboard starts."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget


class Panel(QFrame):
    """A panel: flat ground, an accessible name, and the child that F6 brings the keyboard to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def entry(self) -> QWidget:
        """Where the keyboard goes when the panel is entered; panels say their own."""
        return self

    def enter(self) -> None:
        """Bring the keyboard into the panel, with its ring drawn."""
        self.entry().setFocus(Qt.FocusReason.TabFocusReason)
