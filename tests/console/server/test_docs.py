"""The page on the API names every call and frame, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import msgspec

from console.clock import Clocks, ManualClock
from console.journal.memory import MemoryJournal
from console.model.sender_time import AHEAD_MS, OLDEST_MS
from console.server.app import build_app
from console.server.limits import Limits
from console.server.rate import Rate
from console.service import anywhere
from console.service.ground import MARGIN_DEG
from console.wire.frames import DeskFrame, FieldPush, FieldSaid
from console.wire.requests import LONGEST_LIST, LONGEST_TEXT
from tests.helpers.stream import SECRET

PAGE = (Path(__file__).parents[3] / "docs" / "server-api.md").read_text("utf-8")


async def test_calls() -> None:
    clock = ManualClock(1)
    app = build_app(MemoryJournal(clock), ground=anywhere(), clocks=Clocks(clock), secret=SECRET)
    calls = {
        f"{route.method} {route.resource.canonical}"
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert set(re.findall(r"`((?:GET|POST) /[\w./{}]+)", PAGE)) == calls


def test_frames_and_their_fields() -> None:
    frames = {*get_args(DeskFrame), *get_args(FieldPush), *get_args(FieldSaid)}
    for frame in frames:
        rows = [line for line in PAGE.splitlines() if line.startswith(f"| `{_tag(frame)}` |")]
        assert rows, frame
        for name in frame.__struct_fields__:
            assert any(f"`{name}`" in row or name in row for row in rows), (frame, name)


def test_numbers() -> None:
    limits = Limits()
    assert f"every {limits.ping_every_s:.0f} s" in PAGE
    assert f"sent for {limits.field_ping_every_s:.0f} s" in PAGE
    assert f"off after {limits.send_timeout_s:.0f} s" in PAGE
    assert f"delivered after {limits.delivered_within_s:.0f} s" in PAGE
    assert f"acknowledged {limits.acknowledged_within_s:.0f} s after" in PAGE


def test_limits() -> None:
    told = Limits()
    for words in (
        f"{told.body_bytes >> 10} KiB; {told.small_body_bytes >> 10} KiB |",
        f"{LONGEST_TEXT} characters; {LONGEST_LIST} items |",
        f"head; body; idle | {told.headers_s:g} s; {told.body_s:g} s; {told.idle_s:g} s,",
        f"{told.frame_bytes >> 10} KiB; {told.listener_frame_bytes >> 10} KiB,",
        f"{_shown(told.token_rate)}; {_shown(told.device_rate)} |",
        f"{_shown(told.address_rate)}; {_shown(told.failure_rate)} |",
        f"frames of one device | {_shown(told.frame_rate)},",
        f"{told.connections}; {told.connections_per_address} (",
        f"{MARGIN_DEG}\ndegrees",
        f"up to {AHEAD_MS // 1000} s ahead",
        f"{OLDEST_MS // 86_400_000} days old",
    ):
        assert words in PAGE, words


def _shown(rate: Rate) -> str:
    return f"{rate.per_s:g}/s, {rate.burst:g} at once"


def _tag(frame: type[msgspec.Struct]) -> str:
    return str(frame.__struct_config__.tag)
