"""Which store a URL means: the one place where its database is chosen.

People and devices lie beside the journal: `journal.access` for `journal.sqlite`.
"""

from __future__ import annotations

from console.access.sqlite import SqliteStore
from console.access.store import Store
from console.journal.open import journal_file

SUFFIX = ".access"


def open_store(url: str) -> Store:
    """The store that belongs to the journal at `url`. Raises StoreFailed, JournalError."""
    file = journal_file(url)
    if file is None:
        return SqliteStore(None)
    file.parent.mkdir(parents=True, exist_ok=True)
    return SqliteStore(file.with_suffix(SUFFIX))
