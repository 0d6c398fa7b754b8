"""The queue's order, its rows that come, go and move, and its form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.model.command import Step
from console.model.geo import LonLat
from console.model.picture import Picture
from console.model.requests import CloseIncident, MergeIncident, ReportIncident
from console.model.text import Language, Text
from console.session import NOT_KEPT, Changes, Refusal
from tests.widgets.conftest import DeskRig
from widgets.bridge.language import language_bridge, spoken
from widgets.common.theme import px
from widgets.queue.card import CardDelegate
from widgets.queue.model import QueueModel
from widgets.queue.panel import QueuePanel
from widgets.queue.place import parse_coordinates
from widgets.queue.rows import Segment

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own


def ids(model: QueueModel) -> list[str]:
    return [model.id_at(row) for row in range(model.rowCount())]


@pytest.fixture
def model(rig: DeskRig) -> QueueModel:
    made = QueueModel(rig.desk)
    rig.desk.bridge.incidents_changed.connect(made.follow)
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    return made


def test_needs_me_first_then_what_runs_out(rig: DeskRig, model: QueueModel) -> None:
    young = rig.report(priority=2, age_s=10)
    old = rig.report(priority=2, age_s=60)
    urgent = rig.report(priority=1, age_s=5)
    sent = rig.report(priority=1, age_s=90)
    rig.dispatch(sent, "F-1")
    model.show_segment(Segment.ACTIVE)
    assert ids(model) == [urgent, old, young, sent]
    assert model.counts == (3, 4, 4)


def test_the_selected_one_stays_though_it_needs_me_no_longer(
    rig: DeskRig, model: QueueModel
) -> None:
    incident_id = rig.report()
    rig.desk.selection.select_incident(incident_id)
    rig.dispatch(incident_id, "F-1")
    assert ids(model) == [incident_id]
    rig.desk.selection.select_incident("")
    model.refresh()
    assert ids(model) == []


def test_the_selected_one_keeps_its_place_when_its_units_are_sent(
    rig: DeskRig, model: QueueModel
) -> None:
    first, second = rig.report(priority=1), rig.report(priority=2)
    rig.desk.selection.select_incident(first)
    model.refresh()  # as the panel does
    rig.dispatch(first, "F-1")
    assert ids(model) == [first, second]


def test_another_picture_leaves_nothing_of_the_one_before(rig: DeskRig, model: QueueModel) -> None:
    incident_id = rig.report()
    model.show_segment(Segment.ALL)
    assert ids(model) == [incident_id]
    rig.session.picture = Picture()
    model.follow({incident_id})
    model.refresh()
    assert ids(model) == []


def test_b10_another_person_has_nothing_of_the_queue_before(
    rig: DeskRig, model: QueueModel
) -> None:
    """What the new person may do is told before what has gone: a trial ended in a KeyError."""
    rig.report()
    assert model.rowCount() == 1
    rig.session.picture = Picture()
    model.show_segment(Segment.ACTIVE)
    assert model.rowCount() == 0


def test_ended_ones_stand_in_all_newest_first(rig: DeskRig, model: QueueModel) -> None:
    first, second = rig.report(), rig.report()
    for incident_id in (first, second):
        rig.dispatch(incident_id, "F-1" if incident_id == first else "F-2")
        (command_id,) = rig.incident(incident_id).command_ids
        rig.advance(command_id, Step.DONE)
        rig.clock.advance(1000)
        rig.session.act(CloseIncident(incident_id, "好"))
    rig.tell()
    model.show_segment(Segment.ALL)
    assert ids(model) == [second, first]


def test_rows_move_without_a_reset_and_indexes_follow(rig: DeskRig, model: QueueModel) -> None:
    resets: list[None] = []
    model.modelReset.connect(lambda: resets.append(None))
    low, high = rig.report(priority=3), rig.report(priority=2)
    model.show_segment(Segment.ACTIVE)
    kept = QPersistentModelIndex(model.index(model.row_of(low)))
    assert kept.row() == 1
    rig.dispatch(high, "F-1")
    assert ids(model) == [low, high]
    assert kept.row() == 0
    assert not resets


def test_merged_reports_are_counted(rig: DeskRig, model: QueueModel) -> None:
    into, other = rig.report(), rig.report()
    rig.session.act(MergeIncident(other, into))
    rig.tell()
    model.show_segment(Segment.ACTIVE)
    row = model.data(model.index(0), Qt.ItemDataRole.UserRole)
    assert row.incident.id == into
    assert row.reports == 2


def test_new_until_somebody_looked(rig: DeskRig, qtbot: QtBot) -> None:
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    incident_id = rig.report()
    row = panel.model.data(panel.model.index(0), Qt.ItemDataRole.UserRole)
    assert panel.model.is_unseen(row)
    assert panel.model.arrived_ms_ago(incident_id) == 0
    rig.desk.selection.select_incident(incident_id)
    assert not panel.model.is_unseen(row)


def test_arrows_select(rig: DeskRig, qtbot: QtBot) -> None:
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    first, second = rig.report(priority=1), rig.report(priority=2)
    panel.show()
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    assert rig.desk.selection.incident_id == second
    panel.step(-1)
    assert rig.desk.selection.incident_id == first
    assert panel.list.currentIndex().row() == 0


def test_an_empty_queue_says_what_to_do(rig: DeskRig, qtbot: QtBot) -> None:
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.empty.isVisible()
    assert "N" in panel.empty.advice.text()
    rig.report()
    assert panel.list.isVisible()


def test_ages_tick_in_the_words_of_a_row(rig: DeskRig, model: QueueModel) -> None:
    rig.report()
    before = model.data(model.index(0))
    rig.clock.advance(5000)
    assert model.data(model.index(0)) != before


def test_the_form_reports_at_the_clicked_place(rig: DeskRig, qtbot: QtBot) -> None:
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    panel.show()
    panel.report()
    assert rig.desk.selection.is_picking_place
    rig.desk.selection.pick_place(120.106, 30.108)
    panel.form.words.setText("有气味")
    qtbot.keyClick(panel.form.words, Qt.Key.Key_Return)
    request = rig.session.submitted[-1]
    assert isinstance(request, ReportIncident)
    assert (request.lon, request.lat) == (120.106, 30.108)
    assert request.words.zh == "有气味"
    assert request.address.zh == "百港社区"
    assert rig.desk.selection.incident_id == request.incident_id
    assert not rig.desk.selection.is_picking_place


def test_the_form_says_what_is_wrong_in_place(rig: DeskRig, qtbot: QtBot) -> None:
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    panel.show()
    panel.report()
    panel.form.place.setText("somewhere")
    panel.form.submit()
    assert panel.form.problem.isVisible()
    assert not rig.session.submitted
    qtbot.keyClick(panel.form.place, Qt.Key.Key_Escape)
    assert not panel.form.isVisible()


def test_b8_a_report_over_the_limit_keeps_its_form_and_its_words(
    rig: DeskRig, qtbot: QtBot
) -> None:
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    panel.show()
    panel.report()
    panel.form.place.setText("120.106, 30.108")
    panel.form.words.setText("长" * 2001)
    qtbot.keyClick(panel.form.words, Qt.Key.Key_Return)
    assert panel.form.isVisible()
    assert "多了 1 字" in panel.form.problem.text()
    assert not rig.session.submitted
    qtbot.keyClick(panel.form.words, Qt.Key.Key_Escape)
    panel.report()
    assert panel.form.words.text() == "长" * 2001
    assert panel.form.clear.isVisible()
    panel.form.clear.click()
    assert panel.form.words.text() == ""


def test_b8_what_cannot_be_kept_comes_back_with_its_words(rig: DeskRig, qtbot: QtBot) -> None:
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    panel.show()
    rig.session.offline()
    panel.report()
    panel.form.place.setText("120.106, 30.108")
    panel.form.words.setText("楼道里有煤气味")
    panel.form.submit()
    full = Text("磁盘满了", "The disk is full")
    refusal = Refusal("key", NOT_KEPT, full, rig.session.submitted[-1])
    rig.session.tell(Changes(refused=(refusal,)))
    rig.tell()
    assert panel.notice.isVisible()
    panel.notice.action.click()
    assert panel.form.isVisible() and panel.form.words.text() == "楼道里有煤气味"
    assert panel.form.problem.text() == "磁盘满了"


def test_b8_a_refused_report_comes_back_with_its_words(rig: DeskRig, qtbot: QtBot) -> None:
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    panel.show()
    address, words = Text("某路", "A road"), Text("有气味", "A smell")
    report = ReportIncident("new", "fire", 1, 120.1, 30.1, address, words, "desk")
    refusal = Refusal("k", "outside_region", Text("在市外", "Outside"), report)
    rig.session.tell(Changes(refused=(refusal,)))
    rig.tell()
    assert panel.notice.isVisible()
    assert panel.notice.title.text() == "没有上报成：某路"
    qtbot.mouseClick(panel.notice.action, Qt.MouseButton.LeftButton)
    assert panel.form.isVisible()
    assert (panel.form.words.text(), panel.form.problem.text()) == ("有气味", "在市外")
    assert not panel.notice.isVisible()


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_coordinates_are_read_back(lon: float, lat: float) -> None:
    assert parse_coordinates(f"{lon:.5f}, {lat:.5f}") == LonLat(round(lon, 5), round(lat, 5))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("116.397 39.908", LonLat(116.397, 39.908)),
        ("39.908, 116.397", LonLat(116.397, 39.908)),
        ("39.908N 116.397E", LonLat(116.397, 39.908)),
        ("116.397°E，39.908°N", LonLat(116.397, 39.908)),
        ("33.9S 18.4E", LonLat(18.4, -33.9)),
        ("200, 95", None),
        ("", None),
        ("abc", None),
    ],
)
def test_coordinates_as_people_write_them(text: str, place: LonLat | None) -> None:
    assert parse_coordinates(text) == place


def test_d2_what_runs_out_first_stands_first(rig: DeskRig, model: QueueModel) -> None:
    """A first priority with 21 minutes left stands below a second one that is 25 minutes over."""
    calm = rig.report(priority=1)
    (command_id,) = rig.dispatch(calm, "F-1")
    rig.advance(command_id, Step.ON_SCENE, Step.DONE)  # handled: 30 minutes to verify
    rig.wait_s(9 * 60)
    late = rig.report(priority=2, age_s=27 * 60)  # 2 minutes to accept
    slack = rig.report(priority=4, age_s=29 * 60)  # 30 minutes to accept
    fresh = rig.report(priority=1)
    model.refresh()
    assert ids(model) == [late, fresh, calm, slack]


def test_d2_a_refusal_runs_out_at_once(rig: DeskRig, model: QueueModel) -> None:
    waiting = rig.report(priority=2)
    refused = rig.report(priority=2)
    (command_id,) = rig.dispatch(refused, "F-1")
    rig.advance(command_id, Step.REFUSED, text="车坏了")
    assert ids(model) == [refused, waiting]


def test_d2_nothing_moves_or_goes_under_the_hand(rig: DeskRig, model: QueueModel) -> None:
    first, second = rig.report(priority=2), rig.report(priority=3)
    model.hold(True)
    urgent = rig.report(priority=1)
    rig.dispatch(first, "F-1")
    assert ids(model) == [first, second, urgent]
    model.hold(False)
    assert ids(model) == [urgent, second]


def test_d2_a_pointer_in_the_list_holds_it_until_it_rests_or_leaves(
    rig: DeskRig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("widgets.queue.list_view.HAND_MS", 50)
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    low = rig.report(priority=3)
    panel.list.touch()
    high = rig.report(priority=1)
    assert ids(panel.model) == [low, high]
    qtbot.waitUntil(lambda: ids(panel.model) == [high, low])


@pytest.mark.parametrize("by", [1, -1])
def test_d1_after_closing_the_arrows_go_to_the_next_that_needs_me(
    rig: DeskRig, qtbot: QtBot, by: int
) -> None:
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    urgent, mine, later = (rig.report(priority=p) for p in (1, 2, 3))
    rig.dispatch(mine, "F-1")
    (command_id,) = rig.incident(mine).command_ids
    rig.desk.selection.select_incident(mine)
    rig.advance(command_id, Step.ON_SCENE, Step.DONE)
    before = ids(panel.model)
    rig.session.act(CloseIncident(mine, "好"))
    rig.tell()
    assert ids(panel.model) == before, "the closed one keeps its place while it is selected"
    panel.step(by)
    assert rig.desk.selection.incident_id == urgent
    assert later in ids(panel.model)


def test_d2_the_form_stands_beside_the_queue_and_pins_its_place(rig: DeskRig, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1280, 720)
    panel = QueuePanel(rig.desk, window)
    panel.setGeometry(0, 44, 320, 640)
    window.show()
    rig.report()
    panel.report()
    form = panel.form
    corner = form.mapTo(window, QPoint(0, 0))
    assert corner.x() >= 320, "the queue is covered"
    assert window.rect().contains(QRect(corner, form.size()))
    assert panel.list.isVisible()
    form.place.setText("120.106, 30.108")
    assert rig.desk.selection.marked_place == LonLat(120.106, 30.108)
    rig.desk.selection.pick_place(120.107, 30.109)
    assert rig.desk.selection.marked_place == LonLat(120.107, 30.109)
    qtbot.keyClick(form.place, Qt.Key.Key_Escape)
    assert rig.desk.selection.marked_place is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_d7_the_title_of_every_type_fits_its_card(
    rig: DeskRig, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, language: Language
) -> None:
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    language_bridge().speak(language)
    drawn: set[str] = set()
    cut = CardDelegate._draw_cut

    def watch(painter: QPainter, box: QRectF, words: str) -> None:
        if painter.fontMetrics().horizontalAdvance(words) > box.width():
            drawn.add(words)
        cut(painter, box, words)

    monkeypatch.setattr(CardDelegate, "_draw_cut", staticmethod(watch))
    for number, code in enumerate(rig.desk.plans.types):
        rig.report(code, priority=1, age_s=60 * number)
    panel.resize(px(320), px(90 * len(rig.desk.plans.types) + 120))
    panel.show()
    panel.grab()
    titles = {spoken(kind.name) for kind in rig.desk.plans.types.values()}
    language_bridge().speak("zh")
    assert drawn & titles == set()


def test_a8_a_chain_of_merges_points_at_the_incident_that_carries_on(
    rig: DeskRig, model: QueueModel
) -> None:
    first, second, third = rig.report(), rig.report(), rig.report()
    rig.session.act(MergeIncident(first, second))
    rig.session.act(MergeIncident(second, third))
    rig.tell()
    model.follow({first, second, third})
    model.show_segment(Segment.ALL)
    rows = {row.incident.id: row for row in model._rows}
    number = rig.incident(third).number
    assert rows[third].reports == 3
    assert rows[first].standing.detail == rows[second].standing.detail == f"并入 {number}"


def test_d2_the_list_does_not_scroll_by_itself_to_the_selected_one(
    rig: DeskRig, qtbot: QtBot
) -> None:
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    panel.resize(320, 400)
    panel.show()
    for _ in range(12):
        rig.report(priority=3)
    chosen = rig.report(priority=4)
    rig.desk.selection.select_incident(chosen)
    bar = panel.list.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() > 0)
    bar.setValue(0)
    whole = rig.session.picture
    for picture in (Picture(), whole):  # another person comes, and goes
        rig.session.picture = picture
        rig.desk.second.emit()
        qtbot.wait(20)
    assert panel.model.row_of(chosen) == 12
    assert bar.value() == 0
