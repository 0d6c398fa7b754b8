"""The OpenAPI document: routes, document and the words of docs/server-api.md tell the same."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from console.access import Role
from console.clock import Clocks, ManualClock
from console.i18n import catalogue
from console.journal.memory import MemoryJournal
from console.server.app import build_app
from console.server.limits import Limits
from console.server.openapi import calls_of, document
from console.server.operation_table import ALWAYS, OPERATIONS, error_codes
from console.server.rate import Rate
from console.service import anywhere
from console.wire import encode_submission
from tests.helpers.guarded import guarded
from tests.helpers.stream import SECRET, dispatch, report, running, submission

PAGE = (Path(__file__).parents[3] / "docs" / "server-api.md").read_text("utf-8")
FREE = Rate(1e6, 1e6)
UNHURRIED = Limits(token_rate=FREE, failure_rate=FREE, address_rate=FREE, body_s=3)


async def calls() -> frozenset[str]:
    clock = ManualClock(1)
    return calls_of(
        build_app(MemoryJournal(clock), ground=anywhere(), clocks=Clocks(clock), secret=SECRET)
    )


async def test_every_route_is_told_and_nothing_else() -> None:
    taken = await calls()
    assert taken - set(OPERATIONS) == set(), "describe it in console/server/operation_table.py"
    told = document(Limits(), taken)["paths"]
    assert {f"{m.upper()} {p}" for p, methods in told.items() for m in methods} == taken
    named = set(re.findall(r"`((?:GET|POST) /[\w./{}]+)", PAGE))
    assert named == taken, "docs/server-api.md"


async def test_the_page_tells_the_parameters_and_statuses() -> None:
    told = document(Limits(), await calls())["paths"]
    statuses = {status for m in told.values() for op in m.values() for status in op["responses"]}
    for status in statuses - {"101"}:
        assert re.search(rf"\| [\d, ]*{status}[\d, ]* \|", PAGE), status
    for path, methods in told.items():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                assert parameter["name"] in PAGE, (path, parameter["name"])


def test_every_code_has_its_sentence() -> None:
    sentences = catalogue("en")
    for status in {*ALWAYS, 409, 422}:
        for code in error_codes(status):
            keys = (f"server.error.{code}", f"access.error.{code}", f"refusal.{code}")
            assert any(key in sentences for key in keys), code
    assert "outside_region" in error_codes(422)


async def test_the_document_is_one() -> None:
    async with (
        running() as server,
        server.client.get(f"{server.url}/api/v1/openapi.json") as answer,
    ):
        assert answer.status == 200
        told = await answer.json()
    assert told["openapi"] == "3.1.0"
    for schema in told["components"]["schemas"].values():
        jsonschema_rs.meta.validate({**schema, "components": told["components"]})
    refs = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(told)))
    assert refs <= set(told["components"]["schemas"])


@pytest.mark.parametrize("made", [report(), dispatch("x", "U-0001", "U-0002")])
def test_what_we_send_is_as_told(made: Any) -> None:
    told = document(Limits(), frozenset())
    schema = {"$ref": "#/components/schemas/Submission", "components": told["components"]}
    sent = json.loads(encode_submission(submission(made)))
    jsonschema_rs.validator_for(schema).validate(sent)
    for spoilt in ({**sent, "more": 1}, {**sent, "key": "x"}, {**sent, "happened_at": 0}):
        with pytest.raises(jsonschema_rs.ValidationError):
            jsonschema_rs.validator_for(schema).validate(spoilt)


# ---------------------------------------------------------------- schemathesis


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, dict[str, str]]]:
    """A server in a thread of its own, and the token of each kind of caller."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    found: dict[str, Any] = {}

    async def serve() -> None:
        async with guarded(UNHURRIED) as server:
            found["url"] = server.url
            found["stop"] = stop = asyncio.Event()
            found["tokens"] = await tokens_of(server)
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    yield found["url"], found["tokens"]
    loop.call_soon_threadsafe(found["stop"].set)
    thread.join()
    loop.close()


async def tokens_of(server: Any) -> dict[str, str]:
    tokens = {"device": (await server.device("U-0001"))["Authorization"]}
    for role in (Role.SUPERVISOR, Role.ADMINISTRATOR):
        url = f"{server.url}/api/v1/signin/practice"
        async with server.client.post(url, json={"role": role}, headers=server.desk) as answer:
            tokens[role.value] = f"Bearer {(await answer.json())['access']}"
    return {**tokens, "secret": f"Bearer {SECRET}"}


SOCKETS = "/api/v1/(stream|field)"


@pytest.mark.parametrize("caller", ["supervisor", "administrator", "device", "secret", "nobody"])
def test_no_call_fails_and_every_answer_is_as_told(
    served: tuple[str, dict[str, str]], caller: str
) -> None:
    attack(*served, caller, examples=6)


def attack(url: str, tokens: dict[str, str], caller: str, examples: int) -> int:
    """Call everything but the sockets with right and wrong data; the number of calls made."""
    schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
    # Ours refuses with 413 and 408 too, which schemathesis does not take for a refusal.
    schema.config.checks.negative_data_rejection.expected_statuses = [
        *("400", "401", "403", "404", "408", "413", "422", "429")
    ]
    headers = {"Authorization": tokens[caller]} if caller in tokens else {}
    made = 0
    for found in schema.exclude(path_regex=SOCKETS).get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        for mode in schemathesis.GenerationMode:
            made += _attack_one(operation, mode, headers, examples)
    return made


def _attack_one(operation: Any, mode: Any, headers: dict[str, str], examples: int) -> int:
    from hypothesis import given
    from hypothesis.errors import Unsatisfiable

    made = 0

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def attack_it(case: Any) -> None:
        nonlocal made
        made += 1
        response: Response = case.call(headers=headers, timeout=10)
        case.validate_response(
            response,
            checks=[
                not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
                *([negative_data_rejection] if headers else []),
            ],
        )

    try:
        attack_it()
    except Unsatisfiable:
        return 0
    return made
