"""The figures are there, move with what happens, and are not for everybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.server import metrics
from tests.helpers.metrics_page import figures, metrics_page
from tests.helpers.stream import NOW, SECRET, dispatch, report, running, submission


async def test_what_happens_is_counted() -> None:
    async with running() as server:
        sent = report()
        await server.post(submission(sent))
        await server.post(submission(sent))
        status, _ = await server.post(submission(dispatch("nobody", "U-0001")))
        assert status == 422
        async with server.client.ws_connect(f"{server.url}/api/v1/stream", headers=server.desk):
            found = await figures(server)
        await server.client.get(f"{server.url}/nothing/here", headers=server.desk)
        after = await figures(server)
    assert found["trellis_requests_total|POST|/api/v1/requests|200"] >= 1
    assert found["trellis_requests_total|POST|/api/v1/requests|422"] >= 1
    assert found["trellis_refused_total|no_such_incident"] == 1
    assert found["trellis_append_seconds_count"] == 3
    assert found["trellis_call_seconds_count|/api/v1/requests"] == 3
    assert found["trellis_head"] == 1
    assert found["trellis_sockets"] == 1
    assert found["trellis_journal_waiting"] == 0
    assert found["trellis_append_failures_total"] == 0
    assert found["process_resident_memory_bytes"] > 1e6
    assert after["trellis_requests_total|GET|none|404"] == 1
    assert after["trellis_refused_total|not_found"] == 1
    assert "trellis_call_seconds_count|/api/v1/stream" not in after


async def test_positions_are_counted() -> None:
    async with running() as server:
        device = await server.device("U-0001")
        async with server.client.ws_connect(f"{server.url}/api/v1/field", headers=device) as ws:
            from console.wire import FixFrame, encode_frame

            for n in range(3):
                frame = FixFrame(120.15, 30.28, NOW + n, None, None)
                await ws.send_bytes(encode_frame(frame))
            while (found := await figures(server))["trellis_positions_total"] < 3:
                pass
    assert found["trellis_devices_online"] == 1


async def test_disk_and_signed_heads(tmp_path: Path) -> None:
    text = await metrics_page(tmp_path)
    assert "trellis_disk_free_bytes " in text
    assert "trellis_signed_head 0.0" in text
    assert "trellis_head_failures_total 0.0" in text


async def test_from_elsewhere_only_with_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "_is_local", lambda _address: False)
    monkeypatch.setenv(metrics.TOKEN_VARIABLE, "a-token-for-figures")
    async with running() as server:

        async def status(token: str) -> int:
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            async with server.client.get(f"{server.url}/metrics", headers=headers) as answer:
                return answer.status

        assert await status("") == 401
        assert await status("another") == 401
        assert await status(SECRET) == 401
        assert await status("a-token-for-figures") == 200
    monkeypatch.delenv(metrics.TOKEN_VARIABLE)
    async with (
        running() as server,
        server.client.get(f"{server.url}/metrics", headers={"Authorization": "Bearer "}) as answer,
    ):
        assert answer.status == 401


def test_local_addresses() -> None:
    assert metrics._is_local("127.0.0.1")
    assert metrics._is_local("::1")
    for address in ("192.0.2.1", "", None, "localhost.example"):
        assert not metrics._is_local(address)
