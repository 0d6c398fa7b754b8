"""The map's colours, from the project's design tokens (`resources/styles/tokens.json`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from PySide6.QtGui import QColor


class Palette:
    """Colours by token name, e.g. `colour("priority.1")`, `colour("map.water")`.

    A colour that has an entry in the tokens' `alpha` table comes with that opacity.
    """

    def __init__(self, tokens: Mapping[str, Any]) -> None:
        alphas: Mapping[str, float] = tokens["alpha"]
        self._colours = {
            name: _with_alpha(QColor(value), alphas.get(name, 1.0))
            for name, value in tokens["colour"].items()
        }

    def colour(self, name: str, alpha: float | None = None) -> QColor:
        """The colour called `name`, at opacity `alpha` (0 to 1) if given; KeyError if unknown."""
        colour = self._colours[name]
        return QColor(colour) if alpha is None else _with_alpha(colour, alpha)


def _with_alpha(colour: QColor, alpha: float) -> QColor:
    out = QColor(colour)
    out.setAlphaF(alpha)
    return out


@cache
def default_palette() -> Palette:
    """The palette of the built-in dark theme."""
    text = files("resources").joinpath("styles/tokens.json").read_text(encoding="utf-8")
    return Palette(json.loads(text))
