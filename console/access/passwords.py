"""Passwords: argon2id in a bounded pool, and the same time whether the person exists or not.

Exception
 └── TooBusy    as many are waiting as may; try again in a moment
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from console.model.decide import Refused

AT_ONCE = 2
"""Hashes computed at the same time: each takes a core for about 50 ms, and 19 MiB."""
WAITING = 32
"""Sign-ins that may wait for their turn: beyond these the server says that it is busy."""
SHORTEST = 10
LONGEST = 256
_DIFFERENT = 5
"""How many different characters a password has at least."""

USUAL = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, 2 passes, 1 lane."""

_T = TypeVar("_T")


class TooBusy(Exception):  # noqa: N818 - it reads as what is so
    """Too many passwords are being checked."""


class Passwords:
    """Hashes and checks passwords off the event loop. `hasher` sets the cost."""

    def __init__(
        self,
        hasher: PasswordHasher = USUAL,
        at_once: int = AT_ONCE,
        waiting: int = WAITING,
    ) -> None:
        self._hasher = hasher
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        self._room = at_once + waiting
        self._nobody = ""

    async def hash(self, password: str) -> str:
        """What is stored of a password. Raises TooBusy."""
        return await self._run(lambda: self._hasher.hash(normal(password)))

    async def check(self, stored: str, password: str) -> bool:
        """Whether `password` is the one; with nothing stored no, after just as long.

        Raises TooBusy.
        """
        return await self._run(lambda: self._verify(stored, password))

    def is_outdated(self, stored: str) -> bool:
        """Whether the stored hash was made at another cost."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(cancel_futures=True)

    async def _run(self, work: Callable[[], _T]) -> _T:
        if self._room <= 0:
            raise TooBusy
        self._room -= 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._room += 1

    def _verify(self, stored: str, password: str) -> bool:
        nobody = self._of_nobody()  # made at the first check of all, whoever that is for
        try:
            matches = self._hasher.verify(stored or nobody, normal(password))
        except (Argon2Error, InvalidHashError):
            return False
        return matches and bool(stored)

    def _of_nobody(self) -> str:
        """A hash that no password fits: checking it takes as long as any."""
        if not self._nobody:
            self._nobody = self._hasher.hash(secrets.token_urlsafe(32))
        return self._nobody


def normal(password: str) -> str:
    """The same characters for the same keys, on every system (NIST SP 800-63B: NFKC)."""
    return unicodedata.normalize("NFKC", password)[: 4 * LONGEST]


def checked_password(password: str, name: str) -> str:
    """A password that is not too easy. Raises Refused."""
    said = normal(password)
    if not SHORTEST <= len(said) <= LONGEST:
        raise Refused("password_length", shortest=str(SHORTEST), longest=str(LONGEST))
    if len(set(said)) < _DIFFERENT or (name and name in said.lower()):
        raise Refused("password_easy")
    return password
