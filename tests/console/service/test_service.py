"""The only writer: policy, decision, journal, and what happens when the disk says no."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import apsw
import pytest

from console.access import Actor, Role
from console.clock import Clocks, ManualClock
from console.journal import Batch, End, KeyReused, StorageFailed
from console.journal.memory import MemoryJournal
from console.journal.sqlite import SqliteJournal
from console.model.command import Step
from console.model.conflict import Outdated
from console.model.decide import Refused
from console.model.facts import CardSeen, CommandAdvanced, IncidentAccepted, IncidentReported
from console.model.requests import (
    AcceptIncident,
    AddNote,
    AdvanceCommand,
    CloseIncident,
    MarkSeen,
    MergeIncident,
    RejectIncident,
)
from console.service import Service, anywhere
from console.service.follower import folded
from console.service.service import NEAR
from tests.helpers.stream import NOW, dispatch, key, report, small_ground, submission

OFFICER = Actor(Role.DUTY_OFFICER, "lin", desk="03")
DEVICE = Actor(Role.DEVICE, "U-0001")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def journal(clock: ManualClock) -> MemoryJournal:
    return MemoryJournal(clock)


@pytest.fixture
def service(journal: MemoryJournal, clock: ManualClock) -> Service:
    return Service(journal, Clocks(clock), small_ground())


def code(caught: pytest.ExceptionInfo[Refused]) -> str:
    return caught.value.code


def test_a_report_becomes_an_event_with_who_and_why(service: Service) -> None:
    sent = submission(report())
    (event,) = service.handle(sent, OFFICER)
    assert isinstance(event.fact, IncidentReported)
    assert event.fact.cell_code == "330106"
    assert (event.actor, event.cause, event.key) == ("person/lin@03", sent.key, sent.key)


def test_a_repeat_gets_the_first_answer_even_when_it_could_not_be_granted_now(
    service: Service, journal: MemoryJournal
) -> None:
    asked = report()
    service.handle(submission(asked), OFFICER)
    accept = submission(AcceptIncident(asked.incident_id))
    first = service.handle(accept, OFFICER)
    service.handle(submission(CloseIncident(asked.incident_id, "done")), OFFICER)
    assert service.handle(accept, OFFICER) == first
    assert journal.head == 3


def test_one_key_for_two_bodies_or_two_people_is_refused(service: Service) -> None:
    first = submission(report())
    service.handle(first, OFFICER)
    with pytest.raises(KeyReused):
        service.handle(submission(report(), own_key=first.key), OFFICER)
    with pytest.raises(KeyReused):
        service.handle(first, DEVICE)


def test_refusals_come_from_policy_region_roster_and_decision(service: Service) -> None:
    incident = report()
    service.handle(submission(incident), OFFICER)
    cases = [
        (submission(AcceptIncident(incident.incident_id)), DEVICE, "not_for_devices"),
        (submission(report(lon=10.0, lat=50.0)), OFFICER, "outside_region"),
        (submission(dispatch(incident.incident_id, "U-9999")), OFFICER, "no_such_unit"),
        (submission(AcceptIncident(key())), OFFICER, "no_such_incident"),
        (submission(report(), at=NOW // 1000), OFFICER, "bad_time"),
    ]
    for sent, actor, expected in cases:
        with pytest.raises(Refused) as caught:
            service.handle(sent, actor)
        assert code(caught) == expected


def test_without_a_city_any_place_and_unit_will_do(clock: ManualClock) -> None:
    service = Service(MemoryJournal(clock), Clocks(clock), anywhere())
    asked = report(lon=-70.0, lat=-33.0)
    service.handle(submission(asked), OFFICER)
    service.handle(submission(dispatch(asked.incident_id, "anybody")), OFFICER)
    with pytest.raises(Refused):
        service.handle(submission(report(lon=500.0)), OFFICER)


def test_the_system_acts_in_its_own_name(service: Service) -> None:
    asked = report()
    service.handle(submission(asked), OFFICER)
    order = dispatch(asked.incident_id, "U-0001")
    service.handle(submission(order), OFFICER)
    command_id = order.orders[0].command_id
    outcome = service.do(AdvanceCommand(command_id, Step.TIMED_OUT), "timer")
    (event,) = outcome.events()
    assert isinstance(event.fact, CommandAdvanced)
    assert event.actor == "system/timer"


def test_a_service_that_starts_over_a_full_journal_knows_what_is_in_it(
    service: Service, journal: MemoryJournal, clock: ManualClock
) -> None:
    asked = report()
    service.handle(submission(asked), OFFICER)
    again = Service(journal, Clocks(clock), small_ground())
    (event,) = again.handle(submission(AcceptIncident(asked.incident_id)), OFFICER)
    assert event.seq == 2


def test_another_writer_meanwhile_is_folded_in(
    service: Service, journal: MemoryJournal, clock: ManualClock
) -> None:
    other = Service(journal, Clocks(clock), small_ground())
    asked = report()
    other.handle(submission(asked), OFFICER)
    (event,) = service.handle(submission(AcceptIncident(asked.incident_id)), OFFICER)
    assert isinstance(event.fact, IncidentAccepted)


class Breaking:
    """A SQLite journal whose disk can be filled."""

    def __init__(self, path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.journal = SqliteJournal(path, clock)
        self.full = False
        commit = self.journal._commit

        def maybe(group: list[object]) -> None:
            if self.full:
                raise apsw.FullError("disk is full")
            commit(group)  # type: ignore[arg-type]

        monkeypatch.setattr(self.journal, "_commit", maybe)


def test_a_full_disk_answers_nothing_and_forgets_what_was_decided(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Breaking(tmp_path / "j.sqlite", clock, monkeypatch)
    service = Service(broken.journal, Clocks(clock), small_ground())
    asked = report()
    service.handle(submission(asked), OFFICER)
    accept = submission(AcceptIncident(asked.incident_id))
    broken.full = True
    with pytest.raises(StorageFailed):
        service.handle(accept, OFFICER)
    broken.full = False
    assert [type(e.fact) for e in service.handle(accept, OFFICER)] == [IncidentAccepted]
    assert [e.seq for e in broken.journal.read(0, 9)] == [1, 2]
    assert folded(broken.journal).incidents.keys() == {asked.incident_id}
    broken.journal.close()


def test_a_refusal_waits_for_what_it_rests_on(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two reports of one id in one turn: the second is refused only if the first is on the disk."""
    broken = Breaking(tmp_path / "j.sqlite", clock, monkeypatch)
    service = Service(broken.journal, Clocks(clock), small_ground())
    hold: Future[None] = Future()

    def slow(end: End) -> Batch:
        hold.result(5)
        return Batch(key(), b"d", (), NOW, "desk/a", "")

    broken.journal.write(key(), b"d", slow)
    asked = report()
    first = service.submit(submission(asked), OFFICER)
    second = service.submit(submission(asked), OFFICER)
    broken.full = True
    hold.set_result(None)
    for outcome in (first, second):
        with pytest.raises(StorageFailed):
            outcome.events()
    broken.full = False
    service.handle(submission(asked), OFFICER)
    with pytest.raises(Refused):
        service.handle(submission(asked), OFFICER)
    broken.journal.close()


def test_what_was_decided_in_a_lost_turn_never_was(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dispatch, a step and a report, each resting on the one before, lost together."""
    broken = Breaking(tmp_path / "j.sqlite", clock, monkeypatch)
    service = Service(broken.journal, Clocks(clock), small_ground())
    first, second = report(), report()
    service.handle(submission(first), OFFICER)
    order = dispatch(first.incident_id, "U-0001")
    step = AdvanceCommand(order.orders[0].command_id, Step.EN_ROUTE)
    sent = [submission(r) for r in (order, step, second, AcceptIncident(second.incident_id))]
    broken.full = True
    outcomes = [service.submit(s, OFFICER) for s in sent]
    for outcome in outcomes:
        with pytest.raises(StorageFailed):
            outcome.events()
    broken.full = False
    made = [e for s in sent for e in service.handle(s, OFFICER)]
    assert [e.seq for e in made] == list(range(2, 7))
    (reported,) = (e.fact for e in made if isinstance(e.fact, IncidentReported))
    assert reported.number.endswith("-0002")
    broken.journal.close()


def test_two_services_in_turn_decide_on_what_the_other_did(
    journal: MemoryJournal, clock: ManualClock
) -> None:
    services = [Service(journal, Clocks(clock), small_ground()) for _ in range(2)]
    for n in range(20):
        asked = report()
        services[n % 2].handle(submission(asked), OFFICER)
        services[1 - n % 2].handle(submission(AcceptIncident(asked.incident_id)), OFFICER)
    numbers = {i.number for i in folded(journal).incidents.values()}
    assert (journal.head, len(numbers)) == (40, 20)


OTHER = Actor(Role.DUTY_OFFICER, "wang", desk="02")


@pytest.mark.parametrize("away", [0, 3 * NEAR])
def test_a8_who_decides_on_an_older_state_is_told_what_changed(service: Service, away: int) -> None:
    """One desk merges A into B while another rejects B: nothing may vanish."""
    first, second = report(), report()
    service.handle(submission(first), OTHER)
    (event,) = service.handle(submission(second), OTHER)
    merge = MergeIncident(first.incident_id, second.incident_id)
    (merged,) = service.handle(submission(merge, seen=event.seq), OTHER)
    for _ in range(away):
        service.submit(submission(AddNote(first.incident_id, "later")), OTHER)
    for request in (
        RejectIncident(second.incident_id, "a prank"),
        CloseIncident(second.incident_id, "a prank"),
    ):
        with pytest.raises(Outdated) as caught:
            service.handle(submission(request, seen=event.seq), OFFICER)
        assert caught.value.events == (merged,)
    service.handle(submission(AcceptIncident(second.incident_id), seen=event.seq), OFFICER)
    with pytest.raises(Refused):  # without what was seen, by the rules alone
        service.handle(submission(RejectIncident(second.incident_id, "a prank")), OFFICER)


def test_a8_two_officers_who_send_at_once_do_not_send_twice(service: Service) -> None:
    asked = report()
    (event,) = service.handle(submission(asked), OTHER)
    mine = submission(dispatch(asked.incident_id, "U-0001"), seen=event.seq)
    theirs = submission(dispatch(asked.incident_id, "U-0002"), seen=event.seq)
    sent = service.handle(theirs, OTHER)
    with pytest.raises(Outdated) as caught:
        service.handle(mine, OFFICER)
    assert caught.value.events == (sent[-1],)
    again = submission(dispatch(asked.incident_id, "U-0001"), seen=sent[-1].seq)
    assert service.handle(again, OFFICER)


def test_a8_what_a_desk_did_itself_and_has_not_seen_yet_is_no_news(service: Service) -> None:
    asked = report()
    (event,) = service.handle(submission(asked), OFFICER)
    service.handle(submission(AddNote(asked.incident_id, "mine"), seen=event.seq), OFFICER)
    reject = submission(RejectIncident(asked.incident_id, "a prank"), seen=event.seq)
    assert service.handle(reject, OFFICER)


def test_b11_which_desk_saw_a_card_is_what_the_sign_in_says(service: Service) -> None:
    (event,) = service.handle(submission(report()), OFFICER)
    assert isinstance(event.fact, IncidentReported)
    incident_id = event.fact.incident_id
    (seen,) = service.handle(submission(MarkSeen(incident_id, "somebody else's")), OFFICER)
    assert isinstance(seen.fact, CardSeen)
    assert (seen.fact.desk, seen.actor) == ("03", "person/lin@03")
