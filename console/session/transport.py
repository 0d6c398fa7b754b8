"""The port to the server: bytes in and out, and a timer. Its fake stands in `fake_transport.py`.

Everything but `call` happens on one thread, and no call comes back from inside a call: what a
transport has to tell it tells later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

Trouble = Literal[
    "",
    "refused",
    "unreachable",
    "unknown_host",
    "untrusted",
    "expired",
    "not_yet_valid",
    "wrong_host",
    "no_tls",
    "faulty",
    "signed_out",
]
"""Why there is no stream, "" when nobody can tell: nobody listens there; nothing answers; the name
means no machine; the certificate is of an authority that is not trusted, has ended, has not begun,
or is another server's; no TLS is spoken there; the server answers, but not as it should; nobody is
signed in.
"""

DISTRUST: frozenset[Trouble] = frozenset({"untrusted", "expired", "not_yet_valid", "wrong_host"})
"""The server could not prove who it is."""


class Receiver(Protocol):
    """Who hears from the stream."""

    def opened(self) -> None:
        """The stream is open."""
        ...

    def frame(self, data: bytes) -> None:
        """A frame came."""
        ...

    def closed(self, reason: str, trouble: Trouble = "") -> None:
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

    def fetch(self, path: str, answered: Answered) -> None:
        """Get what lies at `path` (`/api/v1/picture`); `answered` is called once."""
        ...

    def later(self, delay_s: float, call: Callable[[], None]) -> None:
        """Make `call` after `delay_s` seconds, unless the transport is closed by then."""
        ...

    def call(self, call: Callable[[], None]) -> None:
        """Make `call` on the transport's thread, unless the transport is closed by then; the one
        method for other threads."""
        ...

    def close(self) -> None:
        """Let go of everything; no call comes after this."""
        ...
