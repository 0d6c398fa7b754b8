"""A changed, removed, inserted or moved row is found, and a sound journal is sound."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import apsw
import pytest

from console.clock import ManualClock
from console.i18n import catalogue
from console.journal import JournalError, append, sqlite_file
from console.journal.open import journal_file, open_journal, open_ledger
from console.journal.verify import verify
from tests.console.journal.contract import batch
from tests.helpers.filled_journal import fill
from tests.helpers.stream import NOW


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A journal of ten events in five submissions, and one that made none."""
    url = f"sqlite:///{tmp_path}/journal.sqlite"
    journal = open_journal(url, ManualClock(NOW))
    for n in range(5):
        append(journal, batch(f"{n}a", f"{n}b"), 2 * n)
    append(journal, batch(), 10)
    journal.close()
    return url


def tampered(url: str, *statements: str) -> dict[int, set[str]]:
    """What verify finds, by event, after `statements`."""
    path = journal_file(url)
    connection = apsw.Connection(str(path))
    for statement in statements:
        connection.execute(statement)
    connection.close()
    found: dict[int, set[str]] = {}
    for finding in verify(url).findings:
        found.setdefault(finding.seq, set()).add(finding.code)
        assert str(finding.seq) in finding.message.en
        assert str(finding.seq) in finding.message.zh
    return found


def test_a_sound_journal(url: str) -> None:
    verdict = verify(url)
    assert (verdict.events, verdict.submissions, verdict.is_sound) == (10, 6, True)


@pytest.mark.parametrize(
    "change",
    [
        "fact = (SELECT fact FROM event WHERE seq = 1)",
        "actor = 'desk/boss'",
        "happened_at = happened_at - 1",
        "stream = 'incident/i-2'",
        "cause = 'nothing'",
        "kind = 'incident.accepted'",
        "version = 2",
    ],
)
def test_a_changed_row(url: str, change: str) -> None:
    found = tampered(url, f"UPDATE event SET {change} WHERE seq = 4")
    assert "chain_broken" in found[4]


def test_a_changed_row_whose_own_hash_was_made_to_fit(url: str) -> None:
    found = tampered(url, "UPDATE event SET chain = zeroblob(32) WHERE seq = 4")
    assert "chain_broken" in found[4]
    assert "chain_broken" in found[5]


def test_a_removed_row(url: str) -> None:
    found = tampered(url, "DELETE FROM event WHERE seq = 4")
    assert found[5] == {"gap", "chain_broken"}
    assert found[3] == {"events_missing"}


def test_the_last_row_removed(url: str) -> None:
    assert tampered(url, "DELETE FROM event WHERE seq = 10") == {9: {"events_missing"}}


def test_a_removed_row_with_the_numbers_closed_up(url: str) -> None:
    found = tampered(
        url,
        "DELETE FROM event WHERE seq = 4",
        "UPDATE event SET seq = seq - 1 WHERE seq > 4",
    )
    assert "chain_broken" in found[4]


def test_an_inserted_row(url: str) -> None:
    found = tampered(
        url,
        "INSERT INTO event SELECT 11, stream, kind, version, fact, happened_at, recorded_at, "
        "actor, cause, zeroblob(16), 0, chain FROM event WHERE seq = 10",
    )
    assert found == {11: {"chain_broken", "bad_key"}}


def test_rows_that_changed_places(url: str) -> None:
    found = tampered(
        url,
        "UPDATE event SET seq = 100 WHERE seq = 4",
        "UPDATE event SET seq = 4 WHERE seq = 5",
        "UPDATE event SET seq = 5 WHERE seq = 100",
    )
    assert {"chain_broken", "key_not_registered"} <= found[4]
    assert {"chain_broken", "key_not_registered"} <= found[5]


def test_a_submission_that_vanished(url: str) -> None:
    found = tampered(url, "DELETE FROM submission WHERE first_seq = 3 AND count = 2")
    assert found == {
        3: {"key_not_registered"},
        4: {"key_not_registered"},
        5: {"submission_changed"},
    }


EMPTY = "count = 0"
"""The submission that made no event: no event tells of it."""


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        ("UPDATE submission SET digest = x'00' WHERE first_seq = 3", {3: {"submission_changed"}}),
        (f"UPDATE submission SET digest = x'00' WHERE {EMPTY}", {11: {"submission_changed"}}),
        (f"DELETE FROM submission WHERE {EMPTY}", {10: {"submissions_missing"}}),
        (
            f"UPDATE submission SET key = randomblob(16) WHERE {EMPTY}",
            {11: {"submission_changed"}},
        ),
        (
            "INSERT INTO submission SELECT randomblob(16), digest, first_seq, count, 7, chain "
            f"FROM submission WHERE {EMPTY}",
            {11: {"submission_changed"}},
        ),
        (
            "UPDATE property SET value = '9:' || substr(value, 3) WHERE name = 'submissions'",
            {10: {"submissions_missing"}},
        ),
    ],
)
def test_b5_the_list_of_submissions_is_chained_too(
    url: str, harm: str, expected: dict[int, set[str]]
) -> None:
    assert tampered(url, harm) == expected


def test_times_and_facts_that_cannot_be(url: str) -> None:
    found = tampered(
        url,
        "UPDATE event SET recorded_at = recorded_at - 1000 WHERE seq = 6",
        "UPDATE event SET fact = x'c1' WHERE seq = 8",
    )
    assert "time_backwards" in found[6]
    assert "unreadable" in found[8]


def test_c4_a_check_that_is_stopped_holds_no_log_back(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a server writes from then on can be taken over; what is checked is one moment."""
    monkeypatch.setattr(sqlite_file, "PIECE", 2)
    path = journal_file(url)
    assert path is not None
    with closing(apsw.Connection(str(path))) as server, closing(open_ledger(url)) as ledger:
        entries, rows = ledger.entries(), ledger.rows()
        first = next(entries), next(rows)
        server.execute("UPDATE property SET value = value")
        busy, _pages = server.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        assert busy == 0
        assert path.with_name(path.name + "-wal").stat().st_size == 0
        left = [*entries], [*rows]
    assert first[0].first_seq == first[1].seq == 1
    assert left[1][-1].seq == len(left[1]) + 1 > 3


def test_there_must_be_a_journal(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="no journal at"):
        verify(f"sqlite:///{tmp_path}/none.sqlite")
    (tmp_path / "text").write_text("not a database, by far" * 50)
    with pytest.raises(JournalError, match="not a Trellis journal"):
        verify(f"sqlite:///{tmp_path}/text")


def test_every_finding_has_its_sentence() -> None:
    for language in ("zh", "en"):
        codes = {k for k in catalogue(language) if k.startswith("server.verify.")}
        assert len(codes) == 9


def test_a_page_that_is_gone_is_said_in_a_sentence(tmp_path: Path) -> None:
    fill(tmp_path / "j.sqlite", 400)
    with closing(apsw.Connection(str(tmp_path / "j.sqlite"))) as connection:
        connection.pragma("wal_checkpoint(truncate)")
        size = connection.pragma("page_size")
        root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'event'").get
    data = bytearray((tmp_path / "j.sqlite").read_bytes())
    data[size * (root - 1) : size * root] = b"\xa5" * size
    (tmp_path / "j.sqlite").write_bytes(data)
    with pytest.raises(JournalError) as told:
        verify(f"sqlite:///{tmp_path}/j.sqlite")
    assert told.value.message.zh
    with pytest.raises(JournalError):
        open_journal(f"sqlite:///{tmp_path}/j.sqlite", ManualClock(NOW))


def test_a_blank_where_a_number_was(tmp_path: Path) -> None:
    fill(tmp_path / "j.sqlite", 9)
    with closing(apsw.Connection(str(tmp_path / "j.sqlite"))) as connection:
        sql = connection.execute("SELECT sql FROM sqlite_schema WHERE name = 'event'").get
        connection.execute("PRAGMA writable_schema = ON")
        loose = sql.replace("NOT NULL", "").replace("STRICT", "")
        connection.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'event'", (loose,))
    with closing(apsw.Connection(str(tmp_path / "j.sqlite"))) as connection:
        connection.execute("UPDATE event SET recorded_at = NULL WHERE seq = 4")
    verdict = verify(f"sqlite:///{tmp_path}/j.sqlite")
    assert ("unreadable", 4) in [(f.code, f.seq) for f in verdict.findings]
    assert verdict.events == 9
