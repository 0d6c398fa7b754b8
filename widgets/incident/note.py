"""The note that is being written: it stays with the incident that it is about."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.model.decide import MAX_TEXT
from widgets.common.fields import Field


class NoteField(Field):
    """One line for the selected incident; what is written and not sent is there when it is selected
    again.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, limit=MAX_TEXT)
        self._drafts: dict[str, str] = {}
        self._about = ""

    def change_to(self, incident_id: str) -> None:
        """Another incident is selected."""
        if written := self.text().strip():
            self._drafts[self._about] = written
        self._about = incident_id
        self.setText(self._drafts.pop(incident_id, ""))

    def give_back(self, incident_id: str, words: str) -> None:
        """What was sent was not accepted: have it there for another try."""
        if incident_id != self._about:
            self._drafts.setdefault(incident_id, words)
        elif not self.text():
            self.setText(words)
