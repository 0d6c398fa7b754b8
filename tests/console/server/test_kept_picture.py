"""A server that starts from its kept picture owes its devices what it owed them before."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from console.clock import ManualClock
from console.journal.sqlite import SqliteJournal
from console.model.command import Step
from console.server.app import Storage
from console.server.limits import Limits
from console.service import opening, snapshot
from console.wire import CommandFrame, decode_field_push
from tests.helpers.stream import NOW, dispatch, report, running, soon, submission


def saved() -> None:
    for thread in threading.enumerate():
        if thread.name == "snapshot":
            thread.join(10)


async def test_commands_are_pushed_and_time_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "SAVE_EVERY", 1)
    monkeypatch.setattr(snapshot, "NEWEST", 0)
    storage = Storage(picture=tmp_path / "j.picture")
    journal = SqliteJournal(tmp_path / "j.sqlite", ManualClock(NOW))
    asked = report()
    order = dispatch(asked.incident_id, "U-0001", "U-0002")
    ids = [each.command_id for each in order.orders]
    async with running(journal, storage=storage) as server:
        for request in (asked, order, report()):
            assert (await server.post(submission(request)))[0] == 200
        saved()
    limits = Limits(delivered_within_s=60, sweep_every_s=0.02)
    async with running(journal, limits, storage) as server:
        picture = server.parts.feed.picture
        assert picture.seq == journal.head
        assert [c.id for c in server.parts.feed.commands_of_unit("U-0001")] == ids[:1]
        headers = await server.device("U-0001")
        async with server.client.ws_connect(f"{server.url}/api/v1/field", headers=headers) as ws:
            frame = decode_field_push(await ws.receive_bytes())
            assert isinstance(frame, CommandFrame)
            assert frame.command_id == ids[0]
        server.clock.advance(61_000)
        await soon(lambda: picture.commands[ids[1]].step is Step.TIMED_OUT)
    saved()
    journal.close()
