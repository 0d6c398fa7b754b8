"""The server's parts, as its handlers find them in the application."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from console.access import Gate, Whereabouts
from console.clock import Clocks
from console.guarded_clock import SettledTime
from console.server.devices import DeviceRecords
from console.server.errands import Errands
from console.server.feed import Feed
from console.server.fix_feed import FixFeed
from console.server.fix_inbox import FixInbox
from console.server.limits import Limits
from console.server.live import Live
from console.server.names import Names
from console.server.presence import Presence
from console.server.proxies import TrustedProxies
from console.server.timeouts import Timeouts
from console.server.wake import Bell
from console.service import Ground, Service
from console.service.settling import Settling
from console.tracks import Tracks


@dataclass(frozen=True)
class Parts:
    """Everything a handler may need; made once, in `console.server.app`."""

    service: Service
    settling: Settling
    errands: Errands
    """For the store of people and devices."""
    reading: Errands
    """For the journal."""
    feed: Feed
    fixes: FixFeed
    inbox: FixInbox
    tracks: Tracks
    presence: Presence
    devices: DeviceRecords
    timeouts: Timeouts
    gate: Gate
    live: Live
    where: Whereabouts
    names: Names
    ground: Ground
    clocks: Clocks
    settled: SettledTime
    """What may be deleted goes by this."""
    limits: Limits
    bell: Bell
    proxies: TrustedProxies
    sockets: set[web.WebSocketResponse]


PARTS = web.AppKey("parts", Parts)
