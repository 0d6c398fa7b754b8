"""How long and how much: the server's numbers in one table."""

from __future__ import annotations

from dataclasses import dataclass

from console.server.rate import Rate

SUBMISSIONS = "/api/v1/requests"

_ADDRESS_RATE = Rate(5000, 10_000)
_FAILURE_RATE = Rate(2, 60)
_TOKEN_RATE = Rate(1000, 2000)
_DEVICE_RATE = Rate(10, 60)
_FRAME_RATE = Rate(20, 600)
_TRACKS_RATE = Rate(10, 100)


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds, sizes in bytes, counts."""

    send_timeout_s: float = 10.0
    """A socket that does not take a frame for so long is cut off; it resumes from its cursor."""
    ping_every_s: float = 2.0
    """How often a desk gets a sign of life."""
    field_ping_every_s: float = 20.0
    """And a device that nothing else was sent to: each wakes a phone's radio."""
    heartbeat_s: float = 10.0
    """How often a socket must answer a protocol ping; one that does not for 1.5 of it is gone."""
    fixes_every_s: float = 0.25
    sweep_every_s: float = 1.0
    body_bytes: int = 256 * 1024
    """The largest submission."""
    small_body_bytes: int = 16 * 1024
    """The largest body of any other call."""
    frame_bytes: int = 16 * 1024
    """The largest frame a device may send."""
    listener_frame_bytes: int = 4 * 1024
    """The largest frame a desk may send, that has nothing to say there."""
    header_bytes: int = 8190
    """The longest line of a request's head."""
    answer_s: float = 10.0
    """How long a submission may wait for the journal; then its sender is told to ask again."""
    errand_s: float = 6.0
    """How long any other call may wait for the database."""
    headers_s: float = 10.0
    """How long the head of a request may take."""
    body_s: float = 15.0
    """How long its body may take."""
    idle_s: float = 75.0
    """How long a connection may stay open with nothing asked."""
    connections: int = 16_000
    connections_per_address: int = 1024
    """A mobile network puts many phones behind one address. Loopback and trusted proxies count only
    in total."""
    address_rate: Rate = _ADDRESS_RATE
    """Calls from one address."""
    failure_rate: Rate = _FAILURE_RATE
    """Calls from one address whose token is not known."""
    token_rate: Rate = _TOKEN_RATE
    """Calls with one token that is not a device's."""
    device_rate: Rate = _DEVICE_RATE
    """Calls with one device's token."""
    frame_rate: Rate = _FRAME_RATE
    """Frames on one device's line: a burst of fixes after a tunnel, but no flood."""
    page: int = 500
    """Events in one frame."""
    page_limit: int = 5000
    """Events in one HTTP answer, at most."""
    picture_incidents: int = 5000
    """The last incidents, which a desk's picture holds beside all that are open."""
    tracks_rate: Rate = _TRACKS_RATE
    """Looks into the tracks by one person: as quick as a hand moves a time bar."""
    track_span_ms: int = 31 * 86_400_000
    """The longest stretch of one unit's track that can be asked for at once."""
    track_page: int = 20_000
    """Fixes in one answer about a unit's track, at most."""
    disk_free_bytes: int = 256 << 20
    """With less room than this where the journal lies the server is not ready."""
    log_bytes: int = 128 << 20
    """A write-ahead log of more than this is held back by somebody who reads."""
    delivered_within_s: float = 120.0
    """A command that no device has taken by then is timed out."""
    acknowledged_within_s: float = 180.0
    """A delivered command that nobody has acknowledged by then is timed out."""
    restart_grace_s: float = 30.0
    """What a command has left at least when the server starts: devices connect again first."""

    def body_limit(self, path: str) -> int:
        """The largest body, in bytes, that a call of `path` may have."""
        return self.body_bytes if path == SUBMISSIONS else self.small_body_bytes
