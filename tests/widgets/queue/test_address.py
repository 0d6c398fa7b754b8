"""An address that somebody types is found in the city."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.model.geo import lonlat_from_world
from console.model.requests import ReportIncident
from tests.widgets.conftest import DeskRig
from widgets.bridge.language import spoken
from widgets.queue.address_field import sought
from widgets.queue.panel import QueuePanel

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("凤凰街12号", "凤凰街"),
        ("凤凰街 12 号 3 楼", "凤凰街"),
        ("凤凰街", "凤凰街"),
        ("12 Fenghuang St", "Fenghuang St"),
        ("Hauptstraße 7a", "Hauptstraße"),
        ("２１４", ""),
        ("", ""),
    ],
)
def test_the_number_of_a_house_is_not_looked_for(address: str, name: str) -> None:
    assert sought(address) == name


def test_d2_a_typed_address_is_located_and_pinned(rig: DeskRig, qtbot: QtBot) -> None:
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    panel.show()
    panel.report()
    rig.desk.names.load()
    qtbot.waitUntil(lambda: rig.desk.names.names is not None, timeout=30_000)
    cells = rig.desk.city.cells
    name = spoken(cells.name[0])
    form = panel.form
    form.address.setFocus()
    form.address.setText(name[:-1])
    form.address.textEdited.emit(name[:-1])  # QTest types no Chinese
    qtbot.waitUntil(lambda: bool(form.address.offered), timeout=10_000)
    row = next(n for n, words in enumerate(form.address.offered) if words.startswith(name))
    with qtbot.waitSignal(rig.desk.selection.centre_wanted):
        form.address._offers.activated.emit(form.address.offered[row])
    lon, lat = lonlat_from_world(*cells.label_xy[0])
    place = rig.desk.selection.marked_place
    assert place is not None
    assert (place.lon, place.lat) == pytest.approx((float(lon), float(lat)), abs=2e-5)
    assert form.address.text() == name
    qtbot.keyClick(form.address, Qt.Key.Key_Return)
    request = rig.session.submitted[-1]
    assert isinstance(request, ReportIncident)
    assert request.address.zh == name


def test_d2_an_emptied_address_is_offered_nothing_that_was_still_looked_for(
    rig: DeskRig, qtbot: QtBot
) -> None:
    panel = QueuePanel(rig.desk)
    qtbot.addWidget(panel)
    panel.show()
    panel.report()
    rig.desk.names.load()
    qtbot.waitUntil(lambda: rig.desk.names.names is not None, timeout=30_000)
    address = panel.form.address
    for typed in (spoken(rig.desk.city.cells.name[0])[:-1], ""):
        address.setText(typed)
        address.textEdited.emit(typed)
    qtbot.wait(400)
    assert address.offered == []
