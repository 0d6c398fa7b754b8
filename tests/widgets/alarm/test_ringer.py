"""When an alarm is heard, and when it is not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, Signal

from console.model.command import Step
from console.model.requests import AcceptIncident, AcknowledgeSos, DeclareUnitStatus
from console.model.unit import SosCall, UnitStatus
from console.session import Me
from tests.widgets.conftest import DeskRig
from widgets.alarm import VOLUMES, Ringer, Sound, samples
from widgets.alarm.ringer import SOS_EVERY_MS
from widgets.bridge.fake_sound import FakeSoundOutput

UNIT, OTHER = "P-1", "F-1"


class Account(QObject):
    """Who is signed in."""

    changed = Signal()
    me: Me | None = None


def person(name: str) -> Me:
    return Me(name, name, "duty_officer", ("",), frozenset(), frozenset())


class Ear:
    """What is heard at a desk, and time that goes by."""

    def __init__(self, rig: DeskRig) -> None:
        self.rig = rig
        self.output = FakeSoundOutput()
        self.ringer = Ringer(rig.desk, self.output)

    def heard(self) -> list[Sound]:
        """Since it was asked last."""
        names = {id(samples(sound)): sound for sound in Sound}
        played = [names[id(each.samples)] for each in self.output.played]
        self.output.played.clear()
        return played

    def wait_ms(self, ms: int) -> None:
        """As the timer does, in steps of a tenth of a second."""
        for _ in range(ms // 100):
            self.rig.clock.advance(100)
            self.ringer.play_next()

    def call(self, unit: str = UNIT) -> int:
        """A unit calls for help; the name of its call."""
        self.rig.session.act(DeclareUnitStatus(unit, UnitStatus.SOS), f"unit/{unit}")
        self.rig.tell()
        return self.rig.session.picture.sos_calls[unit].at

    def acknowledge(self, at: int, unit: str = UNIT) -> None:
        self.rig.session.act(AcknowledgeSos(unit, at), "person/lin")
        self.rig.tell()


@pytest.fixture
def ear(rig: DeskRig) -> Iterator[Ear]:
    yield Ear(rig)


def test_a1_a_call_for_help_rings_until_somebody_acknowledges(ear: Ear) -> None:
    at = ear.call()
    assert ear.heard() == [Sound.SOS]
    ear.wait_ms(3 * SOS_EVERY_MS + 200)
    assert ear.heard() == [Sound.SOS] * 3
    ear.acknowledge(at)
    ear.wait_ms(5 * SOS_EVERY_MS)
    assert ear.heard() == []


def test_a1_a_second_call_is_heard_at_once_and_two_do_not_ring_double(ear: Ear) -> None:
    ear.call()
    ear.wait_ms(2000)
    ear.heard()
    ear.call(OTHER)
    assert ear.heard() == [Sound.SOS]
    ear.wait_ms(2 * SOS_EVERY_MS + 200)
    assert ear.heard() == [Sound.SOS] * 2


def test_a1_a_call_repeated_after_the_acknowledgement_rings_again(ear: Ear) -> None:
    ear.acknowledge(ear.call())
    ear.heard()
    ear.rig.clock.advance(20_000)
    ear.call()
    assert ear.heard() == [Sound.SOS]


def test_a1_the_call_of_a_unit_from_elsewhere_rings_too(ear: Ear) -> None:
    fixes = ear.rig.session.fixes
    fixes.hear_calls({"X-1": SosCall(ear.rig.clock.now_ms())})
    ear.ringer._hear_units()
    assert ear.heard() == [Sound.SOS]


def test_a1_a_desk_that_comes_later_hears_an_open_call_and_no_old_news(rig: DeskRig) -> None:
    rig.report(priority=1)
    failed = rig.dispatch(rig.report(priority=2), OTHER)
    rig.advance(failed[0], Step.REFUSED)
    rig.session.act(DeclareUnitStatus(UNIT, UnitStatus.SOS), f"unit/{UNIT}")
    rig.tell()
    ear = Ear(rig)
    ear.wait_ms(2000)
    assert ear.heard() == [Sound.SOS]


def test_a1_a_new_priority_1_is_heard_once(ear: Ear) -> None:
    incident = ear.rig.report(priority=1)
    ear.wait_ms(5000)
    ear.rig.wait_s(1)
    assert ear.heard() == [Sound.URGENT]
    ear.rig.session.act(AcceptIncident(incident))
    ear.rig.report(priority=2)
    ear.wait_ms(5000)
    assert ear.heard() == []


@pytest.mark.parametrize("step", [Step.REFUSED, Step.TIMED_OUT])
def test_a1_a_command_that_failed_is_heard(ear: Ear, step: Step) -> None:
    (command,) = ear.rig.dispatch(ear.rig.report(priority=2), OTHER)
    ear.rig.advance(command, step)
    assert ear.heard() == [Sound.FAILED]
    ear.wait_ms(5000)
    assert ear.heard() == []


def test_a1_alarms_do_not_pile_up(ear: Ear) -> None:
    """Ten incidents and a call at once: the call first, then one sound for all the others."""
    ear.call()
    for _ in range(10):
        ear.rig.report(priority=1)
    (command,) = ear.rig.dispatch(ear.rig.report(priority=2), OTHER)
    ear.rig.advance(command, Step.REFUSED)
    ear.wait_ms(3900)
    assert ear.heard() == [Sound.SOS, Sound.URGENT, Sound.FAILED]


def test_a1_silence_holds_what_waits_too_and_is_heard_again_when_it_ends(ear: Ear) -> None:
    ear.ringer.silence(True)
    ear.call()
    ear.rig.report(priority=1)
    ear.wait_ms(10_000)
    assert ear.heard() == []
    ear.ringer.silence(False)
    assert ear.heard() == [Sound.SOS]
    ear.wait_ms(2000)
    assert ear.heard() == []


def test_a1_the_volume_is_the_gain_and_is_heard_when_chosen(ear: Ear) -> None:
    ear.ringer.set_volume(2)
    (played,) = ear.output.played
    assert played.gain == VOLUMES[2]


def test_a1_without_an_output_nothing_fails(rig: DeskRig) -> None:
    ear = Ear(rig)
    ear.output.is_there = False
    assert not ear.ringer.has_output
    ear.call()
    assert ear.heard() == []
    ear.output.is_there = True
    ear.wait_ms(SOS_EVERY_MS)
    assert ear.heard() == [Sound.SOS]


def test_a1_silence_ends_at_the_next_sign_in(rig: DeskRig) -> None:
    account = Account(rig.desk)
    account.me = person("lin")
    rig.desk.account = account  # type: ignore[assignment]
    ear = Ear(rig)
    ear.ringer.silence(True)
    account.changed.emit()  # as when a token is renewed
    assert ear.ringer.is_silent
    account.me = None
    account.changed.emit()
    assert ear.ringer.is_silent
    account.me = person("lin")
    account.changed.emit()
    assert not ear.ringer.is_silent


def test_a1_who_has_acknowledged_at_a_desk_that_is_cut_off_is_not_rung_on(ear: Ear) -> None:
    at = ear.call()
    ear.rig.session.offline()
    ear.heard()
    ear.rig.session.submit(AcknowledgeSos(UNIT, at))
    ear.rig.tell()
    ear.wait_ms(3 * SOS_EVERY_MS)
    assert ear.heard() == []
    assert not ear.rig.session.picture.sos_calls[UNIT].acknowledged_at


def test_a1_a_desk_where_nobody_is_signed_in_does_not_ring(rig: DeskRig) -> None:
    account = Account(rig.desk)
    rig.desk.account = account  # type: ignore[assignment]
    ear = Ear(rig)
    ear.call()
    ear.wait_ms(2 * SOS_EVERY_MS)
    assert ear.heard() == []
    account.me = person("lin")
    account.changed.emit()
    assert ear.heard() == [Sound.SOS]
