"""What every journal must do; each implementation's tests inherit this."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from console.clock import ManualClock
from console.journal import Batch, Journal, JournalMoved, KeyReused
from console.model.event import Event
from console.model.facts import IncidentAccepted, NoteAdded
from tests.helpers.stream import NOW, key


def batch(*texts: str, own_key: str = "", digest: bytes = b"d") -> Batch:
    """A batch of notes."""
    own_key = own_key or key()
    facts = tuple(NoteAdded("i-1", text) for text in texts)
    return Batch(own_key, digest, facts, NOW - 5, "desk/a", own_key)


class JournalContract:
    """Inherit, and give a fixture `journal` over a ManualClock `clock` that starts at NOW."""

    def test_it_starts_empty(self, journal: Journal) -> None:
        assert (journal.head, journal.numbered, journal.read(0, 10)) == (0, 0, [])
        assert journal.id

    def test_events_are_numbered_and_stamped(self, journal: Journal) -> None:
        first = batch("one", "two")
        receipt = journal.append(first, 0)
        assert not receipt.repeated
        assert receipt.wait(5) == (
            Event(
                seq=1,
                stream="incident/i-1",
                fact=NoteAdded("i-1", "one"),
                happened_at=NOW - 5,
                recorded_at=NOW,
                actor="desk/a",
                cause=first.key,
                key=first.key,
                part=0,
            ),
            Event(
                seq=2,
                stream="incident/i-1",
                fact=NoteAdded("i-1", "two"),
                happened_at=NOW - 5,
                recorded_at=NOW,
                actor="desk/a",
                cause=first.key,
                key=first.key,
                part=1,
            ),
        )
        assert journal.head == 2
        assert tuple(journal.read(0, 10)) == receipt.events

    def test_reading_starts_after_the_cursor_and_stops_at_the_limit(self, journal: Journal) -> None:
        for n in range(5):
            journal.append(batch(str(n)), n).wait(5)
        assert [e.seq for e in journal.read(1, 2)] == [2, 3]
        assert [e.seq for e in journal.read(3, 100)] == [4, 5]
        assert journal.read(5, 10) == []
        assert journal.read(99, 10) == []
        assert journal.read(0, 0) == []

    def test_the_same_key_and_body_gets_the_first_answer(self, journal: Journal) -> None:
        once = batch("one")
        first = journal.append(once, 0)
        while_under_way = journal.append(once, 0)
        first.wait(5)
        afterwards = journal.append(once, 0)
        for repeat in (while_under_way, afterwards, journal.find(once.key, b"d")):
            assert repeat is not None
            assert repeat.repeated
            assert repeat.wait(5) == first.events
        assert journal.head == 1

    def test_the_same_key_with_another_body_is_refused(self, journal: Journal) -> None:
        once = batch("one")
        journal.append(once, 0)
        with pytest.raises(KeyReused):
            journal.append(batch("else", own_key=once.key, digest=b"other"), 1)
        journal.append(batch("two"), 1).wait(5)
        with pytest.raises(KeyReused):
            journal.find(once.key, b"other")
        assert journal.head == 2

    def test_an_unknown_key_is_not_found(self, journal: Journal) -> None:
        assert journal.find(key(), b"d") is None

    def test_a_batch_without_facts_is_remembered(self, journal: Journal) -> None:
        nothing = batch()
        assert journal.append(nothing, 0).wait(5) == ()
        again = journal.append(nothing, 0)
        assert (again.repeated, again.wait(5), journal.head) == (True, (), 0)
        with pytest.raises(KeyReused):
            journal.append(batch("x", own_key=nothing.key, digest=b"other"), 0)

    def test_a_writer_that_is_behind_is_told_so(self, journal: Journal) -> None:
        journal.append(batch("one"), 0).wait(5)
        for wrong in (0, 2):
            with pytest.raises(JournalMoved):
                journal.append(batch("two"), wrong)
        assert journal.head == 1

    def test_recorded_time_never_runs_backwards(self, journal: Journal, clock: ManualClock) -> None:
        journal.append(batch("one"), 0)
        clock.set(NOW - 60_000)
        assert journal.append(batch("two"), 1).wait(5)[0].recorded_at == NOW

    def test_listeners_hear_every_event_once_and_in_order(self, journal: Journal) -> None:
        heard: list[int] = []
        done = threading.Event()

        def listen(events: Sequence[Event]) -> None:
            heard.extend(e.seq for e in events)
            if len(heard) >= 20:
                done.set()

        stop = journal.subscribe(listen)
        for n in range(20):
            receipt = journal.append(batch(str(n)), n)
        assert done.wait(5)
        assert heard == list(range(1, 21))
        stop()
        receipt = journal.append(batch("unheard"), 20)
        receipt.wait(5)
        assert len(heard) == 20

    def test_a_listener_that_fails_stops_nothing(self, journal: Journal) -> None:
        heard: list[int] = []
        journal.subscribe(lambda _events: 1 / 0)  # type: ignore[arg-type,return-value]
        journal.subscribe(lambda events: heard.extend(e.seq for e in events))
        journal.append(batch("one"), 0).wait(5)
        journal.append(batch("two"), 1).wait(5)
        journal.close()
        assert heard == [1, 2]

    def test_many_threads_lose_and_double_nothing(self, journal: Journal) -> None:
        lock = threading.Lock()

        def write(_n: int) -> tuple[Event, ...]:
            with lock:
                receipt = journal.append(batch("a", "b"), journal.numbered)
            return receipt.wait(10)

        with ThreadPoolExecutor(8) as pool:
            made = [e for events in pool.map(write, range(100)) for e in events]
        assert sorted(e.seq for e in made) == list(range(1, 201))
        assert sorted(made, key=lambda e: e.seq) == journal.read(0, 1000)

    def test_a_wide_event_comes_back_as_it_was(self, journal: Journal) -> None:
        facts = (NoteAdded("事件-1", "南湖路口 😀\0 tail"), IncidentAccepted("事件-1"))
        wide = Batch(key(), b"", facts, 0, "unit/甲", "原因")
        assert journal.append(wide, 0).wait(5) == tuple(journal.read(0, 9))
