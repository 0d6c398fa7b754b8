"""The append-only event log: one interface, its implementations behind it.

Open one with `console.journal.open.open_journal(url)`; nothing here is ever rewritten.
"""

from console.journal.errors import JournalError, JournalMoved, KeyReused, NoAnswer, StorageFailed
from console.journal.history import Told
from console.journal.interface import Batch, Decide, End, Journal, Listener, Receipt, append

__all__ = [
    "Batch",
    "Decide",
    "End",
    "Journal",
    "JournalError",
    "JournalMoved",
    "KeyReused",
    "Listener",
    "NoAnswer",
    "Receipt",
    "StorageFailed",
    "Told",
    "append",
]
