"""Fixes as they come in: kept in memory, written in groups to one log an hour.

A log starts with the latest fix of every unit, so that the newest file alone tells where everybody
was last, and a unit that has been quiet for hours is not lost. A torn tail costs the last group.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from console.clock import Clock
from console.model.unit import Fix
from console.wire import RecordLog, WireFix, fix_from_wire, wire_from_fix
from console.wire.record_log import whole_records, write_records

log = logging.getLogger(__name__)

_SUFFIX = ".fixes"
_groups: msgspec.msgpack.Decoder[list[WireFix]] = msgspec.msgpack.Decoder(list[WireFix])


class Tracks:
    """The fixes of all units. `folder` None keeps them in memory only.

    Not durable to the last fix, by design: a group is written every time `flush` is called.
    Raises OSError when the folder cannot be made or read.
    """

    def __init__(self, folder: Path | None, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._latest: dict[str, Fix] = {}
        self._unwritten: list[Fix] = []
        self._log: RecordLog | None = None
        self._hour = ""
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._restore(folder)

    def latest(self) -> list[Fix]:
        """The newest fix of each unit."""
        return list(self._latest.values())

    def of(self, unit_id: str) -> Fix | None:
        """The newest fix of one unit, or None."""
        return self._latest.get(unit_id)

    def take(self, fix: Fix) -> bool:
        """Keep `fix`; returns whether it is the unit's newest (late ones only go to the log)."""
        if self._folder is not None:
            self._unwritten.append(fix)
        known = self._latest.get(fix.unit_id)
        if known is not None and known.at >= fix.at:
            return False
        self._latest[fix.unit_id] = fix
        return True

    def flush(self) -> None:
        """Write what has come in since the last call. A full disk costs these fixes, no more."""
        group, self._unwritten = self._unwritten, []
        if self._folder is None or not group:
            return
        try:
            self._log_of_the_hour(self._folder, group).append(_encoded(group))
        except OSError:
            log.exception("%d fixes could not be written to %s", len(group), self._folder)

    def close(self) -> None:
        """Write what is left and close the log."""
        self.flush()
        if self._log is not None:
            self._log.close()

    def _log_of_the_hour(self, folder: Path, group: list[Fix]) -> RecordLog:
        """The log to append to; a new one starts with where all were that `group` does not tell."""
        now = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC)
        hour = now.strftime("%Y-%m-%dT%H")
        if self._log is None or hour != self._hour:
            path = folder / (hour + _SUFFIX)
            if not path.exists():
                told = set(group)
                others = [f for f in self._latest.values() if f not in told]
                write_records(path, [_encoded(others)] if others else [])
            if self._log is not None:
                self._log.close()
            self._log, self._hour = RecordLog(path, durable=False), hour
        return self._log

    def _restore(self, folder: Path) -> None:
        """Take the latest fixes from the newest log that holds any."""
        for path in sorted(folder.glob("*" + _SUFFIX), reverse=True):
            for fix in read_log(path):
                known = self._latest.get(fix.unit_id)
                if known is None or known.at < fix.at:
                    self._latest[fix.unit_id] = fix
            if self._latest:
                return


def read_log(path: Path) -> Iterator[Fix]:
    """The fixes in the log at `path`, in the order they came in, up to a torn tail."""
    for record in whole_records(path.read_bytes()):
        try:
            group = _groups.decode(record)
        except msgspec.DecodeError:
            log.exception("%s holds a group that is no group of fixes", path)
            return
        yield from map(fix_from_wire, group)


def _encoded(fixes: Iterable[Fix]) -> bytes:
    return msgspec.msgpack.encode([wire_from_fix(f) for f in fixes])
