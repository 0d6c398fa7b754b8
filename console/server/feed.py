"""What is durable, as the sockets see it: the picture, the newest events, and who waits for more.

Sockets pull: each has a cursor and is woken when there is more. A slow one holds nothing up and
piles nothing up; it reads behind, from memory while it can and from the journal after that.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from console.access import View
from console.access.gate import Aside
from console.journal import Journal
from console.model.command import Command
from console.model.event import Event
from console.model.facts import CommandIssued, incidents_of
from console.model.picture import Picture, Touched
from console.wire import encode_frame, events_frame

RECENT = 4096
PAGE = 5000

SHARED_PAGES = 32

REMEMBERED = 20
"""How many of a unit's last commands a new line looks at for ones taken back meanwhile."""

_AT_ONCE = 500
"""Incidents brought in from the disk at a time; everything else waits while they are placed."""

Watcher = Callable[[Sequence[Event], Touched], None]


@dataclass(frozen=True, slots=True)
class Page:
    """Events as a frame; `through` is how far it reaches."""

    frame: bytes
    through: int
    is_empty: bool


class Feed:
    """Follows a journal on the event loop that makes it.

    `picture` is the fold of the journal up to some event, the feed's own from then on.
    """

    def __init__(self, journal: Journal, picture: Picture | None = None) -> None:
        self.picture = picture or Picture(timelines=False)
        self._journal = journal
        self._loop = asyncio.get_running_loop()
        self._recent: deque[Event] = deque(maxlen=RECENT)
        self._watchers: list[Watcher] = []
        self._of_unit: dict[str, deque[str]] = {}
        for command in sorted(self.picture.at_hand()[1], key=lambda c: c.id):
            self._remember(command.unit_id, command.id)
        self._pages: dict[tuple[int, int, int, str, int], Page] = {}
        self._unsubscribe = journal.subscribe(self._on_durable)

    @property
    def journal_id(self) -> str:
        """The journal's own name."""
        return self._journal.id

    @property
    def head(self) -> int:
        """The number of the last event taken in."""
        return self.picture.seq

    def commands_of_unit(self, unit_id: str) -> list[Command]:
        """The last commands the unit was given, at most REMEMBERED, oldest first: as far as they
        are not over, or among the newest, or were given since the server started.
        """
        return [self.picture.commands[c] for c in self._of_unit.get(unit_id, ())]

    def watch(self, watcher: Watcher) -> None:
        """Have `watcher` called, on the loop, with new events and what they touch."""
        self._watchers.append(watcher)

    def catch_up(self) -> None:
        """Take in what the journal holds beyond the picture; the watchers see it too."""
        while events := self._journal.read(self.head, PAGE):
            self._take(events)

    def reaches(self, after: int) -> bool:
        """Whether all events above `after` are in memory."""
        return after >= self.head or bool(self._recent and after + 1 >= self._recent[0].seq)

    def at_hand(self, after: int, limit: int) -> list[Event] | None:
        """Events numbered above `after`, at most `limit`; None where memory does not reach so far
        back.
        """
        if after >= self.head:
            return []
        if not self.reaches(after):
            return None
        start = after + 1 - self._recent[0].seq
        return list(islice(self._recent, start, start + limit))

    def stored(self, after: int, limit: int) -> list[Event]:
        """The same from the journal, which may take its time; any thread may call it.

        Raises JournalError.
        """
        return [e for e in self._journal.read(after, limit) if e.seq <= self.head]

    def read(self, after: int, limit: int) -> list[Event]:
        """The same, from wherever they are: for a start, when nobody waits for the loop yet."""
        found = self.at_hand(after, limit)
        return self.stored(after, limit) if found is None else found

    def name_for(self, view: View) -> str:
        """The journal's name as a reader with `view` is told it: another view is another journal,
        because what was not seen under the one cannot be made up under the other.
        """
        return self.journal_id + (f"/{view.tag}" if view.tag else "")

    def about(self, streams: Sequence[str], limit: int) -> list[Event]:
        """The first `limit` events of some streams, from the journal; any thread may call it.

        Raises JournalError.
        """
        return [e for e in self._journal.about(streams, limit) if e.seq <= self.head]

    def newest(self, limit: int) -> list[Event]:
        """The last events, at most `limit`."""
        return self.read(max(0, self.head - limit), limit)

    def page(
        self, after: int, told: int, view: View, limit: int, read: Sequence[Event] | None = None
    ) -> Page | None:
        """The events above `after` that `view` may see, as a frame.

        `told` is how far the reader has been told: the frame's `after`. `read` are the events above
        `after`, where they had to be read; None without them when memory does not reach so far
        back. Readers that are as far as each other and may see the same share one.
        """
        key = (after, told, self.head, view.tag, limit)
        page = self._pages.pop(key, None)
        if page is None:
            events = self.at_hand(after, limit) if read is None else read
            if events is None:
                return None
            page = self._new_page(events, after, told, view)
        if self.head - after <= limit:
            self._pages[key] = page
        if len(self._pages) > SHARED_PAGES:
            del self._pages[next(iter(self._pages))]
        return page

    def _new_page(self, read: Sequence[Event], after: int, told: int, view: View) -> Page:
        through = read[-1].seq if read else after
        events = view.events(read)
        span = (min(told, after), through)
        frame = encode_frame(events_frame(events, self.head, self.name_for(view), span))
        return Page(frame, through, not events)

    async def read_aside(
        self, run: Aside, read: Callable[[], list[Event]], view: View
    ) -> list[Event]:
        """What `read` finds, and in memory what `view` must know of it: where its incidents are.

        Neither makes the loop wait for the disk. Raises JournalError.
        """
        events = await run(read)
        if not view.is_whole:
            await self.bring_in(run, {i: None for e in events for i in incidents_of(e.fact)})
        return events

    async def bring_in(self, run: Aside, incident_ids: Iterable[str]) -> None:
        """Have incidents of a stored picture in memory, without the loop waiting for the disk.

        Raises StorageFailed.
        """
        far = self.picture.not_at_hand(incident_ids)
        for start in range(0, len(far), _AT_ONCE):
            some = far[start : start + _AT_ONCE]
            self.picture.take_in(*await run(partial(self.picture.fetch, some)))

    def _remember(self, unit_id: str, command_id: str) -> None:
        self._of_unit.setdefault(unit_id, deque(maxlen=REMEMBERED)).append(command_id)

    def close(self) -> None:
        """Follow no more."""
        self._unsubscribe()

    def _on_durable(self, events: Sequence[Event]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, events)

    def _take(self, events: Sequence[Event]) -> None:
        fresh = [e for e in events if e.seq > self.head]
        if not fresh:
            return
        touched = self.picture.apply(fresh)
        self._recent.extend(fresh)
        for event in fresh:
            if isinstance(event.fact, CommandIssued):
                self._remember(event.fact.unit_id, event.fact.command_id)
        for watcher in self._watchers:
            watcher(fresh, touched)
