"""Tool tips: the one place where words become one. What people reported is shown as it was written.

Qt guesses whether a tool tip is HTML, and would load the pictures that a caller's words name.
"""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QPoint
from PySide6.QtGui import QAction, QFont, Qt
from PySide6.QtWidgets import QToolTip, QWidget


def set_tip(target: QWidget | QAction, words: str) -> None:
    """Have `target` say `words` when the pointer rests on it; "" for nothing."""
    target.setToolTip(plain_tip(words))


def show_tip(at: QPoint, words: str, widget: QWidget) -> None:
    """Say `words` now, at a point of the screen; for widgets that are painted."""
    QToolTip.showText(at, plain_tip(words), widget)


def hide_tip() -> None:
    """Take away the tool tip that shows."""
    QToolTip.hideText()


def set_tip_font(font: QFont) -> None:
    """The font of all tool tips."""
    QToolTip.setFont(font)


def plain_tip(words: str) -> str:
    """`words`, put so that Qt shows every character of it and takes none for HTML."""
    if not Qt.mightBeRichText(words):
        return words
    return f'<p style="white-space:pre-wrap">{escape(words)}</p>'
