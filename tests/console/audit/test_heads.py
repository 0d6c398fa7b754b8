"""Signed heads show what the chain alone cannot: an end cut off, a whole made anew."""

from __future__ import annotations

import base64
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.audit import AuditError, HeadSigner, KeyRing, checked, read_public_keys
from console.audit.head import SignedHead, decode_head, encode_head, sign
from console.audit.places import HeadFile, read_heads
from console.clock import ManualClock
from console.i18n import catalogue
from console.journal.chain import START, Row, link, linked_entries
from console.journal.open import open_ledger
from console.journal.sqlite_file import keep_end
from tests.helpers.filled_journal import NOW, fill


class Signed:
    """A journal whose head is signed, at two places, whenever `grow` is called."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "city.sqlite"
        self.clock = ManualClock(NOW)
        self.url = fill(self.file, 10)
        self.keys = KeyRing(folder / "city.audit")
        self.places = [HeadFile(folder / "city.audit" / "heads.jsonl"), HeadFile(folder / "second")]
        self._ledger = open_ledger(self.url)
        self.signer = HeadSigner(self._ledger, self.keys, self.places, self.clock)
        self.signer.step()

    def grow(self, events: int) -> None:
        """More events, a minute later, and a head."""
        fill(self.file, events)
        self.clock.advance(60_000)
        self.signer.step()

    def tamper(self, *statements: str) -> None:
        """Change the file behind the program's back."""
        with apsw.Connection(str(self.file)) as connection:
            for statement in statements:
                connection.execute(statement)

    def found(self, second: bool = True) -> dict[str, int]:
        """What checking finds, by code; the journal's own findings among it."""
        place = self.places[second].path
        verdict, heads = checked(self.url, [place], read_public_keys(self.keys.public_folder))
        assert heads is not None
        for finding in heads.findings:
            assert finding.message.en
            assert finding.message.zh
        own = {f.code: f.seq for f in verdict.findings}
        return {**own, **{f.code: f.seq for f in heads.findings}}

    def close(self) -> None:
        """Let go of the files."""
        self._ledger.close()


@pytest.fixture
def signed(tmp_path: Path) -> Iterator[Signed]:
    signed = Signed(tmp_path)
    for _ in range(3):
        signed.grow(10)
    yield signed
    signed.close()


def rechained(file: Path) -> None:
    """Make all hashes fit, as somebody would who can write the file."""
    connection = apsw.Connection(str(file))
    chain = START
    rows = list(connection.execute(f"SELECT {', '.join(Row._fields)} FROM event ORDER BY seq"))
    for found in rows:
        chain = link(chain, Row(*found))
        connection.execute("UPDATE event SET chain = ? WHERE seq = ?", (chain, found[0]))
    connection.close()


def test_a_sound_journal(signed: Signed) -> None:
    assert signed.found() == {}
    _, heads = checked(
        signed.url,
        [place.path for place in signed.places],
        read_public_keys(signed.keys.public_folder),
    )
    assert heads is not None
    assert (heads.heads, heads.covered) == (8, 40)
    assert signed.signer.signed_seq == 40


def test_nothing_is_signed_while_nothing_moves(signed: Signed) -> None:
    before = signed.places[0].path.read_bytes()
    signed.signer.step()
    assert signed.places[0].path.read_bytes() == before


def test_the_end_cut_off(signed: Signed) -> None:
    signed.tamper("DELETE FROM event WHERE seq > 33", "DELETE FROM submission WHERE first_seq > 33")
    assert signed.found() == {"cut_off": 40, "submissions_missing": 33}
    assert not signed.signer.compare()


def test_all_made_anew_with_hashes_that_fit(signed: Signed) -> None:
    signed.tamper("UPDATE event SET actor = 'person/nobody' WHERE seq = 25")
    rechained(signed.file)
    assert signed.found() == {"differs": 30}


def test_b5_submissions_made_anew_with_hashes_that_fit(signed: Signed) -> None:
    """Of events that nobody touched: who asks again would be told that it was something else."""
    signed.tamper("UPDATE submission SET digest = x'00' WHERE first_seq = 25")
    connection = apsw.Connection(str(signed.file))
    fields = "key, digest, first_seq, count"
    rows = list(connection.execute(f"SELECT {fields} FROM submission ORDER BY number"))
    with connection:
        for entry in linked_entries(0, START, rows):
            sql = "UPDATE submission SET chain = ? WHERE key = ?"
            connection.execute(sql, (entry.chain, entry.key))
        keep_end(connection, entry.number, entry.chain)
    connection.close()
    assert signed.found() == {"submissions_differ": 30}


def test_b5_heads_that_do_not_name_submissions_hold_on(signed: Signed) -> None:
    """As an older program signed them."""
    kid, key = signed.keys.current
    ledger = open_ledger(signed.url)
    old = sign(ledger.tip()._replace(submissions=0), NOW, kid, key)
    ledger.close()
    assert b"submissions" not in encode_head(old)
    assert old.signed_text.startswith(b"trellis head 1\n")
    signed.places[0].path.write_bytes(encode_head(old))
    assert signed.found(second=False) == {}


def test_a_journal_put_in_its_place(signed: Signed, tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    fill(other, 50)
    signed.close()
    for log in ("-wal", "-shm"):
        signed.file.with_name(signed.file.name + log).unlink(missing_ok=True)
    shutil.copy(other, signed.file)
    found = signed.found()
    assert found["other_journal"] == 10
    assert "none_sound" in found


def test_heads_that_somebody_made_up(signed: Signed) -> None:
    heads = [h for h in read_heads(signed.places[1].path) if isinstance(h, SignedHead)]
    stolen = heads[-1].signature
    top = SignedHead(heads[0].journal, 99, "00" * 32, NOW + 9 * 60_000, heads[0].key, stolen)
    with signed.places[1].path.open("ab") as file:
        file.write(encode_head(top))
        file.write(b'{"journal": 5}\n')
    assert signed.found() == {"forged": 99, "unreadable": 0}


def test_another_key(signed: Signed, tmp_path: Path) -> None:
    stranger = KeyRing(tmp_path / "stranger")
    given = read_public_keys(stranger.public_folder)
    _, heads = checked(signed.url, [signed.places[1].path], given)
    assert heads is not None
    assert [f.code for f in heads.findings] == ["key_unknown", "none_sound"]


def test_old_heads_hold_after_a_rotation(signed: Signed) -> None:
    signed.keys.rotate()
    signed.grow(5)
    assert len({h.key for h in read_heads(signed.places[0].path) if isinstance(h, SignedHead)}) == 2
    assert signed.found() == {}
    new_only = read_public_keys(signed.keys.public_file)
    _, heads = checked(signed.url, [signed.places[0].path], new_only)
    assert heads is not None
    assert [f.code for f in heads.findings] == ["key_unknown"]
    assert heads.covered == 45


def test_a_place_that_comes_and_goes(signed: Signed, tmp_path: Path) -> None:
    away = signed.places[1].path
    away.rename(tmp_path / "away")
    away.mkdir()
    signed.grow(3)
    assert signed.signer.failures == 1
    assert signed.signer.signed_seq == 40
    assert signed.found(second=False) == {}
    away.rmdir()
    (tmp_path / "away").rename(away)
    signed.signer.step()
    assert signed.signer.signed_seq == 43
    assert signed.found() == {}


def test_what_a_crash_left_of_a_line_is_no_fault(signed: Signed) -> None:
    for cut in (200, 120, 1):
        place = signed.places[0].path
        place.write_bytes(place.read_bytes()[:-cut])
        assert signed.found(second=False) == {}
        signed.grow(1)
        assert signed.found(second=False) == {}


def test_the_newest_head_is_found_quickly(signed: Signed) -> None:
    place = signed.places[0]
    line = place.path.read_bytes().splitlines(keepends=True)[0]
    place.path.write_bytes(line * 200_000)
    signed.grow(1)
    newest = place.last()
    assert newest is not None
    assert newest.seq == 41


def test_checked_while_somebody_writes(signed: Signed) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            fill(signed.file, 20)

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for _ in range(5):
            signed.signer.step()
            assert signed.found() == {}
    finally:
        stop.set()
        writing.join()


def test_there_must_be_heads_where_they_are_said_to_be(signed: Signed, tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="--heads"):
        checked(signed.url, [tmp_path / "none"], {})


def test_openssl_agrees(signed: Signed, tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("there is no openssl here")
    head = signed.places[0].last()
    assert head is not None
    (tmp_path / "text").write_bytes(head.signed_text)
    (tmp_path / "signature").write_bytes(base64.b64decode(head.signature))
    command = [
        openssl, "pkeyutl", "-verify", "-pubin", "-inkey", str(signed.keys.public_file), "-rawin",
        "-in", str(tmp_path / "text"), "-sigfile", str(tmp_path / "signature"),
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Verified Successfully" in ran.stdout, ran.stderr


@given(st.binary(max_size=300))
def test_any_line_is_a_head_or_refused(line: bytes) -> None:
    try:
        head = decode_head(line)
    except ValueError:
        return
    assert isinstance(head, SignedHead)


def test_every_finding_has_its_sentence() -> None:
    for language in ("zh", "en"):
        codes = {k for k in catalogue(language) if k.startswith("audit.finding.")}
        assert len(codes) == 9
