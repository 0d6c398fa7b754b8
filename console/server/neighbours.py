"""The other servers on the same database: what they are told of the field, and what they tell.

A thread of its own swaps with the board: the event loop never waits for the database, and while the
database is away this server goes on by itself. What is heard of others is not told again.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from itertools import islice

from aiohttp import web
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from console.clock import monotonic_s
from console.journal import JournalError
from console.nodes import BEAT_S, GROUPS_AT_ONCE, KEPT_GROUPS, Board, Group, Heard, Roster, Said
from console.nodes.packing import pack_fixes, pack_units, unpack_fixes
from console.server.parts import PARTS, Parts
from console.tracks import Rows

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.1
"""How often another node's groups are looked for while there is another."""
RETRY_S = 1.0
LINE_EVERY_S = 0.5
"""How often the units on line are told at most: all of them, whenever one comes or goes."""
LINGER_S = 3.0
"""A unit whose line has gone counts as on line for so long: a phone that goes over to another node
is there by then, and the others know."""
_FAREWELL_S = 5.0


class Neighbours:
    """Tells this server's own fixes and units on line, and takes in the others'.

    `tell` is for the event loop; all else is done by the thread.
    """

    def __init__(self, board: Board, parts: Parts) -> None:
        self._board = board
        self._parts = parts
        self._loop = asyncio.get_running_loop()
        self._roster = Roster(board.node)
        self._waiting: deque[tuple[int, Rows]] = deque(maxlen=KEPT_GROUPS)
        self._seq = 0
        self._sent = 0
        self._line: Mapping[str, int] = {}
        self._line_told: Mapping[str, int] | None = None
        self._line_told_s = 0.0
        self._version = 0
        self._elsewhere: Mapping[str, int] = {}
        self._is_away = False
        self._closing = False
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="neighbours", daemon=True)
        self.taken = 0
        """Fixes heard of from others."""

    @property
    def lives(self) -> int:
        """How many others live."""
        return self._roster.lives

    @property
    def thread_id(self) -> int | None:
        """The thread's number in the system, once it runs."""
        return self._thread.native_id

    def start(self) -> None:
        """Begin."""
        self._parts.presence.linger_s = LINGER_S
        self._parts.presence.node = self._board.node
        self._parts.fixes.tell = self.tell
        self._thread.start()

    def close(self) -> None:
        """Tell what is left, and end. A database that hangs is not waited for."""
        self._closing = True
        self._wake.set()
        self._thread.join(_FAREWELL_S)
        if self._thread.is_alive():
            log.warning("other nodes were not told the last positions: the database hangs")

    def tell(self, rows: Rows) -> None:
        """Have the others know of `rows`, which came in here, and of who is on line here."""
        self._line = self._parts.presence.turns
        if len(rows):
            self._seq += 1
            self._waiting.append((self._seq, rows))
        if self._roster.lives and not self._is_away:
            self._wake.set()

    def _run(self) -> None:
        while not self._closing:
            self._turn()
            self._wake.wait(self._pause_s())
            self._wake.clear()
        if self._waiting and self._roster.lives and not self._is_away:
            self._turn()
        self._board.close()

    def _pause_s(self) -> float:
        if self._is_away:
            return RETRY_S
        return LOOK_EVERY_S if self._roster.lives else BEAT_S

    def _turn(self) -> None:
        try:
            said = self._said(monotonic_s())
            heard = self._board.swap(said, self._roster.known)
            self._back(said)
            self._hear(heard, monotonic_s())
        except JournalError as error:
            self._away(error)
        except Exception:
            log.exception("hearing of the other nodes failed; it goes on")
            self._wake.wait(RETRY_S)

    def _said(self, now_s: float) -> Said:
        groups: tuple[tuple[int, bytes], ...] = ()
        if self._roster.lives:
            ready = list(islice(self._waiting, GROUPS_AT_ONCE))
            groups = tuple((seq, self._packed(rows)) for seq, rows in ready)
        beat, line = int(now_s / BEAT_S), self._line
        if line is self._line_told or now_s - self._line_told_s < LINE_EVERY_S:
            return Said(beat, groups)
        self._line_told, self._line_told_s = line, now_s
        self._version += 1
        return Said(beat, groups, self._version, pack_units(line))

    def _packed(self, rows: Rows) -> bytes:
        return pack_fixes(*self._parts.tracks.named(rows))

    def _back(self, said: Said) -> None:
        """The board has what was `said`."""
        missing = said.groups[0][0] - self._sent - 1 if said.groups and self._sent else 0
        if self._is_away:
            self._is_away = False
            log.warning("other nodes can be told of again; %d groups are missing there", missing)
        for seq, _ in said.groups:
            self._sent = seq
            # The loop may have pushed it out meanwhile.
            if self._waiting and self._waiting[0][0] == seq:
                self._waiting.popleft()

    def _away(self, error: JournalError) -> None:
        self._roster.away()
        self._line_told = None
        if not self._is_away:
            self._is_away = True
            log.warning("other nodes cannot be told of positions, nor heard: %s", error)

    def _hear(self, heard: Heard, now_s: float) -> None:
        self._roster.hear(heard.signs, now_s)
        own = self._board.node
        if not any(s.node == own and s.version == self._version for s in heard.signs):
            self._line_told = None
        known = self._roster.known
        for group in heard.groups:
            if group.node in known:
                self._take(group)
        if self._roster.elsewhere is not self._elsewhere:
            self._elsewhere = self._roster.elsewhere
            self._on_loop(self._parts.presence.hear, self._elsewhere)
        if self._roster.welcomes():
            # A unit that has been quiet for longer than groups stay up is known to no newcomer.
            self._on_loop(self.tell, self._parts.tracks.latest_rows())
        for node in self._roster.forget(now_s):
            self._board.remove(node)

    def _take(self, group: Group) -> None:
        if not self._roster.heard_group(group.node, group.seq):
            log.warning("groups of positions before %d of node %x were missed", *_told(group))
        try:
            unit_ids, rows = unpack_fixes(group.body)
            fixes = self._parts.tracks.keep(unit_ids, rows)
        except (ValueError, OverflowError) as error:
            log.error("group %d of node %x cannot be read: %s", *_told(group), error)
            return
        self.taken += len(rows)
        self._on_loop(self._parts.fixes.hear, fixes)

    def _on_loop(self, work: Callable[..., None], *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work, *arguments)


def _told(group: Group) -> tuple[int, int]:
    return group.seq, group.node


NEIGHBOURS = web.AppKey("neighbours", Neighbours)


def meet(app: web.Application, board: Board) -> None:
    """Be in touch with the others for as long as the application, which has its parts, runs."""
    app[NEIGHBOURS] = Neighbours(board, app[PARTS])
    app.cleanup_ctx.append(_in_touch)


async def _in_touch(app: web.Application) -> AsyncIterator[None]:
    app[NEIGHBOURS].start()
    yield
    app[PARTS].inbox.empty()
    app[PARTS].fixes.gather()
    await asyncio.to_thread(app[NEIGHBOURS].close)


def node_figures(app: web.Application) -> Iterator[Metric]:
    """What is counted of other nodes, where there can be any."""
    neighbours = app.get(NEIGHBOURS)
    if neighbours is not None:
        yield GaugeMetricFamily("trellis_nodes", "Other nodes that live", neighbours.lives)
        taken = CounterMetricFamily("trellis_positions_elsewhere", "Positions other nodes took in")
        taken.add_metric([], neighbours.taken)
        yield taken
