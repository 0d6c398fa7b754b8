"""A start shows itself from its first moment, and says nothing that is not so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from console.city import City
from console.intake.plans import default_plans
from console.model.requests import AddNote
from console.session import Capabilities, SignIn
from tests.console.session.test_signin import FakeCaller
from tests.widgets.conftest import DeskRig, make_rig
from widgets.alarm import Ringer
from widgets.bridge.account import Account
from widgets.bridge.fake_sound import FakeSoundOutput
from widgets.dispatch.ranking import warm_up
from widgets.incident.panel import IncidentPanel
from widgets.queue.panel import QueuePanel
from widgets.starting import STAGES, StartingWindow
from widgets.topbar.bar import TopBar

ROOT = Path(__file__).parents[2]
HEAVY = ("widgets.window", "widgets.map", "pyqtgraph", "scipy", "shapely", "av", "console.city")


def test_d8_the_first_window_waits_for_nothing_heavy(tmp_path: Path) -> None:
    """What takes seconds to load is loaded behind it."""
    program = f"""
import sys
from console.commands.arguments import build_parser
import main
args = build_parser().parse_args(["run", "--data", {str(tmp_path)!r}])
app, settings = main.start_qt(args)
from widgets.starting import StartingWindow
starting = StartingWindow()
starting.show_now()
assert starting.isVisible() and starting.stage.text()
loaded = [name for name in {HEAVY!r} if name in sys.modules]
assert not loaded, loaded
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_d8_each_stage_is_said_and_none_is_promised_before_it_is_done(
    theme: object, qtbot: QtBot
) -> None:
    starting = StartingWindow()
    qtbot.addWidget(starting)
    starting.show_now()
    said, shares = [starting.stage.text()], [starting.bar.value()]
    for stage in STAGES[1:]:
        starting.show_stage(stage)
        said.append(starting.stage.text())
        shares.append(starting.bar.value())
    assert len(set(said)) == len(STAGES)
    assert shares == [0, 250, 500, 750], "a stage counts when it is over"


def test_d8_nobody_is_signed_out_who_was_never_in(rig: DeskRig, qtbot: QtBot) -> None:
    account = Account("http://127.0.0.1:9", "03", secret="the secret")
    account.signin = SignIn(FakeCaller(), "03", "the secret")
    rig.desk.account = account
    rig.session.capabilities = Capabilities(requests=frozenset())
    bar = TopBar(rig.desk, 600.0, Ringer(rig.desk, FakeSoundOutput()))
    qtbot.addWidget(bar)
    assert bar.who.text() == "正在登录 · 03 席"
    assert bar.rights.isHidden()
    assert rig.desk.why_not(AddNote) == "正在登录，请稍候。"
    account.close()


def test_d8_a_queue_that_was_never_filled_does_not_say_that_nothing_needs_anybody(
    rig: DeskRig, qtbot: QtBot
) -> None:
    rig.session._set_link("connecting")
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    assert "还没有从服务器取得" in panel.empty.title.text()
    rig.session.online()
    rig.tell()
    assert panel.empty.title.text() == "现在没有要你处理的事件。"
    rig.report()
    rig.session.offline()
    rig.tell()
    assert "还没有" not in panel.empty.title.text(), "what was known stays known"


def test_d8_the_roads_are_read_before_somebody_needs_them(desk_city: City) -> None:
    warm_up(desk_city, default_plans())
    rig = make_rig(desk_city)
    panel = IncidentPanel(rig.desk)
    panel.dispatching.warm_up()
    panel.deleteLater()


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
def test_d8_enter_while_it_is_ranking_says_that_nobody_was_sent(rig: DeskRig, qtbot: QtBot) -> None:
    panel = IncidentPanel(rig.desk)
    qtbot.addWidget(panel)
    panel.show()
    rig.desk.selection.select_incident(rig.report())
    assert panel.dispatching.is_ranking
    panel.proceed()
    assert "没有派出" in panel.notice.title.text() + panel.notice.body.text()
    qtbot.waitUntil(lambda: not panel.dispatching.is_ranking, timeout=5000)
    panel.proceed()
    assert rig.session.picture.commands
