"""Tokens of devices: random, stored as SHA-256 only, each bound to one unit.

A token has 256 random bits, so a fast hash is enough: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import msgspec

from console.clock import Clock
from console.wire.record_log import RecordLog, write_records

TOKENS_PER_UNIT = 4
"""A unit's older tokens stop working when it registers again and again."""


class _Entry(msgspec.Struct, frozen=True, array_like=True):
    digest: bytes
    unit_id: str
    issued_at: int


class DeviceTokens:
    """The tokens that are good, in the file at `path` (None: in memory only). Raises OSError."""

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self._clock = clock
        self._units: dict[bytes, str] = {}
        self._of_unit: dict[str, list[_Entry]] = {}
        self._log = None if path is None else self._open(path)

    def issue(self, unit_id: str) -> str:
        """A new token for the unit's device; durable when this returns."""
        token = secrets.token_urlsafe(32)
        entry = _Entry(_digest(token), unit_id, self._clock.now_ms())
        if self._log is not None:
            self._log.append(msgspec.msgpack.encode(entry))
        self._keep(entry)
        return token

    def unit_of(self, token: str) -> str | None:
        """The unit whose device carries `token`, or None."""
        return self._units.get(_digest(token))

    def close(self) -> None:
        """Close the file."""
        if self._log is not None:
            self._log.close()

    def _open(self, path: Path) -> RecordLog:
        log = RecordLog(path, durable=True)
        for record in log.opened_with:
            self._keep(msgspec.msgpack.decode(record, type=_Entry))
        if len(log.opened_with) <= len(self._units):
            return log
        log.close()
        good = (e for entries in self._of_unit.values() for e in entries)
        write_records(path, [msgspec.msgpack.encode(e) for e in good])
        return RecordLog(path, durable=True)

    def _keep(self, entry: _Entry) -> None:
        entries = self._of_unit.setdefault(entry.unit_id, [])
        entries.append(entry)
        self._units[entry.digest] = entry.unit_id
        if len(entries) > TOKENS_PER_UNIT:
            del self._units[entries.pop(0).digest]


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
