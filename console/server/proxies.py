"""Where a call comes from when it comes through a proxy: the proxy's own word, if it is trusted.

What anybody else writes into `X-Forwarded-For` is not looked at: it would be a way round every
limit that goes by address, and a wrong name in the access log.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from aiohttp import web

_HEADER = "X-Forwarded-For"
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TrustedProxies:
    """The proxies whose word counts: addresses, or networks as `10.0.0.0/8`. Raises ValueError."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks: tuple[_Network, ...] = tuple(map(ipaddress.ip_network, networks))

    def trusts(self, address: str) -> bool:
        """Whether what `address` says of others is believed."""
        if not self._networks:
            return False
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)

    def caller(self, request: web.Request) -> str:
        """The address that a call comes from: of the chain that ends with the peer, the last which
        is no trusted proxy; the peer's own when the header makes no sense.
        """
        peer = request.remote or ""
        if not self.trusts(peer):
            return peer
        said = ",".join(request.headers.getall(_HEADER, ()))
        for word in reversed(said.split(",")):
            try:
                address = _plain(ipaddress.ip_address(_bare(word.strip())))
            except ValueError:
                return peer
            if not self.trusts(address):
                return address
        return peer


def _plain(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _bare(word: str) -> str:
    """An address without the port that some proxies write behind it."""
    if word.startswith("["):
        return word[1:].partition("]")[0]
    return word.partition(":")[0] if word.count(":") == 1 else word
