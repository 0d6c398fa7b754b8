"""The figures of a server that has everything a server can have."""

from __future__ import annotations

from pathlib import Path

import aiohttp
from aiohttp.test_utils import TestServer
from prometheus_client.parser import text_string_to_metric_families

from console.audit import signing
from console.clock import Clocks, ManualClock
from console.guarded_clock import GuardedClock
from console.journal.open import open_journal
from console.nodes.memory import MemoryBoard, Wall
from console.server.app import Storage, build_app
from console.server.certificate import CertificateFigure
from console.server.watching import REGISTRY
from console.service import anywhere
from console.tls import ServerCertificate, make_certificates
from tests.helpers.stream import NOW, SECRET, Running


async def metrics_page(folder: Path) -> str:
    """What `/metrics` of a server with files, tracks, signed heads and a certificate says."""
    clock = GuardedClock(ManualClock(NOW))
    url = f"sqlite:///{folder}/j.sqlite"
    journal = open_journal(url, clock)
    with signing(url, clock) as signer:
        app = build_app(
            journal,
            ground=anywhere(),
            clocks=Clocks(clock),
            secret=SECRET,
            storage=Storage(tracks=folder / "j.tracks", board=MemoryBoard(Wall(), 1)),
            signer=signer,
        )
        made = make_certificates(folder, [], clock)
        shown = ServerCertificate(made.certificate, made.key)
        app[REGISTRY].register(CertificateFigure(shown, clock))
        async with (
            TestServer(app) as server,
            aiohttp.ClientSession() as client,
            client.get(server.make_url("/metrics")) as answer,
        ):
            text = await answer.text()
    journal.close()
    return text


async def figures(server: Running) -> dict[str, float]:
    """All samples, by name and labels."""
    async with server.client.get(f"{server.url}/metrics") as answer:
        assert answer.status == 200
        text = await answer.text()
    return {
        "|".join((sample.name, *(v for k, v in sorted(sample.labels.items()) if k != "le"))): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
