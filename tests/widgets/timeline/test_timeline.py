"""The density strip counts right and draws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.model.text import Language
from tests.widgets.conftest import NOON_MS, DeskRig
from widgets.bridge.language import language_bridge
from widgets.common.theme import colour, font, install_theme, px
from widgets.timeline.density import BIN_MS, density
from widgets.timeline.panel import TimelinePanel

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own

SPAN_MS = 6 * 3_600_000
reports = st.lists(st.tuples(st.integers(NOON_MS - 2 * SPAN_MS, NOON_MS), st.integers(1, 4)))


@given(reports)
def test_every_report_of_the_span_is_counted_once(made: list[tuple[int, int]]) -> None:
    counted = density(made, NOON_MS, SPAN_MS)
    inside = [p for at, p in made if at >= counted.first_ms]
    assert counted.all.sum() == len(inside)
    assert counted.p1.sum() == inside.count(1)
    assert counted.p2.sum() == inside.count(2)
    assert len(counted.all) == SPAN_MS // BIN_MS
    assert (counted.p1 + counted.p2 <= counted.all).all()


@given(st.integers(NOON_MS - SPAN_MS // 2, NOON_MS), st.integers(0, BIN_MS))
def test_a_bar_does_not_change_while_the_clock_moves(at: int, later_ms: int) -> None:
    before = density([(at, 3)], NOON_MS, SPAN_MS)
    after = density([(at, 3)], NOON_MS + later_ms, SPAN_MS)
    begin = [d.first_ms + int(np.argmax(d.all)) * BIN_MS for d in (before, after)]
    assert begin[0] == begin[1] <= at < begin[0] + BIN_MS


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("hours", [0, 1, 2])
def test_d7_no_word_of_the_strip_is_cut_at_any_distance(
    rig: DeskRig, qapp: QApplication, qtbot: QtBot, language: Language, hours: int
) -> None:
    language_bridge().speak(language)
    panel = TimelinePanel(rig.desk)
    qtbot.addWidget(panel)
    panel.show()
    panel.spans.parts[hours].click()
    for scale in (1.0, 1.625, 2.375, 4.0, 1.0):
        install_theme(qapp, scale)
        for width in (270, 650):
            panel.resize(px(width), px(184))
            qtbot.wait(1)
            chart = panel.chart
            left = chart.mapFromScene(chart.plotItem.vb.sceneBoundingRect().topLeft()).x()
            for label in (*panel._names, panel._now):
                assert label.width() >= label.sizeHint().width()
                assert chart.rect().contains(label.geometry())
            assert all(label.geometry().right() < left for label in panel._names)
            axis = chart.getAxis("bottom")
            (low, high), plot = chart.plotItem.vb.viewRange()[0], chart.width() - left
            step = axis.tickSpacing(low, high, plot)[0][0]
            words = QFontMetrics(font("caption")).horizontalAdvance("00:00")
            assert step / (high - low) * plot > words, (scale, width)
    language_bridge().speak("zh")
    install_theme(qapp, 1.0)


def test_the_strip_draws_red_only_for_the_first_priority(rig: DeskRig, qtbot: QtBot) -> None:
    rig.report(priority=3, age_s=1800)
    panel = TimelinePanel(rig.desk)
    qtbot.addWidget(panel)
    panel.resize(650, 183)
    panel.show()

    def has(tint: str) -> bool:
        picture = panel.chart.grab().toImage()
        wanted = colour(tint).rgb()
        width, height = picture.width(), picture.height()
        return any(picture.pixel(x, y) == wanted for x in range(width) for y in range(0, height, 3))

    panel.redraw()
    assert has("bar.quiet")
    assert not has("priority.1")
    rig.report(priority=1, age_s=1800)
    panel.redraw()
    assert has("priority.1")


def test_the_span_is_chosen(rig: DeskRig, qtbot: QtBot) -> None:
    panel = TimelinePanel(rig.desk)
    qtbot.addWidget(panel)
    panel.spans.parts[2].click()
    low, high = panel.chart.getPlotItem().viewRange()[0]
    assert high - low == pytest.approx(24 * 3600 * 1.01)
