"""Text in the two languages the console speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """A name or sentence in Chinese and English; either may be empty, and then the other serves."""

    zh: str = ""
    en: str = ""

    def in_language(self, language: Language) -> str:
        """The text in `language`, or in the other one where this one is empty."""
        return (self.zh or self.en) if language == "zh" else (self.en or self.zh)

    def __bool__(self) -> bool:
        return bool(self.zh or self.en)
