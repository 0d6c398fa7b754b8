"""Pictures of cities that lack something."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from console.city import open_city
from console.city.store import write_units
from tests.helpers.desk_window import open_window
from tests.helpers.field_city import make_field_city
from tests.widgets.conftest import make_rig
from widgets import pictures
from widgets.pictures import PictureFailed, take_picture

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own


@pytest.mark.parametrize("scene", ["desk", "incident"])
def test_d11_a_city_without_units_and_cameras_has_its_picture_too(
    theme: object, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scene: str
) -> None:
    monkeypatch.setattr(pictures, "PATIENCE_S", 5.0)
    monkeypatch.setattr(pictures, "ENOUGH_INCIDENTS", 1)
    monkeypatch.setattr(pictures, "_is_drawn", lambda _desk: True)
    package = make_field_city(tmp_path)
    nobody = np.empty((0, 2))
    write_units(package, id=[], name=[], kind=[], lonlat=nobody, base=[], phone=[], source="none")
    city = open_city(package)
    assert len(city.units) == len(city.cameras) == 0
    rig = make_rig(city)
    window = open_window(rig, tmp_path)
    qtbot.addWidget(window)
    rig.report()
    take_picture(window, scene, (1280, 720), tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 10_000
    with pytest.raises(PictureFailed, match="no units"):
        take_picture(window, "dispatched", (1280, 720), tmp_path / "picture.png")
    window.shut_down()
