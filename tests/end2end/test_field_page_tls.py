"""A phone and a whole server as a city runs them: a real city, TLS, a name, our own authority."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from console.city import open_city
from console.clock import SystemClock
from console.model.geo import lonlat_from_world
from console.tls import make_certificates
from tests.helpers.field_centre import choose
from tests.helpers.field_city import make_field_city
from tests.helpers.phone_browser import PhoneBrowser, phone_browser
from tests.helpers.stream import SECRET

ROOT = Path(__file__).parents[2]
NAME = "trellis.city.test"
UNIT = "U-0001"


@dataclass
class City:
    """The server's port, its certificates, and the unit's home."""

    port: int
    authority: Path
    certificate: Path
    home: tuple[float, float]

    def call(self, path: str, body: Any = None) -> dict[str, Any]:
        """POST `body`, or GET without one, from this machine."""
        asked = urllib.request.Request(
            f"https://127.0.0.1:{self.port}/api/v1/{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {SECRET}"},
        )
        trusting = ssl.create_default_context(cafile=str(self.authority))
        with urllib.request.urlopen(asked, context=trusting, timeout=20) as answer:
            told: dict[str, Any] = json.load(answer)
            return told

    @property
    def trusted(self) -> str:
        """What a phone that trusts the authority would find: the certificate's key is known."""
        found = x509.load_pem_x509_certificate(self.certificate.read_bytes())
        told = found.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(hashlib.sha256(told).digest()).decode()


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    package = make_field_city(tmp_path)
    made = make_certificates(tmp_path / "tls", [NAME], SystemClock())
    words = ["serve", "--city", str(package), "--data", str(tmp_path), "--listen", "127.0.0.1:0"]
    words += ["--cert", str(made.certificate), "--key", str(made.key), "--die-with-parent"]
    server = subprocess.Popen(
        [sys.executable, "main.py", *words],
        cwd=ROOT,
        env={**os.environ, "TRELLIS_SECRET": SECRET},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    units = open_city(package).units
    lon, lat = lonlat_from_world(*units.xy[units.index(UNIT)])
    with server.stdout as said:
        port = int(json.loads(said.readline())["url"].rpartition(":")[2])
        yield City(port, made.authority, made.certificate, (float(lon), float(lat)))
        server.terminate()
        server.wait(10)


@pytest.fixture
def phone(tmp_path: Path, city: City) -> Iterator[PhoneBrowser]:
    switches = [
        f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
        f"--ignore-certificate-errors-spki-list={city.trusted}",
    ]
    with phone_browser(tmp_path / "profile", switches=switches, language="zh-CN") as phone:
        yield phone


def test_over_tls_everything_is_there_and_a_report_without_a_position_finds_a_place(
    phone: PhoneBrowser, city: City
) -> None:
    phone.denies("geolocation")
    code = city.call("enrolments", {"unit_id": UNIT})["code"]
    phone.visit(f"https://{NAME}:{city.port}/field#enrol={code}")
    phone.tap("[data-act=begin]")
    phone.find(".link[data-state=on]")
    assert phone.script("return isSecureContext && location.protocol") == "https:"
    assert phone.script("await navigator.serviceWorker.ready; return true") is True
    phone.tap("[data-act=report]")
    choose(phone, "fallen_tree")
    phone.tap("[data-act=send-report]")
    phone.sees("请写明在哪里")
    phone.find("#address").send_keys("滨河路 12 号门前")
    phone.tap("[data-act=send-report]")
    phone.find(".card [data-state=confirmed]")
    events = city.call("events?after=0&limit=100")["events"]
    (told,) = (e["fact"] for e in events if e["kind"] == "incident.reported")
    assert told["address"] == {"zh": "滨河路 12 号门前", "en": "滨河路 12 号门前"}
    assert told["words"]["zh"] == "（位置以地址为准：手机当时没有定位。）"
    assert told["words"]["en"].startswith("(Place by the address")
    assert (round(told["lon"], 6), round(told["lat"], 6)) == tuple(
        round(degrees, 6) for degrees in city.home
    )
    assert phone.faults() == []
