"""What importing a street map costs: `python -m tests.bench.city_import [EXTRACT...] --json FILE`.

Without an extract the practice city is made and imported; as a fifth of its nodes begin a building,
it is held to seconds and not to a cost per node. Each import runs in a fresh process, so
that its CPU time and memory are its own; "start-up" is what the process needs before it reads.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import osmium

from console.city import FILL_CLASSES, LINE_CLASSES, Level, open_city
from console.city.bins import Bounds
from console.practice.city import generate
from console.practice.package import PRACTICE_SEED
from tests.bench.report import Row, main

CPU_S_PER_MILLION_NODES = 4.0
PRACTICE_CPU_S = 3.0
OPEN_MS = 10.0
TILE_CLASS_MS = 1.0

_EXTRACTS: list[Path] = []

_CHILD = """
import json, resource, sys, time
from pathlib import Path
import scipy.sparse.csgraph
from console.intake.osm import import_osm
started = time.process_time()
report = import_osm(Path(sys.argv[1]), Path(sys.argv[2]))
cpu = time.process_time() - started
mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"startup": started, "cpu": cpu, "mb": mb}))
"""


def rows_of(
    extract: Path, seconds: float | None = None, per_million_nodes: float | None = None
) -> Iterable[Row]:
    """The figures of one extract, against a target in CPU seconds or in those a million nodes."""
    nodes = _count_nodes(extract) / 1e6
    name = extract.name.split(".")[0]
    with tempfile.TemporaryDirectory() as folder:
        city = Path(folder) / "city"
        runs = [_import(extract, city) for _ in range(3)]
        best = min(runs, key=lambda run: run["cpu"])
        yield Row(f"{name}: nodes", nodes, "million")
        yield Row(f"{name}: start-up", best["startup"], "CPU s")
        yield Row(f"{name}: import", best["cpu"], "CPU s", target=seconds)
        yield Row(f"{name}: import", best["cpu"] / nodes, "CPU s/Mnode", target=per_million_nodes)
        yield Row(f"{name}: memory", best["mb"], "MB")
        yield from _reading(name, city)


def _reading(name: str, city: Path) -> Iterable[Row]:
    open_city(city)
    started = time.perf_counter()
    opened = open_city(city)
    yield Row(f"{name}: open", (time.perf_counter() - started) * 1e3, "ms", target=OPEN_MS)
    x, y = opened.roads.node_xy[len(opened.roads.node_xy) // 2].tolist()
    for level in opened.basemap.levels:
        half = 256 * level.metres_per_px
        bounds = (x - half, y - half, x + half, y + half)
        best_ms = min(_tile_s(level, bounds) for _ in range(5)) * 1e3
        classes = len(LINE_CLASSES) + len(FILL_CLASSES) + 1
        title = f"{name}: one class of a tile, {level.metres_per_px:g} m/px"
        yield Row(title, best_ms / classes, "ms", target=TILE_CLASS_MS)


def _tile_s(level: Level, bounds: Bounds) -> float:
    """Seconds for everything that one tile asks of its level."""
    started = time.perf_counter()
    for line_class in LINE_CLASSES:
        level.lines(line_class, bounds)
    for fill_class in FILL_CLASSES:
        level.fills(fill_class, bounds)
    level.labels(bounds)
    return time.perf_counter() - started


def _import(extract: Path, city: Path) -> dict[str, float]:
    command = [sys.executable, "-c", _CHILD, str(extract), str(city)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(done.stdout))


def _count_nodes(extract: Path) -> int:
    return sum(1 for _ in osmium.FileProcessor(str(extract), osmium.osm.NODE))


def rows() -> Iterable[Row]:
    """The figures of every extract named on the command line, or of the practice city."""
    if _EXTRACTS:
        for extract in _EXTRACTS:
            yield from rows_of(extract, per_million_nodes=CPU_S_PER_MILLION_NODES)
        return
    with tempfile.TemporaryDirectory() as folder:
        extract = generate(PRACTICE_SEED, Path(folder)).osm
        yield from rows_of(extract, seconds=PRACTICE_CPU_S)


if __name__ == "__main__":
    _EXTRACTS = [Path(a) for a in sys.argv[1:] if a.endswith(".pbf")]
    sys.exit(main(rows, [a for a in sys.argv[1:] if not a.endswith(".pbf")]))
