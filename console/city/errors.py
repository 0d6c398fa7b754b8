"""What can go wrong with a city package.

CityError   the folder is no package, a damaged one, or one of a later version
"""

from __future__ import annotations

from console.model.text import Text


class CityError(Exception):
    """A package that cannot be opened; `message` says what happened and what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en or message.zh)
        self.message = message
