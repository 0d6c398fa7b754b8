"""How the desk is seen: from how far, in which language, and how much of it may move."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from console.i18n import language, tr
from console.model.text import Language
from widgets.bridge.language import language_bridge
from widgets.common.desk import Desk
from widgets.common.scaling import AUTOMATIC_MM, ScreenRoom
from widgets.common.theme import font, theme

DISTANCES_MM = (600, 1000, 1500, 2500, 4000, 6000)
"""Viewer distances to choose from."""


class ViewMenu(QMenu):
    """`distance_chosen` carries a viewer distance in millimetres, or AUTOMATIC_MM.

    `room` says what the screen of the window has room for: a distance that makes the desk larger
    than its screen cannot be chosen, and says what it would need.
    """

    distance_chosen = Signal(float)

    def __init__(
        self,
        desk: Desk,
        distance_mm: float,
        room: Callable[[], ScreenRoom],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._distance_mm = distance_mm
        self._room = room
        self.aboutToShow.connect(self.fill)
        theme().changed.connect(self._restyle)
        self._restyle()

    def show_distance(self, distance_mm: float) -> None:
        """The viewer's distance is another now."""
        self._distance_mm = distance_mm
        self.fill()

    def fill(self) -> None:
        """Say anew what there is to choose, for the screen of now."""
        self.clear()
        self.setTitle(tr("topbar.size_tip"))
        room, distances = self._room(), QActionGroup(self)
        for distance in (AUTOMATIC_MM, *DISTANCES_MM):
            action = self._choice(distances, _distance_words(distance, room))
            action.setData(distance)
            action.setEnabled(distance == AUTOMATIC_MM or room.fits(distance))
            action.setChecked(distance == self._distance_mm)
            action.triggered.connect(partial(self._choose, float(distance)))
        self.addSeparator()
        languages = QActionGroup(self)
        spoken: tuple[tuple[Language, str], ...] = (
            ("zh", "topbar.chinese_tip"),
            ("en", "topbar.english_tip"),
        )
        for code, key in spoken:
            action = self._choice(languages, tr(key))
            action.setChecked(language() == code)
            action.triggered.connect(partial(self._speak, code))
        self.addSeparator()
        still = self.addAction(tr("topbar.reduced_motion"))
        still.setCheckable(True)
        still.setChecked(self._desk.reduced_motion)
        still.toggled.connect(self._desk.reduce_motion)

    def _choice(self, group: QActionGroup, words: str) -> QAction:
        action = self.addAction(words)
        action.setCheckable(True)
        group.addAction(action)
        return action

    def _choose(self, distance_mm: float, _checked: bool = False) -> None:
        self.distance_chosen.emit(distance_mm)

    def _speak(self, code: Language, _checked: bool = False) -> None:
        language_bridge().speak(code)

    def _restyle(self) -> None:
        self.setFont(font("caption"))


def _distance_words(distance_mm: float, room: ScreenRoom) -> str:
    if distance_mm == AUTOMATIC_MM:
        return tr("common.key_hint", text=tr("topbar.distance_automatic"), hint="Ctrl+0")
    metres = f"{distance_mm / 1000:g}"
    if room.fits(distance_mm):
        return tr("topbar.distance", metres=metres)
    width, height = room.least_px(distance_mm)
    return tr("topbar.distance_too_far", metres=metres, size=f"{width} × {height}")
