"""Pictures of the real desk with real data: each scene is brought about as an officer would.

Exception
 └── PictureFailed    a scene did not come about in time; says what was waited for
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from console.city import Visibility, cameras_that_see
from console.model.command import Step
from console.model.geo import world_from_lonlat
from console.model.incident import Incident, Stage
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
    _wait(lambda: _map(desk).is_drawn, "the map")
    out.parent.mkdir(parents=True, exist_ok=True)
    if not desk.grab().save(str(out), "PNG"):
        raise OSError(0, "the picture cannot be written", str(out))


def _desk(desk: DeskWindow) -> None:
    """A shift under way, nothing selected."""
    picture, fixes = desk.desk.picture, desk.desk.session.fixes
    _wait(lambda: len(picture.incidents) >= ENOUGH_INCIDENTS, "incidents")
    _wait(lambda: len(fixes) >= min(ENOUGH_UNITS, len(desk.desk.city.units)), "units")
    _wait(lambda: any(c.step is Step.ON_SCENE for c in picture.commands.values()), "work")


def _incident(desk: DeskWindow) -> None:
    """The most pressing incident that nobody was sent to, with who to send and what sees it."""
    _desk(desk)
    _select(desk, _most_pressing(desk))
    _wait(lambda: bool(desk.desk.selection.offers), "the ranking of units")
    _wait_for_video(desk)


def _dispatched(desk: DeskWindow) -> None:
    """Units sent with one key, one of them under way."""
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
    """The place that most cameras can see, all their pictures live."""
    _desk(desk)
    _select(desk, max(_waiting(desk), key=lambda each: _watchers(desk, each)))
    _wait(lambda: len(_strip(desk).tiles()) >= TILES_WANTED, "cameras")
    _wait_for_video(desk)


SCENES: Mapping[str, Callable[[DeskWindow], None]] = {
    "desk": _desk,
    "incident": _incident,
    "dispatched": _dispatched,
    "video": _video,
}


def _map(desk: DeskWindow) -> MapPanel:
    found = desk.findChild(MapPanel)
    assert found is not None
    return found


def _strip(desk: DeskWindow) -> VideoStrip:
    found = desk.findChild(VideoStrip)
    assert found is not None
    return found


def _waiting(desk: DeskWindow) -> list[Incident]:
    stages = (Stage.REPORTED, Stage.ACCEPTED)
    return [each for each in desk.desk.picture.incidents.values() if each.stage in stages]


def _most_pressing(desk: DeskWindow) -> Incident:
    """The highest priority that cameras can see, so that the picture shows all there is."""
    return min(
        _waiting(desk),
        key=lambda each: (not _watchers(desk, each), each.priority, each.reported_at),
    )


def _watchers(desk: DeskWindow, incident: Incident) -> int:
    x, y = world_from_lonlat(incident.position.lon, incident.position.lat)
    city = desk.desk.city
    seen = cameras_that_see(city, float(x), float(y), 6)
    return sum(
        s.visible is Visibility.VISIBLE and bool(city.cameras.online[s.camera]) for s in seen
    )


def _select(desk: DeskWindow, incident: Incident) -> None:
    desk.desk.selection.select_incident(incident.id)


def _wait_for_video(desk: DeskWindow) -> None:
    """All tiles there are show a live picture."""
    live = StreamState.LIVE
    _wait(lambda: all(tile.state is live for tile in _strip(desk).tiles()), "live video")


def _wait(condition: Callable[[], bool], what: str) -> None:
    """Let the desk work until `condition` holds. Raises PictureFailed after a minute."""
    end_s = time.monotonic() + PATIENCE_S
    loop = QEventLoop()
    while not condition():
        if time.monotonic() > end_s:
            raise PictureFailed(f"waited {PATIENCE_S:g} s in vain for {what}")
        QTimer.singleShot(LOOK_EVERY_MS, loop.quit)
        loop.exec()


def _rest(seconds: float) -> None:
    """Let the desk work for a while."""
    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()
