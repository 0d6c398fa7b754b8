"""Which boards a journal's URL means."""

from __future__ import annotations

from console.journal.open import is_postgresql
from console.nodes.hours import HourBoard
from console.nodes.interface import Board


def open_board(url: str) -> Board | None:
    """The board beside the journal at `url`; None where no other node can be. Raises JournalError.

    A journal in a file is one server's alone: there is nobody to tell.
    """
    if not is_postgresql(url):
        return None
    # Imported here: a server with a file of its own need not load libpq at each start.
    from console.nodes.postgres import PostgresBoard  # noqa: PLC0415

    return PostgresBoard(url)


def open_hours(url: str) -> HourBoard | None:
    """The board of hours beside the journal at `url`, as `open_board`. Raises JournalError."""
    if not is_postgresql(url):
        return None
    from console.nodes.postgres_hours import PostgresHours  # noqa: PLC0415 - as above

    return PostgresHours(url)
