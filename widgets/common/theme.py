"""The look: colours, lengths and fonts by name, from `resources/styles/tokens.json`.

One theme serves the whole program; `install_theme` makes it (or changes its scale) and `theme()`
hands it out. Everything is drawn in *scaled* pixels: `px(12)` is twelve design pixels at the
viewer distance that was chosen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from console.i18n import language
from widgets.bridge.language import language_bridge
from widgets.common.tips import set_tip_font

__all__ = [
    "QWIDGETSIZE_MAX",
    "FontRole",
    "Theme",
    "colour",
    "font",
    "install_theme",
    "px",
    "theme",
]

FontRole = Literal[
    "caption", "body", "card_title", "value", "title", "clock", "figure", "figure_big"
]

QWIDGETSIZE_MAX = 16_777_215
"""Qt's own "no maximum", which PySide does not name."""

_STYLES = files("resources") / "styles"
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")


@cache
def tokens() -> dict[str, Any]:
    """The design tokens, as they stand in the file."""
    loaded: dict[str, Any] = json.loads((_STYLES / "tokens.json").read_text("utf-8"))
    return loaded


class Theme(QObject):
    """Colours, lengths and fonts at one scale; `changed` tells that the scale is another now."""

    changed = Signal()

    def __init__(self, scale: float = 1.0) -> None:
        super().__init__()
        self._scale = scale
        self._colours: dict[str, QColor] = {}
        self._fonts: dict[tuple[str, bool], QFont] = {}
        self._families: list[str] = []

    @property
    def scale(self) -> float:
        """The factor on every length (1 at a desk)."""
        return self._scale

    def set_scale(self, scale: float) -> None:
        """Draw everything at another scale from now on."""
        if scale != self._scale:
            self._scale = scale
            self._fonts.clear()
            self.changed.emit()

    def change_faces(self) -> None:
        """The language is another now, and with it the order of the faces."""
        self._families.clear()
        self._fonts.clear()
        self.changed.emit()

    def colour(self, name: str, alpha: float = 1.0) -> QColor:
        """The colour called `name` (a fresh copy), `alpha` from 0 to 1. KeyError if unknown."""
        found = self._colours.get(name)
        if found is None:
            found = self._colours[name] = QColor(tokens()["colour"][name])
        copy = QColor(found)
        copy.setAlphaF(alpha)
        return copy

    def px(self, length: float) -> int:
        """`length` design pixels on this screen; what is not nothing stays at least one."""
        scaled = round(length * self._scale)
        return scaled if scaled or not length else (1 if length > 0 else -1)

    def font(self, role: FontRole = "body", bold: bool = False) -> QFont:
        """The font of a role, with figures of one width (a fresh copy)."""
        made = self._fonts.get((role, bold))
        if made is None:
            made = self._fonts[role, bold] = self._make_font(role, bold)
        return QFont(made)

    def line_px(self, role: FontRole) -> int:
        """The height of one line of text of a role."""
        return self.px(tokens()["type_px"][role]["line"])

    def style_sheet(self) -> str:
        """The program's style sheet with this theme's values put in."""
        template = (_STYLES / "desk.qss").read_text("utf-8")
        return _PLACEHOLDER.sub(lambda match: self._value_of(match.group(1)), template)

    def palette(self) -> QPalette:
        """What Qt's own painting uses where the style sheet says nothing."""
        palette = QPalette()
        for role, name in _PALETTE_ROLES.items():
            palette.setColor(role, self.colour(name))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.colour("text.disabled"))
        return palette

    def _make_font(self, role: str, bold: bool) -> QFont:
        made = QFont()
        made.setFamilies(self._installed_families())
        made.setPixelSize(self.px(tokens()["type_px"][role]["size"]))
        made.setWeight(QFont.Weight.Bold if bold else QFont.Weight.Normal)
        made.setFeature(QFont.Tag("tnum"), 1)
        return made

    def _installed_families(self) -> list[str]:
        """The language's own faces first.

        In English the Latin ones, because the Chinese draw the middle dot and the apostrophe a
        full em wide; in Chinese the Chinese ones, so that figures weigh what the words do.
        """
        if not self._families:
            stack = tokens()["font"]
            first, second = ("chinese", "latin") if language() == "zh" else ("latin", "chinese")
            wanted = stack[first] + stack[second] + stack["last"]
            installed = set(QFontDatabase.families())
            self._families = [name for name in wanted if name in installed] or ["sans-serif"]
        return self._families

    def _value_of(self, placeholder: str) -> str:
        if placeholder.endswith("px"):
            return f"{self.px(float(placeholder.removesuffix('px')))}px"
        return self.colour(placeholder).name()


_PALETTE_ROLES = {
    QPalette.ColorRole.Window: "surface.panel",
    QPalette.ColorRole.Base: "surface.window",
    QPalette.ColorRole.AlternateBase: "surface.panel",
    QPalette.ColorRole.Button: "surface.raised",
    QPalette.ColorRole.WindowText: "text.1",
    QPalette.ColorRole.Text: "text.1",
    QPalette.ColorRole.ButtonText: "text.1",
    QPalette.ColorRole.PlaceholderText: "text.3",
    QPalette.ColorRole.Highlight: "surface.selected",
    QPalette.ColorRole.HighlightedText: "text.1",
    QPalette.ColorRole.ToolTipBase: "surface.raised",
    QPalette.ColorRole.ToolTipText: "text.1",
    QPalette.ColorRole.Link: "text.link",
}


@cache
def _holder() -> dict[str, Theme]:
    return {}


def install_theme(app: QApplication, scale: float = 1.0) -> Theme:
    """Give `app` the look at `scale`; called again, it changes the scale of all there is."""
    made = _holder().get("theme")
    if made is None:
        made = _holder()["theme"] = Theme(scale)
        app.setStyle("Fusion")
        language_bridge().changed.connect(lambda _language: _redress(made.change_faces))
        _dress(app, made)
    elif made.scale != scale:
        _redress(lambda: made.set_scale(scale))
    return made


def _redress(change: Callable[[], None]) -> None:
    """Make a change to the theme; the program's own look is right before widgets hear of it."""
    made, app = theme(), QApplication.instance()
    made.blockSignals(True)
    change()
    made.blockSignals(False)
    if isinstance(app, QApplication):
        _dress(app, made)
    made.changed.emit()


def _dress(app: QApplication, made: Theme) -> None:
    app.setPalette(made.palette())
    app.setFont(made.font())
    set_tip_font(made.font("caption"))
    sheet = made.style_sheet()
    if sheet != app.styleSheet():  # setting it polishes every widget anew
        app.setStyleSheet(sheet)


def theme() -> Theme:
    """The theme in use. Raises RuntimeError before `install_theme`."""
    installed = _holder().get("theme")
    if installed is None:
        raise RuntimeError("install_theme has not been called")
    return installed


def colour(name: str, alpha: float = 1.0) -> QColor:
    """The colour called `name` in the theme in use."""
    return theme().colour(name, alpha)


def px(length: float) -> int:
    """`length` design pixels in the theme in use."""
    return theme().px(length)


def font(role: FontRole = "body", bold: bool = False) -> QFont:
    """The font of a role in the theme in use."""
    return theme().font(role, bold)
