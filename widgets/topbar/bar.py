"""The bar across the top of the desk."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from console.i18n import language, tr
from widgets.alarm import Ringer
from widgets.bridge.language import follow_language, language_bridge, spoken
from widgets.common import format as fmt
from widgets.common.buttons import Button, on_click
from widgets.common.desk import Desk
from widgets.common.labels import Label
from widgets.common.panel import Panel
from widgets.common.scaling import DESIGN_PX, ScreenRoom
from widgets.common.segments import Segments
from widgets.common.theme import colour, font, px, theme
from widgets.common.tips import set_tip
from widgets.topbar.folding import Foldable, FoldedAway, fold_to_fit
from widgets.topbar.link import LinkView
from widgets.topbar.load import STEPS, WINDOW_MS, LoadBars
from widgets.topbar.palette import SearchBox
from widgets.topbar.sound import SoundButton
from widgets.topbar.view_menu import ViewMenu
from widgets.topbar.who import WhoButton

AREA_PX = 160


class Sign(QWidget):
    """Trellis' own sign: a lattice with one way through it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """A square."""
        return QSize(px(18), px(18))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the sign."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self.width() / 18, self.height() / 18)
        painter.setPen(QPen(colour("text.3"), 1.3))
        for at in (5.5, 12.5):
            painter.drawLine(QPointF(1.5, at), QPointF(16.5, at))
            painter.drawLine(QPointF(at, 1.5), QPointF(at, 16.5))
        painter.setPen(QPen(colour("text.1"), 2))
        way = [(1.5, 12.5), (5.5, 12.5), (5.5, 5.5), (12.5, 5.5), (12.5, 1.5)]
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in way]))


class ModeBadge(QWidget):
    """Live is only an edge; replay and exercise will be filled, for nobody may overlook them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.updateGeometry)

    def set_words(self, words: str, tip: str) -> None:
        """What it says."""
        self._words = words
        self.setAccessibleName(words)
        set_tip(self, tip)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Dot and word."""
        width = QFontMetrics(font("caption", bold=True)).horizontalAdvance(self._words)
        return QSize(width + px(32), px(24))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint edge, dot and word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        green = colour("status.free")
        painter.setPen(QPen(green, 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(4), px(4))
        painter.setBrush(green)
        painter.drawEllipse(QPointF(px(13), self.height() / 2), px(4), px(4))
        painter.setFont(font("caption", bold=True))
        box = QRectF(px(23), 0, self.width(), self.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, self._words)


class Divider(QWidget):
    """A line that parts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Thin."""
        return QSize(1, px(20))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the line."""
        QPainter(self).fillRect(self.rect(), colour("line.panel"))


class TopBar(Panel):
    """Mode, city, clock; load, link, language, size, keys, who.

    `keys_wanted` asks for the overview of keys, `search_wanted` for the palette. `sides` shows
    where the queue and the incident take turns; it is the window's. `room` says what the window's
    screen has room for. A narrow bar does without what can be missed; the mode, the clock, the
    link, the menus and what others put in stay.
    """

    keys_wanted = Signal()
    search_wanted = Signal()

    def __init__(
        self,
        desk: Desk,
        distance_mm: float,
        ringer: Ringer,
        room: Callable[[], ScreenRoom] = lambda: ScreenRoom(DESIGN_PX, DESIGN_PX),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._foldable: tuple[Foldable, ...] = ()
        self.mode = ModeBadge()
        self.sides = Segments(2)
        self.city = Label("body")
        self.area = Label("body", "text.2")
        self.rights = Label("caption", "priority.3", bold=True)
        self.clock = Label("value", bold=True)
        self.date = Label("body", "text.3")
        self._load_name = Label("caption", "text.3")
        self._bars = LoadBars()
        self.load = Label("caption")
        self.link = LinkView()
        self.languages = Segments(2)
        self.search = SearchBox()
        self.sound = SoundButton(ringer)
        self.text_size = Button("plain", icon="scale")
        self.keys = Button("plain", icon="help")
        self.menu = ViewMenu(desk, distance_mm, room, self)
        self.who = WhoButton(desk)
        self._lay_out()
        self._connect()
        follow_language(self._retranslate)

    def entry(self) -> QWidget:
        """The language."""
        return self.languages.parts[self.languages.index]

    def tick(self) -> None:
        """A second has passed."""
        now = self._desk.now_ms()
        self.clock.setText(fmt.clock_time(now))
        self.date.setText(fmt.date(now))
        self._show_link()
        self._show_load(now)

    def minimumSizeHint(self) -> QSize:
        """It folds to whatever width there is."""
        return QSize(0, px(44))

    def event(self, event: QEvent) -> bool:
        """Another width, or other words in it, have room for more or for less."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            fold_to_fit(self._row, self.width(), self._foldable)
        return super().event(event)

    def _show_link(self) -> None:
        self.link.show_link(self._desk.session.link, self._desk.now_ms())

    def _show_load(self, now: int) -> None:
        recent = 0
        for incident in reversed(tuple(self._desk.picture.incidents.values())):
            if now - incident.reported_at > WINDOW_MS:
                break
            recent += 1
        seen = not self._desk.why_not_see("operations")
        self._bars.show_count(recent)
        self.load.setText(fmt.counted("topbar.load", recent) if seen else "—")

    def _lay_out(self) -> None:
        self._row = QHBoxLayout(self)
        self.sides.hide()
        left: tuple[QWidget, ...] = (
            Sign(),
            self.mode,
            self.sides,
            self.city,
            self.area,
            self.clock,
            self.date,
        )
        for widget in left:
            self._row.addWidget(widget)
        self._row.addStretch(1)
        self._row.addWidget(self.search, 100)  # it grows first, then the gaps beside it
        self._row.addStretch(1)
        busy = Divider()
        right: tuple[QWidget, ...] = (
            self._load_name,
            self._bars,
            self.load,
            busy,
            self.link,
            Divider(),
            self.languages,
            self.sound,
            self.text_size,
            self.keys,
            Divider(),
            self.rights,
            self.who,
        )
        for widget in right:
            self._row.addWidget(widget)
        self._foldable = (
            FoldedAway(self._row, self.date),
            FoldedAway(self._row, self._load_name, self._bars),
            FoldedAway(self._row, self.load, busy),
            self.link,
            FoldedAway(self._row, self.languages),
            FoldedAway(self._row, self.city),
            self.search,
            self.who,
            FoldedAway(self._row, self.area),
        )
        self.languages.choose(0 if language() == "zh" else 1)
        self._restyle()
        theme().changed.connect(self._restyle)

    def _connect(self) -> None:
        self._desk.second.connect(self.tick)
        self._desk.bridge.link_changed.connect(self._show_link)
        self._desk.bridge.people_changed.connect(self._show_rights)
        self.languages.chosen.connect(self._speak)
        on_click(self.search, self.search_wanted.emit)
        on_click(self.text_size, self._open_menu)
        on_click(self.keys, self.keys_wanted.emit)

    def _show_rights(self) -> None:
        """What part of the city this desk sees, and how little the person here may do."""
        area, work = self._desk.area_name, self._desk.work
        metrics = QFontMetrics(font("body"))
        self.area.setText(metrics.elidedText(area, Qt.TextElideMode.ElideRight, px(AREA_PX)))
        self.area.set_tip(tr("topbar.area_tip", area=area) if area else "")
        if work in ("none", "notes"):
            self.rights.setText(tr(f"topbar.rights.{work}"))
            self.rights.set_tip(tr(f"incident.only.{work}", role=self._desk.role_name))
        self.rights.setVisible(work in ("none", "notes"))

    def _speak(self, index: int) -> None:
        language_bridge().speak("zh" if index == 0 else "en")

    def _open_menu(self) -> None:
        corner = self.text_size.mapToGlobal(self.text_size.rect().bottomLeft())
        self.menu.popup(corner)

    def _retranslate(self) -> None:
        self.setAccessibleName(tr("topbar.title"))
        self.mode.set_words(tr("topbar.live"), tr("topbar.live_tip"))
        self.city.setText(spoken(self._desk.city.manifest.name))
        self._load_name.setText(tr("topbar.load_name"))
        for part in (self._load_name, self._bars, self.load):
            set_tip(part, tr("topbar.load_tip", steps=" · ".join(map(str, STEPS))))
        self.languages.set_words(
            [tr("topbar.chinese"), tr("topbar.english")],
            [tr("topbar.chinese_tip"), tr("topbar.english_tip")],
        )
        self.languages.choose(0 if language() == "zh" else 1)
        self.text_size.set_words("", tr("topbar.size_tip"))
        self.keys.set_words("", tr("topbar.keys_tip"))
        self.search.set_words(tr("topbar.find.hint"), tr("topbar.find.tip"))
        self.sound.retranslate()
        self.who.retranslate()
        self._show_rights()
        self.sides.set_words(
            [tr("queue.title"), tr("topbar.side_incident")],
            [tr("topbar.side_queue_tip"), tr("topbar.side_incident_tip")],
        )
        self.menu.fill()
        self.tick()

    def _restyle(self) -> None:
        self.setFixedHeight(px(44))
        self._row.setContentsMargins(px(12), 0, px(12), 0)
        self._row.setSpacing(px(10))
