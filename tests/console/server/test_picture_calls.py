"""The whole picture for a desk that starts, and what happened to one incident."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from console.access import Actor, Role, area_of
from console.clock import ManualClock
from console.journal.sqlite import SqliteJournal
from console.model.command import Step
from console.model.event import Event
from console.model.picture import Picture
from console.model.requests import AcceptIncident, AddNote, AdvanceCommand
from console.model.text import Text
from console.server import picture_calls
from console.server.app import Storage
from console.server.limits import Limits
from console.service import opening, snapshot
from console.service.snapshot import SnapshotFile
from console.wire import decode_answer, decode_desk_frame
from console.wire.frames import EventsFrame
from console.wire.whole import WholePicture, decode_picture
from tests.console.server.test_rights import reported, submit
from tests.helpers.history import write_history
from tests.helpers.people import EAST, WEST, Door, door
from tests.helpers.stream import NOW, Running, dispatch, report, running, soon, submission

EVENTS = 4000


async def body_of(server: Running | Door, path: str, headers: dict[str, str]) -> bytes:
    async with server.client.get(f"{server.url}/api/v1/{path}", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.read()


async def picture_of(server: Running | Door, headers: dict[str, str]) -> WholePicture:
    return decode_picture(await body_of(server, "picture", headers))


async def all_events(server: Running | Door, headers: dict[str, str]) -> tuple[Event, ...]:
    return decode_answer(200, await body_of(server, "events?limit=5000", headers)).events


def kept(whole: WholePicture) -> Picture:
    picture = Picture(timelines=False)
    picture.keep(whole.seq, whole.incidents, whole.commands, whole.units, {})
    return picture


def state(picture: Picture) -> tuple[Any, ...]:
    values = (picture.incidents, picture.commands, picture.units)
    return picture.seq, *(dict(each) for each in values)


async def test_it_is_what_the_events_come_to_and_the_stream_goes_on_from_it() -> None:
    async with running() as server:
        asked = report()
        order = dispatch(asked.incident_id, "U-0001")
        step = AdvanceCommand(order.orders[0].command_id, Step.EN_ROUTE)
        for request in (asked, report(), AcceptIncident(asked.incident_id), order, step):
            await server.post(submission(request))
        whole = await picture_of(server, server.desk)
        folded = Picture(timelines=False)
        folded.apply(await all_events(server, server.desk))
        assert state(kept(whole)) == state(folded)
        await server.post(submission(AddNote(asked.incident_id, "x")))
        address = f"{server.url}/api/v1/stream?after={whole.seq}"
        async with server.client.ws_connect(address, headers=server.desk) as ws:
            frame = decode_desk_frame(await ws.receive_bytes())
        assert isinstance(frame, EventsFrame)
        assert [e.seq for e in frame.events] == [whole.seq + 1]
        assert frame.journal == whole.journal


@pytest.fixture
def history(tmp_path: Path) -> Path:
    write_history(tmp_path / "j.sqlite", EVENTS)
    return tmp_path / "j.sqlite"


@pytest.mark.parametrize("starts", [1, 2])
async def test_it_holds_what_is_open_and_the_last_incidents(history: Path, starts: int) -> None:
    """Also when they lie on the disk, as they do after the second start."""
    for _ in range(starts):
        journal = SqliteJournal(history, ManualClock(NOW))
        storage = Storage(picture=history.with_suffix(".picture"))
        async with running(journal, Limits(picture_incidents=20), storage) as server:
            whole = await picture_of(server, server.desk)
            every = Picture(timelines=False)
            every.apply(journal.read(0, EVENTS))
        journal.close()
    ids = [i.id for i in whole.incidents]
    newest = sorted(every.incidents)[-20:]
    assert set(ids) == {i.id for i in every.incidents.values() if i.stage.is_open} | {*newest}
    assert len(ids) < len(every.incidents)
    assert whole.incidents == [every.incidents[i] for i in ids]
    assert [i.reported_at for i in whole.incidents] == sorted(
        i.reported_at for i in whole.incidents
    )
    assert {c.id for c in whole.commands} == {c for i in whole.incidents for c in i.command_ids}
    assert {u.id: u for u in whole.units} == dict(every.units)
    known = {c.id for c in whole.commands}
    assert all(c in known for u in whole.units for c in u.command_ids)


async def test_one_is_made_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_calls, "KEPT_EVENTS", 2)
    async with running() as server:
        seqs = []
        for _ in range(5):
            seqs.append((await picture_of(server, server.desk)).seq)
            await server.post(submission(report()))
        assert seqs == [0, 0, 0, 3, 3]


async def test_an_area_gets_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_calls, "KEPT", 1)
    async with door("the practice secret") as server:
        boss = server.headers(server.person("boss", Role.SUPERVISOR))
        mine = server.headers(server.person("me", Role.DUTY_OFFICER, area_of([WEST[:9]])))
        west = await reported(server, boss, "own")
        east = await reported(server, boss, "other")
        first = dispatch(west, "U-WEST")
        second = dispatch(east, "U-WEST", beside=[first.orders[0].command_id])
        for order in (first, second):
            status, _ = await submit(server, order, boss)
            assert status == 200
        whole = await picture_of(server, mine)
        seen = Picture(timelines=False)
        seen.apply(await all_events(server, mine))
        seen.skip_to(whole.seq)
        assert state(kept(whole))[:3] == state(seen)[:3]
        assert [i.id for i in whole.incidents] == [west]
        said = await body_of(server, "picture", mine)
        hidden = (await picture_of(server, boss)).incidents[1]
        assert (hidden.id, hidden.cell_code) == (east, EAST)
        assert east.encode() not in said
        lent = next(c for c in whole.commands if c.id in hidden.command_ids)
        assert (lent.incident_id, lent.text, lent.unit_id) == ("", Text(), "U-WEST")
        assert whole.journal != (await picture_of(server, boss)).journal
        path = f"incidents/{east}/events"
        assert decode_answer(200, await body_of(server, path, mine)).events == ()
        assert len(decode_answer(200, await body_of(server, path, boss)).events) == 3


async def test_all_that_happened_to_an_incident_and_nothing_else(history: Path) -> None:
    journal = SqliteJournal(history, ManualClock(NOW))
    async with running(journal) as server:
        every = Picture()
        every.apply(journal.read(0, EVENTS))
        for incident_id in list(every.incidents)[::40]:
            body = await body_of(server, f"incidents/{incident_id}/events", server.desk)
            answer = decode_answer(200, body)
            assert answer.events == every.timeline(incident_id)
            assert answer.through == EVENTS
        for nobody in ("none", "%00", "x" * 64, "%F0%9F%98%80", "a%2Fb"):
            body = await body_of(server, f"incidents/{nobody}/events", server.desk)
            assert decode_answer(200, body).events == ()
    journal.close()


@pytest.mark.parametrize("call", ["events?after=0&limit=5000", "incidents/{id}/events", "stream"])
async def test_c10_an_area_reads_old_incidents_beside_the_loop(
    history: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where each event may be seen is asked of the disk for all together, and by another thread."""
    monkeypatch.setattr(opening, "SAVE_EVERY", 1)
    monkeypatch.setattr(snapshot, "NEWEST", 0)
    looked: list[threading.Thread] = []
    for name in ("fetch", "fetch_all"):
        own = getattr(SnapshotFile, name)

        def noted(*args: Any, own: Any = own) -> Any:
            looked.append(threading.current_thread())
            return own(*args)

        monkeypatch.setattr(SnapshotFile, name, noted)
    storage = Storage(picture=history.with_suffix(".picture"))
    actor = Actor(Role.DUTY_OFFICER, "lin", area_of([WEST[:9]]))
    for start in range(2):
        journal = SqliteJournal(history, ManualClock(NOW))
        async with running(journal, Limits(), storage) as server:
            if start:
                monkeypatch.setattr(server.parts.gate, "known", lambda _token: actor)
                looked.clear()
                picture = server.parts.feed.picture
                old = picture.not_at_hand(picture.newest_incidents(5000))
                looked.clear()
                if call == "stream":
                    url = f"{server.url}/api/v1/stream?after=0"
                    async with server.client.ws_connect(url, headers=server.desk) as ws:
                        await soon(lambda p=picture, o=old: not p.not_at_hand(o))
                        await ws.close()
                else:
                    await body_of(server, call.format(id=old[0]), server.desk)
            for thread in threading.enumerate():
                if thread.name == "snapshot":
                    thread.join(10)
        journal.close()
    assert looked
    assert threading.main_thread() not in looked
    assert len(looked) < len(old)
