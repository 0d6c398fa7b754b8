"""Where something is, in words: what the city knows by that name is offered while one types."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QListView, QWidget

from console.city.names import NamedKind, NameMatch
from console.i18n import tr
from console.model.decide import MAX_TEXT
from console.model.geo import LonLat
from widgets.bridge.language import spoken
from widgets.bridge.worker import Background
from widgets.common.desk import Desk
from widgets.common.fields import Field

MOST_OFFERED = 6
SETTLE_MS = 120

_PLACES: tuple[NamedKind, ...] = ("place", "street", "cell")
_NUMBER = re.compile(r"\s*(?:No\.?\s*)?[\d０-９]+\s*(?:号.*|[A-Za-z]?)$|^[\d０-９]+\s+")
"""The number of a house, which no list of names holds: behind the street, or before it."""


def sought(address: str) -> str:
    """What to look for when somebody has written `address`: the street without its number."""
    return _NUMBER.sub("", address.strip()).strip()


class AddressField(Field):
    """`located` carries the place (a `LonLat`) of what was chosen from the offers."""

    located = Signal(object)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent, limit=MAX_TEXT)
        self._desk = desk
        self._searching = Background(self, settle_ms=SETTLE_MS)
        self._offered: dict[str, NameMatch] = {}
        self._words = QStringListModel(self)
        self._offers = QCompleter(self._words, self)
        # The search has chosen already; the completer must not choose among what it found.
        self._offers.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._offers.setMaxVisibleItems(MOST_OFFERED)
        self._offers.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._offers.setWidget(self)
        self._popup = QListView()
        self._offers.setPopup(self._popup)
        self._offers.activated.connect(self._choose)
        self.textEdited.connect(self._look_for)

    @property
    def offered(self) -> list[str]:
        """What is offered now, in words."""
        return self._words.stringList()

    def _look_for(self, address: str) -> None:
        self._desk.names.load()
        names, query, near = self._desk.names.names, sought(address), self._near()
        if names is None or not query:
            self._searching.forget()
            self._show(())
            return
        self._searching.run(lambda: names.find(query, near, 4 * MOST_OFFERED), self._show)

    def _near(self) -> tuple[float, float]:
        place = self._desk.selection.marked_place or self._desk.city.manifest.centre
        return place.world

    def _show(self, found: Sequence[NameMatch]) -> None:
        whole = sought(self.text()).casefold()
        places = [named for named in found if named.kind in _PLACES]
        places.sort(key=lambda named: whole not in (named.name.zh, named.name.en.casefold()))
        self._offered = {}
        for named in places:  # of several called alike the nearest
            if len(self._offered) < MOST_OFFERED:
                self._offered.setdefault(self._told(named), named)
        self._words.setStringList(list(self._offered))
        if self._offered and self.hasFocus():
            self._popup.setFont(self.font())
            self._offers.complete()
        else:
            self._popup.hide()

    def _told(self, named: NameMatch) -> str:
        return tr("common.dot").join(filter(None, (spoken(named.name), spoken(named.detail))))

    def _choose(self, words: str) -> None:
        """The name stands for what was looked for; a number that was written stays."""
        named = self._offered[words]
        written, name = self.text(), spoken(named.name)
        number = written.strip().removeprefix(sought(written)).strip()
        self.setText(f"{name} {number}" if number and number != written.strip() else name)
        self.located.emit(LonLat.of_world(named.x, named.y))
