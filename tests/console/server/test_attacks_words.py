"""Attacks by strings: whatever stands in a field is data, over each database, and never more."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args
from urllib.parse import quote

import msgspec
import pytest

from console.access import StoreFailed
from console.access.access_log import Note
from console.access.log_cut import decode_cut
from console.access.open import open_store
from console.access.store import decode_entry
from console.audit.head import decode_head
from console.backup import BackupError
from console.backup.manifest import decode_manifest
from console.clock import ManualClock
from console.journal.open import open_journal
from console.journal.verify import verify
from console.model.requests import AddNote, Request
from console.model.text import Text
from console.server.app import Storage
from console.server.limits import Limits
from console.server.rate import Rate
from console.wire import (
    WireError,
    decode_answer,
    decode_desk_frame,
    decode_fact,
    decode_field_push,
    decode_field_said,
)
from tests.console.access.test_policy import request_in
from tests.helpers.guarded import guarded
from tests.helpers.people import quick_passwords
from tests.helpers.stream import NOW, Running, report, running, submission

FREE = Rate(1e6, 1e6)
UNHURRIED = Limits(token_rate=FREE, address_rate=FREE, failure_rate=FREE, device_rate=FREE)

NASTY = [
    "'; DROP TABLE event; --",
    '" OR 1=1 --',
    "\\'; DELETE FROM access_entry; --",
    "$1 %s %(x)s {0} ${jndi:ldap://x} :name ?1",
    "$$; SELECT pg_sleep(9); $$",
    "E'\\\\x00'::bytea",
    "%' OR seq > 0 ESCAPE '\\",
    "../../../../etc/passwd",
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "line\r\nX-Injected: 1\r\n\r\nHTTP/1.1 200 OK",
    "\u202egnp.exe\u2066\u2069",
    "Ａdmin ａｄｍｉｎ ѕystem/link person/practice",
    "e\u0301\u0323" * 40,
    "👩‍👩‍👧‍👦" * 20,
    "\U0010ffff\ufffe\uffff",
    "a" * 900,
    "é" * 900,
]
REFUSED = ["\x00", "a\x00b", "\ud800", "x" * 20_000]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'city.sqlite'}"
    address: str = request.getfixturevalue("postgres").fresh()
    return address


@pytest.fixture
async def server(url: str, tmp_path: Path) -> AsyncIterator[Running]:
    """A server over a real database, whose journal is whole at the end."""
    journal = open_journal(url, ManualClock(NOW))
    try:
        with quick_passwords():
            people = open_store(url)
            async with running(journal, UNHURRIED, Storage(people=people)) as found:
                yield found
    finally:
        journal.close()
    assert verify(url).is_sound
    with closing(open_store(url)) as again:
        again.notes(0, 1)
    assert [p for p in tmp_path.rglob("*") if p.suffix in (".exe", ".passwd")] == []


async def call(
    server: Running,
    method: str,
    path: str,
    body: Any = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, dict[str, Any]]:
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    address = f"{server.url}{path}"
    async with server.client.request(
        method, address, data=data, headers=headers or server.desk
    ) as answer:
        assert "X-Injected" not in answer.headers
        return answer.status, await answer.json()


async def test_words_come_back_as_they_were_said(server: Running) -> None:
    for words in NASTY:
        asked = report(words=Text(words, words), address=Text(words))
        status, _ = await server.post(submission(asked))
        assert status in (200, 422), words
        for field in ("source", "type_code", "incident_id"):
            for coded in (words[:40] + " ", "x" * 65, " ", words[:10] + "<b>"):
                refused, _ = await server.post(submission(report(**{field: coded})))
                assert refused in (400, 422), (field, coded)
        if status == 200:
            status, said = await server.post(submission(AddNote(asked.incident_id, words)))
            assert (status, said["events"][0]["fact"]["text"]) == (200, words)
    _, page = await call(server, "GET", "/api/v1/events?limit=5000")
    said_words = [e["fact"].get("text") for e in page["events"] if "text" in e["fact"]]
    assert len(said_words) >= len(NASTY) - 4
    assert set(said_words) <= set(NASTY)


@pytest.mark.parametrize("kind", get_args(Request), ids=lambda cls: cls.__name__)
async def test_every_string_of_every_request(server: Running, kind: type) -> None:
    """No string of any request makes a fault: it is stored as it is, or refused."""
    sound = json.loads(msgspec.json.encode(request_in(kind, "own")))
    names = [f.name for f in fields(kind) if f.type in ("str", "Text")]
    names += ["orders"] if "orders" in sound else []
    for name in names:
        for words in [*NASTY, *REFUSED]:
            request = {**sound, name: spoilt(sound[name], words), "type": kind.__name__}
            body = {"key": str(submission(report()).key), "happened_at": NOW, "request": request}
            data = json.dumps(body).encode()
            status, said = await call(server, "POST", "/api/v1/requests", data)
            assert status in (200, 400, 413, 422), (name, words, said)
            if words in REFUSED:
                assert status in (400, 413), (name, words)


def spoilt(value: Any, words: str) -> Any:
    """`value` with every string in it replaced."""
    if isinstance(value, dict):
        return {key: spoilt(inner, words) for key, inner in value.items()}
    if isinstance(value, list):
        return [spoilt(inner, words) for inner in value]
    return words if isinstance(value, str) else value


async def test_every_string_of_every_other_call(server: Running) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "setup": {"code": "", "name": "", "full_name": "", "password": ""},
        "signin": {"name": "", "password": "", "desk": ""},
        "signin/practice": {"role": "supervisor", "desk": ""},
        "refresh": {"refresh": ""},
        "enrolments": {"unit_id": ""},
        "devices": {"unit_id": "", "code": ""},
        "people": {"name": "n", "full_name": "f", "role": "supervisor", "areas": [""]},
        "people/change": {"name": "n", "full_name": "f", "role": "supervisor", "areas": [""]},
    }
    role = {"role": "administrator", "desk": "03"}
    _, grant = await call(server, "POST", "/api/v1/signin/practice", role)
    keeper = {"Authorization": f"Bearer {grant['access']}"}
    for path, body in bodies.items():
        who = keeper if path.startswith("people") else None
        for name in body:
            for words in [*NASTY, *REFUSED]:
                said = {**body, name: spoilt(body[name], words)}
                status, answer = await call(server, "POST", f"/api/v1/{path}", said, who)
                assert status < 500, (path, name, words, answer)
                no = (400, 413) if isinstance(body[name], str) else (400, 413, 422)
                assert words not in REFUSED or status in no, (path, name, words)
    for words in [*NASTY, "x" * 3000, "%00", "\udcff"]:
        raw = quote(words, safe="", errors="surrogatepass")
        for path in (f"/api/v1/tracks/{raw}?from=0&to=1", f"/api/v1/events?after={raw}"):
            status, _ = await call(server, "GET", path)
            assert status in (200, 400, 404), path
        for header in ("Authorization", "X-Request-ID", "X-Forwarded-For"):
            value = words.encode("utf-8", "replace").decode("latin-1")
            if not any(c in value for c in "\r\n\x00"):
                async with server.client.get(
                    f"{server.url}/api/v1/me", headers={**server.desk, header: value}
                ) as reply:
                    assert reply.status in (200, 400, 401), (header, words)


def nested(depth: int) -> Iterator[bytes]:
    """Arrays, and maps, in each other: 1 byte a level, or 2."""
    yield b"\x91" * depth + b"\xc0"
    yield b"\x81\xa1a" * depth + b"\xc0"
    yield b"\x82\xa1t\xa3fix\xa3lon" + b"\x91" * depth + b"\xc0"
    yield b"\x82\xa1t\xa3got\xaacommand_id" + b"\x81\xa1a" * depth + b"\xc0"
    yield b"\x83\xa1t\xa6events\xa4head\x01\xa6events" + b"\x91" * depth + b"\xc0"
    yield b"\x83\xa1t\xa4ping\xa2at\x01\xa1x" + b"\x91" * depth + b"\xc0"


@pytest.mark.parametrize("depth", [10, 500, 2000, 100_000])
def test_frames_nested_deeply(depth: int) -> None:
    for data in nested(depth):
        for decode in (decode_field_said, decode_field_push, decode_desk_frame):
            try:
                decode(data)
            except WireError:
                continue


def test_what_is_stored_or_answered_nested_deeply() -> None:
    deep = b"[" * 100_000
    for decode, no in (
        (lambda: decode_answer(200, b'{"events":[{"fact":' + deep), WireError),
        (lambda: decode_cut(b'{"log":"x","after":' + deep), ValueError),
        (lambda: decode_head(b'{"seq":' + deep), ValueError),
        (lambda: decode_manifest(b'{"format":1,"more":' + deep), BackupError),
        (lambda: decode_fact("incident.dreamt", 9, b"\x81\xa1a" * 100_000), WireError),
        (lambda: decode_entry(b"\x81\xa1a" * 100_000, Note), StoreFailed),
    ):
        with pytest.raises(no):
            decode()


async def test_a_line_hears_of_it_with_a_code() -> None:
    async with guarded() as server:
        headers = await server.device("U-0001")
        for data in nested(2000):
            async with server.client.ws_connect(
                f"{server.url}/api/v1/field", headers=headers
            ) as ws:
                await ws.send_bytes(data)
                async with asyncio.timeout(5):
                    async for _ in ws:
                        pass
                assert ws.close_code == 1007
        async with server.client.get(f"{server.url}/health") as answer:
            assert answer.status == 200


async def test_lengths_in_a_frame_that_are_not_believed() -> None:
    """A string, an array and a map of 4 G entries, in six bytes."""
    for head in (b"\xdb", b"\xdd", b"\xdf", b"\xc6"):
        data = (
            b"\x82\xa1t\xa3got\xaacommand_id" + head + b"\xff\xff\xff\xff" + secrets.token_bytes(9)
        )
        for decode in (decode_field_said, decode_field_push, decode_desk_frame):
            with pytest.raises(WireError):
                decode(data)
