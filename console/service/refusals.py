"""Refusals in words, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from console.i18n import text_of
from console.model.decide import Refused
from console.model.text import Text

_WORDS: Mapping[str, str] = {
    "now": "step",
    "to": "step",
    "step": "step",
    "status": "status",
    "fault": "fault",
}
"""Which blanks hold a step, a status or a fault, that people know by another word than programs
do."""


def refusal_text(refused: Refused) -> Text:
    """What the refusal says to people: what happened, what it means, what to do."""
    filled = {name: _in_words(name, value) for name, value in refused.args_.items()}
    return text_of(f"refusal.{refused.code}", **filled)


def _in_words(name: str, value: str) -> Text | str:
    kind = _WORDS.get(name)
    return value if kind is None else text_of(f"refusal.{kind}.{value}")
