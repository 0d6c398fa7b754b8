"""The operator's commands, as the command line runs them."""

from __future__ import annotations

from pathlib import Path

import apsw
import pytest

import main
from console.audit import signing
from console.clock import SystemClock
from tests.helpers.filled_journal import fill


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A journal that was served for a while, with a second place for its heads."""
    url = fill(tmp_path / "city.sqlite", 20)
    (tmp_path / "second").mkdir()
    with signing(url, SystemClock(), tmp_path / "second"):
        fill(tmp_path / "city.sqlite", 5)
    return url


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Exit code and what was said."""
    code = main.main(list(words))
    said = capsys.readouterr()
    return code, said.out + said.err


def test_verify_takes_what_lies_beside_the_journal(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = run(capsys, "verify", "--db", url)
    assert code == 0
    assert "Sound: 25 events" in said
    assert "events 1 to 25 are proved" in said


def test_heads_at_the_second_place_with_the_printed_key(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, printed = run(capsys, "audit", "public-key", "--db", url)
    assert code == 0
    key = tmp_path / "trusted.pem"
    key.write_text(printed)
    connection = apsw.Connection(str(tmp_path / "city.sqlite"))
    connection.execute("DELETE FROM event WHERE seq > 22")
    connection.execute("DELETE FROM submission WHERE first_seq > 22")
    connection.close()
    heads = str(tmp_path / "second" / "city.heads.jsonl")
    code, said = run(capsys, "verify", "--db", url, "--heads", heads, "--public-key", str(key))
    assert code == 3
    assert "events after 22 were removed" in said


def test_a_rotation(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "audit", "rotate-key", "--db", url)
    assert code == 0
    assert "city.audit/public/" in said
    _, printed = run(capsys, "audit", "public-key", "--db", url)
    assert printed.count("BEGIN PUBLIC KEY") == 2
    with signing(url, SystemClock()):
        fill(tmp_path / "city.sqlite", 5)
    code, said = run(capsys, "verify", "--db", url)
    assert code == 0, said
    assert "events 1 to 30" in said


def test_a_journal_that_was_never_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = fill(tmp_path / "bare.sqlite", 3)
    code, said = run(capsys, "verify", "--db", url)
    assert code == 4
    assert "no signed heads" in said
    assert "no signed head proves events 1 to 3" in said.lower()


def test_what_cannot_be_is_said_in_a_sentence(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    none = str(tmp_path / "none")
    assert "no public key" in run(capsys, "verify", "--db", url, "--public-key", none)[1]
    assert "--heads" in run(capsys, "verify", "--db", url, "--heads", none)[1]
    assert run(capsys, "audit", "rotate-key", "--db", "memory:")[0] == 1
