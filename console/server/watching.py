"""What those who keep the server running see of it: readiness, figures, a log line a call."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from console.audit import HeadSigner
from console.clock import Clock
from console.guarded_clock import GuardedClock
from console.journal import Journal
from console.server.health import Readiness
from console.server.limits import Limits
from console.server.logging import answer_with_id, log_requests
from console.server.metrics import MeteredJournal, Metrics, install_metrics

REGISTRY = web.AppKey("metrics_registry", CollectorRegistry)
"""For figures of what the application does not have itself."""


class Watching:
    """Watches one server. `journal` is to be used in place of the one it was made with.

    `tracks` is the folder of tracks, beside which the journal lies; None for neither on a disk.
    """

    def __init__(
        self,
        journal: Journal,
        tracks: Path | None,
        limits: Limits,
        clock: Clock,
        signer: HeadSigner | None = None,
    ) -> None:
        self._metrics = Metrics()
        self._signer = signer
        guard = clock if isinstance(clock, GuardedClock) else None
        self._folder = None if tracks is None else tracks.parent
        self.journal = MeteredJournal(journal, self._metrics)
        self._readiness = Readiness(self.journal, self._folder, tracks, limits, guard)
        if guard is not None:
            self._metrics.registry.register(_JumpFigure(guard))
        self.middlewares = (log_requests, self._metrics.count)
        """To stand before all others."""

    def install(self, app: web.Application) -> None:
        """Add the addresses to `app`."""
        app[REGISTRY] = self._metrics.registry
        app.router.add_get("/ready", self._readiness.ready)
        install_metrics(app, self._metrics, self.journal, self._folder, self._signer)
        app.on_response_prepare.append(answer_with_id)


class _JumpFigure(Collector):
    """By how much the machine's clock is away from the server's."""

    def __init__(self, guard: GuardedClock) -> None:
        self._guard = guard

    def collect(self) -> Iterator[Metric]:
        """The figure now."""
        yield GaugeMetricFamily(
            "trellis_clock_refused_seconds",
            "By how much the machine's clock jumped and is not followed",
            value=self._guard.refused_ms / 1000,
        )
