"""Keeps one stream open: opens it, notices when it is dead, waits, opens it again."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from console.session.backoff import Backoff
from console.session.interface import LinkName
from console.session.transport import DISTRUST, Transport, Trouble

log = logging.getLogger(__name__)

SILENCE_S = 6.0
"""The server pings every 2 s: three missed, and the stream is dead whatever TCP thinks."""

OPEN_TIMEOUT_S = 5.0
STARTING_S = 3.0
"""So long a server that was never reached is *connecting*, and not cut off yet."""

OWN_STARTING_S = 60.0
"""A server of the desk's own starts together with it, on a machine that may be busy."""

STEADY_S = 5.0
"""A stream that has been online for so long worked: the next wait is short again."""


Prepare = Callable[[Callable[[], None]], None]
"""Does something, and makes the call it is given when that is done, well or not."""


class Follower(Protocol):
    """Who reads the stream."""

    @property
    def cursor(self) -> int:
        """The last event folded."""
        ...

    def heard(self, data: bytes) -> None:
        """A frame came."""
        ...

    def link_changed(self) -> None:
        """The link's state or latency is another."""
        ...


class Link:
    """The stream's life. At most one stream is open or opening at any time.

    `opened_after` is the cursor that the present stream was opened with.
    """

    def __init__(
        self,
        transport: Transport,
        follower: Follower,
        now_s: Callable[[], float],
        backoff: Backoff,
        starting_s: float = STARTING_S,
    ) -> None:
        self._starting_s = starting_s
        self.state: LinkName = "connecting"
        self.latency_ms: float | None = None
        self.trouble: Trouble = ""
        self.opened_after = 0
        self._transport = transport
        self._follower = follower
        self._now_s = now_s
        self._backoff = backoff
        self._attempt = 0
        self._started_s = 0.0
        self._was_silent = False
        self._was_open = False
        self._heard_s = 0.0
        self._online_s = 0.0
        self._prepare: Prepare | None = None
        self._is_dropped = False
        self._waits = False

    def start(self) -> None:
        """Open the stream, and keep it open."""
        self._started_s = self._now_s()
        self._open()

    def caught_up(self) -> None:
        """The follower has everything there is."""
        if self.state != "online":
            self._online_s = self._now_s()
            self._set("online")

    def drop(self, why: str) -> None:
        """Give the stream up and open it anew; what still comes from it is not heard any more."""
        log.info("dropping the stream: %s", why)
        self._is_dropped = True
        self._transport.drop()

    def retry_now(self) -> None:
        """Do not wait for the next try: somebody is there who wants to see something."""
        self._backoff.reset()
        if self._waits:
            self._open()

    def go_on_after(self, prepare: Prepare) -> None:
        """Give the stream up, have something prepared, and open it anew at once."""
        self._prepare = prepare
        self.drop("it goes on from elsewhere")

    def opened(self) -> None:
        """The transport opened the stream."""
        self._heard_s = self._now_s()
        self._was_open = True
        self._set("connecting")

    def frame(self, data: bytes) -> None:
        """The transport has a frame."""
        self._heard_s = self._now_s()
        if not self._is_dropped:
            self._follower.heard(data)

    def latency(self, latency_ms: float) -> None:
        """The transport measured a round trip."""
        self.latency_ms = latency_ms
        self._follower.link_changed()

    def closed(self, reason: str, trouble: Trouble = "") -> None:
        """The transport lost the stream, or could not open it."""
        log.info("the stream is closed: %s", reason)
        prepare, self._prepare = self._prepare, None
        if prepare is not None:
            self._attempt += 1
            prepare(self._open)
            return
        trouble = "unreachable" if self._was_silent else trouble
        self._was_silent = False
        if self.state == "online" and self._now_s() - self._online_s >= STEADY_S:
            self._backoff.reset()
        self._attempt += 1
        self.latency_ms = None
        # A server that is starting may refuse; what it cannot be is another server.
        starting = not self._was_open and self._now_s() - self._started_s < self._starting_s
        if not starting or trouble in DISTRUST:
            self._set("offline", trouble)
        self._waits = True
        attempt = self._attempt
        self._transport.later(self._backoff.delay_s(), lambda: self._try_again(attempt))

    def _try_again(self, attempt: int) -> None:
        """Open the stream, unless that has happened meanwhile."""
        if attempt == self._attempt:
            self._open()

    def _open(self) -> None:
        self._attempt += 1
        self._is_dropped = self._waits = False
        self._heard_s = self._now_s()
        self.opened_after = self._follower.cursor
        self._transport.open(self.opened_after, self)
        self._watch(self._attempt)

    def _watch(self, attempt: int) -> None:
        """Look every second whether the stream of this attempt still says something."""
        if attempt != self._attempt:
            return
        limit_s = OPEN_TIMEOUT_S if self.state == "offline" else SILENCE_S
        if self._now_s() - self._heard_s > limit_s:
            self._attempt += 1
            self._was_silent = True
            self.drop("nothing was heard")
            return
        self._transport.later(1.0, lambda: self._watch(attempt))

    def _set(self, state: LinkName, trouble: Trouble = "") -> None:
        if (state, trouble) != (self.state, self.trouble):
            self.state, self.trouble = state, trouble
            self._follower.link_changed()
