"""Runs a server from start to SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from console.access import Gate, StoreFailed, open_store
from console.access.log_keeper import keeping_log
from console.access.log_policy import LogPolicy, LogPolicyError, read_log_policy
from console.access.provider import OidcConfig
from console.audit import AuditError, audit_folder_of, signing
from console.clock import Clock, Clocks, SystemClock
from console.guarded_clock import BACK_MS, DAY_MS, FORWARD_MS, GuardedClock, SettledTime
from console.i18n import text_of
from console.journal.open import beside, open_journal
from console.model.text import Text
from console.nodes.open import open_board, open_hours
from console.process import BACKLOG, files_private, open_ports
from console.server.app import Storage, build_app
from console.server.certificate import CertificateFigure, keep_current
from console.server.doorway import Doorway
from console.server.garbage import keep_collected
from console.server.limits import Limits
from console.server.parts import PARTS
from console.server.proxies import TrustedProxies
from console.server.watching import REGISTRY
from console.service import Ground, anywhere, ground_of
from console.tracks import TracksError, read_policy

if TYPE_CHECKING:
    from console.tls import ServerCertificate

log = logging.getLogger(__name__)

Ready = Callable[[Mapping[str, object]], None]
"""Called once the server takes connections, with its `url` and `pid`."""

MIN_SECRET = 16

SWITCH_S = 0.0005
"""How long a thread that computes keeps the interpreter from one that wants it. The journal's wakes
after every sync: at Python's own 5 ms an answer waits for that several times over."""


class CannotServe(Exception):  # noqa: N818 - it reads as what happened
    """The server cannot start; `message` says why, and what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


def serve(
    *,
    city: Path | None,
    db: str,
    host: str,
    port: int,
    secret: str,
    ready: Ready,
    limits: Limits | None = None,
    tls: ServerCertificate | None = None,
    heads: Path | None = None,
    data: Path | None = None,
    oidc: OidcConfig | None = None,
    ports: Sequence[socket.socket] = (),
    proxies: TrustedProxies | None = None,
    accept_clock: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT, then stop in order. Port 0 takes any that is free.

    `ports` are open already, and `host` and `port` do not count (`console.process.open_ports`).
    With `tls` only https is spoken, and its files are taken anew when they are renewed. What may
    listen where without it is the caller's to decide.
    With a `secret` it is a practice server, which the secret opens; without one people sign in, and
    as long as there are none `ready` is told the code that makes the first (`setup_code`). The
    journal's head is signed meanwhile, and the access log's, and written to the second place
    `heads` too; the log is cut as the city's policy says.
    `data` is this node's folder, for what belongs to it alone where the journal lies elsewhere.
    `proxies` may say where a call comes from.
    A clock that is days away from when the server ran last must be accepted; a practice server asks
    nobody.

    Raises CannotServe, JournalError.
    """
    if secret and len(secret) < MIN_SECRET:
        raise CannotServe(text_of("server.error.no_secret"))
    sys.setswitchinterval(SWITCH_S)
    files_private(*(beside(db, data, suffix) for suffix in (".picture", ".tracks")))
    wall = GuardedClock(SystemClock())
    clocks = Clocks(wall)
    settled = SettledTime(wall, beside(db, data, ".clock"))
    if accept_clock:
        settled.accept()
    elif not secret:
        _require_likely_time(wall, settled.leap_ms)
    ground = anywhere() if city is None else _ground(city)
    journal = open_journal(db, clocks.scenario)
    try:
        with (
            signing(db, wall, heads, audit_folder_of(db, data)) as signer,
            keeping_log(
                db,
                wall,
                _log_policy(city),
                heads,
                audit_folder_of(db, data),
                settled=settled,
            ),
            asyncio.Runner(loop_factory=_new_loop) as loop,
        ):
            loop.run(
                _serve(
                    lambda: build_app(
                        journal,
                        ground=ground,
                        clocks=clocks,
                        secret=secret,
                        storage=_storage(db, city, data, settled),
                        limits=limits,
                        oidc=oidc,
                        signer=signer,
                        proxies=proxies,
                    ),
                    lambda: ports or open_or_say(host, port),
                    ready,
                    tls,
                )
            )
    except (AuditError, StoreFailed) as error:
        raise CannotServe(error.message) from error
    finally:
        journal.close()


def _new_loop() -> asyncio.AbstractEventLoop:
    """uvloop where there is one, else the event loop of asyncio itself."""
    try:
        import uvloop  # noqa: PLC0415 - not for Windows
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


async def _serve(
    make_app: Callable[[], web.Application],
    opened: Callable[[], Sequence[socket.socket]],
    ready: Ready,
    tls: ServerCertificate | None,
) -> None:
    stop = asyncio.Event()
    _on_signals(stop)
    app = make_app()
    if tls is not None:
        app[REGISTRY].register(CertificateFigure(tls, app[PARTS].clocks.wall))
        app.cleanup_ctx.append(lambda _: _renewed(tls))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=3)
    await runner.setup()
    try:
        listening = await listen(runner, opened(), None if tls is None else tls.context)
        url = listening.url
        collecting = asyncio.create_task(keep_collected())
        ready({"url": url, "pid": os.getpid(), **_setup_code(app[PARTS].gate)})
        await stop.wait()
        log.info("stopping")
        collecting.cancel()
        listening.close()
    finally:
        await runner.cleanup()


async def _renewed(certificate: ServerCertificate) -> AsyncIterator[None]:
    """Keep the certificate current until the server stops."""
    task = asyncio.create_task(keep_current(certificate))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@dataclass(frozen=True)
class Listening:
    """An open port: no more connections come after `close`; those there stay the runner's."""

    url: str
    doorway: Doorway
    _servers: tuple[asyncio.Server, ...]

    def close(self) -> None:
        """Take no more connections."""
        self.doorway.close()
        for server in self._servers:
            server.close()


def open_or_say(host: str, port: int) -> list[socket.socket]:
    """Open ports. Raises CannotServe."""
    try:
        return open_ports(host, port)
    except OSError as error:
        reason = error.strerror or str(error)
        address = f"{host}:{port}"
        raise CannotServe(
            text_of("server.error.cannot_listen", address=address, reason=reason)
        ) from error


async def listen(
    runner: web.AppRunner, ports: Sequence[socket.socket], tls: ssl.SSLContext | None = None
) -> Listening:
    """Take the connections that come to open ports, for a runner that is set up."""
    assert runner.server is not None
    limits = runner.app[PARTS].limits
    doorway = Doorway(runner.server, limits, runner.app[PARTS].proxies)
    servers = [
        await asyncio.get_running_loop().create_server(
            doorway,
            sock=port,
            ssl=tls,
            ssl_handshake_timeout=None if tls is None else limits.headers_s,
            backlog=BACKLOG,
        )
        for port in ports
    ]
    bound_host, bound_port = ports[0].getsockname()[:2]
    shown = f"[{bound_host}]" if ":" in bound_host else bound_host
    url = f"{'http' if tls is None else 'https'}://{shown}:{bound_port}"
    return Listening(url, doorway, tuple(servers))


def _on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))


def _setup_code(gate: Gate) -> dict[str, str]:
    """The one-time code that makes the administrator, while there is nobody."""
    if gate.is_practice or gate.people.any():
        return {}
    code, _ends_at = gate.codes.make("setup")
    return {"setup_code": code}


def _require_likely_time(clock: Clock, leap_ms: int) -> None:
    """Raises CannotServe for a clock that is far from when the server ran last: should it be wrong,
    what is recorded by it would bear its time for good.
    """
    if -BACK_MS <= leap_ms <= FORWARD_MS:
        return
    now = datetime.fromtimestamp(clock.now_ms() / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    code = "clock_ahead" if leap_ms > 0 else "clock_back"
    raise CannotServe(text_of(f"server.error.{code}", now=now, days=round(abs(leap_ms) / DAY_MS)))


def _storage(db: str, city: Path | None, data: Path | None, settled: SettledTime) -> Storage:
    """People and devices lie with the journal; tracks and the kept picture beside its file, or in
    this node's own folder. Raises CannotServe.
    """
    try:
        policy = read_policy(city)
    except TracksError as error:
        raise CannotServe(
            text_of("server.error.policy_unreadable", path=error.path, reason=error.reason)
        ) from error
    people = open_store(db)
    return Storage(
        people=people,
        tracks=beside(db, data, ".tracks"),
        tracks_policy=policy,
        picture=beside(db, data, ".picture"),
        settled=settled,
        board=open_board(db),
        hours=open_hours(db),
    )


def _log_policy(city: Path | None) -> LogPolicy:
    try:
        return read_log_policy(city)
    except LogPolicyError as error:
        raise CannotServe(
            text_of("server.error.policy_unreadable", path=error.path, reason=error.reason)
        ) from error


def _ground(path: Path) -> Ground:
    # Imported here: a server without a city need not load Arrow at each start.
    from console.city import CityError, open_city  # noqa: PLC0415

    try:
        city = open_city(path)
        return ground_of(city.manifest.bounds, city.cells, city.units, city.manifest.zone)
    except CityError as error:
        raise CannotServe(
            text_of("server.error.city_unreadable", path=path, reason=error.message)
        ) from error
