"""What can go wrong with a journal.

Exception
 └── JournalError         carries its sentence in both languages
      ├── KeyReused       the idempotency key stands there already, for something else
      ├── JournalMoved    somebody else appended meanwhile: fold what is new, decide again
      ├── JournalDamaged  what is stored cannot be read any more
      └── StorageFailed   the disk refused; nothing of the batch is in the journal
           └── NoAnswer   it has not said in time: what was asked may be done, or not
"""

from __future__ import annotations

from console.i18n import text_of
from console.model.text import Text


class JournalError(Exception):
    """A journal that cannot do what was asked; `message` says what, and what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en or message.zh)
        self.message = message


class JournalDamaged(JournalError):  # noqa: N818 - it reads as what is so
    """It is a journal of ours, and it is damaged; `message` says where."""


class KeyReused(JournalError):  # noqa: N818 - it reads as what happened
    """One key, two bodies: the second is refused."""

    def __init__(self) -> None:
        super().__init__(text_of("server.error.key_reused"))


class JournalMoved(JournalError):  # noqa: N818
    """The journal's end is not where the writer thought."""

    def __init__(self) -> None:
        super().__init__(text_of("server.error.journal_moved"))


class StorageFailed(JournalError):  # noqa: N818
    """The storage did not take it; the same submission may be sent again."""

    def __init__(self, reason: str) -> None:
        super().__init__(text_of("server.error.storage_failed", reason=reason))


class NoAnswer(StorageFailed):
    """Nobody waits any longer than `after_s`; the same submission should be sent again."""

    def __init__(self, after_s: float) -> None:
        JournalError.__init__(self, text_of("server.error.no_answer", seconds=f"{after_s:g}"))
