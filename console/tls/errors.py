"""What can be wrong with a certificate.

Exception
 └── TlsError    `message` says what happened, what it means and what to do
"""

from __future__ import annotations

from console.model.text import Text


class TlsError(Exception):
    """A certificate cannot be made, read or trusted."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message
