"""The page on the API names every call and frame, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from console.clock import ManualClock
from console.journal.memory import MemoryJournal
from console.server.app import build_app
from console.server.limits import Limits
from console.service import anywhere
from console.wire.frames import DeskFrame, FieldPush, FieldSaid
from tests.helpers.stream import SECRET

PAGE = (Path(__file__).parents[3] / "docs" / "server-api.md").read_text("utf-8")


async def test_calls() -> None:
    clock = ManualClock(1)
    app = build_app(MemoryJournal(clock), ground=anywhere(), clock=clock, secret=SECRET)
    calls = {
        f"{route.method} {route.resource.canonical}"
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    assert set(re.findall(r"`((?:GET|POST) /[\w/{}]+)", PAGE)) == calls


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
    assert f"off after {limits.send_timeout_s:.0f} s" in PAGE
    assert f"delivered after {limits.delivered_within_s:.0f} s" in PAGE
    assert f"acknowledged {limits.acknowledged_within_s:.0f} s after" in PAGE


def _tag(frame: type) -> str:
    return str(frame.__struct_config__.tag)
