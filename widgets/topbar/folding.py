"""What the bar does without when it gets narrow, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget


class Foldable(Protocol):
    """A part of the bar that can be missed."""

    folded: bool

    def spared_px(self) -> int:
        """How much less room it takes when it is folded."""
        ...

    def fold(self, folded: bool) -> None:
        """Go, or come back."""
        ...


class FoldedAway:
    """Widgets of a row that go together."""

    def __init__(self, row: QHBoxLayout, *widgets: QWidget) -> None:
        self._row = row
        self._widgets = widgets
        self.folded = False

    def spared_px(self) -> int:
        """Their own widths and the gaps that go with them."""
        return sum(w.sizeHint().width() + self._row.spacing() for w in self._widgets)

    def fold(self, folded: bool) -> None:
        """Hide or show them."""
        self.folded = folded
        for widget in self._widgets:
            widget.setVisible(not folded)


def fold_to_fit(row: QHBoxLayout, width: int, parts: Sequence[Foldable]) -> None:
    """Fold the first of `parts` until `row` fits into `width` pixels, and no more than that."""
    spare = width - _needed_px(row)
    before = [part.folded for part in parts]
    for part in parts:
        if spare >= 0:
            break
        if not part.folded:
            part.fold(True)
            spare += part.spared_px()
    for part in reversed(parts):
        if part.folded:
            if part.spared_px() > spare:
                break
            spare -= part.spared_px()
            part.fold(False)
    if before != [part.folded for part in parts]:
        row.activate()


def _needed_px(row: QHBoxLayout) -> int:
    """Asked of the widgets themselves: the layout still holds what they said before."""
    margins, shown = row.contentsMargins(), []
    for index in range(row.count()):
        item = row.itemAt(index)
        widget = item.widget() if item is not None else None
        if widget is not None and not widget.isHidden():
            fixed = widget.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Fixed
            shown.append((widget.sizeHint() if fixed else widget.minimumSizeHint()).width())
    gaps = row.spacing() * (len(shown) - 1)
    return margins.left() + sum(shown) + gaps + margins.right()
