"""The map panel: canvas, layer switches, tools and the bar beneath, wired to the desk."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.i18n import tr
from console.model.geo import LonLat
from console.session import Data
from layers.engine.pool import TilePool
from layers.engine.tiles import TileSource, TileStore
from layers.measure import distance_words
from widgets.bridge.language import follow_language
from widgets.common.buttons import Chip
from widgets.common.desk import Desk
from widgets.common.panel import Panel
from widgets.common.theme import colour, px, theme
from widgets.map.canvas import MapCanvas
from widgets.map.chrome import ChipRows, LegendBar, ToolColumn
from widgets.map.content import MapContent
from widgets.map.hint import Hint

FOCUS_MPP = 4.0
"""Ground metres a design pixel to which the map comes when an incident is selected, if it was
coarser than `NEAR_MPP`: its surroundings and the nearest units are then in sight together."""

NEAR_MPP = 6.5

WIDEST_MPP = 16.0
"""Ground metres a design pixel to which the map widens at most to show who is to be sent."""


_NEEDED: dict[str, Data] = {"units": "positions", "incidents": "operations"}
"""What one must be allowed to see for a layer to show anything."""


class MapPanel(Panel):
    """The map of the desk's city. `shut_down` ends the tile renderers."""

    def __init__(
        self, desk: Desk, tiles: TileSource | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._area: tuple[str, ...] = ()
        self._unseen: set[str] = set()
        self._pool = None if tiles is not None else TilePool(MapContent.tile_painter(desk.city))
        source = tiles if tiles is not None else self._pool
        assert source is not None
        self._widen_for = ""
        self.store = TileStore(source, colour("map.land"), parent=self)
        self.content = MapContent(desk, self.store, self)
        self.canvas = MapCanvas(self.content.scene, self.store, self.content.bounds, self)
        self.canvas.needs_frame = lambda: self.content.names.pending
        self.canvas.flashes = lambda: self.content.flashes
        self.legend = LegendBar()
        self._hint = Hint(self.canvas)
        self._chips = ChipRows(self.canvas)
        self.chips: dict[str, Chip] = {}
        self._tools = ToolColumn(self.canvas)
        self._lay_out()
        self._add_chips()
        self._add_tools()
        self._connect()
        follow_language(self._retranslate)
        self._restyle()
        self.canvas.reduce_motion(desk.reduced_motion)
        desk.motion_changed.connect(self.canvas.reduce_motion)
        if self._pool is not None:
            self._pool.start()

    @property
    def is_drawn(self) -> bool:
        """Whether the view stands still with all its tiles and names in place."""
        view = self.canvas.view
        still = view == self.canvas.target
        return still and self.store.is_complete(view) and not self.content.names.pending

    def entry(self) -> QWidget:
        """The keyboard begins on the canvas."""
        return self.canvas

    def shut_down(self) -> None:
        """End the tile renderers; the panel must not be shown any more."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep chips, tools and hint in their corners."""
        super().resizeEvent(event)
        self._place_chrome()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.legend)

    def _add_chips(self) -> None:
        for number, name in enumerate(self.content.switchable, start=1):
            chip = Chip(str(number))
            chip.setChecked(True)
            chip.toggled.connect(partial(self._switch, name))
            self._shortcut(str(number), chip.toggle, Qt.ShortcutContext.WindowShortcut)
            self.chips[name] = chip
            self._chips.add(chip)

    def _add_tools(self) -> None:
        add = self._tools.add
        self._zoom_in = add("plus", "+", lambda: self.canvas.zoom_by(1))
        self._zoom_out = add("minus", "-", lambda: self.canvas.zoom_by(-1))
        self._fit = add("fit", "Home", self.canvas.fit)
        self._to_selected = add("target", "G", self._show_selected)
        self._measure = add("measure", "D", self._toggle_measure)
        self._measure.setCheckable(True)
        here = Qt.ShortcutContext.WidgetWithChildrenShortcut
        self._shortcut("Home", self.canvas.fit, Qt.ShortcutContext.WindowShortcut)
        self._shortcut("G", self._show_selected, here)
        self._shortcut("D", self._measure.click, here)
        self._shortcut("Backspace", self._undo_measure, here)
        self._escape = self._shortcut("Esc", self._back, here)
        self._escape.setEnabled(False)

    def _shortcut(
        self, keys: str, action: Callable[[], None], context: Qt.ShortcutContext
    ) -> QShortcut:
        shortcut = QShortcut(QKeySequence(keys), self)
        shortcut.setContext(context)
        shortcut.activated.connect(action)
        return shortcut

    def _connect(self) -> None:
        self.content.changed.connect(self._refresh)
        self.canvas.object_clicked.connect(self._choose)
        self.canvas.object_opened.connect(self._open)
        self.canvas.pointer_moved.connect(self._follow_pointer)
        self.canvas.view_changed.connect(self._tell_scale)
        self._desk.bridge.people_changed.connect(self._show_rights)
        selection = self._desk.selection
        self.canvas.hover_changed.connect(self.content.hover)
        self.canvas.touched.connect(self._forget_to_widen)
        selection.incident_changed.connect(self._incident_chosen)
        selection.offers_changed.connect(self._show_ticked)
        selection.place_wanted.connect(self._wait_for_place)
        selection.centre_wanted.connect(self._centre)
        theme().changed.connect(self._restyle)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.shut_down)

    def _refresh(self) -> None:
        for name, chip in self.chips.items():
            chip.set_figure("" if name in self._unseen else self.content.figure(name))
        self._place_chrome()
        self.canvas.refresh()

    def _show_rights(self) -> None:
        """What the person here may not see is switched off and says why; their area is outlined."""
        for name, data in _NEEDED.items():
            why, chip = self._desk.why_not_see(data), self.chips[name]
            chip.set_reason(why)
            if bool(why) is not (name in self._unseen):
                self._unseen ^= {name}
                chip.setChecked(not why)
        if self._desk.area != self._area:
            self._area = self._desk.area
            self.canvas.set_home(self.content.show_area(self._area))
        self._refresh()

    def _switch(self, name: str, on: bool) -> None:
        self.content.switch(name, on)
        self.canvas.ask_for_tiles()
        self.canvas.refresh()

    def _choose(self, kind: str, object_id: str) -> None:
        if kind == "incident":
            if object_id == self._desk.selection.incident_id:
                self._show_selected()
            self._desk.selection.select_incident(object_id)
        elif kind == "camera":
            self._desk.selection.inspect_camera(object_id)
        elif kind == "unit":
            self._desk.selection.select_unit(object_id)
        elif kind == "cell":
            self.content.select_cell(object_id)

    def _open(self, kind: str, object_id: str) -> None:
        if kind == "camera":
            self._desk.selection.open_camera(object_id)

    def _incident_chosen(self, incident_id: str) -> None:
        self._tell_reason()
        self._widen_for = incident_id
        if incident_id:
            self._show_selected()

    def _forget_to_widen(self) -> None:
        """A hand on the map: it is the operator who says what is in sight."""
        self._widen_for = ""

    def _show_ticked(self) -> None:
        """Once for each incident that is opened: those to be sent are in sight, too."""
        offers = self._desk.selection.offers
        if not offers or self._widen_for != self._desk.selection.incident_id:
            return
        self._widen_for = ""
        self.canvas.widen_to(self.content.places_of_ticked(), WIDEST_MPP / theme().scale)

    def _show_selected(self) -> None:
        incident = self._desk.picture.incidents.get(self._desk.selection.incident_id)
        if incident is None:
            return
        self._come_near(incident.position)

    def _centre(self, lon: float, lat: float) -> None:
        self._come_near(LonLat(lon, lat))

    def _come_near(self, place: LonLat) -> None:
        scale = theme().scale
        coarse = self.canvas.target.ground_metres_per_px * scale > NEAR_MPP
        self.canvas.centre_on(place, FOCUS_MPP / scale if coarse else None)

    def _wait_for_place(self, wanted: bool) -> None:
        if wanted:
            self._end_measure()
        self._take_clicks(self._pick_place if wanted else None)
        self._hint.say(tr("map.pick.hint") if wanted else "")
        self._place_chrome()

    def _pick_place(self, x: float, y: float) -> None:
        place = LonLat.of_world(x, y)
        self._desk.selection.pick_place(place.lon, place.lat)

    def _toggle_measure(self) -> None:
        if not self._measure.isChecked():
            self._end_measure()
            return
        self._desk.selection.want_place(False)
        self.content.measure.begin()
        self._take_clicks(self._measure_point)
        self._tell_measure()

    def _measure_point(self, x: float, y: float) -> None:
        self.content.measure.add(x, y)
        self._tell_measure()

    def _undo_measure(self) -> None:
        self.content.measure.undo()
        self._tell_measure()

    def _end_measure(self) -> None:
        self._measure.setChecked(False)
        self.content.measure.end()
        self._take_clicks(None)
        self._tell_measure()

    def _tell_measure(self) -> None:
        measure = self.content.measure
        distances = measure.distances_m()
        words = tr("map.measure.total", distance=distance_words(distances[-1])) if distances else ""
        self.legend.show_distance(words if len(measure.points) > 1 else "")
        key = "map.measure.go_on" if measure.points else "map.measure.start"
        self._hint.say(tr(key) if measure.active else "")
        self._place_chrome()
        self.canvas.refresh()

    def _take_clicks(self, action: Callable[[float, float], None] | None) -> None:
        self.canvas.on_ground_click = action
        self._escape.setEnabled(action is not None)
        self.canvas.setCursor(
            Qt.CursorShape.ArrowCursor if action is None else Qt.CursorShape.CrossCursor
        )

    def _back(self) -> None:
        if self._desk.selection.is_picking_place:
            self._desk.selection.want_place(False)
        else:
            self._end_measure()

    def _follow_pointer(self, place: LonLat | None) -> None:
        self.legend.show_pointer(place)
        if self.content.measure.active:
            self.content.measure_to(place)
            self.canvas.refresh()

    def _tell_scale(self) -> None:
        self.legend.show_scale(self.canvas.view.ground_metres_per_px)

    def _tell_reason(self) -> None:
        missing = not self._desk.selection.incident_id
        self._to_selected.set_reason(tr("map.tool.no_selection") if missing else "")

    def _retranslate(self) -> None:
        for name, chip in self.chips.items():
            words = tr(f"map.layer.{name}")
            chip.set_words(words, tr("map.layer.hint", name=words))
        self._zoom_in.set_words("", tr("map.tool.zoom_in"))
        self._zoom_out.set_words("", tr("map.tool.zoom_out"))
        self._fit.set_words("", tr("map.tool.fit"))
        self._to_selected.set_words("", tr("map.tool.selected"))
        self._measure.set_words("", tr("map.tool.measure"))
        self._show_rights()
        self.setAccessibleName(tr("map.title"))
        self.canvas.setAccessibleName(tr("map.title"))
        self._tell_reason()
        self._tell_clicks()
        self.content.rebuild()

    def _tell_clicks(self) -> None:
        """Say anew what the next click will do."""
        if self._desk.selection.is_picking_place:
            self._hint.say(tr("map.pick.hint"))
        else:
            self._tell_measure()

    def _restyle(self) -> None:
        self.content.set_scale(theme().scale)
        self.canvas.set_scale(theme().scale, theme().font("caption"))
        self.canvas.ask_for_tiles()
        self._place_chrome()

    def _place_chrome(self) -> None:
        inset, width = px(12), self.canvas.width()
        self._tools.adjustSize()
        self._chips.fit(width - self._tools.width() - 3 * inset)
        self._chips.move(inset, inset)
        self._tools.move(width - self._tools.width() - inset, inset)
        top = inset + self._chips.height() + px(8)
        self._hint.move((width - self._hint.width()) // 2, top)
        over = [w.geometry() for w in (self._chips, self._tools, self._hint) if w.isVisible()]
        boxes = [(r.left(), r.top(), r.right(), r.bottom()) for r in over]
        self.content.scene.reserved = np.array(boxes, np.float64).reshape(-1, 4)
