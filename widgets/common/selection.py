"""What the desk is looking at: the one place where panels, strangers to each other, meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from console.city import Visibility
from console.model.geo import LonLat


def _no_route() -> NDArray[np.float64]:
    return np.empty((0, 2))


@dataclass(frozen=True, slots=True, eq=False)
class RouteOffer:
    """One unit that could be sent: its rank from 1, travel time, and way to the incident.

    `route_xy` is float64 (p, 2) in world metres, from the unit to the incident; empty if unknown.
    """

    unit_id: str
    rank: int
    seconds: float
    ticked: bool
    route_xy: NDArray[np.float64] = field(default_factory=_no_route)


class Selection(QObject):
    """The desk's one selection. Ids are "" for nothing; setting the same again says nothing.

    `camera_opened` asks for a camera's live picture, beyond its being selected; `camera_inspected`
    for its card. `place_wanted`
    asks the map to take the next click as a place (True) or not to (False); the map answers with
    `pick_place`, and whoever asked hears `place_picked` (longitude, latitude, degrees).
    `place_marked` says that the pin stands elsewhere, or is gone.
    """

    incident_changed = Signal(str)
    camera_changed = Signal(str)
    unit_changed = Signal(str)
    offers_changed = Signal()
    sightings_changed = Signal()
    camera_opened = Signal(str)
    camera_inspected = Signal(str)
    place_wanted = Signal(bool)
    place_picked = Signal(float, float)
    place_marked = Signal()
    centre_wanted = Signal(float, float)
    cell_marked = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._incident_id = ""
        self._camera_id = ""
        self._inspected_camera_id = ""
        self._unit_id = ""
        self._offers: tuple[RouteOffer, ...] = ()
        self._sightings: tuple[str, ...] = ()
        self._views: Mapping[str, Visibility] = {}
        self._picking = False
        self._marked_place: LonLat | None = None

    @property
    def incident_id(self) -> str:
        """The selected incident."""
        return self._incident_id

    @property
    def camera_id(self) -> str:
        """The selected camera."""
        return self._camera_id

    @property
    def inspected_camera_id(self) -> str:
        """The camera whose card is shown: one that somebody pointed at, not one of a list."""
        return self._inspected_camera_id

    @property
    def unit_id(self) -> str:
        """The selected unit."""
        return self._unit_id

    @property
    def offers(self) -> tuple[RouteOffer, ...]:
        """Who could be sent to the selected incident, quickest first."""
        return self._offers

    @property
    def sightings(self) -> tuple[str, ...]:
        """Ids of the cameras that can see the selected incident, best first; where none can, of
        the nearest.
        """
        return self._sightings

    def view(self, camera_id: str) -> Visibility:
        """Whether one of `sightings` sees the selected incident."""
        return self._views.get(camera_id, Visibility.VISIBLE)

    @property
    def marked_place(self) -> LonLat | None:
        """Where the pin stands: the place that an open form is about."""
        return self._marked_place

    @property
    def is_picking_place(self) -> bool:
        """Whether the next click on the map is an answer to `want_place`."""
        return self._picking

    def select_incident(self, incident_id: str) -> None:
        """Look at an incident; what was offered for the one before is forgotten."""
        if incident_id == self._incident_id:
            return
        self._incident_id = incident_id
        self.set_offers(())
        self.set_sightings(())
        self.incident_changed.emit(incident_id)

    def select_camera(self, camera_id: str) -> None:
        """Mark a camera."""
        if camera_id != self._camera_id:
            self._camera_id = camera_id
            self.camera_changed.emit(camera_id)

    def open_camera(self, camera_id: str) -> None:
        """Mark a camera and show its live picture."""
        self.select_camera(camera_id)
        self.camera_opened.emit(camera_id)

    def inspect_camera(self, camera_id: str) -> None:
        """Mark a camera, show its live picture and its card; "" puts the card away."""
        if camera_id:
            self.select_unit("")
            self.open_camera(camera_id)
        if camera_id != self._inspected_camera_id:
            self._inspected_camera_id = camera_id
            self.camera_inspected.emit(camera_id)

    def select_unit(self, unit_id: str) -> None:
        """Mark a unit and show its card."""
        if unit_id:
            self.inspect_camera("")
        if unit_id != self._unit_id:
            self._unit_id = unit_id
            self.unit_changed.emit(unit_id)

    def set_offers(self, offers: tuple[RouteOffer, ...]) -> None:
        """Say who could be sent to the selected incident (for the routes on the map)."""
        if offers or self._offers:
            self._offers = offers
            self.offers_changed.emit()

    def set_sightings(
        self, camera_ids: tuple[str, ...], views: Mapping[str, Visibility] | None = None
    ) -> None:
        """Say which cameras can see the selected incident (for the map and the video strip), and
        which of them do not in truth, by id.
        """
        if (camera_ids, views or {}) != (self._sightings, self._views):
            self._sightings, self._views = camera_ids, views or {}
            self.sightings_changed.emit()

    def want_place(self, wanted: bool) -> None:
        """Ask the map for a place, or stop asking."""
        if wanted != self._picking:
            self._picking = wanted
            self.place_wanted.emit(wanted)

    def pick_place(self, lon: float, lat: float) -> None:
        """Answer `want_place` (WGS 84 degrees)."""
        self.want_place(False)
        self.place_picked.emit(lon, lat)

    def mark_place(self, place: LonLat | None) -> None:
        """Put the pin on a place, or take it away."""
        if place != self._marked_place:
            self._marked_place = place
            self.place_marked.emit()

    def mark_cell(self, code: str) -> None:
        """Have a grid cell outlined on the map."""
        self.cell_marked.emit(code)

    def centre_on(self, lon: float, lat: float) -> None:
        """Bring a place (WGS 84 degrees) to the middle of the map."""
        self.centre_wanted.emit(lon, lat)
