"""Which store a URL means: the one place where its database is chosen.

People and devices lie beside the journal: in `journal.access` for `journal.sqlite`, in tables of
their own where the journal is in PostgreSQL.
"""

from __future__ import annotations

from console.access.sqlite import SqliteStore
from console.access.store import Store, StoreFailed
from console.i18n import text_of
from console.journal.open import is_postgresql, journal_file

SUFFIX = ".access"


def open_store(url: str, *, make: bool = True) -> Store:
    """The store that belongs to the journal at `url`; where there is none, one is made, or not.

    Raises StoreFailed, JournalError.
    """
    if is_postgresql(url):
        # Imported here: a server with files of its own need not load libpq at each start.
        from console.access.postgres import PostgresStore  # noqa: PLC0415

        return PostgresStore(url)
    file = journal_file(url)
    if file is None:
        return SqliteStore(None)
    store = file.with_suffix(SUFFIX)
    if not make and not store.is_file():
        raise StoreFailed(text_of("access.error.no_such_store", file=store))
    file.parent.mkdir(parents=True, exist_ok=True)
    return SqliteStore(store)
