"""What people reported is shown as they wrote it: nowhere is it HTML."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QTextDocument
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QToolTip, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from console.city import City
from console.model.command import Step
from console.model.ids import new_key
from console.model.requests import AddNote, ReportIncident
from console.model.text import Text
from tests.helpers.desk_city import PLACE
from tests.helpers.desk_window import open_window
from tests.widgets.conftest import DeskRig
from widgets.common.labels import Label
from widgets.common.tips import plain_tip, set_tip, show_tip
from widgets.window import DeskWindow

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "raise", extend=True)  # offscreen's

ROOT = Path(__file__).parents[2]
MARK = '<img src="file:///etc/passwd"><b>big</b>'
MARKS = [
    MARK,
    f"first {MARK}",
    "a &lt;b&gt; c",
    "<!DOCTYPE html>x",
    "<table width=1000000><tr><td>wide",
    "  <h1>late</h1>",
    f"one line\n{MARK}",
]


def shown_by_qt(words: str) -> str:
    """What a person reads where Qt guesses for itself whether it is HTML."""
    if not GuiQt.mightBeRichText(words):
        return words
    document = QTextDocument()
    document.setHtml(words)
    return document.toPlainText()


@pytest.mark.parametrize("words", [*MARKS, "", "1 < 2", "plain"])
def test_c3_a_tool_tip_shows_every_character(words: str) -> None:
    assert shown_by_qt(plain_tip(words)) == words


def test_c3_words_without_markup_stay_as_they_are() -> None:
    assert plain_tip("三楼 1 < 2 & 3") == "三楼 1 < 2 & 3"


@pytest.mark.parametrize("words", MARKS)
def test_c3_labels_and_tips_that_are_painted(theme: object, words: str, qtbot: QtBot) -> None:
    label = Label("body", elide=True)
    qtbot.addWidget(label)
    label.resize(20, 20)
    label.setText(words)
    assert label.textFormat() is Qt.TextFormat.PlainText
    assert shown_by_qt(label.toolTip()) == words
    label.show()
    show_tip(label.mapToGlobal(QPoint(1, 1)), words, label)
    assert shown_by_qt(QToolTip.text()) == words
    QToolTip.hideText()
    set_tip(label, words)
    assert shown_by_qt(label.toolTip()) == words


@pytest.fixture
def marked_city(desk_city: City, monkeypatch: pytest.MonkeyPatch) -> City:
    """Names come from files, and files come from people too."""
    for listed in (desk_city.units, desk_city.cameras, desk_city.places):
        marked = [Text(MARK + name.zh, MARK + name.en) for name in listed.name]
        monkeypatch.setattr(listed, "name", marked)
    for kind in ("name", "community", "street"):
        names: list[Text] = list(getattr(desk_city.cells, kind))
        monkeypatch.setattr(desk_city.cells, kind, [Text(MARK, MARK) for _ in names])
    return desk_city


@pytest.fixture
def window(marked_city: City, rig: DeskRig, qtbot: QtBot, tmp_path: Path) -> Iterator[DeskWindow]:
    made = open_window(rig, tmp_path)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.shut_down()


def report_marked(rig: DeskRig, priority: int) -> str:
    words, incident_id = Text(MARK, MARK), new_key(rig.clock.now_ms())
    marked = ReportIncident(incident_id, "gas_leak", priority, *PLACE, words, words, "hotline")
    rig.session.act(marked, f"person/{MARK}")
    rig.session.act(AddNote(incident_id, MARK), f"person/{MARK}")
    rig.session.people = {MARK: MARK}
    rig.tell()
    assert incident_id in rig.session.picture.incidents
    return incident_id


def situations(rig: DeskRig, window: DeskWindow, qtbot: QtBot) -> Iterator[None]:
    """All that shows what somebody wrote."""
    incident_id = report_marked(rig, 1)
    report_marked(rig, 2)
    window.desk.selection.select_incident(incident_id)
    qtbot.waitUntil(lambda: not window.incident.dispatching.is_ranking, timeout=5000)
    yield
    commands = rig.dispatch(incident_id, "F-2", "P-1")
    rig.advance(commands[0], Step.ACKNOWLEDGED, Step.EN_ROUTE)
    rig.advance(commands[1], Step.REFUSED, text=MARK)
    yield
    rig.advance(commands[0], Step.DONE, text=MARK)
    window.desk.selection.open_camera("C-4")
    window.desk.selection.select_unit("F-2")
    window.open_finder()
    window.finder.field.setText("img")
    yield
    window.finder.hide()
    window.queue.report()
    window.queue.form.address.setText(MARK)
    yield


def tips_of(widget: QWidget) -> Iterator[str]:
    """The widget's own tool tip, and what it says to a pointer that rests somewhere on it."""
    yield widget.toolTip()
    if not widget.isVisible():
        return
    for y in range(4, widget.height(), 18):
        for x in (8, widget.width() // 2):
            QToolTip.hideText()
            at = QPoint(x, y)
            event = QHelpEvent(QEvent.Type.ToolTip, at, widget.mapToGlobal(at))
            QApplication.sendEvent(widget, event)
            yield QToolTip.text()


def test_c3_nothing_on_the_desk_is_taken_for_html(
    rig: DeskRig, window: DeskWindow, qtbot: QtBot
) -> None:
    seen = 0
    for _ in situations(rig, window, qtbot):
        for widget in [window, *window.findChildren(QWidget)]:
            if not isValid(widget) or widget.windowType() == Qt.WindowType.ToolTip:
                continue  # Qt's own label of the last tool tip
            tips = set(tips_of(widget))
            if isinstance(widget, QMenu):
                tips |= {
                    action.toolTip() for action in widget.actions() if widget.toolTipsVisible()
                }
            for tip in tips:
                marked = "img src" in tip
                seen += marked
                assert not marked or MARK in shown_by_qt(tip), (type(widget), tip)
            if isinstance(widget, QLabel):
                assert widget.textFormat() is Qt.TextFormat.PlainText, widget
    assert seen > 5, "the marked words stood in no tool tip: the test looked at nothing"


def test_c3_tool_tips_are_made_in_one_place() -> None:
    """ruff keeps the classes out; a method it cannot."""
    found = [
        (path.name, node.lineno)
        for top in ("widgets", "layers")
        for path in (ROOT / top).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"setToolTip", "setHtml", "insertHtml", "setTextFormat", "setWhatsThis"}
        and path.name not in {"tips.py", "labels.py"}
    ]
    assert found == []
