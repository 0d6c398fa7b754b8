"""Finding anything by name or number, and going there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.widgets.conftest import DeskRig
from widgets.topbar.finder import Finder
from widgets.topbar.palette import Palette

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own


@pytest.fixture
def finder(rig: DeskRig) -> Finder:
    return Finder(rig.desk.city, lambda: rig.desk.picture, rig.desk.plans)


@pytest.fixture
def palette(rig: DeskRig, qtbot: QtBot) -> Iterator[Palette]:
    ground = QWidget()
    ground.resize(1000, 600)
    qtbot.addWidget(ground)
    made = Palette(rig.desk, ground)
    ground.show()
    made.open(ground.rect().adjusted(300, 0, -300, -560))
    yield made


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("消防", ("unit", "F-1")),
        ("patrol 2", ("unit", "P-2")),
        ("p-2", ("unit", "P-2")),
        ("CROSSING e", ("camera", "C-2")),
        ("第一小学", ("place", "0")),
        ("diyixiaoxue", ("place", "0")),
        ("dyxx", ("place", "0")),
        ("xiaoxue", ("place", "0")),
        ("XiaoFang", ("unit", "F-1")),
    ],
)
def test_by_name_or_id_in_either_language(
    finder: Finder, query: str, first: tuple[str, str]
) -> None:
    found = finder.find(query)[0]
    assert (found.kind, found.key) == first


def test_incidents_by_number_type_and_words_newest_first(rig: DeskRig, finder: Finder) -> None:
    old = rig.report("gas_leak", age_s=100)
    new = rig.report("gas_leak")
    for query in ("燃气", "gas leak", "楼道", "E-20261121"):
        assert [f.key for f in finder.find(query)][:2] == [new, old]
    assert [f.key for f in finder.find(rig.incident(old).number)] == [old]


def test_nothing_and_no_query(finder: Finder) -> None:
    assert finder.find("  ") == []
    assert finder.find("xyzzy") == []
    assert len(finder.find("一", limit=3)) == 3


def test_enter_goes_to_the_incident(rig: DeskRig, palette: Palette, qtbot: QtBot) -> None:
    incident_id = rig.report()
    palette.field.setText("燃气")
    qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert rig.desk.selection.incident_id == incident_id
    assert not palette.isVisible()


def test_a_unit_is_centred_where_it_is_now(rig: DeskRig, palette: Palette, qtbot: QtBot) -> None:
    rig.session.fix("P-2", 120.105, 30.105)
    palette.field.setText("P-2")
    with qtbot.waitSignal(rig.desk.selection.centre_wanted) as centre:
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert centre.args == [120.105, 30.105]
    assert rig.desk.selection.unit_id == "P-2"


def test_a_camera_opens_and_arrows_choose(rig: DeskRig, palette: Palette, qtbot: QtBot) -> None:
    palette.field.setText("crossing")
    second = palette.results.found[1].key
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    with qtbot.waitSignal(rig.desk.selection.camera_opened) as opened:
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert opened.args == [second]


def test_nothing_found_says_what_to_try(palette: Palette, qtbot: QtBot) -> None:
    palette.field.setText("xyzzy")
    assert palette.hint.isVisible()
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
