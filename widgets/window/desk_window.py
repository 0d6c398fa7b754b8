"""The desk's window: five panels in their places, and the keys that belong to none of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QByteArray, QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QVBoxLayout, QWidget

from console.city import City
from console.clock import Clock
from console.i18n import tr
from console.model.plan import Plans
from widgets.alarm import Ringer
from widgets.bridge.account import Account
from widgets.bridge.language import follow_language, language_bridge, spoken
from widgets.bridge.session import SessionBridge
from widgets.bridge.sound import SoundOutput
from widgets.bridge.video import VideoBridge
from widgets.common.desk import Desk
from widgets.common.panel import Panel
from widgets.common.scaling import AUTOMATIC_MM, DESIGN_PX, LEAST_PX, ScreenRoom
from widgets.common.screen import room_of, viewer_distance
from widgets.common.theme import install_theme, px, theme, tokens
from widgets.incident.panel import IncidentPanel
from widgets.map.panel import MapPanel
from widgets.queue.panel import QueuePanel
from widgets.signin.cover import SignInCover
from widgets.sos import EDGE_PX, AlarmEdge, ClickGuard, SosBand
from widgets.timeline.panel import TimelinePanel
from widgets.topbar.bar import TopBar
from widgets.topbar.palette import Palette
from widgets.video.strip import VideoStrip
from widgets.window.columns import DeskColumns, DetailColumn
from widgets.window.keys import KeyOverview
from widgets.window.watching import Watching

LOW_PX = 720
"""A window lower than this folds its bottom, so that the map keeps its room."""

_VOLUME = "sound/volume"
_REDUCED_MOTION = "view/reduced_motion"


class DeskWindow(QMainWindow):
    """Queue, map and incident side by side; video and timeline beneath, which fold away.

    `settings` remembers sizes, language, viewer distance, volume and how much may move. `room` is
    what the screen has room for (None: the one that the window is on): no viewer distance makes the
    window larger. `sound` is where alarms are heard, None where that is not known yet. `make_map`
    and `make_video` build those two panels; tests put plain ones in their place. `shut_down` ends
    what they run.
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
        room: ScreenRoom | None = None,
        sound: SoundOutput | None = None,
        make_map: Callable[[Desk], Panel] = MapPanel,
        make_video: Callable[[Desk, VideoBridge], Panel] | None = None,
    ) -> None:
        super().__init__()
        self.desk = Desk(city, bridge, plans, clock, name=name, account=account, parent=self)
        self._settings = settings
        self._given_room = room
        self._is_low = False
        self._seated = account.me.name if account is not None and account.me is not None else ""
        self.desk.reduce_motion(str(settings.value(_REDUCED_MOTION)) == "true")
        self.ringer = Ringer(self.desk, sound, _volume(settings))
        self.topbar = TopBar(self.desk, viewer_distance(settings), self.ringer, self._room)
        self.sos = SosBand(self.desk)
        self.queue = QueuePanel(self.desk)
        self.map = make_map(self.desk)
        self.incident = IncidentPanel(self.desk)
        self.video = (make_video or watching_strip)(self.desk, video)
        self.timeline = TimelinePanel(self.desk)
        self.details = DetailColumn(self.desk, self.incident)
        self._middle = DeskColumns(self.queue, self.map, self.details)
        self._bottom = QSplitter(Qt.Orientation.Horizontal)
        self._rows = QSplitter(Qt.Orientation.Vertical)
        self._whole = QWidget()
        self._bottom_px: list[int] = []
        self._lay_out()
        self.keys = KeyOverview(self)
        self.edge = AlarmEdge(self)
        self._guard = ClickGuard(self, self.sos)
        self.finder = Palette(self.desk, self)
        self.cover = self._make_cover(account)
        self._actions = self._keyboard()
        self._connect()
        follow_language(self._retranslate)
        self._restore()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no panel has taken."""
        if self.is_covered:
            return
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
        if self.cover is not None:
            self.cover.setGeometry(self.rect())
        self._fold_if_low()

    def showEvent(self, event: QShowEvent) -> None:
        """From now on there is a screen to follow."""
        super().showEvent(event)
        handle = self.windowHandle()
        if handle is not None:
            handle.screenChanged.connect(self._follow_screen, Qt.ConnectionType.UniqueConnection)
            self._follow_screen()

    def open_on_screen(self) -> None:
        """Show the window where it was; the first time over the whole screen."""
        geometry = self._settings.value("window/geometry")
        known = isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)
        self._rescale()
        if known:
            self.show()
        else:
            self.showMaximized()
        if self.cover is not None and not self._seated:
            self.cover.put_up()
        self.incident.dispatching.warm_up()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the sizes."""
        self._show_video(empty=False)  # a hidden panel's size would be remembered as none
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

    @property
    def is_covered(self) -> bool:
        """Whether nobody is signed in, and nothing of the desk can be seen."""
        return self.cover is not None and not self.cover.isHidden()

    def open_finder(self) -> None:
        """Open the palette over the search box."""
        box = self.topbar.search
        self.finder.open(QRect(box.mapTo(self, QPoint(0, 0)), box.size()))

    def fold_bottom(self) -> None:
        """Fold video and timeline away, or bring them back."""
        if self._bottom.isHidden():
            self._unfold_bottom()
        else:
            self._bottom.hide()

    def _unfold_bottom(self) -> None:
        if self._bottom.isHidden():
            self._bottom.show()
            whole, height = self._rows.height(), px(tokens()["columns_px"]["bottom"])
            self._rows.setSizes([whole - height, height])

    def set_distance(self, distance_mm: float) -> None:
        """Draw everything for a viewer at `distance_mm`, or as large as the screen has room for."""
        self._settings.setValue("view/distance_mm", distance_mm)
        self.topbar.menu.show_distance(distance_mm)
        self._rescale()

    def next_panel(self, by: int = 1) -> None:
        """Bring the keyboard to the next panel, in the order of work."""
        panels = self._panels()
        focus = QApplication.focusWidget()
        here = next((i for i, p in enumerate(panels) if focus and p.isAncestorOf(focus)), -by)
        panels[(here + by) % len(panels)].enter()

    def _room(self) -> ScreenRoom:
        return self._given_room or room_of(self.screen())

    def _rescale(self) -> None:
        """Draw everything as large as the viewer needs it and the screen has room for."""
        room, app = self._room(), QApplication.instance()
        scale = room.scale(viewer_distance(self._settings))
        if isinstance(app, QApplication) and scale != theme().scale:
            install_theme(app, scale)
            self.usual_sizes()
        self._bound()
        width, height = room.window_px
        if not self.isMaximized() and (self.width() > width or self.height() > height):
            self.resize(min(self.width(), width), min(self.height(), height))

    def _bound(self) -> None:
        """The window is never larger than its screen, whatever stands in it would like."""
        width, height = self._room().window_px
        self.setMinimumSize(min(px(LEAST_PX[0]), width), min(px(LEAST_PX[1]), height))
        self._fold_if_low()

    def _fold_if_low(self) -> None:
        """Fold the bottom when the window becomes low, and bring it back when it is no longer."""
        low = self.height() < px(LOW_PX)
        if low != self._is_low:
            self._is_low = low
            if low is not self._bottom.isHidden():
                self.fold_bottom()

    def _follow_screen(self) -> None:
        """Another screen, or the same with another size, has room for more or for less."""
        screen, unique = self.screen(), Qt.ConnectionType.UniqueConnection
        screen.availableGeometryChanged.connect(self._rescale, unique)
        self._rescale()

    def _panels(self) -> list[Panel]:
        panels = [self.sos, self.queue, self.map, self.incident, self.video, self.timeline]
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
            key.Key_N: self._report,
            key.Key_B: self.fold_bottom,
            key.Key_F6: self.next_panel,
            key.Key_F9: self.sos.go_to_call,
            key.Key_F1: self.keys.open,
            key.Key_Question: self.keys.open,
            key.Key_Escape: self._step_back,
        }

    def _report(self) -> None:
        self._middle.show_details(False)
        self.queue.report()

    def _step_back(self) -> None:
        """Esc: put away what is open, then the selection."""
        if not self.details.step_back():
            self.desk.selection.select_incident("")
            self._middle.show_details(False)

    def _make_cover(self, account: Account | None) -> SignInCover | None:
        """At practice people sign in by themselves; everywhere else nobody's desk is covered."""
        if account is None or account.is_practice:
            return None
        cover = SignInCover(account, self, self._whole, self._seat)
        account.lost.connect(cover.put_up)
        # Queued: by then the session is that of who signed in, and what was before is forgotten.
        account.changed.connect(self._let_in, Qt.ConnectionType.QueuedConnection)
        return cover

    def _seat(self) -> str:
        seat = tr("topbar.who", desk=self.desk.name)
        return spoken(self.desk.city.manifest.name) + tr("common.dot") + seat

    def _let_in(self) -> None:
        account = self.desk.account
        if self.cover is None or account is None or account.me is None:
            return
        if self._seated not in ("", account.me.name):
            self._put_away()
        self._seated = account.me.name
        if self.is_covered:
            self.cover.take_down()
            self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _put_away(self) -> None:
        """Somebody else sits here: nothing stays open of what the one before was at."""
        self.desk.selection.select_incident("")
        self.desk.selection.select_unit("")
        self.queue.form.close_form()
        self.incident.note.clear()
        self.finder.hide()

    def _lay_out(self) -> None:
        # Now, for Qt gives a widget that changes its parent the font of an earlier look.
        self.queue.form.setParent(self)
        for panel in (self.video, self.timeline):
            self._bottom.addWidget(panel)
        self._rows.addWidget(self._middle)
        self._rows.addWidget(self._bottom)
        self._rows.setStretchFactor(0, 1)
        self._bottom.setStretchFactor(0, 2)
        self._bottom.setStretchFactor(1, 1)
        self._bottom.setChildrenCollapsible(False)
        for _name, splitter in self._splitters():
            splitter.setHandleWidth(1)
        column = self._frame = QVBoxLayout(self._whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.topbar)
        column.addWidget(self.sos)
        column.addWidget(self._rows, 1)
        self.setCentralWidget(self._whole)
        self.resize(*DESIGN_PX)

    def _connect(self) -> None:
        self.sos.waiting.connect(self._show_alarm)
        self.sos.arrived.connect(self._announce_call)
        self._scale_alarm()
        self.topbar.menu.distance_chosen.connect(self.set_distance)
        back = QShortcut(QKeySequence("Ctrl+0"), self)
        back.setContext(Qt.ShortcutContext.ApplicationShortcut)
        back.activated.connect(lambda: self.set_distance(AUTOMATIC_MM))
        self._middle.turns_changed.connect(self._offer_sides)
        self.topbar.sides.chosen.connect(lambda side: self._middle.show_details(side == 1))
        selection = self.desk.selection
        for chosen in (
            selection.incident_changed,
            selection.unit_changed,
            selection.camera_inspected,
        ):
            chosen.connect(self._show_details)
        self.desk.selection.camera_opened.connect(lambda _camera: self._unfold_bottom())
        if isinstance(self.video, VideoStrip):
            self.video.emptied.connect(self._show_video)
        theme().changed.connect(self._bound)
        theme().changed.connect(self._scale_alarm)
        self.desk.motion_changed.connect(self._remember_motion)
        self.ringer.changed.connect(lambda: self._settings.setValue(_VOLUME, self.ringer.volume))
        self.topbar.keys_wanted.connect(self.keys.open)
        self.topbar.search_wanted.connect(self.open_finder)
        language_bridge().changed.connect(
            lambda chosen: self._settings.setValue("view/language", chosen)
        )

    def _show_details(self, _chosen: str) -> None:
        selection = self.desk.selection
        ids = selection.incident_id, selection.unit_id, selection.inspected_camera_id
        self._middle.show_details(any(ids))

    def _show_video(self, empty: bool) -> None:
        """Give the whole bottom to the timeline while there is no picture to show."""
        if empty is self.video.isHidden():
            return
        if empty:
            self._bottom_px = self._bottom.sizes()
            self.video.hide()
        else:
            self.video.show()
            self._bottom.setSizes(self._bottom_px)

    def _offer_sides(self, take_turns: bool, details_show: bool) -> None:
        self.topbar.sides.setVisible(take_turns)
        self.topbar.sides.choose(int(details_show))

    def _show_alarm(self, on: bool) -> None:
        """The edge takes its room from the panels: it covers nothing that somebody may need."""
        margin = px(EDGE_PX) if on else 0
        self._frame.setContentsMargins(margin, margin, margin, margin)
        self.edge.show_alarm(on)

    def _announce_call(self) -> None:
        """Put away what is laid over the desk, and ask for a look where the window is not seen."""
        self.keys.hide()
        self._guard.settle()
        QApplication.alert(self)

    def _scale_alarm(self) -> None:
        self._show_alarm(self.sos.is_waiting)

    def _remember_motion(self, reduced: bool) -> None:
        self._settings.setValue(_REDUCED_MOTION, "true" if reduced else "false")

    def usual_sizes(self) -> None:
        """Give every panel the size it has by design."""
        bottom = px(tokens()["columns_px"]["bottom"])
        self._middle.usual_sizes()
        self._bottom_px = [round(self.width() * 0.66), round(self.width() * 0.34)]
        self._bottom.setSizes(self._bottom_px)
        self._rows.setSizes([max(1, self.height() - px(44) - bottom), bottom])

    def _restore(self) -> None:
        self.usual_sizes()
        self._bound()
        for name, splitter in self._splitters():
            state = self._settings.value(f"window/{name}")
            if isinstance(state, QByteArray):
                splitter.restoreState(state)

    def _retranslate(self) -> None:
        self.setWindowTitle(tr("window.title", city=spoken(self.desk.city.manifest.name)))


def _volume(settings: QSettings) -> int:
    """How loud the alarms are, as `settings` remember: one of three, in the middle at first."""
    try:
        return int(str(settings.value(_VOLUME, 1)))
    except ValueError:
        return 1


def watching_strip(desk: Desk, video: VideoBridge) -> VideoStrip:
    """The video strip, joined to the selection."""
    strip = VideoStrip(video)  # its times are those of the workers on this machine
    Watching(desk, strip)
    return strip
