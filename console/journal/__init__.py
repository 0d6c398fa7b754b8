"""The append-only event log: one interface, its implementations behind it.

Open one with `console.journal.open.open_journal(url)`; nothing here is ever rewritten.
"""

from console.journal.errors import JournalError, JournalMoved, KeyReused, StorageFailed
from console.journal.interface import Batch, Journal, Listener, Receipt

__all__ = [
    "Batch",
    "Journal",
    "JournalError",
    "JournalMoved",
    "KeyReused",
    "Listener",
    "Receipt",
    "StorageFailed",
]
