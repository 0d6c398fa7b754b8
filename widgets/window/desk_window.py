"""The desk's window: five panels in their places, and the keys that belong to none of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QVBoxLayout, QWidget

from console.city import City
from console.clock import Clock
from console.i18n import tr
from console.model.plan import Plans
from widgets.bridge.account import Account
from widgets.bridge.language import follow_language, language_bridge, spoken
from widgets.bridge.session import SessionBridge
from widgets.bridge.video import VideoBridge
from widgets.common.desk import Desk
from widgets.common.panel import Panel
from widgets.common.scaling import scale_for
from widgets.common.theme import install_theme, px, tokens
from widgets.incident.panel import IncidentPanel
from widgets.map.panel import MapPanel
from widgets.queue.panel import QueuePanel
from widgets.timeline.panel import TimelinePanel
from widgets.topbar.bar import TopBar
from widgets.topbar.palette import Palette
from widgets.video.strip import VideoStrip
from widgets.window.keys import KeyOverview
from widgets.window.watching import Watching

DESK_DISTANCE_MM = 600.0

LOW_PX = 720
"""A window lower than this folds its bottom, so that the map keeps its room."""

USUAL_PITCH_MM = 0.311
"""A 27 inch full HD screen: taken where the screen does not tell its own pitch."""

_REDUCED_MOTION = "view/reduced_motion"


class DeskWindow(QMainWindow):
    """Queue, map and incident side by side; video and timeline beneath, which fold away.

    `settings` remembers sizes, language, viewer distance and how much may move. `make_map` and
    `make_video` build those two panels; tests put plain ones in their place. `shut_down` ends what
    they run.
    """

    def __init__(  # noqa: PLR0917 - the composition root names its parts in one order
        self,
        city: City,
        bridge: SessionBridge,
        video: VideoBridge,
        plans: Plans,
        clock: Clock,
        settings: QSettings,
        *,
        name: str = "01",
        account: Account | None = None,
        make_map: Callable[[Desk], Panel] = MapPanel,
        make_video: Callable[[Desk, VideoBridge], Panel] | None = None,
    ) -> None:
        super().__init__()
        self.desk = Desk(city, bridge, plans, clock, name=name, account=account, parent=self)
        self._settings = settings
        self._is_low = False
        self.desk.reduce_motion(str(settings.value(_REDUCED_MOTION)) == "true")
        self.topbar = TopBar(self.desk, viewer_distance(settings))
        self.queue = QueuePanel(self.desk)
        self.map = make_map(self.desk)
        self.incident = IncidentPanel(self.desk)
        self.video = (make_video or watching_strip)(self.desk, video)
        self.timeline = TimelinePanel(self.desk)
        self._middle = QSplitter(Qt.Orientation.Horizontal)
        self._bottom = QSplitter(Qt.Orientation.Horizontal)
        self._rows = QSplitter(Qt.Orientation.Vertical)
        self._lay_out()
        self.keys = KeyOverview(self)
        self.finder = Palette(self.desk, self)
        self._actions = self._keyboard()
        self._connect()
        follow_language(self._retranslate)
        self._restore()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no panel has taken."""
        if event.key() == Qt.Key.Key_K and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.open_finder()
            return
        action = self._actions.get(event.key())
        chorded = event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        )
        if action is None or chorded:
            super().keyPressEvent(event)
            return
        action()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The overview of keys covers the whole window; a low window folds its bottom."""
        super().resizeEvent(event)
        self.keys.setGeometry(self.rect())
        low = self.height() < px(LOW_PX)
        if low != self._is_low:
            self._is_low = low
            if low is bool(self._rows.sizes()[1]):
                self.fold_bottom()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the sizes."""
        for name, splitter in self._splitters():
            self._settings.setValue(f"window/{name}", splitter.saveState())
        self._settings.setValue("window/geometry", self.saveGeometry())
        super().closeEvent(event)

    def shut_down(self) -> None:
        """End what the panels run outside this process."""
        if isinstance(self.map, MapPanel):
            self.map.shut_down()
        if isinstance(self.video, VideoStrip):
            self.video.shutdown()

    def open_finder(self) -> None:
        """Open the palette over the search box."""
        box = self.topbar.search
        self.finder.open(QRect(box.mapTo(self, QPoint(0, 0)), box.size()))

    def fold_bottom(self) -> None:
        """Fold video and timeline away, or bring them back."""
        sizes = self._rows.sizes()
        height = px(tokens()["columns_px"]["bottom"])
        self._rows.setSizes([sum(sizes), 0] if sizes[1] else [sum(sizes) - height, height])

    def set_distance(self, distance_mm: float) -> None:
        """Draw everything for a viewer at `distance_mm`."""
        self._settings.setValue("view/distance_mm", distance_mm)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            install_theme(app, scale_for(distance_mm, self._pitch_mm()))
        self.topbar.show_distance(distance_mm)
        self.usual_sizes()

    def next_panel(self, by: int = 1) -> None:
        """Bring the keyboard to the next panel, in the order of work."""
        panels = self._panels()
        focus = QApplication.focusWidget()
        here = next((i for i, p in enumerate(panels) if focus and p.isAncestorOf(focus)), -by)
        panels[(here + by) % len(panels)].enter()

    def _pitch_mm(self) -> float:
        screen = self.screen()
        dots = screen.physicalDotsPerInch() if screen is not None else 0.0
        return 25.4 / dots if dots > 0 else USUAL_PITCH_MM

    def _panels(self) -> list[Panel]:
        panels = [self.queue, self.map, self.incident, self.video, self.timeline]
        return [panel for panel in panels if panel.isVisible()]

    def _splitters(self) -> list[tuple[str, QSplitter]]:
        return [("middle", self._middle), ("bottom", self._bottom), ("rows", self._rows)]

    def _keyboard(self) -> dict[int, Callable[[], object]]:
        key = Qt.Key
        return {
            key.Key_Up: lambda: self.queue.step(-1),
            key.Key_Down: lambda: self.queue.step(1),
            key.Key_Return: self.incident.proceed,
            key.Key_Enter: self.incident.proceed,
            key.Key_A: self.incident.accept,
            key.Key_V: self.incident.verify,
            key.Key_C: self.incident.close_incident,
            key.Key_M: self.incident.write_note,
            key.Key_N: self.queue.report,
            key.Key_B: self.fold_bottom,
            key.Key_F6: self.next_panel,
            key.Key_F1: self.keys.open,
            key.Key_Question: self.keys.open,
            key.Key_Escape: self._step_back,
        }

    def _step_back(self) -> None:
        """Esc: put away what is open, then the selection."""
        if not self.incident.step_back():
            self.desk.selection.select_incident("")

    def _lay_out(self) -> None:
        for panel in (self.queue, self.map, self.incident):
            self._middle.addWidget(panel)
        for panel in (self.video, self.timeline):
            self._bottom.addWidget(panel)
        self._rows.addWidget(self._middle)
        self._rows.addWidget(self._bottom)
        self._rows.setStretchFactor(0, 1)
        self._middle.setStretchFactor(1, 1)
        self._bottom.setStretchFactor(0, 2)
        self._bottom.setStretchFactor(1, 1)
        self._middle.setChildrenCollapsible(False)
        self._bottom.setChildrenCollapsible(False)
        for _name, splitter in self._splitters():
            splitter.setHandleWidth(1)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.topbar)
        column.addWidget(self._rows, 1)
        self.setCentralWidget(middle)
        self.resize(1920, 1080)

    def _connect(self) -> None:
        self.topbar.distance_chosen.connect(self.set_distance)
        self.desk.motion_changed.connect(self._remember_motion)
        self.topbar.keys_wanted.connect(self.keys.open)
        self.topbar.search_wanted.connect(self.open_finder)
        language_bridge().changed.connect(
            lambda chosen: self._settings.setValue("view/language", chosen)
        )

    def _remember_motion(self, reduced: bool) -> None:
        self._settings.setValue(_REDUCED_MOTION, "true" if reduced else "false")

    def usual_sizes(self) -> None:
        """Give every panel the size it has by design."""
        columns = tokens()["columns_px"]
        queue, incident, bottom = (px(columns[n]) for n in ("queue", "incident", "bottom"))
        self.queue.setMinimumWidth(round(queue * 0.8))
        self.incident.setMinimumWidth(round(incident * 0.9))
        self.map.setMinimumWidth(px(columns["map_minimum"]) // 2)
        self._middle.setSizes([queue, max(1, self.width() - queue - incident), incident])
        self._bottom.setSizes([round(self.width() * 0.66), round(self.width() * 0.34)])
        self._rows.setSizes([max(1, self.height() - px(44) - bottom), bottom])

    def _restore(self) -> None:
        self.usual_sizes()
        geometry = self._settings.value("window/geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        for name, splitter in self._splitters():
            state = self._settings.value(f"window/{name}")
            if isinstance(state, QByteArray):
                splitter.restoreState(state)

    def _retranslate(self) -> None:
        self.setWindowTitle(tr("window.title", city=spoken(self.desk.city.manifest.name)))


def viewer_distance(settings: QSettings) -> float:
    """The viewer distance that `settings` remember, else that of a desk (mm)."""
    try:
        return float(str(settings.value("view/distance_mm", DESK_DISTANCE_MM)))
    except ValueError:
        return DESK_DISTANCE_MM


def watching_strip(desk: Desk, video: VideoBridge) -> VideoStrip:
    """The video strip, joined to the selection."""
    strip = VideoStrip(video)  # its times are those of the workers on this machine
    Watching(desk, strip)
    return strip
