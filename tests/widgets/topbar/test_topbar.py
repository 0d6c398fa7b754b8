"""The top bar: time, load, link, language, viewer distance."""

from __future__ import annotations

from typing import get_args

import pytest
from pytestqt.qtbot import QtBot

from console.i18n import set_language, tr
from console.session import LinkState, Trouble
from tests.widgets.conftest import NOON_MS, DeskRig
from widgets.alarm import Ringer
from widgets.bridge.fake_sound import FakeSoundOutput
from widgets.bridge.language import language_bridge
from widgets.topbar.bar import TopBar
from widgets.topbar.link import LinkView
from widgets.topbar.load import filled


@pytest.fixture
def bar(rig: DeskRig, qtbot: QtBot) -> TopBar:
    made = TopBar(rig.desk, 600.0, Ringer(rig.desk, FakeSoundOutput()))
    qtbot.addWidget(made)
    return made


def test_the_clock_is_the_sessions(rig: DeskRig, bar: TopBar) -> None:
    assert (bar.clock.text(), bar.date.text()) == ("12:00:00", "2026-11-21 周六")
    rig.wait_s(61)
    assert bar.clock.text() == "12:01:01"


def test_the_load_counts_ten_minutes(rig: DeskRig, bar: TopBar) -> None:
    rig.report(age_s=700)
    rig.report(age_s=599)
    rig.report()
    rig.wait_s(0)
    assert bar.load.text() == "2 件 / 10 分"


def test_d7_the_bars_tell_a_busy_hour_from_a_disaster() -> None:
    shown = [filled(count) for count in (0, 1, 3, 7, 12, 40, 79, 80, 200)]
    assert shown == [0, 1, 3, 4, 5, 8, 9, 10, 10]
    assert all(filled(n) <= filled(n + 1) for n in range(300))


def test_the_language_is_switched_while_running(bar: TopBar) -> None:
    bar.languages.parts[1].click()
    assert bar.mode.accessibleName() == "LIVE"
    assert bar.date.text() == "Sat 21 Nov 2026"
    language_bridge().speak("zh")
    assert bar.languages.index == 0
    assert bar.mode.accessibleName() == "实况"


def test_a_viewer_distance_is_asked_for(bar: TopBar, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bar.menu.distance_chosen) as chosen:
        bar.menu.actions()[3].trigger()
    assert chosen.args == [1500.0]
    bar.menu.show_distance(1500.0)
    assert [a.isChecked() for a in bar.menu.actions()].index(True) == 3


def test_motion_is_reduced_for_the_whole_desk(rig: DeskRig, bar: TopBar, qtbot: QtBot) -> None:
    still = bar.menu.actions()[-1]
    with qtbot.waitSignal(rig.desk.motion_changed):
        still.trigger()
    assert rig.desk.reduced_motion
    bar.menu.show_distance(600.0)
    assert bar.menu.actions()[-1].isChecked()


@pytest.mark.parametrize(
    ("link", "state", "detail"),
    [
        (LinkState("online", NOON_MS, 24.4, 0), "已连接", "24 ms·待发 0"),
        (LinkState("online", NOON_MS, None, 2), "已连接", "待发 2"),
        (LinkState("connecting", NOON_MS, None, 0), "正在连接", ""),
        (LinkState("offline", NOON_MS - 42_000, None, 3), "已断开 0:42", "待发 3"),
    ],
)
def test_the_link_in_words(
    theme: object, qtbot: QtBot, link: LinkState, state: str, detail: str
) -> None:
    view = LinkView()
    qtbot.addWidget(view)
    view.show_link(link, NOON_MS)
    assert (view.state.text(), view.detail.text()) == (state, detail)
    assert view.toolTip()


@pytest.mark.parametrize("spoken", ["zh", "en"])
@pytest.mark.parametrize("trouble", [t for t in get_args(Trouble) if t])
def test_why_there_is_no_link_is_said_and_what_to_do(
    theme: object, qtbot: QtBot, trouble: Trouble, spoken: str
) -> None:
    view = LinkView()
    qtbot.addWidget(view)
    set_language("en" if spoken == "en" else "zh")
    link = LinkState("offline", NOON_MS - 42_000, None, 3, trouble)
    view.show_link(link, NOON_MS)
    what, to_do = (tr(f"topbar.trouble.{trouble}.{part}") for part in ("state", "advice"))
    pending = tr("topbar.link.pending", count=3)
    assert view.state.text() == f"{what} 0:42"
    assert view.detail.text() == to_do + tr("common.dot") + pending
    told, meanwhile = view.toolTip().split("\n\n")
    assert told == tr(f"topbar.trouble.{trouble}.tip")
    assert meanwhile == tr("topbar.link.offline_tip", time="11:59:18")
    assert view.accessibleDescription() == view.toolTip()


def test_a_trouble_that_is_over_is_not_said(theme: object, qtbot: QtBot) -> None:
    view = LinkView()
    qtbot.addWidget(view)
    view.show_link(LinkState("offline", NOON_MS, None, 0, "untrusted"), NOON_MS)
    impostor = view.state.palette().windowText().color()
    view.show_link(LinkState("offline", NOON_MS, None, 0, "refused"), NOON_MS)
    assert view.state.palette().windowText().color() != impostor
    view.show_link(LinkState("online", NOON_MS, 24.0, 0), NOON_MS)
    assert view.state.text() == tr("topbar.link.online")
    assert "\n" not in view.toolTip()


def test_a1_the_bar_says_when_nothing_can_be_heard(rig: DeskRig, qtbot: QtBot) -> None:
    output = FakeSoundOutput()
    ringer = Ringer(rig.desk, output)
    bar = TopBar(rig.desk, 600.0, ringer)
    qtbot.addWidget(bar)
    assert (bar.sound.text(), bar.sound.icon_name) == ("", "sound")
    bar.sound.menu.actions()[-1].trigger()
    assert ringer.is_silent
    assert (bar.sound.text(), bar.sound.icon_name) == ("静音", "muted")
    bar.sound.menu.actions()[-1].trigger()
    assert not ringer.is_silent
    output.is_there = False
    ringer.changed.emit()
    assert bar.sound.text() == "无声音"
    assert "音箱" in bar.sound.toolTip()


def test_a1_the_volume_is_chosen_in_the_bar(rig: DeskRig, qtbot: QtBot) -> None:
    ringer = Ringer(rig.desk, FakeSoundOutput())
    bar = TopBar(rig.desk, 600.0, ringer)
    qtbot.addWidget(bar)
    bar.sound.menu.actions()[2].trigger()
    assert ringer.volume == 2
    assert [a.isChecked() for a in bar.sound.menu.actions()[:3]] == [False, False, True]
