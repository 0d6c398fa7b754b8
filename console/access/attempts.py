"""How often somebody may try: rate limits for each address, lock-out for each account.

After five wrong passwords an account is locked for 30 s, and twice as long after each further one,
up to an hour; a day without a wrong one, or a right one, forgets them. Names that nobody has are
counted and locked the same. From an address where the person has signed in before, failures are
counted on their own: a stranger elsewhere cannot lock a duty officer out of their desk.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import msgspec

from console.access.secret import digest
from console.access.store import Store, decode_entry
from console.clock import Clock

FREE_FAILURES = 5
FIRST_LOCK_MS = 30_000
LONGEST_LOCK_MS = 3600_000
FORGOTTEN_AFTER_MS = 24 * 3600_000
KNOWN_FOR_MS = 30 * 24 * 3600_000

_FAILURES = "failures"
_KNOWN = "known"


class _Failures(msgspec.Struct, frozen=True):
    count: int
    locked_until: int


class Lockout:
    """Counts wrong passwords in `store`. Raises StoreFailed."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def wait_ms(self, name: str, address: str) -> int:
        """How long this account is still locked from this address, 0 for not at all."""
        found = self._failures(self._key(name, address))
        left_ms = max(0, found.locked_until - self._clock.now_ms())
        # By a clock that was set back there would be more left than there ever was.
        return min(left_ms, lock_after(found.count))

    def failed(self, name: str, address: str) -> int:
        """A wrong password; how long the account is locked now (ms)."""
        key, now = self._key(name, address), self._clock.now_ms()
        with self._store.change():
            count = self._failures(key).count + 1
            lock_ms = lock_after(count)
            entry = msgspec.msgpack.encode(_Failures(count, now + lock_ms if lock_ms else 0))
            self._store.put(_FAILURES, key, entry, ends_at=now + FORGOTTEN_AFTER_MS)
        return lock_ms

    def succeeded(self, name: str, address: str) -> None:
        """A right one: start over, and know the address."""
        ends_at = self._clock.now_ms() + KNOWN_FOR_MS
        with self._store.change():
            self._store.delete(_FAILURES, self._key(name, address))
            self._store.put(_KNOWN, _place(name, address), b"1", ends_at=ends_at)

    def forget(self, name: str) -> None:
        """Unlock the account, as an administrator may."""
        with self._store.change():
            self._store.delete(_FAILURES, digest(name))

    def _key(self, name: str, address: str) -> str:
        place = _place(name, address)
        return place if self._store.get(_KNOWN, place) else digest(name)

    def _failures(self, key: str) -> _Failures:
        body = self._store.get(_FAILURES, key)
        return _Failures(0, 0) if body is None else decode_entry(body, _Failures)


def lock_after(failures: int) -> int:
    """How long an account is locked after so many wrong passwords in a row (ms)."""
    if failures < FREE_FAILURES:
        return 0
    return min(FIRST_LOCK_MS << min(failures - FREE_FAILURES, 20), LONGEST_LOCK_MS)


def _place(name: str, address: str) -> str:
    return digest(f"{name}\n{address}")


@dataclass(slots=True)
class _Bucket:
    left: float
    at: int


class Rate:
    """`burst` tries at once, and one more every `every_ms`, for each key; remembers `keys` of them.

    The memory is bounded: when more keys come than fit, the one longest unused is forgotten.
    """

    def __init__(self, clock: Clock, burst: int, every_ms: int, keys: int = 10_000) -> None:
        self._clock = clock
        self._burst = burst
        self._every_ms = every_ms
        self._keys = keys
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, key: str) -> int:
        """Try once: 0 when it may be, else how long to wait (ms)."""
        now = self._clock.elapsed_ms()
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, now))
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._keys:
            self._buckets.popitem(last=False)
        gained = (now - bucket.at) / self._every_ms
        bucket.left, bucket.at = min(self._burst, bucket.left + gained), now
        if bucket.left < 1:
            return round((1 - bucket.left) * self._every_ms) + 1
        bucket.left -= 1
        return 0
