"""What the map shows of the desk: the layers in their order, kept in step with the session."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Signal

from console.city import City
from console.model.geo import LonLat, world_from_lonlat
from layers.area import AreaLayer
from layers.basemap import BaseMapLayer
from layers.cameras import CameraCrowdLayer, CamerasLayer
from layers.distress import DistressLayer
from layers.engine.card import StandingCardLayer
from layers.engine.layer import Floats, Hit, Layer
from layers.engine.pool import PainterSource
from layers.engine.raster_city import FACTORY
from layers.engine.scene import Scene
from layers.engine.tiles import TileStore
from layers.engine.viewport import Bounds
from layers.grid import GridLayer
from layers.incidents import IncidentsLayer
from layers.measure import MeasureLayer
from layers.names import NamesLayer
from layers.pin import PinLayer
from layers.places import PlacesLayer
from layers.routes import RoutesLayer, RouteTagsLayer
from layers.units import UnitMarks, UnitsLayer
from widgets.common import format as fmt
from widgets.common.desk import Desk
from widgets.map.marks import UnitSource, distress_marks, incident_marks, offered_routes
from widgets.map.underway import UnderwayRoutes

RANKED_CAMERAS = 3


class MapContent(QObject):
    """The scene, and the one place that turns the desk's changes into layers' values."""

    changed = Signal()

    def __init__(self, desk: Desk, store: TileStore, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._scale = 1.0
        self._unit_source = UnitSource(desk)
        self._underway = UnderwayRoutes(desk, self)
        self.bounds = world_bounds(desk.city)
        self._make_layers(desk.city, store)
        self._follow(desk)

    def _make_layers(self, city: City, store: TileStore) -> None:
        self.ground = BaseMapLayer(store)
        self.grid = GridLayer(city.cells)
        self.area = AreaLayer()
        self.names = NamesLayer(city.basemap)
        self.routes = RoutesLayer()
        self.places = PlacesLayer(city.places)
        self.cameras = CamerasLayer(city.cameras)
        self.units = UnitsLayer()
        self.incidents = IncidentsLayer()
        self.measure = MeasureLayer()
        self.distress = DistressLayer()
        self.pin = PinLayer()
        tags = RouteTagsLayer(self.routes)
        self.card = StandingCardLayer(self._selected_card)
        ordered: list[Layer] = [
            self.ground,
            self.grid,
            self.area,
            self.names,
            self.routes,
            self.places,
        ]
        ordered += [CameraCrowdLayer(self.cameras), self.cameras, self.units, self.incidents]
        ordered += [tags, self.measure, self.pin, self.card]
        ordered.append(self.distress)
        self.scene = Scene(ordered)
        self.switchable: dict[str, Layer] = {
            "grid": self.grid,
            "cameras": self.cameras,
            "units": self.units,
            "incidents": self.incidents,
            "places": self.places,
            "names": self.names,
        }
        self._style_tiles()

    @property
    def flashes(self) -> bool:
        """Whether anything in sight flashes."""
        return self.incidents.flashes or self.distress.flashes

    @staticmethod
    def tile_painter(city: City) -> PainterSource:
        """How a renderer process opens this city."""
        return PainterSource(FACTORY, str(city.path))

    def figure(self, name: str) -> str:
        """The number on a layer's switch: how many there are, "" where a count says nothing."""
        counts = {
            "grid": len(self._desk.city.cells),
            "cameras": len(self._desk.city.cameras),
            "units": len(self._desk.city.units),
            "incidents": sum(not mark.closed for mark in self.incidents.marks),
            "places": len(self.places),
        }
        return fmt.count(counts[name]) if name in counts else ""

    def switch(self, name: str, on: bool) -> None:
        """Show or hide a layer."""
        self.switchable[name].visible = on
        self._style_tiles()

    def set_scale(self, scale: float) -> None:
        """Draw tiles for another viewer distance."""
        self._scale = scale
        self._style_tiles()

    def show_area(self, prefixes: tuple[str, ...]) -> Bounds:
        """The desk answers for the cells whose codes begin with one of `prefixes` (none: for the
        whole city); the box round them.
        """
        self.area.rings = self._desk.city.cells.area_rings(prefixes) if prefixes else ()
        self.changed.emit()
        if not self.area.rings:
            return self.bounds
        corners = np.concatenate(self.area.rings)
        (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
        return float(x0), float(y0), float(x1), float(y1)

    def hover(self, hit: Hit | None) -> None:
        """Show what belongs to what lies under the pointer: a camera's view, a cell's outline."""
        self.card.is_hidden = hit is not None
        city = self._desk.city
        camera = city.cameras.index(hit.id) if hit is not None and hit.kind == "camera" else -1
        cell = city.cells.index(hit.id) if hit is not None and hit.kind == "cell" else -1
        if (camera, cell) != (self.cameras.hovered, self.grid.hovered):
            self.cameras.hovered, self.grid.hovered = camera, cell
            self.changed.emit()

    def _selected_card(self) -> Hit | None:
        """The selected incident says what it is, as long as its layer is shown."""
        return self.incidents.selected_hit() if self.incidents.visible else None

    def places_of_ticked(self) -> Floats:
        """World points (n, 2) of the units that are to be sent to the selected incident."""
        ticked = {offer.unit_id for offer in self._desk.selection.offers if offer.ticked}
        marks = self.units.marks
        rows = [row for row, unit_id in enumerate(marks.ids) if unit_id in ticked]
        return np.asarray(marks.xy[rows], np.float64).reshape(-1, 2)

    def select_cell(self, code: str) -> None:
        """Mark a cell."""
        self.grid.selected = self._desk.city.cells.index(code)
        self.changed.emit()

    def measure_to(self, place: LonLat | None) -> None:
        """The measuring line reaches to `place` for now."""
        if place is None:
            self.measure.pointer = None
        else:
            self.measure.pointer = place.world

    def rebuild(self) -> None:
        """Take everything from the desk anew (another language, another picture)."""
        self._unit_source.forget_words()
        self._take_incidents()
        self._take_units()

    def _follow(self, desk: Desk) -> None:
        desk.bridge.incidents_changed.connect(self._take_incidents)
        desk.bridge.units_changed.connect(self._take_units)
        desk.bridge.fixes_changed.connect(self._take_fixes)
        desk.second.connect(self._take_incidents)
        desk.selection.incident_changed.connect(self._select_incident)
        desk.selection.offers_changed.connect(self._take_routes)
        desk.selection.sightings_changed.connect(self._take_sightings)
        desk.selection.camera_changed.connect(self._select_camera)
        desk.camera_health.changed.connect(self._take_camera_health)
        desk.selection.unit_changed.connect(self._select_unit)
        desk.selection.cell_marked.connect(self.select_cell)
        desk.selection.place_marked.connect(self._mark_place)
        self._underway.changed.connect(self._take_routes)

    def _take_incidents(self, _ids: object = None) -> None:
        self.incidents.marks = incident_marks(self._desk)
        self.units.now_ms = self._desk.now_ms()
        self.changed.emit()

    def _take_units(self, _ids: object = None) -> None:
        self._show_units(self._unit_source.marks())

    def _take_fixes(self) -> None:
        self._show_units(self._unit_source.moved())

    def _show_units(self, marks: UnitMarks) -> None:
        self.units.show(marks, self._desk.now_ms())
        self.distress.marks = distress_marks(self._desk)
        self._take_routes()

    def _take_routes(self) -> None:
        offers = self._desk.selection.offers
        self.units.offered = frozenset(offer.unit_id for offer in offers)
        offered = offered_routes(offers)
        self.routes.marks = offered + self._underway.marks(self.units.marks)
        self.changed.emit()

    def _select_incident(self, incident_id: str) -> None:
        self.incidents.selected = incident_id
        incident = self._desk.picture.incidents.get(incident_id)
        at = incident.position.world if incident is not None else None
        self.cameras.clear_of = at
        self.grid.selected = self._desk.city.cells.at(*at) if at is not None else -1
        self.changed.emit()

    def _take_sightings(self) -> None:
        cameras = self._desk.city.cameras
        best = self._desk.selection.sightings[:RANKED_CAMERAS]
        self.cameras.ranked = tuple(
            (cameras.index(camera_id), rank) for rank, camera_id in enumerate(best, start=1)
        )
        self.changed.emit()

    def _take_camera_health(self) -> None:
        self.cameras.show_online(self._desk.camera_health.online())
        self.changed.emit()

    def _select_camera(self, camera_id: str) -> None:
        self.cameras.selected = self._desk.city.cameras.index(camera_id) if camera_id else -1
        self.changed.emit()

    def _select_unit(self, unit_id: str) -> None:
        self.units.selected = unit_id
        self.changed.emit()

    def _mark_place(self) -> None:
        place = self._desk.selection.marked_place
        self.pin.at = None if place is None else place.world
        self.changed.emit()

    def _style_tiles(self) -> None:
        self.ground.show(self.grid.visible, self.cameras.visible, self._scale)


def world_bounds(city: City) -> Bounds:
    """The city's box in world metres."""
    min_lon, min_lat, max_lon, max_lat = city.manifest.bounds
    x, y = world_from_lonlat([min_lon, max_lon], [min_lat, max_lat])
    return float(x[0]), float(y[0]), float(x[1]), float(y[1])
