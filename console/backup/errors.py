"""What can go wrong with a backup.

Exception
 └── BackupError    carries its sentence in both languages
"""

from __future__ import annotations

from typing import Any

from console.i18n import text_of


class BackupError(Exception):
    """A backup that was not made or not put back; `message` says why, and what to do."""

    def __init__(self, code: str, **args: Any) -> None:
        self.is_damage = code in ("damaged", "not_sound")
        """Whether what is stored was damaged, and not the command refused."""
        self.message = text_of(f"backup.error.{code}", **args)
        super().__init__(self.message.en)
