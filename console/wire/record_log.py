"""A file of framed records that survives being cut off anywhere.

Each record is its length and CRC-32 (little-endian u32 each), then its bytes. Opening reads up to
the first record that is not whole and cuts the file there: a torn tail is what a crash leaves. What
a crash cannot have left is kept in a file beside it, for whoever can read it.
"""

from __future__ import annotations

import logging
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

_HEAD = struct.Struct("<II")
_MAX_RECORD = 1 << 24
_LOOKED_THROUGH = 1 << 16
"""Bytes behind a record that is not whole in which another is looked for."""
DAMAGED_SUFFIX = ".damaged"

log = logging.getLogger(__name__)


class RecordLog:
    """An append-only file of records; with `durable`, on the disk before `append` returns.

    `opened_with` holds the records found when it was opened. Raises OSError as files do.
    """

    def __init__(self, path: Path, durable: bool) -> None:
        self.path = path
        self._durable = durable
        fresh = not path.exists()
        self._file = path.open("r+b" if not fresh else "x+b", buffering=0)
        if fresh and durable:
            sync_folder(path.parent)
        self.opened_with = self._recover()

    def _recover(self) -> list[bytes]:
        data = self._file.read()
        records = list(whole_records(data))
        end = sum(_HEAD.size + len(r) for r in records)
        if end < len(data):
            log.warning("%s: cut off a torn tail of %d bytes", self.path, len(data) - end)
            if not is_torn(data[end:]):
                keep_aside(self.path, data[end:])
            self._file.truncate(end)
        self._file.seek(end)
        return records

    def append(self, *records: bytes, lazily: bool = False) -> None:
        """Add `records` at the end, all in one write; `lazily` leaves the sync to a later one.

        A write that fails (full disk) leaves the file as it was, and raises OSError.
        """
        start = self._file.tell()
        try:
            self._write(b"".join(framed(r) for r in records), self._durable and not lazily)
        except OSError:
            self._file.truncate(start)
            self._file.seek(start)
            raise

    def _write(self, data: bytes, sync: bool) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        if sync:
            _sync_data(self._file.fileno())

    def clear(self) -> None:
        """Forget all records; made durable by the next append."""
        self._file.truncate(0)
        self._file.seek(0)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def whole_records(data: bytes) -> Iterator[bytes]:
    """The records in `data`, up to the first that is torn or damaged."""
    at = 0
    while at + _HEAD.size <= len(data):
        length, crc = _HEAD.unpack_from(data, at)
        body = data[at + _HEAD.size : at + _HEAD.size + length]
        # A crash may leave a tail of zeros, which would read as records of no bytes.
        if not 0 < length <= _MAX_RECORD or len(body) < length or zlib.crc32(body) != crc:
            return
        yield body
        at += _HEAD.size + length


def is_torn(rest: bytes) -> bool:
    """Whether a crash can have left `rest`, which begins with no whole record: part of one, with
    nothing behind it, or zeros.
    """
    if len(rest) < _HEAD.size or not rest.strip(b"\0"):
        return True
    length, _ = _HEAD.unpack_from(rest)
    if length <= len(rest) - _HEAD.size:
        return False
    starts = range(1, min(len(rest), _LOOKED_THROUGH))
    return not any(_starts_record(rest, at) for at in starts)


def _starts_record(data: bytes, at: int) -> bool:
    if at + _HEAD.size > len(data):
        return False
    length, crc = _HEAD.unpack_from(data, at)
    start = at + _HEAD.size
    if not 0 < length <= min(_MAX_RECORD, len(data) - start):
        return False
    return zlib.crc32(data[start : start + length]) == int(crc)


def keep_aside(path: Path, data: bytes) -> None:
    """Put by what was in the file at `path` and cannot be read: in a file beside it. Raises
    OSError.
    """
    aside = path.with_name(path.name + DAMAGED_SUFFIX)
    log.error("%s holds what cannot be read; it is kept as %s", path, aside.name)
    with aside.open("ab") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def framed(record: bytes) -> bytes:
    """The record as it stands in a file."""
    if not 0 < len(record) <= _MAX_RECORD:
        raise ValueError(f"a record of {len(record)} bytes")
    return _HEAD.pack(len(record), zlib.crc32(record)) + record


def write_records(path: Path, records: Iterable[bytes]) -> None:
    """Put a file of exactly `records` in place of whatever is at `path`, atomically."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.writelines(framed(r) for r in records)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make new names in `folder` durable (where the system lets a folder be opened)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_data(descriptor: int) -> None:
    """Write through to the disk; `fdatasync` where there is one, which spares the file times."""
    sync = getattr(os, "fdatasync", os.fsync)
    sync(descriptor)
