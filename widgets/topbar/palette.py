"""Ctrl+K: find anything and go to it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QVBoxLayout, QWidget

from console.i18n import tr
from console.model.geo import LonLat
from widgets.bridge.language import follow_language, spoken
from widgets.bridge.worker import Background
from widgets.common.buttons import FlatButton
from widgets.common.desk import Desk
from widgets.common.fields import Field
from widgets.common.focus import paint_focus
from widgets.common.icons import paint_icon
from widgets.common.labels import Label
from widgets.common.theme import colour, font, px, theme
from widgets.topbar.finder import Finder, Found

_ICONS = {
    "incident": "warn",
    "unit": "user",
    "place": "pin",
    "street": "street",
    "cell": "grid",
    "camera": "cam",
}
_V_CENTRE = Qt.AlignmentFlag.AlignVCenter
WIDTH = 440
WARM_AFTER_MS = 10_000
"""The names of the city are made ready when the desk has had time to start."""
NARROW, FOLDED = 160, 34


class SearchBox(FlatButton):
    """Looks like a field; a click or Ctrl+K opens the palette over it. Folded, it is its icon."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(key="Ctrl K", parent=parent)
        self.folded = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)
        self._restyle()

    def sizeHint(self) -> QSize:
        """Wide."""
        return QSize(px(FOLDED if self.folded else WIDTH), px(30))

    def minimumSizeHint(self) -> QSize:
        """It gives way when the bar is full."""
        return QSize(px(FOLDED if self.folded else NARROW), px(30))

    def spared_px(self) -> int:
        """How much less room it takes when it is folded."""
        return px(NARROW) - px(FOLDED)

    def fold(self, folded: bool) -> None:
        """Be an icon only, or a field again."""
        self.folded = folded
        self._restyle()

    def _restyle(self) -> None:
        self.setMaximumWidth(self.sizeHint().width())
        self.updateGeometry()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint field, icon, hint and key."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(colour("line.control"))
        painter.setBrush(colour("surface.window"))
        painter.drawRoundedRect(box, px(5), px(5))
        side = px(15)
        icon = QRectF(px(10), (self.height() - side) / 2, side, side)
        paint_icon(painter, icon, "search", colour("text.3"))
        if not self.folded:
            self._paint_words(painter)
        if self.ring.is_shown:
            paint_focus(painter, QRectF(self.rect()), px(5))

    def _paint_words(self, painter: QPainter) -> None:
        painter.setFont(font("caption"))
        painter.setPen(colour("text.3"))
        key = painter.fontMetrics().horizontalAdvance(self.key) + px(10)
        room = self.width() - px(34) - key - px(8)
        words = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, int(room)
        )
        painter.drawText(QRectF(px(34), 0, room, self.height()), _V_CENTRE, words)
        self._paint_key(painter, key)

    def _paint_key(self, painter: QPainter, width: int) -> None:
        cap = QRectF(self.width() - width - px(6), px(5), width, self.height() - px(10))
        painter.setPen(colour("line.panel"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(cap, px(3), px(3))
        painter.setPen(colour("text.2"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self.key)


class Results(QWidget):
    """Painted rows; `chosen` carries the row that was clicked."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found: list[Found] = []
        self.current = 0
        self.setMouseTracking(True)

    def show_found(self, found: list[Found]) -> None:
        """Show other results."""
        self.found, self.current = found, 0
        self.setFixedHeight(px(34) * len(found))
        self.update()

    def step(self, by: int) -> None:
        """Mark the next or previous row."""
        if self.found:
            self.current = min(max(self.current + by, 0), len(self.found) - 1)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The row under the pointer is marked."""
        self.current = min(event.position().toPoint().y() // px(34), len(self.found) - 1)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses."""
        row = event.position().toPoint().y() // px(34)
        if 0 <= row < len(self.found):
            self.chosen.emit(row)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the rows."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row, found in enumerate(self.found):
            self._paint_row(painter, row, found)

    def _paint_row(self, painter: QPainter, row: int, found: Found) -> None:
        box = QRectF(0, row * px(34), self.width(), px(34))
        if row == self.current:
            painter.fillRect(box, colour("surface.selected"))
        icon = QRectF(px(12), box.center().y() - px(8), px(16), px(16))
        paint_icon(painter, icon, _ICONS[found.kind], colour("text.2"))
        painter.setFont(font("body"))
        painter.setPen(colour("text.1"))
        metrics = painter.fontMetrics()
        name = metrics.elidedText(
            spoken(found.name), Qt.TextElideMode.ElideRight, int(box.width() * 0.55)
        )
        painter.drawText(box.adjusted(px(38), 0, 0, 0), _V_CENTRE, name)
        left = px(38) + metrics.horizontalAdvance(name) + px(10)
        painter.setFont(font("caption"))
        painter.setPen(colour("text.3"))
        room = int(box.width() - left - px(12))
        detail = painter.fontMetrics().elidedText(
            self._detail(found), Qt.TextElideMode.ElideRight, room
        )
        painter.drawText(box.adjusted(left, 0, 0, 0), _V_CENTRE, detail)

    def _detail(self, found: Found) -> str:
        kind = tr(f"topbar.find.{found.kind}")
        detail = spoken(found.detail)
        return kind + tr("common.dot") + detail if detail else kind


class _QueryField(Field):
    """Up and down go through the results."""

    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.stepped.emit(1)
        elif event.key() == Qt.Key.Key_Up:
            self.stepped.emit(-1)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class Palette(QFrame):
    """A field and its results, laid over the desk beneath the top bar. Searching goes on beside the
    desk: what was typed last is what is shown, and Enter waits for it."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._finder = Finder(desk.plans)
        self._names = desk.names
        self._searching = Background(self)
        self._shown_for = ""
        self._enter_waits = False
        self.setObjectName("dialog")
        self.field = _QueryField()
        self.results = Results()
        self.hint = Label("caption", "text.3", wrap=True)
        self._column = QVBoxLayout(self)
        for widget in (self.field, self.hint, self.results):
            self._column.addWidget(widget)
        self._connect()
        self.hide()
        self._restyle()
        theme().changed.connect(self._restyle)
        follow_language(self._retranslate)

    def open(self, beneath: QRect) -> None:
        """Open over `beneath` (parent coordinates), empty."""
        self._names.load()
        self.field.clear()
        self._search("")
        parent_width = self.window().width()
        width = min(max(px(WIDTH), beneath.width()) + px(16), parent_width)
        self.setFixedWidth(width)
        left = min(max(beneath.center().x() - width // 2, 0), parent_width - width)
        self.move(left, max(0, beneath.top() - px(8)))
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _connect(self) -> None:
        self.field.textChanged.connect(self._type)
        self.field.stepped.connect(self.results.step)
        self.field.entered.connect(self._enter)
        self.field.left.connect(self.hide)
        self.results.chosen.connect(self._choose)
        self._names.changed.connect(lambda: self._search(self.field.text()))
        QTimer.singleShot(WARM_AFTER_MS, self, self._names.load)

    def _type(self, query: str) -> None:
        self._enter_waits = False
        self._search(query)

    def _search(self, query: str) -> None:
        if not query.strip():
            self._searching.forget()
            self._show([], query)
            return
        finder, names, near = self._finder, self._names.names, self._middle()
        incidents = tuple(self._desk.picture.incidents.values())
        self._searching.run(
            lambda: finder.find(query, incidents, names, near),
            lambda found: self._show(found, query),
        )

    def _show(self, found: list[Found], query: str) -> None:
        self._shown_for = query
        self.results.show_found(found)
        self.results.setVisible(bool(found))
        self.hint.setVisible(not found)
        advice = "topbar.find.reading" if self._names.is_loading else "topbar.find.nothing"
        self.hint.setText(tr(advice if query.strip() else "topbar.find.advice"))
        self.adjustSize()
        if self._enter_waits and (found or not self._names.is_loading):
            self._choose(0)

    def _middle(self) -> tuple[float, float]:
        """Where things are looked for first: at the selected incident, else in the middle of the
        city; world metres."""
        incident = self._desk.picture.incidents.get(self._desk.selection.incident_id)
        place = incident.position if incident is not None else self._desk.city.manifest.centre
        return place.world

    def _enter(self) -> None:
        if self._shown_for == self.field.text():
            self._choose(self.results.current)
        else:
            self._enter_waits = True

    def _choose(self, row: int) -> None:
        self._enter_waits = False
        if row < len(self.results.found):
            found = self.results.found[row]
            self.hide()
            _GO[found.kind](self, found)

    def _go_to_incident(self, found: Found) -> None:
        self._desk.selection.select_incident(found.key)

    def _go_to_unit(self, found: Found) -> None:
        self._desk.selection.select_unit(found.key)
        fix = self._desk.session.fixes.of(found.key)
        if fix is not None:
            self._desk.selection.centre_on(fix.lon, fix.lat)
        else:
            self._go_there(found)

    def _go_to_cell(self, found: Found) -> None:
        self._go_there(found)
        self._desk.selection.mark_cell(found.key)

    def _go_to_camera(self, found: Found) -> None:
        self._go_there(found)
        self._desk.selection.inspect_camera(found.key)

    def _go_there(self, found: Found) -> None:
        place = LonLat.of_world(found.x, found.y)
        self._desk.selection.centre_on(place.lon, place.lat)

    def _retranslate(self) -> None:
        self.field.setPlaceholderText(tr("topbar.find.hint"))
        self.field.setAccessibleName(tr("topbar.find.hint"))
        self._search(self.field.text())

    def _restyle(self) -> None:
        self._column.setContentsMargins(px(8), px(8), px(8), px(8))
        self._column.setSpacing(px(6))


_GO: dict[str, Callable[[Palette, Found], None]] = {
    "incident": Palette._go_to_incident,
    "unit": Palette._go_to_unit,
    "place": Palette._go_there,
    "street": Palette._go_there,
    "cell": Palette._go_to_cell,
    "camera": Palette._go_to_camera,
}
