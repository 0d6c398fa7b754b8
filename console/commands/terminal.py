"""Talking to the person at the terminal, in their language."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from console.i18n import text_of
from console.model.text import Language, Text


class Stop(Exception):  # noqa: N818 - not a fault of ours: something the user can mend
    """Ends the program with one clear sentence and its exit status: 1 for what was refused."""

    def __init__(self, sentence: str, status: int = 1) -> None:
        super().__init__(sentence)
        self.status = status


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    print(sentence, flush=True)


def tell(sentence: Text) -> None:
    """Tell the person at the terminal, in their language."""
    say(sentence.in_language(terminal_language()))


def terminal_language() -> Language:
    """Chinese where the locale says so, else English."""
    settings = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, settings), "").startswith("zh") else "en"


def warn(sentence: Text) -> None:
    """Tell the person, beside what other programs may read."""
    print(sentence.in_language(terminal_language()), file=sys.stderr, flush=True)


def stop_with(message: Text, status: int = 1) -> Stop:
    """The end of the program, in the language of the terminal."""
    return Stop(message.in_language(terminal_language()), status)


def terminal_progress() -> Callable[[str, float], None]:
    """Progress on one line of the terminal; nothing where output goes to a file."""
    if not sys.stderr.isatty():
        return lambda _stage, _share: None

    def show(stage: str, share: float) -> None:
        end = "\n" if share >= 1 else ""
        words = text_of(stage).in_language(terminal_language())
        print(f"\r\033[K{round(100 * share):3d} %  {words}", end=end, file=sys.stderr, flush=True)

    return show
