"""One-time codes: short enough to type, good once and not for long.

A code makes the first administrator, or enrols the device of one unit.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from console.access.lives import is_alive
from console.access.secret import code_digest, new_code
from console.access.store import Store, decode_entry
from console.clock import Clock

Purpose = Literal["setup", "device"]

GOOD_FOR_MS: dict[Purpose, int] = {"setup": 60 * 60_000, "device": 10 * 60_000}
_KIND = "code"


class Code(msgspec.Struct, frozen=True):
    """What a code is for: `subject` is the unit's id, "" for the administrator; `maker` who made
    it; `ends_at` ms UTC; `digest` what is kept of the code itself.
    """

    purpose: Purpose
    subject: str
    maker: str
    ends_at: int
    digest: str = ""


class Codes:
    """The codes in `store`. Raises StoreFailed."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def make(self, purpose: Purpose, subject: str = "", maker: str = "") -> tuple[str, int]:
        """A new code, and when it ends; those for the same purpose and subject are void now."""
        ends_at = self._clock.now_ms() + GOOD_FOR_MS[purpose]
        typed = new_code()
        code = Code(purpose, subject, maker, ends_at, code_digest(typed))
        with self._store.change():
            self.void(purpose, subject)
            body = msgspec.msgpack.encode(code)
            self._store.put(_KIND, code.digest, body, _group(purpose, subject), ends_at)
        return typed, ends_at

    def void(self, purpose: Purpose, subject: str) -> None:
        """What was made for this is good for nothing any more."""
        with self._store.change():
            for old in self._store.group(_KIND, _group(purpose, subject)):
                self._store.delete(_KIND, decode_entry(old, Code).digest)

    def void_made_by(self, maker: str) -> None:
        """What `maker` (`person/NAME`, at whatever desk) made is good for nothing any more."""
        with self._store.change():
            for body in self._store.all(_KIND):
                code = decode_entry(body, Code)
                if code.maker.partition("@")[0] == maker:
                    self._store.delete(_KIND, code.digest)

    def use(self, purpose: Purpose, typed: str) -> Code | None:
        """What the code is for; spent when this returns. None for one that is none, or no more."""
        key = code_digest(typed)
        with self._store.change():
            code = self._peek(purpose, key)
            if code is not None:
                self._store.delete(_KIND, key)
        return code

    def _peek(self, purpose: Purpose, key: str) -> Code | None:
        body = self._store.get(_KIND, key)
        if body is None:
            return None
        code = decode_entry(body, Code)
        good = is_alive(code.ends_at, self._clock.now_ms(), GOOD_FOR_MS[code.purpose])
        return code if good and code.purpose == purpose else None


def _group(purpose: Purpose, subject: str) -> str:
    return f"{purpose}/{subject}"
