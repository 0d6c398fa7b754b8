"""A change of who may do what and its entry in the access log: both are there, or neither."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from console.access import (
    Denied,
    Gate,
    NotSignedIn,
    PersonEdit,
    Role,
    Store,
    StoreFailed,
    area_of,
    open_store,
)
from console.access.access_log import AccessLog, Note
from console.access.administration import Author
from console.access.passwords import Passwords
from console.clock import ManualClock, SystemClock
from console.i18n import text_of
from console.journal.open import open_journal
from tests.helpers.people import EAST, PASSWORD, QUICK, WEST, door
from tests.helpers.server_process import ServerProcess, server_process
from tests.helpers.stream import SECRET

NOW = 1_795_000_000_000
BOSS = Author("person/tang@01", "203.0.113.9")


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty journal."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'city.sqlite'}"
    else:
        url = request.getfixturevalue("postgres").fresh()
    open_journal(url, ManualClock(NOW)).close()
    return url


@pytest.fixture
def gate(db: str) -> Iterator[Gate]:
    """Somebody is there, with a sign-in, and a unit with a device and a code for another."""
    with closing(Gate(open_store(db), ManualClock(NOW), "s" * 16, Passwords(QUICK))) as made:
        boss = made.administration
        boss.add_person(BOSS, "tang", "", Role.ADMINISTRATOR, password=QUICK.hash(PASSWORD))
        boss.add_person(BOSS, "lin", "", Role.DUTY_OFFICER, password=QUICK.hash(PASSWORD))
        boss.issue_device(BOSS, "U-WEST")
        yield made


Change = Callable[[Gate], Any]


def wrongly(gate: Gate) -> None:
    asyncio.run(gate.sign_in("lin", "wrong horse 9", "03", "203.0.113.9"))


def with_code(gate: Gate) -> None:
    asyncio.run(gate.enrol(gate.codes.make("device", "U-WEST")[0], "203.0.113.9"))


def reused(gate: Gate) -> None:
    grant = gate.sessions.open(gate.people.get("lin"), "03")
    gate.identify(gate.sessions.refresh(grant.refresh).access)
    gate.refresh(grant.refresh, "203.0.113.9")


def signed_out(gate: Gate) -> None:
    gate.sign_out(gate.sessions.open(gate.people.get("lin"), "03").actor)


def own_password(gate: Gate) -> None:
    actor = gate.sessions.open(gate.people.get("lin"), "03").actor
    asyncio.run(gate.change_password(actor, PASSWORD, "another horse 7", "203.0.113.9"))


def edited(**changes: Any) -> Change:
    return lambda gate: gate.administration.edit_person(BOSS, "lin", PersonEdit(**changes))


CHANGES: dict[str, tuple[Change, str, str]] = {
    "added": (
        lambda g: g.administration.add_person(BOSS, "zhou", "", Role.TRAINER, area_of([WEST[:9]])),
        "access.person_added",
        f"zhou trainer {WEST[:9]}",
    ),
    "role": (edited(role=Role.SUPERVISOR), "access.person_changed", "lin role=supervisor"),
    "area": (edited(areas=(WEST[:9],)), "access.person_changed", f"lin areas={WEST[:9]}"),
    "disabled": (edited(disabled=True), "access.person_changed", "lin disabled"),
    "enabled": (edited(disabled=False), "access.person_changed", "lin enabled"),
    "unlocked": (edited(unlock=True), "access.person_changed", "lin unlock"),
    "thrown out": (edited(sign_out=True), "access.person_changed", "lin sign_out"),
    "password": (edited(password="hash"), "access.person_changed", "lin password"),
    "renamed": (edited(full_name="林"), "access.person_changed", "lin full_name"),
    "code": (
        lambda g: g.administration.make_code(BOSS, "U-WEST", WEST), "access.enrolment", "U-WEST",
    ),
    "enrolled": (with_code, "access.enrolled", ""),
    "issued": (
        lambda g: g.administration.issue_device(BOSS, "U-WEST"), "access.enrolled", BOSS.who,
    ),
    "lost": (
        lambda g: g.administration.lose_devices(BOSS, "U-WEST"), "access.devices_revoked", "U-WEST",
    ),
    "signed in": (
        lambda g: asyncio.run(g.sign_in("lin", PASSWORD, "03", "203.0.113.9")),
        "access.signed_in",
        "",
    ),
    "failed": (wrongly, "access.failed", ""),
    "signed out": (signed_out, "access.signed_out", ""),
    "own password": (own_password, "access.password_changed", ""),
    "reused": (reused, "access.token_reused", ""),
}  # fmt: skip


def last_entry(gate: Gate) -> Note:
    notes = [note for _, note in gate.log.read(0, 999)]
    return notes[-1]


@pytest.mark.parametrize("what", CHANGES)
def test_b3_what_is_changed_is_in_the_log_with_what_changed(gate: Gate, what: str) -> None:
    change, kind, detail = CHANGES[what]
    ignoring(change, gate)
    # As another process finds it: nothing waits in the memory of this one.
    rows = gate._store.notes(0, 999)
    note = last_entry(gate)
    assert len(gate._store.notes(0, 999)) == len(rows)
    assert (note.kind, note.detail) == (kind, detail)


def ignoring(change: Change, gate: Gate) -> None:
    """Some changes come with a refusal: the failed and the copied."""
    try:
        change(gate)
    except StoreFailed:
        raise
    except Exception as error:  # noqa: BLE001 - which one is not of interest here
        assert type(error).__name__ in ("TurnedAway", "NotSignedIn")


KINDS = ("person", "subject", "family", "token", "code", "device", "failures", "known")


def stored(store: Store) -> list[list[bytes]]:
    return [store.all(kind) for kind in KINDS]


@pytest.mark.parametrize("what", CHANGES)
def test_b3_where_the_log_cannot_be_written_nothing_changes(
    gate: Gate, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    change, _, _ = CHANGES[what]
    before: list[list[bytes]] = []

    def fails(*_: Any, **__: Any) -> None:
        # Changes that prepare something of their own have done so by now.
        raise StoreFailed(text_of("access.error.store_failed", reason="full"))

    if what in ("reused", "signed out", "own password", "enrolled"):
        prepared(what, gate, monkeypatch, fails)
        return
    before = stored(gate._store)
    monkeypatch.setattr(AccessLog, "record", fails)
    with pytest.raises(StoreFailed):
        change(gate)
    assert stored(gate._store) == before


def prepared(what: str, gate: Gate, patch: pytest.MonkeyPatch, fails: Any) -> None:
    """The same for what needs a sign-in or a code of its own first."""
    grant = gate.sessions.open(gate.people.get("lin"), "03")
    code, _ = gate.codes.make("device", "U-WEST")
    gate.identify(gate.sessions.refresh(grant.refresh).access)
    before = stored(gate._store)
    patch.setattr(AccessLog, "record", fails)
    # A copied token is turned away all the same; that its sign-in ends waits for the store.
    with pytest.raises(NotSignedIn if what == "reused" else StoreFailed):
        if what == "reused":
            gate.refresh(grant.refresh, "")
        elif what == "signed out":
            gate.sign_out(grant.actor)
        elif what == "enrolled":
            asyncio.run(gate.enrol(code, ""))
        else:
            asyncio.run(gate.change_password(grant.actor, PASSWORD, "another horse 7", ""))
    assert stored(gate._store) == before


KILLS = {"sqlite": 12, "postgresql": 6}


@pytest.mark.parametrize("kind", KILLS)
async def test_b3_of_what_was_answered_before_a_kill_no_entry_is_missing(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'city.sqlite'}"
    else:
        url = request.getfixturevalue("postgres").fresh()
    answered: list[tuple[str, str]] = []
    with server_process(url) as server:
        for turn in range(KILLS[kind]):
            answered.append(await changed_and_killed(server, turn))
            server.start()
    with closing(open_store(url)) as store:
        notes = [note for _, note in AccessLog(store, SystemClock()).read(0, 9999)]
    logged = {(note.kind, f"{note.actor} {note.detail}") for note in notes}
    missing = [
        wanted
        for wanted in answered
        if not any(k == wanted[0] and wanted[1] in w for k, w in logged)
    ]
    assert missing == []


async def changed_and_killed(server: ServerProcess, turn: int) -> tuple[str, str]:
    """One change, answered; the server is killed in the same moment. What the log must hold."""
    name = f"p{turn}"
    async with aiohttp.ClientSession() as http:
        practice = await posted(http, server, "signin/practice", {"role": "administrator"}, SECRET)
        token = practice["access"]
        person = {
            "name": name, "full_name": "", "role": "trainer", "areas": [""], "password": PASSWORD,
        }  # fmt: skip
        if turn % 3 == 0:
            await posted(http, server, "people", person, token, kill=True)
            return "access.person_added", name
        if turn % 3 == 1:
            change = {"name": "duty-officer", "role": "trainer", "disabled": turn % 2 == 0}
            await posted(http, server, "signin/practice", {"role": "duty_officer"}, SECRET)
            await posted(http, server, "people/change", change, token, kill=True)
            word = "disabled" if turn % 2 == 0 else "enabled"
            return "access.person_changed", f"duty-officer role=trainer {word}"
        made = await posted(http, server, "enrolments", {"unit_id": f"U-{turn}"}, token)
        await posted(http, server, "devices", {"code": made["code"]}, "", kill=True)
        return "access.enrolled", f"unit/U-{turn}"


async def posted(
    http: aiohttp.ClientSession,
    server: ServerProcess,
    path: str,
    body: dict[str, Any],
    token: str,
    *,
    kill: bool = False,
) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = f"{server.url}/api/v1/{path}"
    async with http.post(url, json=body, headers=headers) as answer:
        if kill:
            server.kill()
        assert answer.status == 200, await answer.text()
        return None if kill else await answer.json()


# ---------------------------------------------------------------- an administrator of a part

WESTERN = Author("person/chen@01", area=area_of([WEST[:9]]))


@pytest.mark.parametrize("areas", [("",), (EAST[:9],), (WEST[:6],), (WEST[:9], EAST[:9])])
def test_c7_nobody_makes_anybody_wider_than_themselves(gate: Gate, areas: tuple[str, ...]) -> None:
    boss = gate.administration
    with pytest.raises(Denied, match="not_in_your_area"):
        boss.add_person(WESTERN, "zhou", "", Role.SUPERVISOR, area_of(areas))
    boss.add_person(WESTERN, "chen", "", Role.ADMINISTRATOR, area_of([WEST[:9]]))
    with pytest.raises(Denied, match="not_in_your_area"):
        boss.edit_person(WESTERN, "chen", PersonEdit(areas=areas))
    boss.add_person(BOSS, "wide", "", Role.DUTY_OFFICER, area_of(areas))
    for edit in (PersonEdit(role=Role.TRAINER), PersonEdit(disabled=True), PersonEdit(password="")):
        with pytest.raises(Denied, match="not_in_your_area"):
            boss.edit_person(WESTERN, "wide", edit)
    assert boss.edit_person(WESTERN, "chen", PersonEdit(areas=(WEST,))).areas == (WEST,)


async def test_c7_an_area_s_administrator_reads_its_own_people_and_log() -> None:
    async with door() as server:
        west, east = area_of([WEST[:9]]), area_of([EAST[:9]])
        tang = server.headers(server.person("tang", Role.ADMINISTRATOR))
        chen = server.headers(server.person("chen", Role.ADMINISTRATOR, west))
        for name, area in (("wu", west), ("xu", east)):
            person = {
                "name": name, "full_name": name, "role": "duty_officer",
                "areas": list(area.prefixes), "password": PASSWORD,
            }  # fmt: skip
            assert (await server.call("people", person, tang))[0] == 200
            unit = "U-WEST" if name == "wu" else "U-EAST"
            assert (await server.call("enrolments", {"unit_id": unit}, tang))[0] == 200
            wrong = {"name": name, "password": "wrong horse 9"}
            assert (await server.call("signin", wrong))[0] == 401
        await server.call("signin", {"name": "nobody", "password": "wrong horse 9"})
        status, said = await server.call("people", {**person, "name": "yu"}, chen)
        assert (status, said["error"]) == (422, "not_in_your_area")

        _, people = await server.call("people", headers=chen)
        assert [p["name"] for p in people["people"]] == ["chen", "wu"]
        _, log = await server.call("accesslog", headers=chen)
        entries = [(e["kind"], e["actor"], e["detail"]) for e in log["entries"]]
        assert entries == [
            ("access.person_added", "person/tang@03", f"wu duty_officer {WEST[:9]}"),
            ("access.enrolment", "person/tang@03", "U-WEST"),
            ("access.failed", "person/wu", ""),
            ("access.refused", "person/chen@03", "POST /api/v1/people not_in_your_area"),
        ]
        _, whole = await server.call("accesslog", headers=tang)
        assert len(whole["entries"]) == 8
        assert log["through"] == whole["through"]


async def test_c7_a_long_log_of_elsewhere_is_paged_by_how_far_it_was_looked_through() -> None:
    async with door() as server:
        chen = server.headers(server.person("chen", Role.ADMINISTRATOR, area_of([WEST[:9]])))
        for turn in range(70):
            area = (WEST,) if turn in (0, 69) else (EAST,)
            server.gate.log.note("access.failed", f"person/n{turn}", areas=area)
        seen, after = [], 0
        while True:
            _, page = await server.call(f"accesslog?after={after}&limit=2", headers=chen)
            if page["through"] == after:
                break
            seen += [entry["actor"] for entry in page["entries"]]
            after = page["through"]
        assert seen == ["person/n0", "person/n69"]
