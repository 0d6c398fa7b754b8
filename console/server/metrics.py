"""The server's figures for Prometheus, and how the journal is watched for them.

What each means, and when to worry, stands in `docs/operations.md`.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from console.audit import HeadSigner
from console.clock import monotonic_s
from console.journal import Decide, Journal, Listener, Receipt, StorageFailed, Told
from console.model.event import Event
from console.model.sender_time import TimeFault
from console.server.auth import address_of
from console.server.devices import OUTSIDE_REGION
from console.server.errors import ERROR_CODE, Handler, Problem
from console.server.logging import route_of
from console.server.neighbours import node_figures
from console.server.parts import PARTS, Parts

TOKEN_VARIABLE = "TRELLIS_METRICS_TOKEN"
_LOG_SUFFIX = "-wal"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# From an append that met a quiet disk to one that waited out a stall, seconds.
_APPEND_S = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5)
_CALL_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5)


class Metrics:
    """One server's figures, in a registry of their own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # series nobody reads
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "trellis_requests",
            "Calls answered, by route and status",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.call_seconds = Histogram(
            "trellis_call_seconds",
            "How long calls took; sockets are not among them",
            ("route",),
            buckets=_CALL_S,
            registry=self.registry,
        )
        self.refused = Counter(
            "trellis_refused", "Calls refused, by code", ("code",), registry=self.registry
        )
        self.append_seconds = Histogram(
            "trellis_append_seconds",
            "From a submission's arrival at the journal until it is durable",
            buckets=_APPEND_S,
            registry=self.registry,
        )
        self.append_failures = Counter(
            "trellis_append_failures",
            "Submissions that the storage did not take",
            registry=self.registry,
        )

    @web.middleware
    async def count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count the call, and how long it took."""
        began = monotonic_s()
        response = await handler(request)
        route = route_of(request)
        self.requests.labels(request.method, route, str(response.status)).inc()
        code = response.get(ERROR_CODE)
        if code is not None:
            self.refused.labels(code).inc()
        if not isinstance(response, web.WebSocketResponse):
            self.call_seconds.labels(route).observe(monotonic_s() - began)
        return response


class MeteredJournal:
    """A journal that is watched: how long appends take, how many wait, whether they fail."""

    def __init__(self, journal: Journal, metrics: Metrics) -> None:
        self._journal = journal
        self._metrics = metrics
        self._begun = 0
        self._ended = 0
        self.failed_s: float | None = None
        """When the last append failed (monotonic seconds); None when it did not."""

    @property
    def id(self) -> str:
        """The journal's own name."""
        return self._journal.id

    @property
    def head(self) -> int:
        """The number of the last durable event."""
        return self._journal.head

    @property
    def waiting(self) -> int:
        """Submissions that are not yet durable."""
        return self._begun - self._ended

    def write(self, key: str, digest: bytes, decide: Decide) -> Future[Receipt]:
        """As the journal does."""
        began = monotonic_s()
        self._begun += 1
        answer = self._journal.write(key, digest, decide)
        answer.add_done_callback(lambda done: self._settled(done, began))
        return answer

    def read(self, after: int, limit: int) -> list[Event]:
        """As the journal does."""
        return self._journal.read(after, limit)

    def about(self, streams: Sequence[str], limit: int) -> list[Event]:
        """As the journal does."""
        return self._journal.about(streams, limit)

    def told(self, after: int, limit: int) -> list[Told]:
        """As the journal does."""
        return self._journal.told(after, limit)

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """As the journal does."""
        return self._journal.subscribe(listener)

    def close(self) -> None:
        """As the journal does."""
        self._journal.close()

    def _settled(self, done: Future[Receipt], began_s: float) -> None:
        # Called on the journal's one thread: the counts need no lock.
        self._ended += 1
        if not done.cancelled() and isinstance(done.exception(), StorageFailed):
            self.failed_s = monotonic_s()
            self._metrics.append_failures.inc()
            return
        self.failed_s = None
        self._metrics.append_seconds.observe(monotonic_s() - began_s)


class _State(Collector):
    """What is so at the moment it is asked for."""

    def __init__(
        self,
        app: web.Application,
        journal: MeteredJournal,
        folder: Path | None,
        signer: HeadSigner | None,
    ) -> None:
        self._app = app
        self._journal = journal
        self._folder = folder
        self._signer = signer

    def collect(self) -> Iterator[Metric]:
        """The figures now."""
        parts = self._app[PARTS]
        yield _gauge("trellis_head", "Number of the last event shown", parts.feed.head)
        yield _gauge(
            "trellis_journal_waiting", "Submissions not yet durable", self._journal.waiting
        )
        yield _gauge("trellis_sockets", "Sockets open, desks and devices", len(parts.sockets))
        yield _gauge("trellis_devices_online", "Units on the line", len(parts.presence.here))
        yield _positions(parts)
        yield _refused_positions(parts)
        clocks = sum(fault.off_ms != 0 for fault in parts.devices.faults.values())
        yield _gauge("trellis_device_clocks_off", "Devices here whose clock is off", clocks)
        yield from node_figures(self._app)
        yield from self._disk()
        yield from self._heads()

    def _disk(self) -> Iterator[Metric]:
        if self._folder is not None:
            free = shutil.disk_usage(self._folder).free
            yield _gauge("trellis_disk_free_bytes", "Room left where the journal lies", free)
            logs = GaugeMetricFamily(
                "trellis_log_bytes", "Write-ahead log of each database there", labels=("database",)
            )
            for database, size in log_bytes(self._folder).items():
                logs.add_metric([database], size)
            yield logs

    def _heads(self) -> Iterator[Metric]:
        signer = self._signer
        if signer is not None:
            yield _gauge(
                "trellis_signed_head", "Last event a signed head covers", signer.signed_seq
            )
            failures = CounterMetricFamily(
                "trellis_head_failures", "Signed heads that could not be written somewhere"
            )
            failures.add_metric([], signer.failures)
            yield failures


def install_metrics(
    app: web.Application,
    metrics: Metrics,
    journal: MeteredJournal,
    folder: Path | None,
    signer: HeadSigner | None,
) -> None:
    """Serve the figures at `GET /metrics`: to this machine, and to who brings the token."""
    metrics.registry.register(_State(app, journal, folder, signer))
    token = os.environ.get(TOKEN_VARIABLE, "")

    async def get_metrics(request: web.Request) -> web.Response:
        """`GET /metrics`."""
        if not (_is_local(address_of(request)) or _brings(request, token)):
            raise Problem(401, "unauthorized")
        body = generate_latest(metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})

    app.router.add_get("/metrics", get_metrics)


def log_bytes(folder: Path) -> dict[str, int]:
    """The write-ahead logs of the databases in `folder`, bytes, by the database's file."""
    found: dict[str, int] = {}
    for log in folder.glob(f"*{_LOG_SUFFIX}"):
        with suppress(FileNotFoundError):  # closed meanwhile
            found[log.name.removesuffix(_LOG_SUFFIX)] = log.stat().st_size
    return found


def _is_local(address: str | None) -> bool:
    try:
        return ipaddress.ip_address(address or "").is_loopback
    except ValueError:
        return False


def _brings(request: web.Request, token: str) -> bool:
    brought = request.headers.get("Authorization", "").encode()
    return bool(token) and hmac.compare_digest(brought, f"Bearer {token}".encode())


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)


def _positions(parts: Parts) -> Metric:
    found = CounterMetricFamily("trellis_positions", "Positions taken in")
    found.add_metric([], parts.fixes.taken)
    return found


def _refused_positions(parts: Parts) -> Metric:
    found = CounterMetricFamily(
        "trellis_positions_refused", "Positions not taken, by reason", labels=("reason",)
    )
    for reason in sorted({OUTSIDE_REGION, *TimeFault} | parts.devices.refused.keys()):
        found.add_metric([reason], parts.devices.refused[reason])
    return found
