"""A whole desk: its own server, simulated units on real sockets, real RTSP, a real window."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from console.practice.prepare import build_practice
from main import OpenDesk
from tests.helpers.field_centre import Centre
from tests.helpers.phone_browser import PhoneBrowser, phone_browser
from tests.helpers.practice_video import require_practice_video, scenes_folder
from tests.helpers.server_process import server_process
from widgets.bridge.language import language_bridge
from widgets.common.theme import install_theme


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a practice city of four by four kilometres."""
    return build_practice(tmp_path_factory.mktemp("town"), seed=5, half_m=2000)


@pytest.fixture
def desk(qapp: QApplication, town: Path, tmp_path: Path) -> Iterator[OpenDesk]:
    """A desk on the town, with units that live thirty times as fast and nobody calling."""
    require_practice_video()
    language_bridge().speak("zh")
    install_theme(qapp, 1.0)
    opened = OpenDesk(
        town,
        tmp_path,
        settings=QSettings(str(tmp_path / "desk.ini"), QSettings.Format.IniFormat),
        db=f"sqlite:///{tmp_path / 'journal.sqlite'}",
        field=["--seed", "1", "--rate", "0", "--calm", "--speed", "30"],
        scenes=scenes_folder(),
    )
    opened.window.resize(1920, 1080)
    opened.window.show()
    yield opened
    opened.close()


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with server_process(tmp_path / "journal.sqlite") as server:
        yield Centre(server)


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[PhoneBrowser]:
    with phone_browser(tmp_path / "profile") as phone:
        yield phone
