"""Pictures of the real desk with real data: each scene is brought about as an officer would.

Exception
 └── PictureFailed    a scene did not come about in time; says what was waited for
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer

from console.city import City, Visibility, cameras_that_see
from console.clock import monotonic_s
from console.i18n import text_of
from console.model.command import Step
from console.model.geo import lonlat_from_world, world_from_lonlat
from console.model.ids import new_key
from console.model.requests import DeclareUnitStatus, ReportIncident
from console.model.text import Text
from console.model.unit import UnitStatus
from console.video import StreamState
from widgets.map.panel import MapPanel
from widgets.video.strip import VideoStrip
from widgets.window import DeskWindow

PATIENCE_S = 60.0
LOOK_EVERY_MS = 50
TILES_WANTED = 3
"""Live pictures that the video scene waits for."""

ROUTES_S = 2.0
"""How long the ways of units just sent may take to be found and drawn."""

STREET_MPP = 0.6
"""Ground metres a pixel at which the view of each camera is seen."""

AHEAD_M = 30.0
"""World metres in front of a camera where the scenes' incident happens."""

ENOUGH_INCIDENTS = 15
ENOUGH_UNITS = 250


class PictureFailed(Exception):  # noqa: N818 - it reads as what happened
    """A scene did not come about; the message says what was waited for."""


def take_picture(desk: DeskWindow, scene: str, size: tuple[int, int], out: Path) -> None:
    """Bring `scene` about on `desk` and save the window as a PNG of `size` pixels.

    Raises PictureFailed, KeyError for a scene there is not, OSError when the file cannot be
    written.
    """
    desk.resize(*size)
    desk.show()
    desk.usual_sizes()
    SCENES[scene](desk)
    _wait(lambda: _is_drawn(desk), "the map")
    out.parent.mkdir(parents=True, exist_ok=True)
    if not desk.grab().save(str(out), "PNG"):
        raise OSError(0, "the picture cannot be written", str(out))


def _is_drawn(desk: DeskWindow) -> bool:
    return _map(desk).is_drawn


def _desk(desk: DeskWindow) -> None:
    """A shift under way, nothing selected."""
    picture, fixes = desk.desk.picture, desk.desk.session.fixes
    _wait(lambda: len(picture.incidents) >= ENOUGH_INCIDENTS, "incidents")
    _wait(lambda: len(fixes) >= min(ENOUGH_UNITS, len(desk.desk.city.units)), "units")
    if len(desk.desk.city.units):
        _wait(lambda: any(c.step is Step.ON_SCENE for c in picture.commands.values()), "work")


def _incident(desk: DeskWindow) -> None:
    """A gas leak that the officer has just reported, with who to send and what sees it."""
    _desk(desk)
    incident_id = _report(desk)
    desk.desk.selection.select_incident(incident_id)
    ranking = desk.incident.dispatching
    _wait(lambda: not ranking.is_ranking or bool(ranking.candidates), "the ranking of units")
    _wait_for_video(desk)


def _dispatched(desk: DeskWindow) -> None:
    """Units sent with one key, one of them under way."""
    if not len(desk.desk.city.units):
        raise PictureFailed("this city has no units to send; import some, or take another scene")
    _incident(desk)
    incident_id = desk.desk.selection.incident_id
    desk.incident.proceed()

    def under_way() -> bool:
        commands = desk.desk.picture.commands_of(incident_id)
        return bool(commands) and all(command.step is Step.EN_ROUTE for command in commands)

    _wait(under_way, "units to set off")
    _rest(ROUTES_S)
    _wait_for_video(desk)


def _video(desk: DeskWindow) -> None:
    """The same place from near, so that each picture's camera and its view can be found."""
    if _watched_place(desk.desk.city) is None:
        raise PictureFailed("no place in this city is seen by enough cameras")
    _incident(desk)
    strip = _strip(desk)
    _wait(lambda: len(strip.tiles()) >= TILES_WANTED, "cameras")
    _wait_for_video(desk)
    desk.desk.selection.select_camera(strip.tiles()[0].spec.camera_id)
    incident = desk.desk.picture.incidents[desk.desk.selection.incident_id]
    _map(desk).canvas.centre_on(incident.position, STREET_MPP, animate=False)


def _sos(desk: DeskWindow) -> None:
    """One of the units just sent calls for help, and nobody has acknowledged yet."""
    _dispatched(desk)
    incident_id = desk.desk.selection.incident_id
    unit_id = desk.desk.picture.commands_of(incident_id)[0].unit_id
    # As an officer enters it who hears it by radio.
    desk.desk.submit(DeclareUnitStatus(unit_id, UnitStatus.SOS))
    _wait(lambda: unit_id in desk.sos.cards, "the call for help")
    # A flash would be on in one picture and off in the next.
    desk.desk.reduce_motion(True)
    _rest(ROUTES_S)


SCENES: Mapping[str, Callable[[DeskWindow], None]] = {
    "desk": _desk,
    "incident": _incident,
    "dispatched": _dispatched,
    "video": _video,
    "sos": _sos,
}


def _map(desk: DeskWindow) -> MapPanel:
    found = desk.findChild(MapPanel)
    assert found is not None
    return found


def _strip(desk: DeskWindow) -> VideoStrip:
    found = desk.findChild(VideoStrip)
    assert found is not None
    return found


def _report(desk: DeskWindow) -> str:
    """Report a gas leak where cameras can see it, as near to the middle of the city as may be; in
    its very middle where there is no such place.
    """
    x, y, where = _watched_place(desk.desk.city) or _middle(desk.desk.city)
    lon, lat = lonlat_from_world(x, y)
    incident_id = new_key(desk.desk.now_ms())
    leak = ReportIncident(
        incident_id=incident_id,
        type_code="gas_leak",
        priority=1,
        lon=float(lon),
        lat=float(lat),
        address=where,
        words=text_of("window.picture.words"),
        source="hotline",
    )
    desk.desk.submit(leak)
    _wait(lambda: incident_id in desk.desk.picture.incidents, "the report")
    return incident_id


def _middle(city: City) -> tuple[float, float, Text]:
    x, y = world_from_lonlat(city.manifest.centre.lon, city.manifest.centre.lat)
    return float(x), float(y), city.manifest.name


def _watched_place(city: City) -> tuple[float, float, Text] | None:
    """World x, y of a place that `TILES_WANTED` live cameras see, and what it is called."""
    cameras = city.cameras
    middle = _middle(city)[:2]
    away = np.hypot(*(cameras.xy - np.array(middle)).T)
    for row in np.argsort(away):
        azimuth = np.radians(cameras.azimuth_deg[row])
        x, y = cameras.xy[row] + AHEAD_M * np.array([np.sin(azimuth), np.cos(azimuth)])
        if _watchers(city, x, y) >= TILES_WANTED:
            name = cameras.name[row]
            return float(x), float(y), Text(_junction(name.zh), _junction(name.en))
    return None


def _junction(camera_name: str) -> str:
    """A camera's name without the direction that it looks in."""
    return camera_name.rpartition(" ")[0] or camera_name


def _watchers(city: City, x: float, y: float) -> int:
    seen = cameras_that_see(city, x, y, 6)
    return sum(
        s.visible is Visibility.VISIBLE and bool(city.cameras.online[s.camera]) for s in seen
    )


def _wait_for_video(desk: DeskWindow) -> None:
    """All tiles there are show a live picture."""
    live = StreamState.LIVE
    _wait(lambda: all(tile.state is live for tile in _strip(desk).tiles()), "live video")


def _wait(condition: Callable[[], bool], what: str) -> None:
    """Let the desk work until `condition` holds. Raises PictureFailed after a minute."""
    end_s = monotonic_s() + PATIENCE_S
    loop = QEventLoop()
    while not condition():
        if monotonic_s() > end_s:
            raise PictureFailed(f"waited {PATIENCE_S:g} s in vain for {what}")
        QTimer.singleShot(LOOK_EVERY_MS, loop.quit)
        loop.exec()


def _rest(seconds: float) -> None:
    """Let the desk work for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
