"""Which journal a URL means: the one place where a database is chosen.

sqlite:///absolute/path    sqlite:relative/path    memory:    postgresql://user@host/database
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

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
    if is_postgresql(url):
        # Imported here: a server with a file of its own need not load libpq at each start.
        from console.journal.postgres import PostgresJournal  # noqa: PLC0415

        return PostgresJournal(url, clock)
    return SqliteJournal(_file(url), clock)


def open_ledger(url: str) -> Ledger:
    """The stored rows of the journal at `url`, for checking. Raises JournalError."""
    if is_postgresql(url):
        from console.journal.postgres_ledger import PostgresLedger  # noqa: PLC0415

        return PostgresLedger(url)
    return SqliteLedger(_file(url))


def is_postgresql(url: str) -> bool:
    """Whether the journal at `url` lies in PostgreSQL, where several servers share it."""
    return url.partition(":")[0] in ("postgresql", "postgres")


def journal_file(url: str) -> Path | None:
    """The file of the journal at `url`; None where it lies in none. Raises JournalError."""
    return None if url == "memory:" or is_postgresql(url) else _file(url)


def beside(url: str, data: Path | None, suffix: str) -> Path | None:
    """Where something of one node's own lies, that belongs to the journal at `url`.

    Beside the journal's file; for a database that several nodes share in this node's folder
    `data`; None for neither. Raises JournalError.
    """
    file = journal_file(url)
    if file is not None:
        return file.with_suffix(suffix)
    if data is None or not is_postgresql(url):
        return None
    database = re.sub(r"[^A-Za-z0-9_-]", "", urlsplit(url).path) or "postgresql"
    return data / "journals" / f"{database}{suffix}"


def _file(url: str) -> Path:
    scheme, _, rest = url.partition(":")
    path = re.sub(r"^/+(?=/|[A-Za-z]:)", "", rest)
    if scheme != "sqlite" or not Path(path).name:
        raise JournalError(text_of("server.error.unknown_database", url=url))
    return Path(path)
