"""Where all units were at a moment, and where one went in a day, in a store of many fixes.

    python -m tests.bench.tracks [--fixes 100000000] [--folder DIR] [--json FILE]

10,000 units report through one day, as often as makes up the number of fixes; three in ten stand
still, the others drive, turn and stop, with 1.5 m of noise and times that jitter. The hours are
sealed by the store's own code from such rows, without the way in. Each figure stands against a
floor of the same run: the bytes it needs read from the same files, and as much as is in them
unpacked by zstd, which is the least that a store of zstd blobs of this size would have to do.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from console.clock import Clocks, ManualClock
from console.tracks import Tracks
from console.tracks.hour_file import HourFile
from console.tracks.numbers import UnitNumbers
from console.tracks.rows import HOUR_MS, ROW, Rows
from console.tracks.sealing import seal_hour
from console.tracks.shelf import Shelf
from console.tracks.tile import STRAND
from console.tracks.tile_reader import unpacked
from console.tracks.unsealed import Run
from tests.bench.report import Row, main

UNITS = 10_000
HOURS = 24
BEGIN = 1_795_000_000_000 // HOUR_MS * HOUR_MS
QUERIES = 60
UNITS_AT_ONCE = 1000
DEGREE_STEPS_PER_M = 1e7 / 111_320

_rng = np.random.default_rng(20261121)
Entry = tuple[int, int, int, int]
"""Of a tile: where in the file, bytes, fixes, checksum."""

_zstd: Any = pa.Codec("zstd", compression_level=1)


def rows(fixes: int, folder: Path) -> Iterator[Row]:
    """Build the store in `folder` and ask it."""
    per_hour = max(fixes // (UNITS * HOURS), 1)
    total = per_hour * UNITS * HOURS
    seconds = build(folder, per_hour)
    size = sum(path.stat().st_size for path in folder.iterdir())
    shelf = Shelf(folder, UnitNumbers())
    tracks = Tracks(folder, Clocks(ManualClock(BEGIN + HOURS * HOUR_MS)))
    yield Row(f"bytes a fix, {total:,} fixes", size / total, "B", target=12)
    raw = ROW.itemsize
    yield Row("  against a fix as it lies in the log", size / total, "B", against=raw)
    yield Row("sealed", total / seconds, "fixes/s", target=100_000, at_least=True)
    yield from moments(tracks, shelf)
    yield from days(tracks, shelf)
    tracks.close()


def moments(tracks: Tracks, shelf: Shelf) -> Iterator[Row]:
    """All positions, at moments all over the day."""
    times = [BEGIN + int(at) for at in _rng.integers(HOUR_MS, HOURS * HOUR_MS, QUERIES)]
    assert len(tracks.positions_at(times[0])) == UNITS
    took, floor = _turn_about(
        [partial(tracks.positions_at, t) for t in times],
        [_Floor(_tiles_at(shelf, t)) for t in times],
    )
    yield from _figures(f"where all {UNITS:,} were", took, floor, target_ms=20)


def days(tracks: Tracks, shelf: Shelf) -> Iterator[Row]:
    """One unit's day, of units all over the roster."""
    units = _rng.integers(0, UNITS, QUERIES).tolist()
    end = BEGIN + HOURS * HOUR_MS
    assert len(tracks.track(_name(units[0]), BEGIN, end)) >= HOURS
    took, floor = _turn_about(
        [partial(tracks.track, _name(unit), BEGIN, end) for unit in units],
        [_Floor(_tiles_of(shelf, unit)) for unit in units],
    )
    yield from _figures("one unit's day", took, floor, target_ms=10)


def _figures(what: str, took: list[float], floor: list[float], target_ms: float) -> Iterator[Row]:
    least = statistics.median(floor)
    yield Row(f"{what}, p50", statistics.median(took), "ms", target=target_ms)
    yield Row(f"{what}, p50 against the floor's", statistics.median(took), "ms", against=least)
    yield Row(f"{what}, max, against the floor's", max(took), "ms", against=max(floor))


def _turn_about(
    asked: list[Callable[[], object]], floors: list[Callable[[], object]]
) -> tuple[list[float], list[float]]:
    """Milliseconds of each, one of the one after one of the other; the first few warm up."""
    took, least = [], []
    for ask, floor in zip(asked, floors, strict=True):
        took.append(_timed(ask))
        least.append(_timed(floor))
    return took[5:], least[5:]


class _Floor:
    """Reads the bytes of tiles from their files, and unpacks what is in them, once packed by zstd
    in pieces as large as a tile.
    """

    def __init__(self, tiles: list[tuple[HourFile, Entry]]) -> None:
        self._pieces = [(file.path, entry, self._packed(file, entry)) for file, entry in tiles]

    @staticmethod
    def _packed(file: HourFile, entry: Entry) -> tuple[bytes, int]:
        offset, size, count, crc = entry
        with file.path.open("rb") as source:
            source.seek(offset)
            data = source.read(size)
        hard = data[len(data) - 5 * count :] if count else b""
        whole = unpacked(file.path, data, count, crc) + hard
        return _zstd.compress(whole, asbytes=True), len(whole)

    def __call__(self) -> None:
        with ExitStack() as stack:
            files = {path: stack.enter_context(path.open("rb")) for path, _, _ in self._pieces}
            for path, (offset, size, _, _), (packed, length) in self._pieces:
                files[path].seek(offset)
                files[path].read(size)
                _zstd.decompress(packed, decompressed_size=length)


def _tiles_at(shelf: Shelf, t: int) -> list[tuple[HourFile, Entry]]:
    file = shelf.file(t // HOUR_MS * HOUR_MS)
    assert file is not None
    place = (t - file.hour_ms) * file.slices // HOUR_MS
    return [(file, entry) for entry in file.index[:, place].tolist() if entry[1]]


def _tiles_of(shelf: Shelf, unit: int) -> list[tuple[HourFile, Entry]]:
    files = [file for hour in shelf.hours() if (file := shelf.file(hour)) is not None]
    strand = unit // STRAND
    return [(file, entry) for file in files for entry in file.index[strand].tolist() if entry[1]]


def build(folder: Path, per_hour: int) -> float:
    """Seal a day hour by hour; returns the seconds that the sealing itself took."""
    numbers = UnitNumbers()
    numbers.of(map(_name, range(UNITS)))
    shelf = Shelf(folder, numbers)
    fleet = Fleet()
    seconds = 0.0
    for hour in range(HOURS):
        run = Run(fleet.hour(BEGIN + hour * HOUR_MS, per_hour))
        seconds += _timed(
            partial(seal_hour, shelf, numbers, run.at_min // HOUR_MS * HOUR_MS, [run])
        )
    return seconds / 1000


class Fleet:
    """Units that go on from hour to hour."""

    def __init__(self) -> None:
        self._lon = 1_201_500_000 + _rng.integers(-2_000_000, 2_000_000, UNITS).astype(float)
        self._lat = 302_800_000 + _rng.integers(-2_000_000, 2_000_000, UNITS).astype(float)
        self._heading = _rng.uniform(0, 360, UNITS)
        self._moves = _rng.random(UNITS) < 0.7

    def hour(self, hour_ms: int, count: int) -> Rows:
        """The fixes of an hour, `count` a unit, by unit and time."""
        parts = range(0, UNITS, UNITS_AT_ONCE)
        return np.concatenate(
            [self._part(slice(a, a + UNITS_AT_ONCE), hour_ms, count) for a in parts]
        )

    def _part(self, units: slice, hour_ms: int, count: int) -> Rows:
        shape = (UNITS_AT_ONCE, count)
        step_s = HOUR_MS / count / 1000
        turns = _rng.normal(0, 12, shape).cumsum(axis=1, dtype=np.float64)
        heading = self._heading[units, None] + turns
        speed = np.clip(8 + _rng.normal(0, 1, shape).cumsum(axis=1), 0, 20)
        speed *= self._moves[units, None]
        rows = np.empty(shape, ROW)
        rows["at"] = hour_ms + _times(shape)
        rows["unit"] = np.arange(UNITS)[units, None]
        far = speed * step_s * DEGREE_STEPS_PER_M
        rows["lon"] = self._along(self._lon, units, far * np.sin(np.radians(heading)) / 0.864)
        rows["lat"] = self._along(self._lat, units, far * np.cos(np.radians(heading)))
        rows["heading"] = np.where(speed > 0, heading % 360, 360)
        rows["speed"] = speed * 20
        self._heading[units] = heading[:, -1]
        return rows.ravel()

    def _along(
        self, start: NDArray[np.float64], units: slice, steps: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        true = start[units, None] + steps.cumsum(axis=1)
        start[units] = true[:, -1]
        noisy: NDArray[np.float64] = true + _rng.normal(0, 1.5 * DEGREE_STEPS_PER_M, steps.shape)
        return noisy


def _times(shape: tuple[int, int]) -> NDArray[np.int64]:
    """Every so often, each unit with its own beat, a few hundred milliseconds off."""
    every = HOUR_MS / shape[1]
    beat = np.arange(shape[1])[None, :] * every + _rng.uniform(0, every / 2, (shape[0], 1))
    return (beat + _rng.uniform(0, min(400, every / 2), shape)).astype(np.int64)


def _name(unit: int) -> str:
    return f"U-{unit:05d}"


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def run() -> int:
    """Measure with what the command line says."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--fixes", type=int, default=5_000_000)
    parser.add_argument("--folder", type=Path, help="where the store is built, and stays")
    chosen, rest = parser.parse_known_args(sys.argv[1:])
    with tempfile.TemporaryDirectory() as name:
        folder = chosen.folder or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        return main(partial(rows, chosen.fixes, folder), rest)


if __name__ == "__main__":
    raise SystemExit(run())
