"""The log of fixes as they come in: what a crash leaves to go on from, until an hour file has it.

A file holds records in the frame of `console.wire.record_log`; each names the units that the file
has not named before and then has rows, whose unit numbers are places among the names so far:

    record = "TRF1", bytes of ids, rows (u32 each) + ids + rows

Not synced: a kill costs nothing, a power cut the last moments. Earlier versions wrote groups of
`WireFix` as msgpack; those are still read.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import msgspec
import numpy as np

from console.clock import Clock
from console.tracks.files import LOG_SUFFIX, hour_of, stamp
from console.tracks.numbers import UnitNumbers, decode_names, encode_names
from console.tracks.rows import HOUR_MS, LATEST_AT, ROW, Rows, keepable, rows_of
from console.wire import RecordLog, WireFix, fix_from_wire
from console.wire.record_log import DAMAGED_SUFFIX, is_torn, whole_records

log = logging.getLogger(__name__)

_MAGIC = b"TRF1"
_HEAD = struct.Struct("<4sII")
_FRAME_BYTES = 8
_ROWS_A_RECORD = 1 << 18
_groups: msgspec.msgpack.Decoder[list[WireFix]] = msgspec.msgpack.Decoder(list[WireFix])


class FixLog:
    """The logs of a folder: one being written, and those before it that are still needed."""

    def __init__(self, folder: Path, clock: Clock, numbers: UnitNumbers) -> None:
        self._folder = folder
        self._clock = clock
        self._numbers = numbers
        self._file: RecordLog | None = None
        self._hour = ""
        self._told = 0
        self._hours: set[int] = set()
        self._closed: dict[Path, frozenset[int]] = {}
        self._damaged: set[Path] = set()

    def restore(self) -> Iterator[Rows]:
        """What the logs found in the folder hold, oldest log first. Raises OSError.

        One that is damaged is read up to the damage, and kept when it is needed no more.
        """
        for path in sorted(self._folder.glob("*" + LOG_SUFFIX)):
            hours: set[int] = set()
            for rows in read_log(path, self._numbers, self._damaged.add):
                hours |= _hours_of(rows)
                yield rows
            self._closed[path] = frozenset(hours)
            if not path.stat().st_size:
                self._remove_if_done(path)

    def append(self, rows: Rows) -> None:
        """Write `rows`. Raises OSError, and then has written none or only the first of many."""
        for begin in range(0, len(rows), _ROWS_A_RECORD):
            self._append(rows[begin : begin + _ROWS_A_RECORD])

    def _append(self, rows: Rows) -> None:
        file = self._file_of_the_hour()
        names = self._numbers.names(self._told)
        ids = encode_names(names)
        file.append(_HEAD.pack(_MAGIC, len(ids), len(rows)) + ids + rows.tobytes())
        self._told += len(names)
        self._hours |= _hours_of(rows)

    def rotate(self) -> frozenset[Path]:
        """Close the present log; the paths of all that are closed."""
        if self._file is not None:
            self._file.close()
            self._closed[self._file.path] = frozenset(self._hours)
        self._file, self._hours, self._told = None, set(), 0
        return frozenset(self._closed)

    def done(self, hours: frozenset[int], among: frozenset[Path]) -> None:
        """Hour files have what the logs `among` hold of `hours`; remove those not needed more."""
        for path in among:
            self._closed[path] -= hours
            self._remove_if_done(path)

    def forget_before(self, hour_ms: int) -> None:
        """Remove the closed logs that hold nothing of that hour or later, and of files that were
        kept because they are damaged those written before it.
        """
        for path, hours in list(self._closed.items()):
            self._closed[path] = frozenset(h for h in hours if h >= hour_ms)
            self._remove_if_done(path)
        for path in self._folder.glob("*" + DAMAGED_SUFFIX):
            written = hour_of(path.with_name(path.name.partition(".")[0]))
            if written is not None and written < hour_ms:
                path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the present log."""
        self.rotate()

    def _remove_if_done(self, path: Path) -> None:
        if not self._closed[path]:
            if path in self._damaged:
                path.replace(path.with_name(path.name + DAMAGED_SUFFIX))
            path.unlink(missing_ok=True)
            del self._closed[path]

    def _file_of_the_hour(self) -> RecordLog:
        hour = stamp(self._clock.now_ms())
        if self._file is None or hour != self._hour:
            self.rotate()
            self._file, self._hour = RecordLog(self._free_path(hour), durable=False), hour
        return self._file

    def _free_path(self, hour: str) -> Path:
        paths = (self._folder / f"{hour}.{n:04d}{LOG_SUFFIX}" for n in count(1))
        return next(path for path in paths if not path.exists())


def read_log(
    path: Path, numbers: UnitNumbers, damaged: Callable[[Path], None] = lambda _: None
) -> Iterator[Rows]:
    """The rows in the log at `path`, in the order they came, up to a torn tail. Raises OSError.

    `damaged` is called where it ends otherwise than a crash can have ended it.
    """
    data = path.read_bytes()
    unit_ids: list[str] = []
    read = 0
    for record in whole_records(data):
        try:
            yield _rows_in(record, unit_ids, numbers)
        except (ValueError, OverflowError) as error:  # msgspec.DecodeError is one
            log.error("%s holds a record that is no group of fixes: %s", path, error)
            damaged(path)
            return
        read += _FRAME_BYTES + len(record)
    if read < len(data):
        log.warning("%s has a torn tail of %d bytes", path, len(data) - read)
        if not is_torn(data[read:]):
            damaged(path)


def _rows_in(record: bytes, unit_ids: list[str], numbers: UnitNumbers) -> Rows:
    if not record.startswith(_MAGIC):
        return _rows_of_old(record, numbers)
    if len(record) < _HEAD.size:
        raise ValueError("too short")
    _, id_bytes, row_count = _HEAD.unpack_from(record)
    if len(record) != _HEAD.size + id_bytes + row_count * ROW.itemsize:
        raise ValueError("another length than it says")
    rows_at = _HEAD.size + id_bytes
    unit_ids.extend(decode_names(record[_HEAD.size : rows_at]))
    rows = np.frombuffer(record, ROW, row_count, rows_at).copy()
    if row_count and not 0 <= int(rows["unit"].min()) <= int(rows["unit"].max()) < len(unit_ids):
        raise ValueError("a fix of a unit without an id")
    if row_count and not 0 <= int(rows["at"].min()) <= int(rows["at"].max()) < LATEST_AT:
        raise ValueError("a fix at a time that cannot be")
    rows["unit"] = np.array(numbers.of(unit_ids), np.int32)[rows["unit"]]
    return rows


def _rows_of_old(record: bytes, numbers: UnitNumbers) -> Rows:
    fixes = [f for f in map(fix_from_wire, _groups.decode(record)) if keepable(f)]
    return rows_of(fixes, numbers.of(f.unit_id for f in fixes))


def _hours_of(rows: Rows) -> set[int]:
    return set((np.unique(rows["at"] // HOUR_MS) * HOUR_MS).tolist())
