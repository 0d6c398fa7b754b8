"""A damaged store says so, entry by entry; what is not damaged goes on."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import apsw
import pytest

from console.access import Gate, Role, StoreFailed
from console.access.access_log import AccessLog
from console.access.open import open_store
from console.access.sqlite import SqliteStore
from console.clock import ManualClock
from tests.helpers.people import bearer, door
from tests.helpers.stream import NOW

CLOCK = ManualClock(NOW)


def harmed(path: Path, statement: str) -> SqliteStore:
    with closing(apsw.Connection(str(path))) as connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        connection.execute(statement)
    return SqliteStore(path)


def filled(path: Path) -> tuple[str, str]:
    """A store with two people and a device; the tokens of one and of the device."""
    with closing(SqliteStore(path)) as store:
        gate = Gate(store, CLOCK)
        for name in ("lin", "zhou"):
            gate.people.add(name, name, Role.DUTY_OFFICER)
            gate.log.note("access.person_added", "person/tang", detail=name)
        gate.log.flush()
        token = gate.sessions.open(gate.people.get("zhou"), "03").access
        return token, gate.devices.issue("U-0001")


@pytest.mark.parametrize("body", ["x'84'", "x'ff'", "zeroblob(9)", "'text'", "x'a3ffffff'"])
@pytest.mark.parametrize("kind", ["person", "device", "token", "family"])
def test_a_damaged_entry_is_told_and_costs_nobody_else(
    tmp_path: Path, kind: str, body: str
) -> None:
    token, device = filled(tmp_path / "city.access")
    one = "AND key = 'lin'" if kind == "person" else ""
    store = harmed(
        tmp_path / "city.access", f"UPDATE entry SET body = {body} WHERE kind = '{kind}' {one}"
    )
    with closing(store):
        gate = Gate(store, CLOCK)
        with pytest.raises(StoreFailed) as told:
            if kind == "person":
                gate.people.get("lin")
            else:
                gate.identify(device if kind == "device" else token)
        assert told.value.message.zh
        if kind in ("person", "device"):
            assert gate.identify(token).name == "zhou"


def test_a_damaged_entry_of_the_log_hides_no_other(tmp_path: Path) -> None:
    filled(tmp_path / "city.access")
    store = harmed(tmp_path / "city.access", "UPDATE access_log SET body = x'84' WHERE seq = 1")
    with closing(store):
        notes = AccessLog(store, CLOCK).read(0, 9)
    assert [(seq, note.kind) for seq, note in notes] == [
        (1, "access.unreadable"), (2, "access.person_added"),
    ]  # fmt: skip


@pytest.mark.parametrize("page", [0, 1, 2, 3])
def test_a_file_damaged_anywhere_is_refused_in_a_sentence(tmp_path: Path, page: int) -> None:
    path = tmp_path / "city.access"
    filled(path)
    with closing(apsw.Connection(str(path))) as connection:
        connection.pragma("wal_checkpoint(truncate)")
    data = bytearray(path.read_bytes())
    data[4096 * page : 4096 * page + 2048] = b"\xa5" * 2048
    path.write_bytes(data)
    try:
        with closing(open_store(f"sqlite:///{tmp_path / 'city.sqlite'}")) as store:
            Gate(store, CLOCK).people.all()
            AccessLog(store, CLOCK).read(0, 9)
    except StoreFailed as error:
        assert error.message.en


async def test_the_server_answers_503(tmp_path: Path) -> None:
    async with door() as server:
        boss = server.person("boss", Role.ADMINISTRATOR)
        token = server.gate.sessions.open(boss, "03").access
        store = server.gate._store
        with store.change():
            store.put("person", "lin", b"\x84")
        status, said = await server.call("people", headers=bearer(token))
        assert (status, said["error"]) == (503, "storage_failed")
