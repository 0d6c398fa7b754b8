"""How often somebody may try: budgets for each purpose and address, locks for each person.

A budget is spent by failures alone: a duty room that signs in at the change of shift, behind one
address, spends nothing. After five wrong passwords a person is locked at that address for 30 s, and
twice as long after each further one, up to an hour; a day without a wrong one, or a right one,
forgets them. Names that nobody has are counted and locked the same.

Guesses from many addresses are counted together too, fifty are free: they lock the addresses where
the person has never signed in. Nobody can lock a duty officer out of their own desk: an address
where they have signed in is not among those, and the desk itself has a token from its last sign-in,
by which it is counted on its own wherever it stands. An administrator's unlock forgets all of it.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass

import msgspec

from console.access.secret import digest, new_token
from console.access.store import Store, decode_entry
from console.clock import Clock

FREE_FAILURES = 5
FREE_ANYWHERE = 50
FIRST_LOCK_MS = 30_000
LONGEST_LOCK_MS = 3600_000
FORGOTTEN_AFTER_MS = 24 * 3600_000
KNOWN_FOR_MS = 30 * 24 * 3600_000

_FAILURES = "failures"
_KNOWN = "known"


class _Failures(msgspec.Struct, frozen=True):
    count: int
    locked_until: int
    key: str = ""


class Lockout:
    """Counts wrong passwords in `store`, by person, address and desk. Raises StoreFailed."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def wait_ms(self, name: str, address: str, desk: str = "") -> int:
        """How long this person is still locked here, 0 for not at all; `desk` is its token."""
        return max(self._left_ms(key, free) for key, free in self._counted(name, address, desk))

    def failed(self, name: str, address: str, desk: str = "") -> int:
        """A wrong password; how long the person is locked here now (ms)."""
        now, locks = self._clock.now_ms(), [0]
        with self._store.change():
            for key, free in self._counted(name, address, desk):
                count = self._failures(key).count + 1
                lock_ms = lock_after(count, free)
                entry = _Failures(count, now + lock_ms if lock_ms else 0, key)
                body, ends_at = msgspec.msgpack.encode(entry), now + FORGOTTEN_AFTER_MS
                self._store.put(_FAILURES, key, body, digest(name), ends_at)
                locks.append(lock_ms)
        return max(locks)

    def succeeded(self, name: str, address: str, desk: str = "") -> str:
        """A right one: start over, and know the address and the desk; the desk's token."""
        ends_at = self._clock.now_ms() + KNOWN_FOR_MS
        with self._store.change():
            for key, _ in self._counted(name, address, desk):
                self._store.delete(_FAILURES, key)
            token = desk if self._knows(name, desk) else new_token("k")
            for place in (_place(name, address), _desk(name, token)):
                self._store.put(_KNOWN, place, b"1", ends_at=ends_at)
        return token

    def forget(self, name: str) -> None:
        """Unlock the person everywhere, as an administrator may."""
        with self._store.change():
            for body in self._store.group(_FAILURES, digest(name)):
                self._store.delete(_FAILURES, decode_entry(body, _Failures).key)

    def _counted(self, name: str, address: str, desk: str) -> list[tuple[str, int]]:
        """Under which keys a failure counts, and how many are free of each."""
        if self._knows(name, desk):
            return [(_desk(name, desk), FREE_FAILURES)]
        place = _place(name, address)
        here = [(place, FREE_FAILURES)]
        return here if self._store.get(_KNOWN, place) else [*here, (digest(name), FREE_ANYWHERE)]

    def _knows(self, name: str, desk: str) -> bool:
        return bool(desk) and self._store.get(_KNOWN, _desk(name, desk)) is not None

    def _left_ms(self, key: str, free: int) -> int:
        found = self._failures(key)
        left_ms = max(0, found.locked_until - self._clock.now_ms())
        # By a clock that was set back there would be more left than there ever was.
        return min(left_ms, lock_after(found.count, free))

    def _failures(self, key: str) -> _Failures:
        body = self._store.get(_FAILURES, key)
        return _Failures(0, 0) if body is None else decode_entry(body, _Failures)


def lock_after(failures: int, free: int = FREE_FAILURES) -> int:
    """How long somebody is locked after so many wrong passwords in a row (ms)."""
    if failures < free:
        return 0
    return min(FIRST_LOCK_MS << min(failures - free, 20), LONGEST_LOCK_MS)


def network_of(address: str) -> str:
    """Who an address counts as: of IPv6 the network of 64 bits, which one household is given."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.ip_network((address, 64), strict=False))
    except ValueError:
        return address


def _place(name: str, address: str) -> str:
    return digest(f"{name}\n{network_of(address)}")


def _desk(name: str, token: str) -> str:
    return digest(f"{name}\ndesk {token}")


@dataclass(slots=True)
class _Bucket:
    left: float
    at: int


class Rate:
    """`burst` failures at once, and one more every `every_ms`, for each key; remembers `keys`.

    The memory is bounded: when more keys come than fit, the one longest unused is forgotten.
    """

    def __init__(self, clock: Clock, burst: int, every_ms: int, keys: int = 10_000) -> None:
        self._clock = clock
        self._burst = burst
        self._every_ms = every_ms
        self._keys = keys
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def wait_ms(self, key: str) -> int:
        """How long to wait before the next try, 0 for not at all."""
        bucket = self._buckets.get(key)
        if bucket is None:
            return 0
        left = self._filled(bucket)
        return 0 if left >= 1 else round((1 - left) * self._every_ms) + 1

    def charge(self, key: str) -> None:
        """A try has failed. Those under way together may spend more than there was."""
        bucket = self._buckets.setdefault(key, _Bucket(self._burst, self._clock.elapsed_ms()))
        self._buckets.move_to_end(key)
        if len(self._buckets) > self._keys:
            self._buckets.popitem(last=False)
        bucket.left = max(self._filled(bucket) - 1, -self._burst)

    def _filled(self, bucket: _Bucket) -> float:
        now = self._clock.elapsed_ms()
        gained = (now - bucket.at) / self._every_ms
        bucket.left, bucket.at = min(self._burst, bucket.left + gained), now
        return bucket.left
