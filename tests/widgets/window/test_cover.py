"""Nobody is signed in: nothing of the desk is seen, and signing in is one field away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from console.model.text import Language
from console.session import SignIn
from tests.console.session.test_signin import FakeCaller, granted
from tests.helpers.desk_window import open_window
from tests.widgets.conftest import DeskRig
from widgets.bridge.account import Account
from widgets.bridge.language import language_bridge
from widgets.video.strip import VideoStrip
from widgets.window import DeskWindow

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own

PASSWORD = "open sesame 9"


@pytest.fixture
def caller() -> FakeCaller:
    return FakeCaller()


@pytest.fixture
def account(caller: FakeCaller, qtbot: QtBot) -> Iterator[Account]:
    made = Account("http://127.0.0.1:9", "03")
    made.signin = SignIn(caller, "03")
    made.signin.changed = made._tell
    sign_in(made, caller, "lin")
    yield made
    made.close()


@pytest.fixture
def window(rig: DeskRig, account: Account, qtbot: QtBot, tmp_path: Path) -> Iterator[DeskWindow]:
    made = open_window(rig, tmp_path, account=account)
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    yield made
    made.shut_down()


def sign_in(account: Account, caller: FakeCaller, name: str) -> None:
    account.signin.with_password(name, PASSWORD)
    answer_as(caller, name)


def answer_as(caller: FakeCaller, name: str) -> None:
    grant = granted(1)
    grant["person"]["name"] = name
    caller.answer(200, grant)


def sign_out(account: Account, caller: FakeCaller) -> None:
    account.signin.sign_out()
    caller.calls.clear()


def in_front(window: DeskWindow) -> set[QWidget]:
    """Who would get a click, in a grid over the whole window."""
    assert window.cover is not None
    found = set()
    for x in range(5, window.width(), 60):
        for y in range(5, window.height(), 40):
            child = window.childAt(QPoint(x, y))
            inside = child is not None and (
                child is window.cover or window.cover.isAncestorOf(child)
            )
            found.add(window.cover if inside else child or window)
    return found


def test_b10_signing_out_covers_everything_at_once(
    rig: DeskRig, window: DeskWindow, account: Account, caller: FakeCaller, qtbot: QtBot
) -> None:
    assert isinstance(window.video, VideoStrip)
    incident_id = rig.report()
    window.desk.selection.select_incident(incident_id)
    window.desk.selection.open_camera("C-4")
    window.video._enlarge("C-4")
    large = window.video._enlarged
    dialog = QDialog(window)
    dialog.open()
    window.queue.report()
    window.open_finder()
    window.keys.open()
    assert in_front(window) != {window.cover}
    sign_out(account, caller)
    assert in_front(window) == {window.cover}
    shown = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
    assert shown == [window]
    assert large is not None
    assert not dialog.isVisible()
    for panel in (window.queue, window.map, window.incident, window.video, window.topbar):
        assert not panel.isVisible()
    assert window.video.tiles() == []
    number = rig.incident(incident_id).number
    said = {w.text() for w in window.findChildren(QWidget) if w.isVisible() and hasattr(w, "text")}
    assert not any(number in words for words in said)


def test_b10_nothing_comes_out_in_front_of_the_cover(
    rig: DeskRig, window: DeskWindow, account: Account, caller: FakeCaller, qtbot: QtBot
) -> None:
    sign_out(account, caller)
    window.queue.form.show()
    window.queue.form.raise_()
    window.keys.show()
    window.keys.raise_()
    late = QDialog(window)
    late.show()
    qtbot.waitUntil(lambda: not late.isVisible())
    assert in_front(window) == {window.cover}
    window.resize(1500, 900)
    assert in_front(window) == {window.cover}


def test_b10_no_key_uncovers(
    window: DeskWindow, account: Account, caller: FakeCaller, qtbot: QtBot
) -> None:
    sign_out(account, caller)
    for key in (Qt.Key.Key_Escape, Qt.Key.Key_F1, Qt.Key.Key_F6, Qt.Key.Key_B, Qt.Key.Key_Escape):
        qtbot.keyClick(QApplication.focusWidget() or window, key)
        qtbot.keyClick(window, key)
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert window.is_covered
    assert in_front(window) == {window.cover}
    assert not window.finder.isVisible()


def type_blind(words: str) -> None:
    """Keys to whoever has the keyboard; the focus is looked up anew for each."""
    for letter in words:
        target = QApplication.focusWidget()
        assert target is not None, "nobody hears the keyboard"
        if letter in "\r\t":
            key = Qt.Key.Key_Return if letter == "\r" else Qt.Key.Key_Tab
            QTest.keyClick(target, key)
        else:
            QTest.keyClicks(target, letter)


def refused_elsewhere(account: Account, caller: FakeCaller) -> None:
    account.doubt()
    said = {"zh": "已在别处退出", "en": "Signed out from elsewhere"}
    caller.answer(401, {"error": "signed_out", "message": said, "wait_ms": 0})
    caller.calls.clear()


@pytest.mark.parametrize("leave", [sign_out, refused_elsewhere])
@pytest.mark.parametrize("between", ["\r", "\t"])
def test_b10_a_password_typed_blind_is_never_readable(
    window: DeskWindow,
    account: Account,
    caller: FakeCaller,
    leave: Callable[[Account, FakeCaller], None],
    between: str,
) -> None:
    readable: list[str] = []
    leave(account, caller)
    assert window.cover is not None
    form = window.cover.form
    form.name.textChanged.connect(readable.append)
    assert QApplication.focusWidget() is form.name
    for attempt in range(2):
        type_blind(f"lin{between}{PASSWORD}\r" if not attempt else f"{PASSWORD}\r")
        sent: dict[str, Any] = caller.calls[0][1]
        assert (sent["name"], sent["password"]) == ("lin", PASSWORD)
        said = {"zh": "不正确", "en": "Wrong"}
        caller.answer(401, {"error": "wrong_password", "message": said, "wait_ms": 0})
        assert QApplication.focusWidget() is form.password
    assert readable == ["l", "li", "lin"]


def test_b10_signing_in_is_always_possible_without_a_restart(
    rig: DeskRig, window: DeskWindow, account: Account, caller: FakeCaller, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    window.desk.selection.select_incident(incident_id)
    for _ in range(2):
        sign_out(account, caller)
        type_blind(f"lin\r{PASSWORD}\r")
        answer_as(caller, "lin")
        qtbot.waitUntil(lambda: not window.is_covered)
        assert window.queue.isVisible()
        assert window.desk.selection.incident_id == incident_id, "the same person goes on"


def test_b10_somebody_else_finds_nothing_open(
    rig: DeskRig, window: DeskWindow, account: Account, caller: FakeCaller, qtbot: QtBot
) -> None:
    window.desk.selection.select_incident(rig.report())
    window.incident.note.setText("half a note")
    window.queue.report()
    sign_out(account, caller)
    sign_in(account, caller, "zhou")
    qtbot.waitUntil(lambda: not window.is_covered)
    assert window.desk.selection.incident_id == ""
    assert window.incident.note.text() == ""
    assert window.queue.form.isHidden()


def test_b10_a_desk_without_anybody_opens_covered(
    rig: DeskRig, qtbot: QtBot, tmp_path: Path
) -> None:
    nobody = Account("http://127.0.0.1:9", "03")
    nobody.signin = SignIn(FakeCaller(), "03")
    made = open_window(rig, tmp_path, account=nobody)
    qtbot.addWidget(made)
    made.open_on_screen()
    assert made.is_covered
    assert in_front(made) == {made.cover}
    made.shut_down()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_b10_why_it_did_not_work_is_read_whole(
    window: DeskWindow, account: Account, caller: FakeCaller, language: Language, qtbot: QtBot
) -> None:
    language_bridge().speak(language)
    sign_out(account, caller)
    assert window.cover is not None
    form = window.cover.form
    form.complain("很长的说明" * 12 + " a long explanation of what went wrong" * 4)
    qtbot.wait(1)
    assert form.problem.height() >= form.problem.heightForWidth(form.problem.width())
    bottom = form.come_in.mapTo(window, form.come_in.rect().bottomLeft()).y()
    assert form.problem.mapTo(window, form.problem.rect().bottomLeft()).y() < bottom
    assert form.come_in.height() >= form.come_in.sizeHint().height()
    language_bridge().speak("zh")
