"""Finding anything by name or number, and going there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.city.names import NameIndex, names_file
from console.i18n import tr
from tests.helpers.search import names_of
from tests.widgets.conftest import DeskRig
from widgets.bridge.names import NamesLoader
from widgets.topbar.finder import Finder, Found
from widgets.topbar.palette import Palette

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own


@dataclass
class Asking:
    """The finder as the palette asks it."""

    rig: DeskRig
    finder: Finder
    names: NameIndex

    def find(self, query: str, limit: int = 12) -> list[Found]:
        incidents = tuple(self.rig.desk.picture.incidents.values())
        return self.finder.find(query, incidents, self.names, (0.0, 0.0), limit)


@pytest.fixture
def names(rig: DeskRig, tmp_path: Path) -> NameIndex:
    return names_of(rig.desk.city, tmp_path)


@pytest.fixture
def finder(rig: DeskRig, names: NameIndex) -> Asking:
    return Asking(rig, Finder(rig.desk.plans), names)


@pytest.fixture
def palette(rig: DeskRig, names: NameIndex, qtbot: QtBot) -> Iterator[Palette]:
    ground = QWidget()
    ground.resize(1000, 600)
    qtbot.addWidget(ground)
    made = Palette(rig.desk, ground)
    made._names.names = names
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
    finder: Asking, query: str, first: tuple[str, str]
) -> None:
    found = finder.find(query)[0]
    assert (found.kind, found.key) == first


def test_incidents_by_number_type_and_words_newest_first(rig: DeskRig, finder: Asking) -> None:
    old = rig.report("gas_leak", age_s=100)
    new = rig.report("gas_leak")
    for query in ("燃气", "gas leak", "楼道", "E-20261121"):
        assert [f.key for f in finder.find(query)][:2] == [new, old]
    assert [f.key for f in finder.find(rig.incident(old).number)] == [old]


def test_nothing_and_no_query(finder: Asking) -> None:
    assert finder.find("  ") == []
    assert finder.find("xyzzy") == []
    assert len(finder.find("一", limit=3)) == 3


def test_enter_goes_to_the_incident(rig: DeskRig, palette: Palette, qtbot: QtBot) -> None:
    incident_id = rig.report()
    palette.field.setText("燃气")
    with qtbot.waitSignal(rig.desk.selection.incident_changed):
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
    qtbot.waitUntil(lambda: len(palette.results.found) > 1, timeout=5000)
    second = palette.results.found[1].key
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    with qtbot.waitSignal(rig.desk.selection.camera_opened) as opened:
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)
    assert opened.args == [second]


def test_nothing_found_says_what_to_try(palette: Palette, qtbot: QtBot) -> None:
    palette.field.setText("xyzzy")
    qtbot.waitUntil(lambda: palette.hint.text() == tr("topbar.find.nothing"), timeout=5000)
    assert palette.hint.isVisible()
    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_d6_a_page_has_something_of_every_kind(rig: DeskRig, finder: Asking) -> None:
    for _ in range(9):
        rig.report()
    kinds = [found.kind for found in finder.find("一", limit=12)]
    assert kinds.count("incident") <= 9 and {"unit", "place"} <= set(kinds)
    assert [f.kind for f in finder.find("燃气", limit=12)] == ["incident"] * 9


def test_d6_a_cell_is_gone_to_and_marked(rig: DeskRig, palette: Palette, qtbot: QtBot) -> None:
    code = rig.desk.city.cells.code[0]
    palette.field.setText(code)
    with qtbot.waitSignals([rig.desk.selection.centre_wanted, rig.desk.selection.cell_marked]):
        qtbot.keyClick(palette.field, Qt.Key.Key_Return)


def test_d9_what_was_typed_last_is_what_is_shown(palette: Palette, qtbot: QtBot) -> None:
    for text in ("消", "消防", "消防一"):
        palette.field.setText(text)
    qtbot.waitUntil(lambda: palette._shown_for == "消防一", timeout=5000)
    assert [f.key for f in palette.results.found] == ["F-1"]


def test_d9_until_the_names_are_read_incidents_are_found_and_it_says_so(
    rig: DeskRig, palette: Palette, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    palette._names.names, palette._names._is_loading = None, True
    palette.field.setText("燃气")
    qtbot.waitUntil(lambda: [f.key for f in palette.results.found] == [incident_id], timeout=5000)
    palette.field.setText("消防")
    qtbot.waitUntil(lambda: palette.hint.text() == tr("topbar.find.reading"), timeout=5000)


def test_d9_names_are_spelt_by_another_process_once(rig: DeskRig, qtbot: QtBot) -> None:
    city = rig.desk.city
    loaders = [NamesLoader(city), NamesLoader(city)]
    for loader in loaders:
        with qtbot.waitSignal(loader.changed, timeout=60_000):
            loader.load()
        assert loader.names is not None and loader.names.find("xiaofang", (0.0, 0.0), 3)
    assert names_file(city.path, city.manifest).exists()
