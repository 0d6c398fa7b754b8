"""What `verify` and `restore` come to: sound, damaged and where, or a proof that is missing."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import apsw
import pytest

import main
from console.access.access_log import AccessLog
from console.access.log_keeper import keeping_log
from console.access.log_policy import LogPolicy
from console.access.open import open_store
from console.audit import signing
from console.clock import ManualClock, SystemClock
from console.journal.errors import JournalDamaged
from console.journal.open import open_journal
from tests.helpers.filled_journal import NOW, fill
from tests.helpers.server_process import server_process

Run = Callable[..., tuple[int, str]]

SOUND, REFUSED, DAMAGED, UNPROVED = 0, 1, 3, 4


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")

    def ran(*words: object) -> tuple[int, str]:
        status = main.main([str(word) for word in words])
        heard = capsys.readouterr()
        return status, heard.out + heard.err

    return ran


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A journal and an access log that were served three times, signed each time."""
    file = tmp_path / "city.sqlite"
    clock = ManualClock(NOW)
    for _ in range(3):
        url = fill(file, 400)
        with (
            signing(url, SystemClock()),
            keeping_log(url, clock, LogPolicy()),
            closing(open_store(url)) as store,
        ):
            log = AccessLog(store, clock)
            for _ in range(5):
                log.note("access.failed", "person/lin")
            log.flush()
    return file


def accuses(said: str) -> bool:
    return "removed" in said or "somebody" in said


def test_b5_what_is_whole_is_sound(run: Run, file: Path) -> None:
    status, said = run("verify", "--db", f"sqlite:///{file}")
    assert (status, said.splitlines()[-1][:6]) == (SOUND, "Sound:")
    assert "events 1 to 1200 are proved" in said


def test_b5_a_fresh_server_is_sound(run: Run, tmp_path: Path) -> None:
    with server_process(tmp_path / "city.sqlite") as server:
        status, said = run("verify", "--db", server.db)
        assert (status, accuses(said)) == (SOUND, False), said
        server.stop()
    status, said = run("verify", "--db", server.db)
    assert (status, accuses(said)) == (SOUND, False), said


def lines(path: Path, count: int) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:count]))


def gone(folder: Path) -> None:
    for name in ("heads.jsonl", "access.heads.jsonl"):
        (folder / name).unlink()


def emptied(folder: Path) -> None:
    lines(folder / "heads.jsonl", 0)


def end_gone(folder: Path) -> None:
    lines(folder / "heads.jsonl", 2)


def end_of_log_gone(folder: Path) -> None:
    lines(folder / "access.heads.jsonl", 2)


def all_gone(folder: Path) -> None:
    shutil.rmtree(folder)


def keys_gone(folder: Path) -> None:
    shutil.rmtree(folder / "public")


def made_up(folder: Path) -> None:
    path = folder / "heads.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"seq":1200', b'"seq":1199'))


HARM = [gone, emptied, end_gone, end_of_log_gone, all_gone, keys_gone, made_up]


@pytest.mark.parametrize("harm", HARM)
def test_b5_heads_that_are_missing_are_a_proof_that_is_missing(
    run: Run, file: Path, harm: Callable[[Path], None]
) -> None:
    harm(file.with_suffix(".audit"))
    status, said = run("verify", "--db", f"sqlite:///{file}")
    assert (status, said.splitlines()[-1][:11]) == (UNPROVED, "Not proved:"), said
    assert not accuses(said), said


@pytest.mark.parametrize("harm", HARM)
def test_b5_a_backup_without_heads_is_restored_and_says_so(
    run: Run, file: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    harm(file.with_suffix(".audit"))
    assert run("backup", "--db", f"sqlite:///{file}", "--out", tmp_path / "b")[0] == 0
    status, said = run("restore", tmp_path / "b", "--db", f"sqlite:///{tmp_path / 'new.sqlite'}")
    assert (status, accuses(said)) == (UNPROVED, False), said
    assert "signed heads hold" not in said or harm is end_of_log_gone
    assert (tmp_path / "new.sqlite").exists()


def test_b5_a_whole_backup_is_restored_as_sound(run: Run, file: Path, tmp_path: Path) -> None:
    assert run("backup", "--db", f"sqlite:///{file}", "--out", tmp_path / "b")[0] == 0
    new = f"sqlite:///{tmp_path / 'new.sqlite'}"
    status, said = run("restore", tmp_path / "b", "--db", new)
    assert (status, "the signed heads hold" in said) == (SOUND, True), said
    assert run("verify", "--db", new)[0] == SOUND


def test_b5_a_damaged_backup_is_damage_and_a_mistyped_one_is_not(
    run: Run, file: Path, tmp_path: Path
) -> None:
    assert run("backup", "--db", f"sqlite:///{file}", "--out", tmp_path / "b")[0] == 0
    with zipfile.ZipFile(tmp_path / "b") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "bad", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data[:-9] + b"something" if name == "journal" else data)
    new = f"sqlite:///{tmp_path / 'new.sqlite'}"
    assert run("restore", tmp_path / "bad", "--db", new)[0] == DAMAGED
    assert run("restore", tmp_path / "nothing", "--db", new)[0] == REFUSED
    assert not (tmp_path / "new.sqlite").exists()


def test_b5_only_a_signed_head_says_that_the_end_was_removed(run: Run, file: Path) -> None:
    with closing(apsw.Connection(str(file))) as connection:
        connection.execute("DELETE FROM event WHERE seq > 1000")
        connection.execute("DELETE FROM submission WHERE first_seq > 1000")
    status, said = run("verify", "--db", f"sqlite:///{file}")
    assert (status, "the events after 1000 were removed" in said) == (DAMAGED, True), said


@pytest.mark.parametrize("left", [0, 15, 99, 4096, 20_000, 100_000])
def test_b5_a_journal_that_was_cut_says_what_it_is_and_where(
    run: Run, file: Path, left: int
) -> None:
    size = file.stat().st_size
    assert size > 100_000
    with file.open("rb+") as opened:
        opened.truncate(left)
    for command in (("verify",), ("backup", "--out", file.with_name("b"))):
        status, said = run(*command, "--db", f"sqlite:///{file}")
        assert status == DAMAGED, said
        assert f"is damaged at byte {left}" in said


def test_b5_a_server_does_not_go_on_with_a_journal_that_was_cut(file: Path) -> None:
    size = file.stat().st_size
    with file.open("rb+") as opened:
        opened.truncate(size // 2)
    with pytest.raises(JournalDamaged, match=f"damaged at byte {size // 2}"):
        open_journal(f"sqlite:///{file}", SystemClock())
    assert file.stat().st_size == size // 2


def test_b5_a_journal_with_a_hole_says_after_which_event(run: Run, file: Path) -> None:
    with closing(apsw.Connection(str(file))) as connection:
        sql = "SELECT pageno FROM dbstat WHERE name = 'event' AND pagetype = 'leaf' ORDER BY path"
        try:
            pages = [row[0] for row in connection.execute(sql)]
        except apsw.SQLError:
            pytest.skip("this SQLite tells nothing of its pages")
    with file.open("rb+") as opened:
        opened.seek((pages[len(pages) // 2] - 1) * 4096)
        opened.write(b"\xff" * 4096)
    status, said = run("verify", "--db", f"sqlite:///{file}")
    assert (status, "is damaged: after event " in said) == (DAMAGED, True), said
    assert "after event 0 " not in said


def test_b5_a_damaged_store_of_people_is_damage(run: Run, file: Path) -> None:
    store = file.with_suffix(".access")
    with store.open("rb+") as opened:
        opened.truncate(store.stat().st_size // 2)
    status, said = run("verify", "--db", f"sqlite:///{file}")
    assert (status, "city.access" in said) == (DAMAGED, True), said


def test_b5_a_mistyped_command_never_reads_as_damage(run: Run, file: Path, tmp_path: Path) -> None:
    other = tmp_path / "notes.txt"
    other.write_text("these are notes, and no journal. " * 100)
    for db in (f"sqlite:///{tmp_path / 'cty.sqlite'}", f"sqlite:///{other}", "sqlte:x"):
        status, said = run("verify", "--db", db)
        assert status == REFUSED, said
    with pytest.raises(SystemExit) as ended:
        run("verify", "--bd", f"sqlite:///{file}")
    assert ended.value.code == 2
    assert sorted(p.name for p in tmp_path.iterdir() if "cty" in p.name) == []
