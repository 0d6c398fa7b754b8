"""The look: tokens, scaling, fonts, icons and the selection."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QFont, QFontMetrics, QTextLayout
from PySide6.QtWidgets import QApplication

from console.model.text import Language
from widgets.common.icons import icon_names, icon_pixmap
from widgets.common.scaling import scale_for
from widgets.common.theme import Theme, install_theme, tokens

distances = st.floats(1, 20_000)
pitches = st.floats(0.05, 5)


@pytest.mark.parametrize(
    ("distance_mm", "pitch_mm", "scale"),
    [(620, 0.311, 1), (560, 0.277, 1), (700, 0.233, 1.5), (2500, 0.63, 2), (5000, 0.885, 2.875)],
)
def test_scale_of_known_screens(distance_mm: float, pitch_mm: float, scale: float) -> None:
    assert scale_for(distance_mm, pitch_mm) == scale


@given(distances, pitches)
def test_scale_is_at_least_one_and_in_eighths(distance_mm: float, pitch_mm: float) -> None:
    scale = scale_for(distance_mm, pitch_mm)
    assert 1 <= scale <= 8
    assert (scale * 8).is_integer()


@given(distances, pitches)
def test_capitals_fill_sixteen_minutes_of_arc(distance_mm: float, pitch_mm: float) -> None:
    scale = scale_for(distance_mm, pitch_mm)
    needed = 2 * distance_mm * math.tan(math.radians(8 / 60))
    drawn = 13 * 0.733 * pitch_mm * scale
    assert drawn >= needed * (1 - 1e-9) or scale == 8


@given(distances, distances, pitches)
def test_farther_is_never_smaller(near: float, far: float, pitch_mm: float) -> None:
    near, far = sorted((near, far))
    assert scale_for(near, pitch_mm) <= scale_for(far, pitch_mm)


@pytest.mark.parametrize("wrong", [0, -1, math.nan, math.inf])
def test_senseless_distances_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        scale_for(wrong, 0.3)


def test_colours_are_those_of_the_tokens(theme: Theme) -> None:
    assert theme.colour("priority.1").name().upper() == tokens()["colour"]["priority.1"]
    assert theme.colour("select", 0.5).alpha() == 128
    with pytest.raises(KeyError):
        theme.colour("no.such")


def test_a_colour_handed_out_is_a_copy(theme: Theme) -> None:
    theme.colour("text.1").setAlpha(0)
    assert theme.colour("text.1").alpha() == 255


def test_figures_have_one_width(theme: Theme) -> None:
    metrics = QFontMetrics(theme.font("value"))
    assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1


def test_scale_changes_lengths_and_fonts_and_says_so(
    theme: Theme, qapp: QApplication, qtbot: object
) -> None:
    seen: list[float] = []
    theme.changed.connect(lambda: seen.append(theme.scale))
    install_theme(qapp, 2.0)
    assert seen == [2.0]
    assert (theme.px(12), theme.px(0), theme.px(0.1)) == (24, 0, 1)
    assert theme.font("caption").pixelSize() == 26
    assert theme.font("body", bold=True).weight() == QFont.Weight.Bold


def test_the_style_sheet_has_no_placeholder_left(theme: Theme) -> None:
    assert "{{" not in theme.style_sheet()


@pytest.mark.parametrize("name", sorted(icon_names()))
def test_every_icon_draws_something(theme: Theme, name: str) -> None:
    picture = icon_pixmap(name, theme.colour("text.1"), 16).toImage()
    alphas = (picture.pixelColor(x, y).alpha() for x in range(16) for y in range(16))
    assert max(alphas) > 100


@pytest.mark.parametrize("language", ["zh", "en"])
def test_d7_every_character_that_people_write_has_a_glyph(
    theme: Theme, speak: Callable[[Language], None], language: Language
) -> None:
    speak(language)
    layout = QTextLayout("三楼 gas 🔥 👨‍👩‍👧 🚑 ❤️ ½ ㎡ 〇 𠮷", theme.font("body"))
    layout.beginLayout()
    layout.createLine()
    layout.endLayout()
    missing = [run.rawFont().familyName() for run in layout.glyphRuns() if 0 in run.glyphIndexes()]
    assert missing == []
