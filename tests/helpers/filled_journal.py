"""A journal file filled quickly: rows made here and tied as the journal ties them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import apsw

from console.clock import ManualClock
from console.journal.chain import Row, link, linked_entries
from console.journal.open import open_journal, open_ledger
from console.journal.sqlite_file import keep_end
from console.model.facts import NoteAdded
from console.model.ids import new_key
from console.wire import encode_fact

NOW = 1_795_000_000_000
WORDS = "南湖路口两车相撞，占用最左车道，无人受伤，需要拖车"
_FACT = encode_fact(NoteAdded("0198c0de-0000-7000-8000-000000000001", WORDS))


def fill(path: Path, events: int) -> str:
    """Append `events` notes to the journal at `path`, each a submission; its URL."""
    url = f"sqlite:///{path}"
    open_journal(url, ManualClock(NOW)).close()
    ledger = open_ledger(url)
    tip = ledger.tip()
    ledger.close()
    connection = apsw.Connection(str(path))
    with connection:
        rows = list(_rows(tip.seq, tip.chain, events))
        connection.executemany(f"INSERT INTO event VALUES ({', '.join('?' * 12)})", rows)
        digest = hashlib.sha256(b"").digest()
        entries = list(
            linked_entries(
                tip.submissions, tip.submissions_chain, ((r.key, digest, r.seq, 1) for r in rows)
            )
        )
        connection.executemany("INSERT INTO submission VALUES (?, ?, ?, ?, ?, ?)", entries)
        keep_end(connection, entries[-1].number, entries[-1].chain)
    connection.close()
    return url


def _rows(seq: int, chain: bytes, events: int) -> Iterator[Row]:
    for number in range(seq + 1, seq + events + 1):
        at = NOW + number
        key = UUID(new_key(at)).bytes
        row = Row(
            number, "incident/i-1", NoteAdded.kind, NoteAdded.version, _FACT, at, at,
            "person/duty", "cause", key, 0, b"",
        )  # fmt: skip
        chain = link(chain, row)
        yield row._replace(chain=chain)
