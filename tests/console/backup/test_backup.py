"""Backed up while it is written to, put back elsewhere, and nothing is ever overwritten."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import apsw
import msgspec
import pytest

import main
from console.audit import signing
from console.backup import BackupError, back_up, restore
from console.backup.manifest import MANIFEST, Manifest, Part
from console.clock import ManualClock, SystemClock
from console.i18n import catalogue
from console.journal.verify import verify
from tests.helpers.filled_journal import NOW, fill

CLOCK = ManualClock(NOW)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A journal with everything that a server keeps beside it."""
    folder = tmp_path / "journals"
    folder.mkdir()
    url = fill(folder / "city.sqlite", 30)
    with signing(url, SystemClock()):
        fill(folder / "city.sqlite", 5)
    people = apsw.Connection(str(folder / "city.access"))
    people.pragma("journal_mode", "wal")
    people.execute("CREATE TABLE entry (key TEXT)")
    people.execute("INSERT INTO entry VALUES ('somebody')")
    people.close()
    (folder / "city.tracks").mkdir()
    (folder / "city.tracks" / "2026-11-21T20.fixes").write_bytes(b"fixes" * 1000)
    (folder / "city.tracks" / "2026-11-21T19.hour.new").write_bytes(b"half written")
    return url


def rewritten(file: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Change the parts of a backup."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def test_there_and_back(url: str, tmp_path: Path) -> None:
    out = tmp_path / "out" / "city.backup"
    made = back_up(url, out, CLOCK)
    assert (made.seq, made.name, made.at) == (35, "city", NOW)
    assert out.stat().st_mode & 0o777 == 0o600
    assert [p.name for p in out.parent.iterdir()] == ["city.backup"]
    manifest, place, heads = restore(out, data=tmp_path / "elsewhere")
    assert (manifest, heads.covered, heads.findings) == (made, 35, ())
    journal = tmp_path / "elsewhere" / "journals" / "city.sqlite"
    assert place == str(journal)
    assert verify(f"sqlite:///{journal}").events == 35
    beside = sorted(p.name for p in journal.parent.iterdir())
    assert beside == ["city.access", "city.audit", "city.sqlite", "city.tracks"]
    people = apsw.Connection(str(journal.with_suffix(".access")))
    assert people.execute("SELECT key FROM entry").get == "somebody"
    people.close()
    assert [p.name for p in journal.with_suffix(".tracks").iterdir()] == ["2026-11-21T20.fixes"]


def test_the_signing_key_stays_at_home(url: str, tmp_path: Path) -> None:
    back_up(url, tmp_path / "b", CLOCK)
    with zipfile.ZipFile(tmp_path / "b") as archive:
        names = archive.namelist()
        assert not any(b"PRIVATE" in archive.read(name) for name in names)
    assert any(name.startswith("audit/public/") for name in names)


def test_while_it_is_written_to(url: str, tmp_path: Path) -> None:
    stop = threading.Event()
    file = tmp_path / "journals" / "city.sqlite"

    def write() -> None:
        while not stop.is_set():
            fill(file, 50)

    with signing(url, SystemClock()):
        writing = threading.Thread(target=write)
        writing.start()
        try:
            manifests = [back_up(url, tmp_path / f"b{n}", CLOCK) for n in range(4)]
        finally:
            stop.set()
            writing.join()
    heads = [m.seq for m in manifests]
    assert heads == sorted(heads)
    for n, manifest in enumerate(manifests):
        restored, journal, _ = restore(tmp_path / f"b{n}", data=tmp_path / f"r{n}")
        assert verify(f"sqlite:///{journal}").events == restored.seq == manifest.seq


def test_nothing_is_overwritten(url: str, tmp_path: Path) -> None:
    back_up(url, tmp_path / "b", CLOCK)
    with pytest.raises(BackupError, match="exists already"):
        back_up(url, tmp_path / "b", CLOCK)
    with pytest.raises(BackupError, match="nothing is ever overwritten"):
        restore(tmp_path / "b", url)
    for left in (
        "city.tracks",
        "city.sqlite-wal",
        "city.access",
        "city.picture",
        "city.picture-wal",
    ):
        folder = tmp_path / left / "journals"
        folder.mkdir(parents=True)
        (folder / left).touch()
        with pytest.raises(BackupError, match=left):
            restore(tmp_path / "b", data=folder.parent)
        assert [p.name for p in folder.iterdir()] == [left]


def test_a_damaged_backup_restores_nothing(url: str, tmp_path: Path) -> None:
    back_up(url, tmp_path / "whole", CLOCK)

    def refused(change: Callable[[dict[str, bytes]], None]) -> str:
        bad = tmp_path / "bad"
        bad.write_bytes((tmp_path / "whole").read_bytes())
        rewritten(bad, change)
        with pytest.raises(BackupError) as caught:
            restore(bad, data=tmp_path / "target")
        folder = tmp_path / "target" / "journals"
        assert not folder.exists() or not list(folder.iterdir())
        return caught.value.message.en

    assert "not what it was" in refused(lambda p: p.update(journal=p["journal"][:-1] + b"?"))
    assert "not what it was" in refused(lambda p: p.update(journal=p["journal"] + b"more"))
    assert "damaged" in refused(lambda p: p.pop(MANIFEST))  # type: ignore[arg-type]
    assert "damaged" in refused(lambda p: p.pop("journal"))  # type: ignore[arg-type]
    assert "newer" in refused(lambda p: p.update({MANIFEST: b'{"format": 99}'}))
    for path in ("../out", "/etc/passwd", "audit/../../x", "stranger", "tracks", "journal/x"):
        assert "no backup" in refused(lambda p, path=path: _add(p, path))  # type: ignore[misc]


def test_a_manifest_without_measure_is_not_read(tmp_path: Path) -> None:
    """A hundred megabytes of blanks in a hundred kilobytes."""
    with zipfile.ZipFile(tmp_path / "bomb", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MANIFEST, b" " * (100 << 20))
    with pytest.raises(BackupError, match="without measure"):
        restore(tmp_path / "bomb", data=tmp_path / "target")


def test_a_directory_that_points_before_the_file(url: str, tmp_path: Path) -> None:
    back_up(url, tmp_path / "b", CLOCK)
    data = (tmp_path / "b").read_bytes()
    # zipfile takes what the end record says too much as bytes in front, and subtracts it.
    at = data.rindex(b"PK\x05\x06") + 16
    offset = int.from_bytes(data[at : at + 4], "little") + 5000
    (tmp_path / "b").write_bytes(data[:at] + offset.to_bytes(4, "little") + data[at + 4 :])
    with pytest.raises(BackupError, match=r"no backup|damaged"):
        restore(tmp_path / "b", data=tmp_path / "target")


def _add(parts: dict[str, bytes], path: str) -> None:
    manifest = msgspec.json.decode(parts[MANIFEST], type=Manifest)
    parts[path] = b"x"
    part = Part(path, 1, hashlib.sha256(b"x").hexdigest())
    manifest = msgspec.structs.replace(manifest, parts=(*manifest.parts, part))
    parts[MANIFEST] = msgspec.json.encode(manifest)


def test_any_flipped_byte_is_found(url: str, tmp_path: Path) -> None:
    back_up(url, tmp_path / "whole", CLOCK)
    whole = (tmp_path / "whole").read_bytes()
    for place in range(50, len(whole), len(whole) // 25):
        (tmp_path / "bad").write_bytes(
            whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
        )
        target = tmp_path / f"t{place}"
        try:
            restore(tmp_path / "bad", data=target)
        except BackupError:
            continue
        # Only bytes that mean nothing, such as a file's time, may change unnoticed.
        assert verify(f"sqlite:///{target}/journals/city.sqlite").is_sound


def test_a_damaged_journal_is_not_backed_up(url: str, tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / "journals" / "city.sqlite"))
    connection.execute("UPDATE event SET actor = 'person/nobody' WHERE seq = 7")
    connection.close()
    with pytest.raises(BackupError, match="1 faults"):
        back_up(url, tmp_path / "b", CLOCK)
    assert [p.name for p in tmp_path.iterdir()] == ["journals"]


def test_a_full_disk_leaves_nothing_behind(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("console.backup.archive._copied", full)
    with pytest.raises(OSError, match="No space"):
        back_up(url, tmp_path / "b", CLOCK)
    assert [p.name for p in tmp_path.iterdir()] == ["journals"]


def test_the_commands(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    out = str(tmp_path / "city.backup")
    assert main.main(["backup", "--db", url, "--out", out]) == 0
    assert "35 events" in capsys.readouterr().out
    assert main.main(["restore", out, "--data", str(tmp_path / "new")]) == 0
    said = capsys.readouterr().out
    assert str(tmp_path / "new" / "journals" / "city.sqlite") in said
    assert main.main(["restore", out, "--data", str(tmp_path / "new")]) == 1
    assert "ever overwritten" in capsys.readouterr().err
    third = f"sqlite:///{tmp_path}/third.sqlite"
    assert main.main(["restore", out, "--db", third]) == 0
    assert main.main(["verify", "--db", third]) == 0
    assert main.main(["backup", "--db", "memory:", "--out", out + "2"]) == 1
    assert main.main(["restore", str(tmp_path / "none"), "--db", third]) == 1


def test_every_error_has_its_sentence() -> None:
    for language in ("zh", "en"):
        assert len([k for k in catalogue(language) if k.startswith("backup.error.")]) == 11
