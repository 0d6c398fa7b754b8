"""The port to the server: bytes in and out, and a timer. Its fake stands in `fake_transport.py`.

Everything happens on one thread, and no call comes back from inside a call: what a transport has to
tell it tells later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Receiver(Protocol):
    """Who hears from the stream."""

    def opened(self) -> None:
        """The stream is open."""
        ...

    def frame(self, data: bytes) -> None:
        """A frame came."""
        ...

    def closed(self, reason: str) -> None:
        """The stream is gone, or could not be opened. Said once for every `open`."""
        ...

    def latency(self, latency_ms: float) -> None:
        """A ping came back after so long."""
        ...


Answered = Callable[[int, bytes], None]
"""Called with the HTTP status and the body; status 0 when no answer came."""


class Transport(Protocol):
    """One server, reached somehow."""

    def open(self, after: int, receiver: Receiver) -> None:
        """Open the stream from the cursor `after`. Not while one is open or opening."""
        ...

    def drop(self) -> None:
        """Give the stream up at once; `closed` follows."""
        ...

    def post(self, body: bytes, answered: Answered) -> None:
        """Post a submission; `answered` is called once, whatever happens."""
        ...

    def later(self, delay_s: float, call: Callable[[], None]) -> None:
        """Make `call` after `delay_s` seconds, unless the transport is closed by then."""
        ...

    def close(self) -> None:
        """Let go of everything; no call comes after this."""
        ...
