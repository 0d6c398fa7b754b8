"""What every journal must do; each implementation's tests inherit this."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from console.clock import ManualClock
from console.journal import Batch, End, Journal, JournalMoved, KeyReused, Receipt, append
from console.model.event import Event
from console.model.facts import IncidentAccepted, NoteAdded, PriorityChanged
from console.wire import decode_fact
from tests.helpers.stream import NOW, key


def batch(*texts: str, own_key: str = "", digest: bytes = b"d") -> Batch:
    """A batch of notes."""
    own_key = own_key or key()
    facts = tuple(NoteAdded("i-1", text) for text in texts)
    return Batch(own_key, digest, facts, NOW - 5, "desk/a", own_key)


class JournalContract:
    """Inherit, and give a fixture `journal` over a ManualClock `clock` that starts at NOW."""

    def test_it_starts_empty(self, journal: Journal) -> None:
        assert (journal.head, journal.read(0, 10)) == (0, [])
        assert journal.id

    def test_events_are_numbered_and_stamped(self, journal: Journal) -> None:
        first = batch("one", "two")
        receipt = append(journal, first, 0).result(5)
        assert not receipt.repeated
        assert receipt.events == (
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
            append(journal, batch(str(n)), n).result(5)
        assert [e.seq for e in journal.read(1, 2)] == [2, 3]
        assert [e.seq for e in journal.read(3, 100)] == [4, 5]
        assert journal.read(5, 10) == []
        assert journal.read(99, 10) == []
        assert journal.read(0, 0) == []

    def test_the_same_key_and_body_gets_the_first_answer(self, journal: Journal) -> None:
        once = batch("one")
        first = append(journal, once, 0)
        while_under_way = append(journal, once, 0)
        made = first.result(5).events
        afterwards = append(journal, once, 0)
        for repeat in (while_under_way, afterwards):
            assert repeat.result(5) == Receipt(made, repeated=True)
        assert journal.head == 1

    def test_the_same_key_with_another_body_is_refused(self, journal: Journal) -> None:
        once = batch("one")
        append(journal, once, 0)
        other = batch("else", own_key=once.key, digest=b"other")
        with pytest.raises(KeyReused):
            append(journal, other, 1).result(5)
        append(journal, batch("two"), 1).result(5)
        with pytest.raises(KeyReused):
            append(journal, other, 2).result(5)
        assert journal.head == 2

    def test_a_batch_without_facts_is_remembered(self, journal: Journal) -> None:
        nothing = batch()
        assert append(journal, nothing, 0).result(5).events == ()
        assert append(journal, nothing, 0).result(5) == Receipt((), repeated=True)
        assert journal.head == 0
        with pytest.raises(KeyReused):
            append(journal, batch("x", own_key=nothing.key, digest=b"other"), 0).result(5)

    def test_a_writer_that_is_behind_is_told_so(self, journal: Journal) -> None:
        append(journal, batch("one"), 0).result(5)
        for wrong in (0, 2):
            with pytest.raises(JournalMoved):
                append(journal, batch("two"), wrong).result(5)
        assert journal.head == 1

    def test_recorded_time_never_runs_backwards(self, journal: Journal, clock: ManualClock) -> None:
        append(journal, batch("one"), 0).result(5)
        clock.set(NOW - 60_000)
        assert append(journal, batch("two"), 1).result(5).events[0].recorded_at == NOW

    def test_listeners_hear_every_event_once_and_in_order(self, journal: Journal) -> None:
        heard: list[int] = []
        done = threading.Event()

        def listen(events: Sequence[Event]) -> None:
            heard.extend(e.seq for e in events)
            if len(heard) >= 20:
                done.set()

        stop = journal.subscribe(listen)
        for n in range(20):
            receipt = append(journal, batch(str(n)), n)
        assert done.wait(5)
        assert heard == list(range(1, 21))
        stop()
        receipt = append(journal, batch("unheard"), 20)
        receipt.result(5)
        assert len(heard) == 20

    def test_a_listener_that_fails_stops_nothing(self, journal: Journal) -> None:
        heard: list[int] = []
        journal.subscribe(lambda _events: 1 / 0)  # type: ignore[arg-type]
        journal.subscribe(lambda events: heard.extend(e.seq for e in events))
        append(journal, batch("one"), 0).result(5)
        append(journal, batch("two"), 1).result(5)
        journal.close()
        assert heard == [1, 2]

    def test_many_threads_lose_and_double_nothing(self, journal: Journal) -> None:
        def write(_n: int) -> tuple[Event, ...]:
            made = batch("a", "b")
            return journal.write(made.key, made.digest, lambda _end: made).result(10).events

        with ThreadPoolExecutor(8) as pool:
            made = [e for events in pool.map(write, range(100)) for e in events]
        assert sorted(e.seq for e in made) == list(range(1, 201))
        assert sorted(made, key=lambda e: e.seq) == journal.read(0, 1000)

    def test_a_wide_event_comes_back_as_it_was(self, journal: Journal) -> None:
        facts = (NoteAdded("事件-1", "南湖路口 😀\0 tail"), IncidentAccepted("事件-1"))
        wide = Batch(key(), b"", facts, 0, "unit/甲", "原因")
        assert append(journal, wide, 0).result(5).events == tuple(journal.read(0, 9))

    def test_what_events_tell_a_picture_is_what_they_hold(self, journal: Journal) -> None:
        facts = (NoteAdded("i-1", "x"), IncidentAccepted("i-1"), PriorityChanged("i-1", 2, "y"))
        append(journal, Batch(key(), b"", facts, NOW - 5, "desk/a", ""), 0).result(5)
        told = journal.told(0, 9)
        assert [(seq, at) for seq, at, *_ in told] == [(n, NOW - 5) for n in (1, 2, 3)]
        assert [(kind, version) for _, _, kind, version, _ in told] == [(f.kind, 1) for f in facts]
        assert [decode_fact(*row[2:]) for row in told] == list(facts)
        assert [seq for seq, *_ in journal.told(1, 1)] == [2]

    def test_what_happened_in_some_streams(self, journal: Journal) -> None:
        facts = [NoteAdded(f"i-{n % 3}", str(n)) for n in range(9)]
        append(journal, Batch(key(), b"", tuple(facts), NOW, "desk/a", ""), 0).result(5)
        found = journal.about(["incident/i-0", "incident/i-2", "incident/none"], 9)
        assert found == [e for e in journal.read(0, 99) if e.stream != "incident/i-1"]
        assert journal.about(["incident/i-1"], 2) == [journal.read(n, 1)[0] for n in (1, 4)]
        assert journal.about([], 9) == []

    def test_a_decider_knows_all_that_went_before(self, journal: Journal) -> None:
        append(journal, batch("one", "two"), 0).result(5)
        known: list[list[int]] = []

        def decide(end: End) -> Batch:
            known.append([e.seq for e in end.since(1)])
            assert end.seq == end.since(0)[-1].seq
            assert end.durable <= end.seq
            return made[len(known) - 1]

        made = [batch("three"), batch("four", "five"), batch()]
        for each in made:
            answer = journal.write(each.key, each.digest, decide)
        assert answer.result(5).events == ()
        assert known == [[2], [2, 3], [2, 3, 4, 5]]

    def test_what_a_decider_raises_is_the_answer_and_stops_nobody(self, journal: Journal) -> None:
        def refuse(_end: End) -> Batch:
            raise ValueError("no")

        before = append(journal, batch("one"), 0)
        refused = journal.write(key(), b"d", refuse)
        after = append(journal, batch("two"), 1)
        with pytest.raises(ValueError, match="no"):
            refused.result(5)
        assert before.result(5).events[0].seq == 1
        assert after.result(5).events[0].seq == 2

    def test_a_refused_key_is_not_taken(self, journal: Journal) -> None:
        """What was refused may be asked again, and be granted when things have changed."""
        later = batch("later")
        with pytest.raises(JournalMoved):
            append(journal, later, 7).result(5)
        assert append(journal, later, 0).result(5) == Receipt(tuple(journal.read(0, 9)))

    def test_what_is_there_when_it_is_asked_to_listen_is_read_not_heard(
        self, journal: Journal
    ) -> None:
        heard: list[int] = []
        append(journal, batch("one"), 0).result(5)
        journal.subscribe(lambda events: heard.extend(e.seq for e in events))
        append(journal, batch("two"), 1).result(5)
        journal.close()
        assert heard == [2]

    def test_a_repeat_among_others_gets_its_first_answer_and_they_theirs(
        self, journal: Journal
    ) -> None:
        """Also where it would be granted once more, or has become impossible."""
        first, second = batch("one"), batch("two")
        for each in (first, second):
            journal.write(each.key, each.digest, lambda _end, each=each: each).result(5)  # type: ignore[misc]
        third, fourth = batch("three"), batch("four")

        def refuse(_end: End) -> Batch:
            raise ValueError("no")

        answers = [
            journal.write(third.key, third.digest, lambda _end: third),
            journal.write(first.key, first.digest, lambda _end: first),
            journal.write(second.key, second.digest, refuse),
            journal.write(key(), b"d", refuse),
            journal.write(fourth.key, fourth.digest, lambda _end: fourth),
            journal.write(fourth.key, b"other", refuse),
        ]
        assert [e.seq for e in answers[0].result(5).events] == [3]
        assert answers[1].result(5) == Receipt(tuple(journal.read(0, 1)), repeated=True)
        assert answers[2].result(5) == Receipt(tuple(journal.read(1, 1)), repeated=True)
        with pytest.raises(ValueError, match="no"):
            answers[3].result(5)
        assert [e.seq for e in answers[4].result(5).events] == [4]
        with pytest.raises(KeyReused):
            answers[5].result(5)
        assert journal.head == 4
