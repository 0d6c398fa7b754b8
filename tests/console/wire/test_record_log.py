"""Framed records survive being cut off, anywhere."""

from __future__ import annotations

import errno
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.wire.record_log import RecordLog, framed, is_torn, whole_records, write_records

records = st.lists(st.binary(min_size=1, max_size=30), max_size=6)


def stored(path: Path) -> list[bytes]:
    log = RecordLog(path, durable=False)
    log.close()
    return log.opened_with


def test_records_come_back_in_order(tmp_path: Path) -> None:
    log = RecordLog(tmp_path / "log", durable=True)
    log.append(b"one", b"two")
    log.append(b"three", lazily=True)
    log.close()
    assert stored(tmp_path / "log") == [b"one", b"two", b"three"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records, st.data())
def test_a_torn_tail_costs_the_torn_record_only(content: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(framed(r) for r in content)
    cut = data.draw(st.integers(0, len(whole)))
    kept = list(whole_records(whole[:cut]))
    assert kept == content[: len(kept)]
    assert sum(len(r) + 8 for r in content[: len(kept) + 1]) > cut or len(kept) == len(content)


@pytest.mark.parametrize("tail", [b"\0" * 64, b"\xff" * 20, b"\x05\0\0\0abcdhell"])
def test_a_damaged_tail_is_cut_off_and_writing_goes_on(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "log"
    write_records(path, [b"good"])
    with path.open("ab") as file:
        file.write(tail)
    log = RecordLog(path, durable=False)
    assert log.opened_with == [b"good"]
    log.append(b"more")
    log.close()
    assert stored(path) == [b"good", b"more"]


class FullDisk(io.FileIO):
    """A file on a disk that is full after a few bytes more."""

    room = 10

    def write(self, data: Any) -> int:
        if self.room <= 0:
            raise OSError(errno.ENOSPC, "no space left")
        taken = super().write(bytes(data)[: self.room])
        self.room -= taken
        return taken


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "log"
    write_records(path, [b"good"])
    log = RecordLog(path, durable=True)
    log._file.close()
    log._file = FullDisk(path, "r+b")
    log._file.seek(0, io.SEEK_END)
    with pytest.raises(OSError, match="no space"):
        log.append(b"a record longer than the room there is")
    log._file.room = 1000
    log.append(b"later")
    log.close()
    assert stored(path) == [b"good", b"later"]


def test_an_empty_record_is_refused(tmp_path: Path) -> None:
    log = RecordLog(tmp_path / "log", durable=False)
    with pytest.raises(ValueError):
        log.append(b"")
    log.clear()
    log.append(b"after")
    log.close()
    assert stored(tmp_path / "log") == [b"after"]


def test_what_a_crash_cannot_have_left_is_kept_beside(tmp_path: Path) -> None:
    """A byte that flips in the middle must not cost the records behind it for good."""
    path = tmp_path / "log"
    records = [b"one", b"two" * 10, b"three", b"four"]
    for place in (3 + 8 + 2, 3 + 8 + 12):  # in the second record's length, and in its bytes
        write_records(path, records)
        data = bytearray(path.read_bytes())
        data[place] ^= 0x7F
        path.write_bytes(data)
        log = RecordLog(path, durable=False)
        assert log.opened_with == [b"one"]
        log.append(b"more")
        log.close()
        aside = path.with_name("log.damaged").read_bytes()
        assert aside.endswith(framed(b"three") + framed(b"four"))
        path.with_name("log.damaged").unlink()


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.integers(0, 300))
def test_nothing_is_kept_beside_after_a_crash(content: list[bytes], cut: int) -> None:
    whole = b"".join(framed(r) for r in content)
    kept = list(whole_records(whole[:cut]))
    assert is_torn(whole[: min(cut, len(whole))][sum(8 + len(r) for r in kept) :])
