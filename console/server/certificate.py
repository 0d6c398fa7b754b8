"""The server's certificate while the server runs: renewed without a restart, its end a figure."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from console.clock import Clock

if TYPE_CHECKING:
    from console.tls import ServerCertificate

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0


class CertificateFigure(Collector):
    """How long the certificate that is shown is still good."""

    def __init__(self, certificate: ServerCertificate, clock: Clock) -> None:
        self._certificate = certificate
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """The figure now."""
        left_ms = self._certificate.expires_at - self._clock.now_ms()
        yield GaugeMetricFamily(
            "trellis_certificate_expires_seconds",
            "Until the certificate shown to clients ends; below zero it has",
            value=left_ms / 1000,
        )


async def keep_current(certificate: ServerCertificate) -> None:
    """Take renewed files, for as long as the server runs."""
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        try:
            await asyncio.to_thread(certificate.look)
        except Exception:
            log.exception("the certificate's files could not be looked at; it is tried again")
