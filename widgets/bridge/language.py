"""The language of the screen, and the signal that it is another one now."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QObject, Signal

from console.i18n import language, set_language
from console.model.text import Language, Text


class LanguageBridge(QObject):
    """Tells everything on the screen to say itself anew; `changed` carries "zh" or "en"."""

    changed = Signal(str)

    def speak(self, chosen: Language) -> None:
        """Switch the whole screen to `chosen`."""
        if chosen != language():
            set_language(chosen)
            self.changed.emit(chosen)


@cache
def language_bridge() -> LanguageBridge:
    """The one bridge: one screen speaks one language."""
    return LanguageBridge()


def follow_language(retranslate: Callable[[], None]) -> None:
    """Call `retranslate` now and whenever the language changes.

    A bound method of a QObject is let go with its object.
    """
    language_bridge().changed.connect(retranslate)
    retranslate()


def spoken(text: Text) -> str:
    """A name or sentence of the data in the language of the screen."""
    return text.in_language(language())
