"""A signed-in desk over real sockets: renewed without a hitch, out when revoked, in again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from console.access import WHOLE, Role
from console.access.sessions import ACCESS_MS
from console.clock import ManualClock
from console.model.requests import AcceptIncident
from console.session import Changes, LiveSession, Outbox
from tests.helpers.backend import Backend
from tests.helpers.people import PASSWORD, WEST
from tests.helpers.stream import NOW, report
from widgets.bridge.account import Account
from widgets.bridge.transport import QtTransport

PATIENCE_MS = 8000


@pytest.fixture
def backend() -> Iterator[Backend]:
    made = Backend()
    yield made
    made.close()


@pytest.fixture
def account(backend: Backend, qtbot: QtBot) -> Iterator[Account]:
    made = Account(backend.server.url, "03")
    made.signin.with_password("lin", PASSWORD)
    qtbot.waitUntil(lambda: made.me is not None, timeout=PATIENCE_MS)
    yield made
    made.close()


@pytest.fixture
def session(
    backend: Backend, account: Account, tmp_path: Path, qtbot: QtBot
) -> Iterator[LiveSession]:
    outbox = Outbox(tmp_path / "lin.outbox")
    made = LiveSession(QtTransport(backend.server.url, account), outbox, ManualClock(NOW))
    made.start()
    qtbot.waitUntil(lambda: made.link.state == "online", timeout=PATIENCE_MS)
    yield made
    made.close()


def test_what_is_done_is_done_by_the_person(
    session: LiveSession, account: Account, qtbot: QtBot
) -> None:
    asked = report(lon=119.0, lat=31.0)
    session.submit(asked)
    qtbot.waitUntil(lambda: asked.incident_id in session.picture.incidents, timeout=PATIENCE_MS)
    (event,) = session.picture.timeline(asked.incident_id)
    assert event.actor == "person/lin@03"
    qtbot.waitUntil(lambda: session.people.get("lin") == "Lin", timeout=PATIENCE_MS)


def test_a_token_that_ended_is_renewed_and_nothing_is_lost(
    session: LiveSession, account: Account, backend: Backend, qtbot: QtBot
) -> None:
    asked = report(lon=119.0, lat=31.0)
    before = account.token
    states: list[str] = []
    session.subscribe(lambda _changes: states.append(session.link.state))
    backend.do(lambda: backend.server.clock.advance(ACCESS_MS))
    session.submit(asked)
    qtbot.waitUntil(lambda: asked.incident_id in session.picture.incidents, timeout=PATIENCE_MS)
    assert account.token not in ("", before)
    assert set(states) == {"online"}


def test_revoked_is_said_and_somebody_may_come_in_again(
    session: LiveSession, account: Account, backend: Backend, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(account.lost, timeout=PATIENCE_MS):
        backend.do(lambda: backend.server.gate.sessions.revoke_person("lin", "test"))
    assert account.failure is not None
    assert account.failure.error == "signed_out"
    assert account.token == ""
    asked = report(lon=119.0, lat=31.0)
    session.submit(asked)
    qtbot.waitUntil(lambda: session.link.state == "offline", timeout=PATIENCE_MS)
    assert session.link.pending == 1
    account.signin.with_password("lin", PASSWORD)
    qtbot.waitUntil(lambda: asked.incident_id in session.picture.incidents, timeout=PATIENCE_MS)


def test_another_area_means_another_picture(
    session: LiveSession, account: Account, backend: Backend, qtbot: QtBot
) -> None:
    here, there = report(lon=119.0, lat=31.0), report(lon=121.0, lat=31.0)
    for asked in (here, there):
        session.submit(asked)
    qtbot.waitUntil(lambda: len(session.picture.incidents) == 2, timeout=PATIENCE_MS)
    people = backend.server.gate.people
    backend.do(lambda: people.change("lin", areas=(WEST[:9],)))
    qtbot.waitUntil(
        lambda: set(session.picture.incidents) == {here.incident_id}, timeout=PATIENCE_MS
    )
    assert account.me is not None
    assert account.me.areas == (WEST[:9],)
    refused: list[str] = []

    def note(changes: Changes) -> None:
        refused.extend(refusal.code for refusal in changes.refused)

    session.subscribe(note)
    session.submit(AcceptIncident(there.incident_id))
    qtbot.waitUntil(lambda: refused == ["not_in_your_area"], timeout=PATIENCE_MS)
    backend.do(lambda: people.change("lin", areas=WHOLE.prefixes, role=Role.SUPERVISOR))
    qtbot.waitUntil(lambda: len(session.picture.incidents) == 2, timeout=PATIENCE_MS)
