"""What a key costs in Ctrl+K: `python -m tests.bench.search --json FILE`.

The practice city with 120,000 cameras in its catalogue, 2,000 incidents, the real palette. Keys are
typed one by one; each is waited for until its results are shown. *Alone* is the search by itself,
CPU of its thread; *shown* is from the key to the painted results, on the clock, everything in it,
and held to nothing, since other work shows there. A turn of the GUI thread is one pass of its event
loop, CPU time. Held against one comparison of every byte of the names with a letter, in the same
run: less cannot find anything anywhere.
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QApplication, QWidget

from console.city import City, open_city
from console.city.name_table import write_names
from console.city.names import NameIndex, open_names
from console.city.store import write_cameras
from console.clock import ManualClock
from console.intake.plans import default_plans
from console.model.facts import IncidentReported
from console.model.geo import lonlat_from_world
from console.model.text import Text
from console.practice.prepare import prepare_practice
from tests.bench.report import Row, main
from tests.helpers.fake_session import FakeSession
from widgets.bridge.session import SessionBridge
from widgets.common.desk import Desk
from widgets.common.theme import install_theme
from widgets.topbar.palette import Palette

CAMERAS = 120_000
INCIDENTS = 2_000
TYPED = ("yiyuan", "heping", "消防", "和平大道", "cam0412", "004-017", "hospital", "bei 12")
FIRST_MS, FURTHER_MS, TURN_MS = 50.0, 10.0, 4.0
_NOW_MS = 1_795_233_600_000


def rows() -> Iterable[Row]:
    """The table of the module's docstring."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    install_theme(app)
    with tempfile.TemporaryDirectory() as folder:
        city = _city(Path(folder))
        started = time.process_time()
        path = Path(folder) / "names.arrow"
        write_names(city, path)
        yield Row("spelling all names, CPU, once an import", time.process_time() - started, "s")
        yield Row("the table", path.stat().st_size / 2**20, "MiB")
        yield from _alone(city, path)
        yield from _typed(app, city, open_names(path))


def _alone(city: City, path: Path) -> Iterable[Row]:
    first, further = list[float](), list[float]()
    near = tuple(city.cameras.xy.mean(0).tolist())
    for words in TYPED:
        names = open_names(path)
        for count in range(1, len(words) + 1):
            started = time.thread_time()
            names.find(words[:count], near, 12)
            (first if count == 1 else further).append((time.thread_time() - started) * 1000)
    floor = _floor(open_names(path))
    for name, times, most in (("first", first, FIRST_MS), ("further", further, FURTHER_MS)):
        worst = float(np.percentile(times, 95))
        yield Row(f"a {name} key alone, CPU of 95 % (bytes compared)", worst, "ms", floor, most)


def _floor(names: NameIndex) -> float:
    times = []
    for letter in b"yhca":
        started = time.thread_time()
        np.flatnonzero(names._called._text == letter)
        times.append((time.thread_time() - started) * 1000)
    return float(np.median(times))


def _typed(app: QApplication, city: City, names: NameIndex) -> Iterable[Row]:
    ground = QWidget()
    ground.resize(1000, 600)
    ground.show()
    palette = Palette(_desk(city), ground)
    palette._names.names = names
    palette.open(ground.rect().adjusted(300, 0, -300, -560))
    _let_work(app, palette.isVisible)
    first, further, turns = list[float](), list[float](), list[float]()
    for words in ("warm", *TYPED):
        palette.field.clear()
        _let_work(app, lambda: palette._shown_for == "")
        for count in range(1, len(words) + 1):
            text, started = words[:count], time.perf_counter()
            cpu = time.thread_time()
            palette.field.setText(text)
            spent = [(time.thread_time() - cpu) * 1000]
            spent += _let_work(app, lambda text=text: palette._shown_for == text)  # type: ignore[misc]
            if words != "warm":
                took = (time.perf_counter() - started) * 1000
                (first if count == 1 else further).append(took)
                turns += spent
    yield Row("a first key shown, half of them", float(np.median(first)), "ms")
    yield Row("a further key shown, half of them", float(np.median(further)), "ms")
    yield Row("the GUI thread's turns, CPU of 99 %", float(np.percentile(turns, 99)), "ms")
    yield Row("the GUI thread's longest turn, CPU", max(turns), "ms", target=TURN_MS)


def _let_work(app: QApplication, done: object) -> list[float]:
    """Turn the event loop until `done()`; CPU milliseconds of each turn."""
    assert callable(done)
    spent, end = list[float](), time.perf_counter() + 30
    while not done():
        if time.perf_counter() > end:
            raise TimeoutError("nothing was found")
        started = time.thread_time()
        app.processEvents()
        spent.append((time.thread_time() - started) * 1000)
        time.sleep(0.0002)
    started = time.thread_time()
    app.processEvents()
    return [*spent, (time.thread_time() - started) * 1000]


def _desk(city: City) -> Desk:
    session = FakeSession(ManualClock(_NOW_MS))
    for number in range(INCIDENTS):
        session.happen(
            IncidentReported(
                incident_id=f"i{number}",
                number=f"E-20261121-{number:04d}",
                type_code="gas_leak",
                priority=1 + number % 4,
                lon=city.manifest.centre.lon,
                lat=city.manifest.centre.lat,
                address=Text(f"和平大道 {number} 号", f"{number} Heping Ave"),
                words=Text("楼道里有煤气味", "Smell of gas on the stairs"),
                source="hotline",
                cell_code="",
            )
        )
    return Desk(city, SessionBridge(session), default_plans(), ManualClock(_NOW_MS))


def _city(folder: Path) -> City:
    """The practice city with so many cameras more: along its streets, called after those there."""
    package = folder / "city"
    shutil.copytree(prepare_practice(Path(tempfile.gettempdir()) / "trellis-bench"), package)
    city = open_city(package)
    known, chance = city.cameras, np.random.default_rng(1)
    base = chance.integers(0, len(known), CAMERAS)
    lon, lat = lonlat_from_world(*(known.xy[base] + chance.normal(0, 400, (CAMERAS, 2))).T)
    called = list(known.name)
    write_cameras(
        package,
        id=[f"CAM{number:06d}" for number in range(CAMERAS)],
        name=[Text(f"{called[b].zh} {n}", f"{called[b].en} {n}") for n, b in enumerate(base)],
        lonlat=np.column_stack([lon, lat]),
        azimuth_deg=chance.uniform(0, 360, CAMERAS),
        angle_deg=known.angle_deg[base],
        range_m=known.range_m[base],
        ptz=known.ptz[base],
        online=chance.random(CAMERAS) > 0.04,
        stream=[""] * CAMERAS,
        source="bench",
    )
    return open_city(package)


if __name__ == "__main__":
    raise SystemExit(main(rows))
