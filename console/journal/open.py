"""Which journal a URL means: the one place where a database is chosen.

sqlite:///absolute/path    sqlite:relative/path    memory:
"""

from __future__ import annotations

import re
from pathlib import Path

from console.clock import Clock
from console.i18n import text_of
from console.journal.chain import Ledger
from console.journal.errors import JournalError
from console.journal.interface import Journal
from console.journal.memory import MemoryJournal
from console.journal.sqlite import SqliteJournal
from console.journal.sqlite_file import SqliteLedger


def open_journal(url: str, clock: Clock) -> Journal:
    """The journal at `url`, made when it is not there. Raises JournalError."""
    if url == "memory:":
        return MemoryJournal(clock)
    return SqliteJournal(_file(url), clock)


def open_ledger(url: str) -> Ledger:
    """The stored rows of the journal at `url`, for checking. Raises JournalError."""
    return SqliteLedger(_file(url))


def journal_file(url: str) -> Path | None:
    """The file of the journal at `url`; None for one in memory. Raises JournalError."""
    return None if url == "memory:" else _file(url)


def _file(url: str) -> Path:
    scheme, _, rest = url.partition(":")
    if scheme in ("postgresql", "postgres"):
        raise JournalError(text_of("server.error.postgresql_not_yet"))
    path = re.sub(r"^/+(?=/|[A-Za-z]:)", "", rest)
    if scheme != "sqlite" or not Path(path).name:
        raise JournalError(text_of("server.error.unknown_database", url=url))
    return Path(path)
