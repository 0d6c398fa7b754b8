"""How long and how much: the server's numbers in one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds, sizes in bytes, counts."""

    send_timeout_s: float = 10.0
    """A socket that does not take a frame for so long is cut off; it resumes from its cursor."""
    ping_every_s: float = 2.0
    heartbeat_s: float = 10.0
    """How often a socket must answer a protocol ping; one that does not for 1.5 of it is gone."""
    fixes_every_s: float = 0.25
    sweep_every_s: float = 1.0
    body_bytes: int = 256 * 1024
    frame_bytes: int = 16 * 1024
    """The largest frame a device may send."""
    page: int = 500
    """Events in one frame."""
    page_limit: int = 5000
    """Events in one HTTP answer, at most."""
    delivered_within_s: float = 120.0
    """A command that no device has taken by then is timed out."""
    acknowledged_within_s: float = 180.0
    """A delivered command that nobody has acknowledged by then is timed out."""
