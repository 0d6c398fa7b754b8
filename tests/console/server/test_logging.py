"""The log is one JSON object a line, tells who and which call, and nothing that was said."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest

from console.server.logging import HEADER, JsonLines
from tests.helpers.stream import Running, report, running, submission

PERSONAL = "两车相撞"


class Log:
    """What was logged, line by line."""

    def __init__(self, details: bool = False) -> None:
        self._stream = io.StringIO()
        self.handler = logging.StreamHandler(self._stream)
        self.handler.setFormatter(JsonLines(details))

    @property
    def text(self) -> str:
        """All of it."""
        return self._stream.getvalue()

    def lines(self, logger: str = "") -> list[dict[str, Any]]:
        """The lines of a logger."""
        found = [json.loads(line) for line in self.text.splitlines()]
        return [line for line in found if line["logger"].startswith(logger)]


@pytest.fixture
def log() -> Iterator[Log]:
    log = Log()
    root = logging.getLogger("console")
    before = root.level
    root.addHandler(log.handler)
    root.setLevel(logging.INFO)
    yield log
    root.removeHandler(log.handler)
    root.setLevel(before)


async def test_a_line_a_call(log: Log) -> None:
    async with running() as server:
        await server.post(submission(report()))
        url = f"{server.url}/api/v1/events?after=0&secret=words"
        async with server.client.get(url, headers=server.desk) as answer:
            request_id = answer.headers[HEADER]
    post, get = log.lines("console.server.logging")[:2]
    assert (post["method"], post["route"], post["status"]) == ("POST", "/api/v1/requests", 200)
    assert post["actor"]
    assert post["ms"] > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", post["time"])
    assert get["request"] == request_id
    assert get["route"] == "/api/v1/events"
    assert PERSONAL not in log.text
    assert "words" not in log.text


async def test_an_id_that_was_brought_is_kept(log: Log) -> None:
    async def given(server: Running, value: str) -> str:
        async with server.client.get(f"{server.url}/health", headers={HEADER: value}) as answer:
            return answer.headers[HEADER]

    async with running() as server:
        assert await given(server, "proxy-7.1") == "proxy-7.1"
        assert await given(server, "a b") != "a b"
        assert len(await given(server, "x" * 65)) == 16


async def test_a_fault_is_told_without_what_was_said(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError(PERSONAL)

    async with running() as server:
        monkeypatch.setattr(server.parts.service, "submit", broken)
        status, _ = await server.post(submission(report()))
    assert status == 500
    fault = log.lines("console.server.errors")[0]
    assert fault["fault"]["type"] == "ValueError"
    assert any("console/server/calls.py" in place for place in fault["fault"]["at"])
    assert fault["request"]
    assert log.lines("console.server.logging")[0]["level"] == "warning"
    assert PERSONAL not in log.text


def test_the_words_of_a_fault_when_asked_for() -> None:
    def line(error: Exception, details: bool) -> dict[str, Any]:
        try:
            raise error from ValueError("cause")
        except Exception as caught:  # noqa: BLE001 - it is logged
            record = logging.LogRecord(
                "a", logging.ERROR, "f", 1, "failed", (), (type(caught), caught, None)
            )
        return dict(json.loads(JsonLines(details).format(record)))

    assert line(KeyError("words"), True)["fault"]["words"] == "'words'"
    assert "words" not in line(KeyError("words"), False)["fault"]
    assert "No space" in line(OSError(28, "No space left"), False)["fault"]["words"]
    assert line(KeyError("x"), False)["fault"]["cause"]["type"] == "ValueError"
