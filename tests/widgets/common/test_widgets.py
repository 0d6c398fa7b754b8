"""The small widgets: words, reasons, states, symbols."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from console.model.unit import UnitKind, UnitStatus
from widgets.common.buttons import Button, Chip
from widgets.common.fields import Field
from widgets.common.labels import Label
from widgets.common.segments import Segments
from widgets.common.states import EmptyState, Notice
from widgets.common.symbols import Mark, paint_incident, paint_mark, paint_unit
from widgets.common.theme import Theme

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)  # offscreen's own


def blank(side: int = 48) -> QImage:
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("#111417"))
    return image


def drawn(image: QImage, paint: object, *args: object, **kwargs: object) -> bytes:
    painter = QPainter(image)
    paint(painter, *args, **kwargs)  # type: ignore[operator]
    painter.end()
    return bytes(image.constBits())


def test_each_priority_looks_different_without_its_colour(theme: Theme) -> None:
    looks = set()
    for priority in (1, 2, 3, 4):
        image = blank()
        drawn(image, paint_incident, QRectF(image.rect()), priority)
        looks.add(bytes(image.convertToFormat(QImage.Format.Format_Grayscale8).constBits()))
    assert len(looks) == 4


def test_dial_overdue_and_closed_show(theme: Theme) -> None:
    box = QRectF(0, 0, 48, 48)
    looks = [
        drawn(blank(), paint_incident, box, 2),
        drawn(blank(), paint_incident, box, 2, share=0.5),
        drawn(blank(), paint_incident, box, 2, share=1.0, over=True),
        drawn(blank(), paint_incident, box, 2, closed=True),
    ]
    assert len(set(looks)) == 4


@pytest.mark.parametrize("kind", list(UnitKind))
def test_units_say_status_and_staleness(theme: Theme, kind: UnitKind) -> None:
    box = QRectF(0, 0, 48, 48)
    looks = {drawn(blank(), paint_unit, box, kind, status) for status in UnitStatus}
    looks.add(drawn(blank(), paint_unit, box, kind, UnitStatus.FREE, True))
    assert len(looks) == len(UnitStatus) + 1


@pytest.mark.parametrize("mark", ["dot", "ring", "triangle", "square", "check", "cross"])
def test_marks_draw(theme: Theme, mark: Mark) -> None:
    empty = bytes(blank().constBits())
    assert drawn(blank(), paint_mark, QPointF(24, 24), mark, QColor("white"), 20) != empty


def test_a_button_says_its_key_or_why_not(theme: Theme, qtbot: QtBot) -> None:
    button = Button("primary", icon="send", key="Enter")
    qtbot.addWidget(button)
    button.set_words("派遣 2 个单位", "派遣勾选的单位")
    assert button.toolTip() == "派遣勾选的单位（Enter）"
    button.set_reason("先勾选要派的单位")
    assert not button.isEnabled()
    assert button.toolTip().startswith("先勾选")
    button.set_reason("")
    assert button.isEnabled()
    assert button.minimumSizeHint().width() >= button.fontMetrics().horizontalAdvance("派遣")


def test_a_chip_is_wider_with_a_figure(theme: Theme, qtbot: QtBot) -> None:
    chip = Chip("1")
    qtbot.addWidget(chip)
    chip.set_words("网格")
    before = chip.sizeHint().width()
    chip.set_figure("1,199")
    assert chip.sizeHint().width() > before


def test_segments_say_what_a_person_chose(theme: Theme, qtbot: QtBot) -> None:
    segments = Segments(3)
    heard: list[int] = []
    qtbot.addWidget(segments)
    segments.set_words(["1 h", "6 h", "24 h"])
    segments.chosen.connect(heard.append)
    segments.choose(1)
    assert (segments.index, heard) == (1, [])
    qtbot.mouseClick(segments.parts[2], Qt.MouseButton.LeftButton)
    assert (segments.index, heard) == (2, [2])
    segments.show()
    segments.parts[2].setFocus()
    qtbot.keyClick(segments.parts[2], Qt.Key.Key_Left)
    assert segments.index == 1


def test_cut_text_is_whole_in_the_tip(theme: Theme, qtbot: QtBot) -> None:
    label = Label(elide=True)
    qtbot.addWidget(label)
    label.resize(400, 20)
    label.setText("和平大道 214 号 锦澜花园 6 栋")
    assert label.toolTip() == ""
    label.resize(60, 20)
    label.show()
    assert label.toolTip() == "和平大道 214 号 锦澜花园 6 栋"


def test_a_notice_stays_until_dismissed(theme: Theme, qtbot: QtBot) -> None:
    notice = Notice()
    qtbot.addWidget(notice)
    notice.say("没有办成", "单位不在岗。")
    # The stub is wrong: Qt takes no ancestor too.
    assert notice.isVisibleTo(None) or not notice.isHidden()  # type: ignore[arg-type]
    qtbot.mouseClick(notice._dismiss, Qt.MouseButton.LeftButton)
    assert notice.isHidden()


def test_an_empty_state_says_why_and_what(theme: Theme, qtbot: QtBot) -> None:
    empty = EmptyState()
    qtbot.addWidget(empty)
    empty.say("现在没有事件。", "按 N 新建。")
    assert empty.title.text()
    assert empty.advice.text()


def test_a_field_keeps_enter_and_escape(theme: Theme, qtbot: QtBot) -> None:
    field = Field()
    qtbot.addWidget(field)
    with qtbot.waitSignal(field.entered):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    with qtbot.waitSignal(field.left):
        qtbot.keyClick(field, Qt.Key.Key_Escape)
    field.set_wrong(True)
    assert field.property("wrong")
