"""A city's history: as many events as wanted, in the mix that duty makes them in."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from console.clock import ManualClock
from console.journal import Batch
from console.journal.chain import START
from console.journal.rows import key_bytes, linked_rows
from console.journal.sqlite import SqliteStore
from console.journal.store import Registered
from console.model.command import Step
from console.model.event import Event
from console.model.facts import (
    CardSeen,
    CommandAdvanced,
    CommandIssued,
    Fact,
    IncidentAccepted,
    IncidentClosed,
    IncidentEvaluated,
    IncidentFedBack,
    IncidentHandled,
    IncidentReported,
    IncidentVerified,
    NoteAdded,
)
from console.model.ids import new_key
from console.model.text import Text

START_MS = 1_795_000_000_000
OPEN_AT_ONCE = 200
"""Incidents that go on side by side; those at the end of the history stay open."""
UNITS = 1000
GROUP = 1000

_STEPS = (
    Step.SENT,
    Step.DELIVERED,
    Step.READ,
    Step.ACKNOWLEDGED,
    Step.EN_ROUTE,
    Step.ON_SCENE,
    Step.DONE,
)


def incident_facts(serial: int, at_ms: int, rng: random.Random) -> Iterator[Fact]:
    """One incident from its report to its evaluation, with one or two units."""
    incident = new_key(at_ms)
    yield IncidentReported(
        incident_id=incident,
        number=f"E-2026{serial // 10_000:04d}-{serial % 10_000:04d}",
        type_code="traffic.collision",
        priority=rng.randint(1, 4),
        lon=120.15 + rng.random() / 10,
        lat=30.28 + rng.random() / 10,
        address=Text("文三路与学院路口东北角", "Wensan Road and Xueyuan Road, north-east corner"),
        words=Text("两车相撞，占用最左车道，无人受伤", "Two cars have collided, nobody is hurt"),
        source="phone",
        cell_code="330106003012",
    )
    yield CardSeen(incident, "desk-1")
    yield IncidentAccepted(incident)
    commands = []
    for _ in range(rng.randint(1, 2)):
        command, unit = new_key(at_ms), f"U-{rng.randrange(UNITS):04d}"
        commands.append((command, unit))
        yield CommandIssued(
            command, incident, unit, Text("请前往处置", "Please go and deal with it")
        )
    for step in _STEPS:
        for command, unit in commands:
            yield CommandAdvanced(command, incident, unit, step)
    yield IncidentHandled(incident)
    yield IncidentFedBack(incident, "已疏导，恢复通行")
    yield NoteAdded(incident, "拖车已到")
    yield IncidentVerified(incident)
    yield IncidentClosed(incident, "已处置")
    if rng.random() < 0.5:
        yield IncidentEvaluated(incident, 5, "")


def facts(seed: int = 1) -> Iterator[tuple[int, Fact]]:
    """Times and facts without end: many incidents side by side."""
    rng = random.Random(seed)
    at_ms, serial = START_MS, 0
    running: list[Iterator[Fact]] = []
    while True:
        at_ms += rng.randint(50, 500)
        if len(running) < OPEN_AT_ONCE:
            serial += 1
            running.append(incident_facts(serial, at_ms, rng))
        place = rng.randrange(len(running))
        fact = next(running[place], None)
        if fact is None:
            running[place] = running[-1]
            running.pop()
        else:
            yield at_ms, fact


def events(count: int, seed: int = 1) -> Iterator[Event]:
    """The first `count` events of a history."""
    for seq, (at_ms, fact) in enumerate(islice(facts(seed), count), 1):
        key = new_key(at_ms)
        batch = Batch(key, b"", (fact,), at_ms, "desk/duty", key)
        yield batch.numbered(seq, at_ms)[0]


def write_history(path: Path, count: int, seed: int = 1) -> None:
    """A journal of `count` events in a SQLite file."""
    store = SqliteStore(path, ManualClock(START_MS))
    chain = START
    source = events(count, seed)
    while group := list(islice(source, GROUP)):
        rows = list(linked_rows(chain, group))
        chain = rows[-1].chain
        store.commit(rows, [Registered(key_bytes(e.key), b"d" * 32, e.seq, 1) for e in group])
    store.close()
