"""The window and its screen: whatever is set, the whole desk is on it, and so is the way back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.model.text import Language
from tests.helpers.desk_window import open_window
from tests.widgets.conftest import DeskRig
from widgets.bridge.language import language_bridge
from widgets.common.scaling import AUTOMATIC_MM, LEAST_PX, ScreenRoom
from widgets.common.screen import room_of
from widgets.common.theme import install_theme, px
from widgets.common.theme import theme as current_theme
from widgets.map.panel import MapPanel
from widgets.signin.enrol import EnrolDialog
from widgets.topbar.view_menu import DISTANCES_MM
from widgets.video.strip import VideoStrip
from widgets.window import DeskWindow

SCREENS = {
    "1024x768": ScreenRoom((1024, 768), (1024, 738)),
    "1280x720": ScreenRoom((1280, 720), (1280, 690)),
    "1920x1080": ScreenRoom((1920, 1080), (1920, 1080)),
    "3840x2160 27in": ScreenRoom((3840, 2160), (3840, 2120), 0.1556),
    "3840x2160 65in": ScreenRoom((3840, 2160), (3840, 2160), 0.372),
    "1080x1920": ScreenRoom((1080, 1920), (1080, 1880)),
}


@pytest.fixture(params=list(SCREENS))
def room(request: pytest.FixtureRequest) -> ScreenRoom:
    found: ScreenRoom = SCREENS[request.param]
    return found


@pytest.fixture
def window(
    rig: DeskRig, qapp: QApplication, qtbot: QtBot, tmp_path: Path, room: ScreenRoom
) -> Iterator[DeskWindow]:
    made = open_window(rig, tmp_path, room)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.shut_down()
    language_bridge().speak("zh")
    install_theme(qapp, 1.0)


def on_window(window: DeskWindow, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, widget.rect().topLeft()), widget.size())


def squeezed(parent: QWidget) -> list[str]:
    """What shows in `parent` and has less room than it needs."""
    found = []
    for child in parent.findChildren(QWidget):
        least = child.minimumSizeHint().expandedTo(child.minimumSize())
        if child.isVisible() and (child.width() < least.width() or child.height() < least.height()):
            found.append(f"{type(child).__name__} {child.size()} of {least}")
    return found


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a2_no_step_makes_the_window_larger_than_its_screen(
    window: DeskWindow, room: ScreenRoom, language: Language, qtbot: QtBot
) -> None:
    language_bridge().speak(language)
    free = room.window_px
    for distance in (*DISTANCES_MM, AUTOMATIC_MM):
        window.set_distance(distance)
        for size in ((px(LEAST_PX[0]), px(LEAST_PX[1])), free):
            window.resize(*size)
            qtbot.wait(1)
            assert (window.width(), window.height()) == size, "the window asked for more"
            assert size[0] <= free[0]
            assert size[1] <= free[1]
            way_back = on_window(window, window.topbar.text_size)
            assert window.rect().contains(way_back), (distance, way_back)
            assert squeezed(window.topbar) == []
            assert isinstance(window.map, MapPanel)
            chips = list(window.map.chips.values())
            tools = on_window(window, window.map._tools)
            for chip in chips:
                assert chip.size() == chip.sizeHint()
                assert not on_window(window, chip).intersects(tools), (distance, chip.text())
            for panel in (window.queue, window.map, window.incident, window.video):
                if panel.isVisible():
                    assert window.rect().contains(on_window(window, panel)), (distance, panel)


def test_a2_what_does_not_fit_cannot_be_chosen_and_says_why(
    window: DeskWindow, room: ScreenRoom
) -> None:
    window.topbar.menu.fill()
    steps = {a.data(): a for a in window.topbar.menu.actions() if a.data() is not None}
    assert set(steps) == {AUTOMATIC_MM, *DISTANCES_MM}
    assert steps[AUTOMATIC_MM].isEnabled()
    for distance, action in steps.items():
        assert action.isEnabled() is room.fits(distance)
        if not action.isEnabled():
            width, height = room.least_px(distance)
            assert f"{width} × {height}" in action.text()


def test_a2_what_fits_on_which_screen() -> None:
    fitting = {name: [mm for mm in DISTANCES_MM if room.fits(mm)] for name, room in SCREENS.items()}
    assert fitting == {
        "1024x768": [600],
        "1280x720": [600],
        "1920x1080": [600, 1000, 1500],
        "3840x2160 27in": [600, 1000, 1500],
        "3840x2160 65in": [600, 1000, 1500, 2500],
        "1080x1920": [600],
    }


@pytest.mark.parametrize("room", [SCREENS["1920x1080"]])
def test_a2_control_0_goes_back_from_anywhere(
    window: DeskWindow, rig: DeskRig, qtbot: QtBot
) -> None:
    window.activateWindow()
    window.desk.selection.select_incident(rig.report())
    for place in (window.queue.list, window.incident.note, window.map):
        window.set_distance(1500.0)
        assert current_theme().scale == 2.375
        place.setFocus()
        target = QApplication.focusWidget() or window
        qtbot.keyClick(target, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
        assert current_theme().scale == 1.0, place
        assert window._settings.value("view/distance_mm") == AUTOMATIC_MM


@pytest.mark.parametrize("room", [SCREENS["3840x2160 65in"]])
def test_a2_a_restart_on_a_smaller_screen_fits_it(
    window: DeskWindow, rig: DeskRig, qtbot: QtBot, tmp_path: Path
) -> None:
    window.set_distance(2500.0)
    window.resize(3800, 2000)
    window.close()
    for name in ("1024x768", "1920x1080"):
        smaller = SCREENS[name]
        again = open_window(rig, tmp_path, smaller)
        qtbot.addWidget(again)
        again.open_on_screen()
        qtbot.wait(1)
        assert again.minimumWidth() <= smaller.window_px[0]
        assert again.minimumHeight() <= smaller.window_px[1]
        assert px(LEAST_PX[0]) <= smaller.window_px[0]
        again.shut_down()


@pytest.mark.parametrize("room", [SCREENS["1920x1080"]])
def test_a2_two_columns_take_turns_where_three_have_no_room(
    window: DeskWindow, rig: DeskRig, qtbot: QtBot
) -> None:
    incident_id = rig.report()
    window.set_distance(1500.0)
    window.resize(1908, 1040)
    qtbot.wait(1)
    assert (window.queue.isVisible(), window.incident.isVisible()) == (True, False)
    window.desk.selection.select_incident(incident_id)
    assert (window.queue.isVisible(), window.incident.isVisible()) == (False, True)
    window.topbar.sides.parts[0].click()
    assert (window.queue.isVisible(), window.incident.isVisible()) == (True, False)
    window.topbar.sides.parts[1].click()
    window._actions[Qt.Key.Key_Escape]()
    assert (window.queue.isVisible(), window.incident.isVisible()) == (True, False)
    window.desk.selection.select_incident(incident_id)
    window._actions[Qt.Key.Key_N]()
    assert window.queue.isVisible()
    window.set_distance(AUTOMATIC_MM)
    qtbot.wait(1)
    assert window.queue.isVisible()
    assert window.incident.isVisible()
    assert not window.topbar.sides.isVisible()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a2_what_opens_over_the_desk_is_on_the_screen_too(
    window: DeskWindow, room: ScreenRoom, language: Language, qtbot: QtBot
) -> None:
    language_bridge().speak(language)
    for distance in filter(room.fits, (*DISTANCES_MM, AUTOMATIC_MM)):
        window.set_distance(distance)
        window.resize(px(LEAST_PX[0]), px(LEAST_PX[1]))
        window.keys.open()
        window.open_finder()
        qtbot.wait(1)
        assert squeezed(window.keys) == []
        assert window.rect().contains(window.keys._card.geometry())
        assert window.rect().contains(window.finder.geometry())
        window.keys.hide()
        window.finder.hide()
        window._report()
        qtbot.wait(1)
        assert squeezed(window.queue.form) == []
        assert window.rect().contains(window.queue.form.geometry())
        assert window.queue.form._title.font().pixelSize() == px(18)
        window.queue.form.close_form()


@pytest.mark.parametrize("room", [SCREENS["1920x1080"]])
def test_a2_windows_of_their_own_are_not_larger_than_the_screen(
    window: DeskWindow, rig: DeskRig, qapp: QApplication, qtbot: QtBot
) -> None:
    """The test's own screen is 800 pixels wide and high."""
    install_theme(qapp, 2.0)
    assert isinstance(window.video, VideoStrip)
    window.desk.selection.open_camera("C-4")
    window.video._enlarge(window.video.tiles()[0].spec.camera_id)
    dialog = EnrolDialog(window.desk)
    qtbot.addWidget(dialog)
    dialog.show()
    free = room_of(window.screen()).window_px
    for shown in (window.video._enlarged, dialog):
        assert shown is not None
        assert shown.height() <= free[1]
    assert window.video._enlarged is not None
    assert window.video._enlarged.width() <= free[0]


@pytest.mark.parametrize("room", [SCREENS["3840x2160 65in"]])
def test_d7_the_first_window_fills_the_screen_and_shows_what_the_design_shows(
    window: DeskWindow, qtbot: QtBot
) -> None:
    window.hide()
    window.open_on_screen()
    qtbot.wait(1)
    assert window.isMaximized()
    assert current_theme().scale == 2.0, "a wall of 4K shows as much as full HD, twice as large"
    window.showNormal()
    window.resize(1500, 900)
    window.close()
    window.open_on_screen()
    assert not window.isMaximized(), "where and as large as it was left"


@pytest.mark.parametrize(
    ("name", "scale"),
    [("1024x768", 1.0), ("1280x720", 1.0), ("1920x1080", 1.0), ("3840x2160 27in", 2.0)],
)
def test_d7_the_automatic_size(name: str, scale: float) -> None:
    assert SCREENS[name].scale(AUTOMATIC_MM) == scale
