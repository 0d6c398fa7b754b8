"""What a tick of positions costs the desk: `python -m tests.bench.fix_tick --json FILE`.

A city of 10,000 units of which 2,500 moved since the last tick; a hundred have a command, a few are
off duty. From the session's change to the arrays that the map's units layer paints from, at three
scales, in CPU time of the GUI thread. Taking the frame in, before that, stands beside it. Held
against numpy alone copying, projecting and sorting the same arrays in the same run, which is the
least that a tick can cost: symbols must be placed, and those that stand close be found.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication

from console.city import City, open_city
from console.city.store import write_units
from console.clock import ManualClock
from console.intake.plans import default_plans
from console.model.facts import UnitStatusDeclared
from console.model.geo import world_from_lonlat
from console.model.text import Text
from console.model.unit import UnitKind, UnitStatus
from console.wire import DeskFrame, FixesFrame, WireFix, decode_desk_frame, encode_frame
from layers.engine.viewport import Viewport
from layers.units import UnitMarks
from tests.bench.report import Row, main
from tests.helpers.desk_city import PLACE, make_desk_city
from tests.helpers.fake_session import FakeSession
from tests.helpers.tile_source import FakeTiles
from widgets.bridge.session import SessionBridge
from widgets.common.desk import Desk
from widgets.common.theme import install_theme
from widgets.map.panel import MapPanel

UNITS = 10_000
MOVED = 2_500
TICKS = 80
TARGET_MS = 5.0
SCALES = {"city": 28.0, "district": 6.0, "street": 1.0}
"""Ground metres a pixel."""

_NOW_MS = 1_795_233_600_000
_SPREAD_DEG = 0.06
_KINDS = [UnitKind.FOOT, UnitKind.CAR, UnitKind.MOTO, UnitKind.FIRE, UnitKind.AMBULANCE]


def crowded_city(folder: Path) -> City:
    """The tests' small city with UNITS units in and around it."""
    package = make_desk_city(folder).path
    rng = np.random.default_rng(1)
    write_units(
        package,
        id=[f"U-{n:05d}" for n in range(UNITS)],
        name=[Text(f"单位 {n}", f"Unit {n}") for n in range(UNITS)],
        kind=[_KINDS[n % len(_KINDS)] for n in range(UNITS)],
        lonlat=PLACE + rng.uniform(-_SPREAD_DEG, _SPREAD_DEG, (UNITS, 2)),
        base=[Text("一站", "Base 1")] * UNITS,
        phone=[""] * UNITS,
        source="bench",
    )
    return open_city(package)


class Rig:
    """A map over a session without a server, and the frames that a server would send."""

    def __init__(self, city: City) -> None:
        self._clock = ManualClock(_NOW_MS)
        self.session = FakeSession(self._clock)
        bridge = SessionBridge(self.session)
        self.panel = MapPanel(Desk(city, bridge, default_plans(), self._clock), FakeTiles())
        self.panel.resize(1920, 1080)
        self._bridge = bridge
        self._rng = np.random.default_rng(2)
        self._xy = np.array([PLACE] * UNITS) + self._rng.uniform(-0.06, 0.06, (UNITS, 2))
        self._ids = list(city.units.id)
        for n in range(0, UNITS, 50):
            status = UnitStatus.OFF if n % 100 else UnitStatus.EN_ROUTE
            self.session.happen(UnitStatusDeclared(self._ids[n], status))
        self.session.fixes.take_frame(self.frame(range(UNITS)))
        bridge._tell()

    def frame(self, rows: Iterable[int]) -> FixesFrame:
        """These units have moved on."""
        self._clock.advance(250)
        moved = list(rows)
        self._xy[moved] += self._rng.uniform(-2e-4, 2e-4, (len(moved), 2))
        headings = self._rng.uniform(0, 360, len(moved)).round().tolist()
        now = self._clock.now_ms()
        fixes = [
            WireFix(self._ids[row], lon, lat, now, heading, 3.0)
            for row, (lon, lat), heading in zip(
                moved, self._xy[moved].tolist(), headings, strict=True
            )
        ]
        return FixesFrame(fixes)

    def next_frame(self) -> bytes:
        """A tick as it comes over the line."""
        rows = self._rng.choice(UNITS, MOVED, replace=False)
        return encode_frame(self.frame(rows.tolist()))

    def take(self, data: bytes) -> None:
        """What the session does with a frame."""
        frame: DeskFrame = decode_desk_frame(data)
        assert isinstance(frame, FixesFrame)
        self.session.fixes.take_frame(frame)

    def show(self, view: Viewport) -> None:
        """What the map does with the session's change, up to what is painted from."""
        self._bridge.fixes_changed.emit()
        layer = self.panel.content.units
        layer.prepare(view, self.panel.canvas.kit)


def measured(rig: Rig, view: Viewport) -> tuple[list[float], list[float]]:
    """CPU milliseconds of taking each frame, and of showing it."""
    taken, shown = [], []
    for _ in range(TICKS):
        data = rig.next_frame()
        began = time.thread_time()
        rig.take(data)
        between = time.thread_time()
        rig.show(view)
        shown.append((time.thread_time() - between) * 1e3)
        taken.append((between - began) * 1e3)
    return taken[5:], shown[5:]


def floor_ms(work: Callable[[], object], times: int = 200) -> float:
    """CPU milliseconds of `work`, the median."""
    cost = []
    for _ in range(times):
        began = time.thread_time()
        work()
        cost.append((time.thread_time() - began) * 1e3)
    return float(np.median(cost))


def bare(marks: UnitMarks) -> None:
    """What any map must do with the arrays of a tick."""
    xy, _, _ = marks.xy.copy(), marks.heading_deg.copy(), marks.fixed_at.copy()
    (xy - xy.mean(0)) * (0.1, -0.1) + (960, 540)
    np.argsort(xy[:, 0], kind="stable")


def rows() -> Iterable[Row]:
    """All figures."""
    application = QApplication.instance() or QApplication([])
    assert isinstance(application, QApplication)
    install_theme(application, 1.0)
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(crowded_city(Path(folder)))
        marks = rig.panel.content.units.marks
        floor = floor_ms(lambda: bare(marks))
        yield Row("units / moved in a tick", UNITS, "", MOVED)
        yield Row("numpy alone: copy, project and sort", floor, "ms")
        x, y = world_from_lonlat(*PLACE)
        for name, scale in SCALES.items():
            view = Viewport(0, 0, 1.0, 1920, 1080).centred(float(x), float(y), scale)
            taken, shown = measured(rig, view)
            for share, words in ((50, "p50"), (95, "p95")):
                value = float(np.percentile(shown, share))
                target = TARGET_MS if share == 95 else None
                what = f"{name}: change to arrays, {words}, to numpy alone"
                yield Row(what, value, "ms", floor, target)
            yield Row(f"{name}: the frame taken in, p95", float(np.percentile(taken, 95)), "ms")


if __name__ == "__main__":
    raise SystemExit(main(rows))
