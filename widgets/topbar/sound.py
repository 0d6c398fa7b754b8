"""How loud the alarms are, and whether they can be heard at all."""

from __future__ import annotations

from functools import partial

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QMenu, QWidget

from console.i18n import tr
from widgets.alarm import VOLUMES, Ringer
from widgets.common.buttons import Button, on_click
from widgets.common.theme import colour, font, theme


class SoundButton(Button):
    """A loudspeaker with a menu under it; in words and orange while nothing would be heard."""

    def __init__(self, ringer: Ringer, parent: QWidget | None = None) -> None:
        super().__init__("plain", icon="sound", parent=parent)
        self._ringer = ringer
        self.menu = QMenu(self)
        on_click(self, self._open_menu)
        ringer.changed.connect(self.retranslate)
        theme().changed.connect(self._restyle)
        self._restyle()

    @property
    def is_heard(self) -> bool:
        """Whether an alarm would be heard."""
        return self._ringer.has_output and not self._ringer.is_silent

    def retranslate(self) -> None:
        """Say anew how it stands."""
        self.icon_name = "sound" if self.is_heard else "muted"
        if not self._ringer.has_output:
            self.set_words(tr("topbar.sound.none"), tr("topbar.sound.none_tip"))
        elif self._ringer.is_silent:
            self.set_words(tr("topbar.sound.silent"), tr("topbar.sound.silent_tip"))
        else:
            self.set_words("", tr("topbar.sound.tip"))
        self._fill_menu()
        self.update()

    def _quiet_colours(self, clear: QColor) -> tuple[QColor, QColor, QColor]:
        fill, edge, ink = super()._quiet_colours(clear)
        return fill, edge, ink if self.is_heard else colour("priority.2")

    def _fill_menu(self) -> None:
        self.menu.clear()
        for volume in range(len(VOLUMES)):
            action = self.menu.addAction(tr(f"topbar.sound.volume{volume}"))
            action.setCheckable(True)
            action.setChecked(volume == self._ringer.volume)
            action.triggered.connect(partial(self._set_volume, volume))
        self.menu.addSeparator()
        silent = self.menu.addAction(tr("topbar.sound.silence"))
        silent.setCheckable(True)
        silent.setChecked(self._ringer.is_silent)
        silent.triggered.connect(self._ringer.silence)

    def _set_volume(self, volume: int, _checked: bool = False) -> None:
        self._ringer.set_volume(volume)

    def _open_menu(self) -> None:
        self.menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _restyle(self) -> None:
        self.menu.setFont(font("caption"))
