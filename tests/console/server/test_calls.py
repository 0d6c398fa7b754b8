"""The HTTP calls: who may, what comes back, and what is refused how."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import apsw
import pytest

from console.clock import ManualClock
from console.journal.sqlite import SqliteJournal
from console.model.command import Step
from console.model.facts import IncidentReported
from console.model.requests import AcceptIncident, AdvanceCommand, DeclareUnitStatus, RecallCommand
from console.model.unit import Fix, UnitStatus
from console.server.limits import Limits
from console.wire import decode_answer
from tests.helpers.stream import NOW, PLACE, dispatch, report, running, submission


async def test_health_needs_no_token() -> None:
    async with running() as server:
        async with server.client.get(f"{server.url}/health") as answer:
            body = await answer.json()
        assert answer.status == 200
        assert body.keys() == {"status", "version"}, "c8: nothing of how much happens in the city"
        assert body["status"] == "ok"


async def test_a_submission_becomes_events_and_a_repeat_the_same() -> None:
    async with running() as server:
        sent = submission(report())
        first = await server.post(sent)
        assert first[0] == 200
        (event,) = decode_answer(200, json.dumps(first[1]).encode()).events
        assert isinstance(event.fact, IncidentReported)
        assert event.actor == "system/practice"
        assert await server.post(sent) == first
        other = submission(report(), own_key=sent.key)
        status, body = await server.post(other)
        assert (status, body["error"]) == (409, "key_reused")


async def test_a_refusal_says_why_in_both_languages() -> None:
    async with running() as server:
        status, body = await server.post(submission(report(lon=1.0, lat=1.0)))
        assert (status, body["error"]) == (422, "outside_region")
        assert body["message"]["zh"]
        assert body["message"]["en"]
        status, body = await server.post(submission(AcceptIncident("nothing")))
        assert (status, body["error"]) == (422, "no_such_incident")


async def test_a8_who_acts_on_an_older_state_gets_what_changed() -> None:
    async with running() as server:
        asked = report()
        await server.post(submission(asked))
        device = await server.device("U-0001")
        order = dispatch(asked.incident_id, "U-0001")
        await server.post(submission(order))
        done = AdvanceCommand(order.orders[0].command_id, Step.DONE, "已关阀")
        _, made = await server.post(submission(done), device)
        recall = RecallCommand(order.orders[0].command_id, "不需要了")
        status, body = await server.post(submission(recall, seen=2))
        assert (status, body["error"]) == (409, "changed")
        assert body["changes"] == made["events"][:1]
        answer = decode_answer(status, json.dumps(body).encode())
        assert answer.error is not None
        assert answer.error.changes[0].actor == "unit/U-0001"
        status, body = await server.post(submission(recall))
        assert (status, body["error"]) == (422, "step_not_possible")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer wrong", "Basic the-desks-own-secret", "Bearer é"]
)
async def test_without_a_good_token_nothing(header: str) -> None:
    async with running() as server:
        headers = {"Authorization": header}
        for method, path in [
            ("GET", "/api/v1/events"),
            ("GET", "/api/v1/positions"),
            ("GET", "/api/v1/stream"),
            ("GET", "/api/v1/field"),
            ("POST", "/api/v1/requests"),
            ("POST", "/api/v1/enrolments"),
            ("GET", "/nowhere"),
        ]:
            async with server.client.request(method, server.url + path, headers=headers) as answer:
                assert answer.status == 401, path
                assert (await answer.json())["error"] == "unauthorized"


async def test_a_device_may_do_its_own_things_only() -> None:
    async with running() as server:
        device = await server.device("U-0001")
        for path in ("/api/v1/events", "/api/v1/positions", "/api/v1/stream"):
            async with server.client.get(server.url + path, headers=device) as answer:
                assert answer.status == 403, path
        async with server.client.post(
            server.url + "/api/v1/devices", json={"unit_id": "U-0002"}, headers=device
        ) as answer:
            assert answer.status == 403
        async with server.client.get(server.url + "/api/v1/field", headers=server.desk) as answer:
            assert answer.status == 403
        status, body = await server.post(
            submission(DeclareUnitStatus("U-0002", UnitStatus.SOS)), device
        )
        assert (status, body["error"]) == (422, "not_your_unit")
        status, body = await server.post(
            submission(DeclareUnitStatus("U-0001", UnitStatus.SOS)), device
        )
        assert (status, body["events"][0]["actor"]) == (200, "unit/U-0001")


async def test_a_device_advances_its_own_command() -> None:
    async with running() as server:
        mine, other = await server.device("U-0001"), await server.device("U-0002")
        asked = report()
        await server.post(submission(asked))
        order = dispatch(asked.incident_id, "U-0001")
        await server.post(submission(order))
        step = AdvanceCommand(order.orders[0].command_id, Step.ACKNOWLEDGED, "马上到")
        status, body = await server.post(submission(step), other)
        assert (status, body["error"]) == (422, "not_your_command")
        status, body = await server.post(submission(step), mine)
        assert (status, body["events"][0]["fact"]["text"]) == (200, "马上到")


async def test_only_units_of_the_roster_have_devices() -> None:
    async with running() as server:
        address = f"{server.url}/api/v1/devices"
        for body, status in [
            ({"unit_id": "U-9999"}, 422),
            ({"unit_id": ""}, 400),
            ({"unit_id": "U-0001", "more": 1}, 400),
            ({"unit_id": 7}, 400),
            ({}, 400),
            ({"code": "x", "unit_id": "U-0001"}, 200),
        ]:
            async with server.client.post(address, json=body, headers=server.desk) as answer:
                assert answer.status == status, body


async def test_events_in_pages() -> None:
    async with running() as server:
        for _ in range(5):
            await server.post(submission(report()))

        async def get(query: str) -> tuple[int, dict[str, Any]]:
            address = f"{server.url}/api/v1/events?{query}"
            async with server.client.get(address, headers=server.desk) as answer:
                return answer.status, await answer.json()

        status, body = await get("after=1&limit=2")
        assert status == 200
        assert ([e["seq"] for e in body["events"]], body["head"]) == ([2, 3], 5)
        assert len((await get(""))[1]["events"]) == 5
        assert (await get("after=99"))[1]["events"] == []
        for bad in ("after=-1", "after=x", "limit=1.5", "after=٣", "after=" + "9" * 30):
            status, body = await get(bad)
            assert (status, body["error"]) == (400, "bad_request"), bad


async def test_positions_are_the_latest_of_each() -> None:
    async with running() as server:
        server.parts.fixes.take(Fix("U-0001", *PLACE, 5, None, 2.5))
        async with server.client.get(
            f"{server.url}/api/v1/positions", headers=server.desk
        ) as answer:
            assert (await answer.json())["fixes"] == [["U-0001", *PLACE, 5, None, 2.5]]


async def test_what_is_too_large_not_there_or_not_so_called() -> None:
    async with running(limits=Limits(body_bytes=2000)) as server:
        address = f"{server.url}/api/v1/requests"
        cases = [
            ("POST", address, b"x" * 3000, 413, "too_large"),
            ("POST", address, b"{}", 400, "bad_request"),
            ("GET", address, b"", 405, "method_not_allowed"),
            ("GET", f"{server.url}/nowhere", b"", 404, "not_found"),
        ]
        for method, url, data, status, code in cases:
            async with server.client.request(method, url, data=data, headers=server.desk) as answer:
                body = await answer.json()
                assert (answer.status, body["error"]) == (status, code)
                assert body["message"]["zh"]


async def test_a_fault_of_our_own_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as server:
        monkeypatch.setattr(server.parts.service, "submit", lambda *_: 1 / 0)
        status, body = await server.post(submission(report()))
        assert (status, body["error"]) == (500, "internal")


async def test_a_crowd_at_once(server_count: int = 40) -> None:
    async with running() as server:
        sent = [submission(report()) for _ in range(server_count)]
        answers = await asyncio.gather(*(server.post(s) for s in sent for _ in range(2)))
        assert {status for status, _ in answers} == {200}
        numbers = {body["events"][0]["seq"] for _, body in answers}
        assert numbers == set(range(1, server_count + 1))


async def test_a_full_disk_is_said_and_the_same_can_be_sent_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = SqliteJournal(tmp_path / "j.sqlite", ManualClock(NOW))
    commit = journal._commit

    def full(_group: list[object]) -> None:
        raise apsw.FullError("database or disk is full")

    async with running(journal) as server:
        sent = submission(report())
        monkeypatch.setattr(journal, "_commit", full)
        status, body = await server.post(sent)
        assert (status, body["error"]) == (503, "storage_failed")
        assert "disk is full" in body["message"]["zh"]
        monkeypatch.setattr(journal, "_commit", commit)
        assert (await server.post(sent))[0] == 200
    journal.close()
