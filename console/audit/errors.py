"""What can go wrong with signing and with signed heads.

Exception
 └── AuditError    carries its sentence in both languages
"""

from __future__ import annotations

from typing import Any

from console.i18n import text_of


class AuditError(Exception):
    """Keys or heads that cannot be used; `message` says why, and what to do."""

    def __init__(self, code: str, **args: Any) -> None:
        self.message = text_of(f"audit.error.{code}", **args)
        super().__init__(self.message.en)
