"""Keeps the access log honest while the server runs: signs its head, cuts off what is too old.

A part whose chain does not hold, or that is not what was signed, is never cut off: the proof that
somebody changed it would go with it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from console.access.access_log import Note, note_in
from console.access.log_chain import START, LogRow, link
from console.access.log_cut import SignedCut, cuts_in, keep_cut
from console.access.log_policy import LogPolicy
from console.access.open import open_store
from console.access.store import Store, StoreFailed
from console.audit import AuditError, HeadSigner, KeyRing, audit_folder_of, heads_file
from console.audit.head import ACCESS_LOG, SignedHead
from console.audit.places import HeadFile, read_heads
from console.clock import Clock
from console.guarded_clock import SettledTime
from console.journal.chain import Tip
from console.journal.errors import JournalError
from console.model.ids import new_key

log = logging.getLogger(__name__)

HEADS = "access.heads.jsonl"
AT_ONCE = 10_000
"""Entries cut off in one change: those who sign in meanwhile wait for its end."""
_EVERY_S = 1.0
_CUT_EVERY_S = 3600.0
_PAGE = 1000
_NAME = ("log", "name")


class LogChain:
    """The access log in `store`, as a signer of heads sees it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self.name = _name_of(store, clock)

    def tip(self) -> Tip:
        """The log's end. Raises JournalError."""
        try:
            return Tip(self.name, *self._store.log_end())
        except StoreFailed as error:
            raise JournalError(error.message) from error


class LogKeeper:
    """Signs the head of the log in `store` at all `places`, and cuts by `policy`, which counts from
    the `settled` time.

    `step` does one round; `start` repeats it on a thread of its own, with a store of its own.
    """

    def __init__(
        self,
        store: Store,
        keys: KeyRing,
        places: Sequence[HeadFile],
        clock: Clock,
        policy: LogPolicy,
        *,
        settled: SettledTime | None = None,
    ) -> None:
        self._settled = settled or SettledTime(clock)
        self._store = store
        self._keys = keys
        self._places = places
        self._clock = clock
        self._policy = policy
        self._chain = LogChain(store, clock)
        self.signer = HeadSigner(self._chain, keys, places, clock)
        self._waited_s = _CUT_EVERY_S
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="access-log", daemon=True)

    def start(self) -> None:
        """Sign and cut from now on."""
        self.signer.compare("access log")
        self._thread.start()

    def close(self) -> None:
        """Sign where the log ended, then stop."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self.signer.step()

    def step(self) -> None:
        """Sign the head if it moved; now and then look for what is too old."""
        self._waited_s += _EVERY_S
        if self._waited_s >= _CUT_EVERY_S:
            self._waited_s = 0.0
            cut = self.cut()
            if cut is not None and cut.count >= AT_ONCE:
                self._waited_s = _CUT_EVERY_S  # there may be more: the next second goes on with it
        self.signer.step()

    def cut(self) -> SignedCut | None:
        """Cut off what the policy does not keep, at most `AT_ONCE` entries; what was cut, if any.

        Raises StoreFailed, AuditError, OSError.
        """
        before = self._policy.cutoff(self._settled.now_ms())
        last = self._last_cut()
        after, chain = (0, START) if last is None else (last.through, bytes.fromhex(last.chain))
        rows = self._older(before)
        if not rows:
            return None
        if not self._is_sound(after, chain, rows):
            log.error("the access log was changed; nothing is cut off it: run verify")
            return None
        key_id, key = self._keys.current
        name, end, now = self._chain.name, rows[-1], self._clock.now_ms()
        bare = SignedCut(name, after, end.seq, end.chain.hex(), len(rows), before, now, key_id)
        cut = bare.signed(key)
        return cut if self._do(cut, rows) else None

    def _do(self, cut: SignedCut, rows: Sequence[LogRow]) -> bool:
        """Cut, and say so in the log itself; False if another node was quicker."""
        words = f"{rows[0].seq}-{cut.through} {cut.count}"
        said = Note(cut.at, "access.log_cut", "system/retention", "", words)
        with self._store.change():
            if [row.seq for row in self._store.notes(0, 1)] != [rows[0].seq]:
                return False
            keep_cut(self._store, cut)
            # Said before it is done: what is left is never empty, and the numbers go on.
            self._store.note([msgspec.msgpack.encode(said)])
            self._store.cut_log(cut.through)
        log.info("%d entries of the access log were cut off, up to %d", cut.count, cut.through)
        return True

    def _last_cut(self) -> SignedCut | None:
        try:
            cuts = cuts_in(self._store)
        except ValueError as error:
            raise AuditError("bad_cut", reason=error) from error
        return cuts[-1] if cuts else None

    def _older(self, before: int) -> list[LogRow]:
        """The first entries, all made before `before`."""
        rows: list[LogRow] = []
        while len(rows) < AT_ONCE:
            page = self._store.notes(rows[-1].seq if rows else 0, _PAGE)
            old = _leading(page, before)
            rows += old
            if not page or len(old) < len(page):
                break
        return rows

    def _is_sound(self, after: int, chain: bytes, rows: Sequence[LogRow]) -> bool:
        """Whether `rows` hang on what was cut off before, on each other, and on what was signed."""
        if rows[0].seq <= after:
            return False
        for row in rows:
            if link(chain, row.seq, row.body) != row.chain:
                return False
            chain = row.chain
        chains = {row.seq: row.chain.hex() for row in rows}
        return all(chains.get(head.seq, head.chain) == head.chain for head in self._own_heads())

    def _own_heads(self) -> Iterator[SignedHead]:
        path = self._places[0].path
        heads = read_heads(path) if path.exists() else iter(())
        return (h for h in heads if isinstance(h, SignedHead) and h.journal == self._chain.name)

    def _run(self) -> None:
        while not self._stop.wait(_EVERY_S):
            try:
                self.step()
            except (StoreFailed, AuditError, OSError) as error:
                log.error("the access log could not be looked after: %s", error)
            except Exception:
                log.exception("looking after the access log failed; it is tried again")


@contextmanager
def keeping_log(
    db: str,
    clock: Clock,
    policy: LogPolicy,
    second: Path | None = None,
    folder: Path | None = None,
    *,
    settled: SettledTime | None = None,
) -> Iterator[LogKeeper | None]:
    """Look after the access log of the journal at `db` meanwhile; None for one in memory.

    Keys and heads lie where the journal's do, `second` too. Raises StoreFailed, AuditError,
    JournalError, OSError.
    """
    folder = folder or audit_folder_of(db)
    if folder is None:
        yield None
        return
    store = open_store(db)
    try:
        places = [HeadFile(folder / HEADS)]
        if second is not None:
            places.append(HeadFile(second_place(second, folder.stem)))
        keeper = LogKeeper(store, KeyRing(folder), places, clock, policy, settled=settled)
        keeper.start()
        try:
            yield keeper
        finally:
            keeper.close()
    finally:
        store.close()


def second_place(place: Path, name: str) -> Path:
    """The file of the log's heads at a second place: in the folder, else beside the file."""
    if place.is_dir():
        return heads_file(place, f"{name}.access")
    return place.with_name(f"{place.stem}.access{place.suffix}")


def own_log_heads(url: str, data: Path | None = None) -> list[Path]:
    """The file of the log's heads kept for the journal at `url`, if there is one."""
    folder = audit_folder_of(url, data)
    return [] if folder is None or not (folder / HEADS).exists() else [folder / HEADS]


def _leading(rows: Sequence[LogRow], before: int) -> list[LogRow]:
    """The rows up to the first that is not older than `before`, or cannot be read."""
    old: list[LogRow] = []
    for row in rows:
        note = note_in(row.body)
        if note.at >= before or not note.at:
            break
        old.append(row)
    return old


def _name_of(store: Store, clock: Clock) -> str:
    """The log's own name, given once."""
    with store.change():
        body = store.get(*_NAME)
        if body is None:
            body = (ACCESS_LOG + new_key(clock.now_ms())).encode()
            store.put(*_NAME, body)
    return body.decode()
