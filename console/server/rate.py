"""How often: token buckets, one a caller, with a clock that is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_s` for as long as one likes, and `burst` at once after a rest."""

    per_s: float
    burst: float


@dataclass(slots=True)
class _Bucket:
    level: float
    at_s: float


class Meter:
    """One bucket of `rate` that somebody holds in the hand; quick enough for every frame."""

    __slots__ = ("_at_s", "_level", "_rate")

    def __init__(self, rate: Rate, now_s: float) -> None:
        self._rate = rate
        self._level = rate.burst
        self._at_s = now_s

    def allows(self, now_s: float) -> bool:
        """Take one from the bucket; False when there is none."""
        level = self._level + (now_s - self._at_s) * self._rate.per_s
        self._at_s = now_s
        if level < 1.0:
            self._level = level
            return False
        burst = self._rate.burst
        self._level = (level if level < burst else burst) - 1.0
        return True


class RateLimiter:
    """A bucket of `rate` for each key. `now_s` is any clock of seconds that never goes back.

    At most `max_keys` buckets are kept: one that is full again says nothing and is dropped first,
    then the one unused for longest, so that a flood of made-up callers costs bounded memory.
    """

    def __init__(self, rate: Rate, now_s: Callable[[], float], max_keys: int = 20_000) -> None:
        self._rate = rate
        self._now_s = now_s
        self._max_keys = max_keys
        self._buckets: dict[str, _Bucket] = {}

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str, cost: float = 1.0) -> float:
        """Take `cost` from the key's bucket: 0.0 when it was there, else seconds until it will be.

        Nothing is taken when there is too little.
        """
        bucket = self._filled(key)
        wait_s = self._wait_s(bucket, cost)
        if wait_s == 0.0:
            bucket.level -= cost
        self._keep(key, bucket)
        return wait_s

    def _wait_s(self, bucket: _Bucket, cost: float) -> float:
        lacking = min(cost, self._rate.burst) - bucket.level
        return lacking / self._rate.per_s if lacking > 0 else 0.0

    def _filled(self, key: str) -> _Bucket:
        now = self._now_s()
        bucket = self._buckets.get(key)
        if bucket is None:
            return _Bucket(self._rate.burst, now)
        gained = (now - bucket.at_s) * self._rate.per_s
        bucket.level = min(bucket.level + gained, self._rate.burst)
        bucket.at_s = now
        return bucket

    def _keep(self, key: str, bucket: _Bucket) -> None:
        # Put in anew, so that the dictionary's order is the order of last use.
        self._buckets.pop(key, None)
        self._buckets[key] = bucket
        if len(self._buckets) > self._max_keys:
            self._drop_some()

    def _drop_some(self) -> None:
        rest_s = self._rate.burst / self._rate.per_s
        oldest_use = self._now_s() - rest_s
        keys = list(self._buckets)
        full = [k for k in keys if self._buckets[k].at_s <= oldest_use]
        # A tenth at a time: looking at every bucket for each new caller would be its own flood.
        for key in full or keys[: max(len(keys) // 10, 1)]:
            del self._buckets[key]
