"""A journal over a database: one thread takes turns at its end.

What queued up while the last turn was on its way to the disk is decided and committed in the next
(natural batching): alone a submission waits for one sync, in a crowd they share it. Over a database
that several nodes share, what queues up while another node holds the end goes along too, so a
submission is decided once, on what really is the end, and no node can be starved into deciding
again and again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue

from console.clock import Clock
from console.journal.errors import JournalError, StorageFailed
from console.journal.history import Told
from console.journal.interface import Decide, Listener, Receipt, notify
from console.journal.rows import key_bytes, linked_rows
from console.journal.store import KeyTaken, Mark, OutcomeUnknown, Registered, Store
from console.journal.turn import Asked, Turn, settle
from console.model.event import Event

log = logging.getLogger(__name__)

MAX_GROUP = 1024
"""Submissions in one turn."""

MAX_QUEUE = 20_000
"""Submissions that may wait for the disk; beyond it they are told to come again."""

RECENT = 4096
"""Events kept in memory at least, for deciders that are a little behind."""

PAGE = 5000


class GroupJournal:
    """`console.journal.Journal` over a store, which it closes."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._queue: SimpleQueue[Asked | None] = SimpleQueue()
        self._closing = False
        self._lost = 0
        self._in_turn = self._behind = False
        self._listeners: tuple[Listener, ...] = ()
        self._telling = threading.RLock()
        mark, _ = store.hold(1 << 62)
        store.let_go()
        self._head = mark.seq
        self._recent: list[Event] = []
        self._remembering = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()
        store.follow(self._hinted)

    @property
    def id(self) -> str:
        """The journal's own name."""
        return self._store.id

    @property
    def head(self) -> int:
        """The number of the last event known here to be durable: who has an answer finds it here,
        though the listeners may hear of it a moment later.
        """
        recent = self._recent
        return max(self._head, recent[-1].seq) if recent else self._head

    def write(self, key: str, digest: bytes, decide: Decide) -> Future[Receipt]:
        """Queue a submission for the next turn."""
        asked = Asked(key_bytes(key), digest, decide, Future())
        if self._closing:
            asked.answer.set_exception(StorageFailed("closed"))
        elif self._queue.qsize() >= MAX_QUEUE:
            asked.answer.set_exception(StorageFailed("too many submissions wait for the disk"))
        else:
            self._queue.put(asked)
        return asked.answer

    def read(self, after: int, limit: int) -> list[Event]:
        """Durable events numbered above `after`, at most `limit`."""
        return self._store.read(after, limit) if limit > 0 else []

    def about(self, streams: Sequence[str], limit: int) -> list[Event]:
        """Durable events of these streams, the first `limit` of them."""
        return self._store.about(streams, limit)

    def told(self, after: int, limit: int) -> list[Told]:
        """What durable events tell a picture."""
        return self._store.told(after, limit)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called with each group of durable events."""
        with self._telling:
            self._listeners = (*self._listeners, listener)
        return lambda: self._unsubscribe(listener)

    def close(self) -> None:
        """Write what is queued, then close the store."""
        self._closing = True
        self._queue.put(None)
        self._thread.join()
        self._store.close()

    def stored_between(self, after: int, last: int) -> Sequence[Event]:
        """Durable events above `after` up to `last`, from memory while it reaches back so far."""
        recent = self._recent
        if recent and recent[0].seq <= after + 1 and recent[-1].seq >= last:
            first = recent[0].seq
            return recent[after + 1 - first : last + 1 - first]
        found: list[Event] = []
        while after < last:
            found += self._store.read(after, min(PAGE, last - after))
            after = found[-1].seq
        return found

    def _unsubscribe(self, listener: Listener) -> None:
        with self._telling:
            self._listeners = tuple(each for each in self._listeners if each is not listener)

    def _run(self) -> None:
        while group := self._next_group():
            self._in_turn = True
            try:
                self._take_turn(group)
            except Exception:
                # All who asked have their answers; the listeners get the rest with the next look.
                log.exception("the events of a turn could not be told; it is tried again")
                self._behind = True
            self._in_turn = False
            if self._behind and self._queue.empty():
                self._read_up()

    def _read_up(self) -> None:
        try:
            self._catch_up()
        except JournalError as error:
            log.warning("the journal cannot be followed: %s", error)

    def _next_group(self) -> list[Asked]:
        """What has queued up; empty when the journal closes and nothing is left."""
        asked = self._queue.get()
        return [] if asked is None else [asked, *self._queued(MAX_GROUP - 1)]

    def _queued(self, most: int) -> list[Asked]:
        found: list[Asked] = []
        try:
            while len(found) < most:
                asked = self._queue.get_nowait()
                if asked is None:
                    self._queue.put(None)
                    break
                found.append(asked)
        except Empty:
            pass
        return found

    def _take_turn(self, group: list[Asked]) -> None:
        """Decide and commit all of `group`, and what queues up until the end is held."""
        try:
            try:
                turn, news = self._tried(group, look_up=False)
            except KeyTaken:
                # Rare: somebody asks again. Looking every key up first would cost every turn.
                self._lost += 1
                turn, news = self._tried(group, look_up=True)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            self._store.let_go()
            self._fail(group, error)
            return
        self._remember(turn.events)
        for asked, answer in turn.answers:
            settle(asked, answer)
        self._tell((*news, *turn.events))

    def _tried(self, group: list[Asked], look_up: bool) -> tuple[Turn, Sequence[Event]]:
        mark, news = self._hold()
        self._remember(news)
        group += self._queued(MAX_GROUP - len(group))
        known = self._store.registered([a.key for a in group]) if look_up else {}
        turn = self._decided(mark, group, dict(known))
        self._finish(turn)
        return turn, news

    def _hold(self) -> tuple[Mark, Sequence[Event]]:
        """The end and all that is new; who is far behind reads up while others may go on."""
        while True:
            mark, news = self._store.hold(self._head)
            if not news or news[-1].seq == mark.seq:
                return mark, news
            self._store.let_go()
            self._catch_up()

    def _decided(self, mark: Mark, group: list[Asked], known: dict[bytes, Registered]) -> Turn:
        """A turn in which all of `group` is decided, in order."""
        recorded_at = max(self._clock.now_ms(), mark.recorded_at)
        turn = Turn(self, mark, self._lost, recorded_at, mark.seq, known)
        for asked in group:
            turn.take(asked)
        if refused := turn.refused():
            turn.known |= self._store.registered(refused)
            turn.correct()
        return turn

    def _finish(self, turn: Turn) -> None:
        if not turn.entries:
            self._store.let_go()
            return
        try:
            self._commit(turn)
        except OutcomeUnknown as error:
            if not self._store.has(turn.entries[0].key):
                raise StorageFailed(str(error)) from error
            log.warning("a turn whose outcome was unknown is in the journal: %s", error)

    def _commit(self, turn: Turn) -> None:
        rows = list(linked_rows(turn.mark.chain, turn.events))
        self._store.commit(rows, turn.entries)

    def _fail(self, group: list[Asked], error: Exception) -> None:
        """Nothing that was decided in this turn ever was."""
        log.error("the journal could not be written: %s", error)
        self._lost += 1
        told = error if isinstance(error, StorageFailed) else StorageFailed(str(error))
        for asked in group:
            settle(asked, told)

    def _remember(self, events: Sequence[Event]) -> None:
        """Keep the newest durable events at hand, without a gap."""
        with self._remembering:
            last = self._recent[-1].seq if self._recent else 0
            fresh = [e for e in events if e.seq > last]
            if fresh and fresh[0].seq != last + 1:
                self._recent = []
            self._recent += fresh
            if len(self._recent) > 2 * RECENT:
                self._recent = self._recent[-RECENT:]

    def _hinted(self) -> None:
        """Another node may have appended; a turn that is under way will see it anyhow."""
        self._behind = True
        if not self._in_turn:
            self._catch_up()

    def _catch_up(self) -> None:
        """Tell the listeners what other nodes have appended."""
        self._behind = False
        with self._telling:
            while events := self._store.read(self._head, PAGE):
                self._remember(events)
                self._tell(events)

    def _tell(self, events: Sequence[Event]) -> None:
        """Tell the listeners what they have not heard yet, in order."""
        with self._telling:
            fresh = [e for e in events if e.seq > self._head]
            if not fresh:
                return
            gap = fresh[0].seq - self._head - 1
            if gap:
                fresh = [*self._store.read(self._head, gap), *fresh]
            self._head = fresh[-1].seq
            notify(self._listeners, fresh)
