"""What a frame of the map costs: `python -m tests.bench.map_frame --json FILE`.

The practice city at 1920×1080 with 300 units, 3,000 cameras, 60 incidents and ways to one of them:
panning, zooming and a still redraw, at the scales of city, district and street; and at 3840×2160,
drawn for the wall's viewers, at the scale of a district. Each is held
against a plain blit of the finished frame in the same run, which is the least a frame can cost.
From the change of the view to the end of painting. What is held to a target is the GUI thread's CPU
time, so that a busy machine does not blur it; the time on the clock stands beside it.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import random
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from console.city import City, open_city, profile_of
from console.clock import ManualClock
from console.intake.plans import default_plans
from console.model.facts import IncidentReported
from console.model.geo import LonLat, lonlat_from_world, world_from_lonlat
from console.model.text import Text
from console.model.unit import Fix
from console.practice.prepare import prepare_practice
from tests.bench.report import Row, main
from tests.helpers.fake_session import FakeSession
from widgets.bridge.session import SessionBridge
from widgets.common.desk import Desk
from widgets.common.selection import RouteOffer
from widgets.common.theme import install_theme
from widgets.map.panel import MapPanel

DESK = (1920, 1080)
WALL = (3840, 2160)
WALL_SCALE = 2.0
WALL_NAME = "wall"
"""Four times the pixels, painted by a processor: told, and held to nothing."""
SCALES = {"city": 28.0, "district": 6.0, "street": 1.0}
"""Ground metres a pixel."""

FRAME_MS = 1000 / 60
CPU_MS = 12.0
"""Leaves a quarter of a frame to everything else on the desk."""
INCIDENTS = 60
_NOW_MS = 1_795_233_600_000


class _Blit(QWidget):
    """Shows one finished picture, and nothing else."""

    def __init__(self, picture: QPixmap) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._picture = picture
        self.resize(picture.size())

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).drawPixmap(QPoint(0, 0), self._picture)


def rows() -> Iterable[Row]:
    """The table of the module's docstring."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    install_theme(app)
    folder = Path(tempfile.gettempdir()) / "trellis-bench"
    city = open_city(prepare_practice(folder))
    panel = _panel(city, DESK)
    try:
        for name, scale in SCALES.items():
            yield from _rows_of(panel, city, name, scale)
        yield Row("memory of tiles", panel.store.size_bytes / 2**20, "MiB", target=96)
    finally:
        panel.shut_down()
    install_theme(app, WALL_SCALE)
    panel = _panel(city, WALL)
    try:
        yield from _rows_of(panel, city, f"{WALL_NAME}, district", SCALES["district"] / WALL_SCALE)
    finally:
        panel.shut_down()
        install_theme(app)


def _rows_of(panel: MapPanel, city: City, name: str, scale: float) -> Iterable[Row]:
    canvas = panel.canvas
    canvas.centre_on(city.manifest.centre, scale, animate=False)
    yield Row(f"{name}: view complete from cold tiles", _until_complete(panel), "ms")
    base = _blit_times(canvas.grab())
    yield from _figures(f"{name}: pan", _times(lambda i: _pan(panel, i), 120), base)
    _until_complete(panel)
    yield from _figures(f"{name}: still", _times(lambda _: _still(panel), 120), base)
    yield from _figures(f"{name}: zoom", _zoom(panel), base)


def _blit_times(picture: QPixmap) -> Times:
    blit = _Blit(picture)
    blit.show()
    QApplication.processEvents()
    return _times(lambda _: blit.repaint(), 120)


def _figures(name: str, times: Times, blit: Times) -> Iterable[Row]:
    is_held = not name.startswith(WALL_NAME)
    for percent, most in ((50, CPU_MS), (95, FRAME_MS)):
        target = most if is_held else None
        label = f"{name}, CPU of {'half' if percent == 50 else '95 %'} of the frames (a blit)"
        yield Row(label, times.cpu(percent), "ms", blit.cpu(percent), target)
    yield Row(f"{name}, 95 % of the frames on the clock", times.wall(95), "ms", blit.wall(95))


@dataclass
class Times:
    """Milliseconds of each frame: on the clock, and of the GUI thread's CPU."""

    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)

    def measure(self, frame: Callable[[], None]) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        frame()
        self.cpus.append((time.thread_time() - cpu) * 1000)
        self.walls.append((time.perf_counter() - wall) * 1000)

    def wall(self, percent: float) -> float:
        return float(np.percentile(self.walls, percent))

    def cpu(self, percent: float) -> float:
        return float(np.percentile(self.cpus, percent))


def _pan(panel: MapPanel, frame: int) -> None:
    sign = 1 if frame // 30 % 2 == 0 else -1
    canvas = panel.canvas
    canvas._show(canvas.view.moved_by(7 * sign, 3 * sign))
    canvas.repaint()


def _still(panel: MapPanel) -> None:
    panel.canvas.scene.touch()
    panel.canvas.repaint()


def _zoom(panel: MapPanel) -> Times:
    """Frames on the way in by an octave and out again, tiles of both ends being warm."""
    times = Times()
    for notches in (2, -2, 2, -2):
        panel.canvas.zoom_by(notches)
        measured = Times()
        for at_ms in range(16, 181, 16):
            measured.measure(lambda at_ms=at_ms: _glide_to(panel, at_ms))  # type: ignore[misc]
        if len(times.walls) or notches < 0:
            times.walls += measured.walls
            times.cpus += measured.cpus
        panel.canvas._glide.go(panel.canvas.view, panel.canvas.target, animate=False)
        _until_complete(panel)
    return times


def _glide_to(panel: MapPanel, at_ms: int) -> None:
    panel.canvas._glide._animation.setCurrentTime(at_ms)
    panel.canvas.repaint()


def _until_complete(panel: MapPanel) -> float:
    started = time.perf_counter()
    while not panel.store.is_complete(panel.canvas.view) or panel.content.names.pending:
        QApplication.processEvents()
        time.sleep(0.001)
        if time.perf_counter() - started > 60:
            raise TimeoutError("the renderers do not answer")
    return (time.perf_counter() - started) * 1000


def _times(frame: Callable[[int], None], count: int) -> Times:
    times = Times()
    for number in range(10):
        frame(number)
    for number in range(10, count + 10):
        times.measure(lambda number=number: frame(number))  # type: ignore[misc]
    return times


def _panel(city: City, size: tuple[int, int]) -> MapPanel:
    clock = ManualClock(_NOW_MS)
    session = FakeSession(clock)
    chance = random.Random(1)
    _place_units(city, session, chance)
    _report_incidents(city, session, chance)
    desk = Desk(city, SessionBridge(session), default_plans(), clock)
    panel = MapPanel(desk)
    panel.resize(*size)
    panel.show()
    desk.selection.select_incident("i0")
    _offer(city, desk, panel)
    return panel


def _place_units(city: City, session: FakeSession, chance: random.Random) -> None:
    nodes = city.roads.node_xy
    fixes = []
    for unit_id in city.units.id:
        lon, lat = lonlat_from_world(*nodes[chance.randrange(len(nodes))])
        fixes.append(Fix(unit_id, float(lon), float(lat), _NOW_MS - 2000, chance.uniform(0, 360)))
    session.fixes.take(fixes)


def _report_incidents(city: City, session: FakeSession, chance: random.Random) -> None:
    nodes = city.roads.node_xy
    for number in range(INCIDENTS):
        lon, lat = lonlat_from_world(*nodes[chance.randrange(len(nodes))])
        at = city.manifest.centre if number == 0 else LonLat(float(lon), float(lat))
        session.happen(
            IncidentReported(
                incident_id=f"i{number}",
                number=f"E-20261121-{number:04d}",
                type_code="gas_leak",
                priority=1 if number == 0 else 1 + number % 4,
                lon=at.lon,
                lat=at.lat,
                address=Text("和平大道", "Heping Ave"),
                words=Text("", ""),
                source="hotline",
                cell_code="",
            )
        )


def _offer(city: City, desk: Desk, panel: MapPanel) -> None:
    """Ways of the four nearest cars."""
    x, y = (float(v) for v in world_from_lonlat(city.manifest.centre.lon, city.manifest.centre.lat))
    units = panel.content.units.marks
    near = np.argsort(np.hypot(*(units.xy - (x, y)).T))[:4]
    offers = []
    for rank, row in enumerate(near, start=1):
        reach = city.roads.reach(x, y, profile_of(units.kind[row]))
        way = reach.route_from(*units.xy[row])
        offers.append(RouteOffer(units.ids[row], rank, 60.0 * rank, rank < 3, way))
    desk.selection.set_offers(tuple(offers))


if __name__ == "__main__":
    raise SystemExit(main(rows))
