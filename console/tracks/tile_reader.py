"""Tiles read back: taken apart, and undone from differences only where they are asked for."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from console.tracks.codecs import lz4
from console.tracks.errors import TracksDamaged
from console.tracks.planes import Bytes2D, join, unzigzag
from console.tracks.rows import ROW, Rows
from console.tracks.tile import HARD, HEAD, HEADINGS, HEADS_BYTES, MAX_ROWS, SOFT, STRAND, Tile

_NO_SOFT = np.empty((len(SOFT), 0), np.uint8)
_NO_HARD = np.empty((len(HARD), 0), np.uint8)


class Segments:
    """Some units' fixes out of some tiles, undone from differences where they are asked for.

    `heads` HEAD[k], `starts_ms` int64[k] the slice's start, `planes` the byte planes of all their
    fixes one after the other. Raises TracksDamaged (with `path`) for what no encoder makes.
    """

    def __init__(
        self,
        path: Path,
        heads: NDArray[np.void],
        starts_ms: NDArray[np.int64],
        soft: Bytes2D,
        hard: Bytes2D,
    ) -> None:
        self._path = path
        self._heads = heads
        self._starts_ms = starts_ms
        self._planes: list[NDArray[np.uint8]] = [hard[0]] * (len(HARD) + len(SOFT))
        for places, planes in ((HARD, hard), (SOFT, soft)):
            for place, plane in zip(places, planes, strict=True):
                self._planes[place] = plane
        self.counts = heads["count"].astype(np.int64)
        self.ends = np.cumsum(self.counts)
        self.begins = self.ends - self.counts

    @cached_property
    def at(self) -> NDArray[np.int64]:
        """When each fix was made, ms UTC, int64[n]."""
        since = np.cumsum(join(self._planes[0:3]), dtype=np.int64)
        base = self._starts_ms - _before(since, self.begins)
        at: NDArray[np.int64] = since + np.repeat(base, self.counts)
        return at

    def all_rows(self, units: NDArray[np.int32]) -> Rows:
        """Every fix; `units` int32[k] says which unit each segment is of."""
        segment = np.repeat(np.arange(len(self._heads)), self.counts)
        return self._rows(np.arange(len(segment)), segment, units)

    def latest_rows(self, units: NDArray[np.int32], t: int) -> Rows:
        """The last fix at or before `t` of each segment that has one, be it the key frame."""
        until = np.concatenate(([0], np.cumsum(self.at <= t)))
        within = until[self.ends] - until[self.begins]
        moved = np.flatnonzero(within)
        rows = self._rows(self.begins[moved] + within[moved] - 1, moved, units)
        return np.concatenate([rows, self._key_rows(np.flatnonzero(within == 0), units, t)])

    def has_keys(self, which: NDArray[np.bool_]) -> bool:
        """Whether any of those segments has a key frame."""
        return bool(self._heads["key_at"][which].any())

    def _key_rows(self, segment: NDArray[np.int64], units: NDArray[np.int32], t: int) -> Rows:
        heads = self._heads[segment]
        rows = np.empty(len(heads), ROW)
        rows["at"] = self._starts_ms[segment] + heads["key_at"]
        rows["unit"] = units[segment]
        for name in ("lon", "lat", "heading", "speed"):
            rows[name] = heads[name]
        result: Rows = rows[(heads["key_at"] < 0) & (rows["at"] <= t)]
        return result

    def _rows(
        self, index: NDArray[np.int64], segment: NDArray[np.int64], units: NDArray[np.int32]
    ) -> Rows:
        rows = np.empty(len(index), ROW)
        rows["at"] = self.at[index]
        rows["unit"] = units[segment]
        for name, planes in (
            ("lon", self._planes[3:7]),
            ("lat", self._planes[7:11]),
            ("speed", self._planes[13:15]),
        ):
            rows[name] = self._values(name, planes, index, segment)
        rows["heading"] = self._values("heading", self._planes[11:13], index, segment) % HEADINGS
        return rows

    def _values(
        self,
        name: str,
        planes: Sequence[NDArray[np.uint8]],
        index: NDArray[np.int64],
        segment: NDArray[np.int64],
    ) -> NDArray[np.int32]:
        # Sums modulo 2**32, as the differences are; what is true fits 32 bits, so that it is exact.
        summed = np.cumsum(unzigzag(join(planes)), dtype=np.int32)
        base = self._heads[name].astype(np.int32) - _before(summed, self.begins)
        result: NDArray[np.int32] = summed[index] + base[segment]
        return result

    def check(self, slice_ms: int) -> Segments:
        """Raise TracksDamaged unless every fix is in its slice."""
        late = self.at[self.ends[self.counts > 0] - 1] - self._starts_ms[self.counts > 0]
        if len(late) and int(late.max()) >= slice_ms:
            raise TracksDamaged(self._path, "a fix lies outside its part of the hour")
        return self


def _before(summed: NDArray[Any], begins: NDArray[np.int64]) -> NDArray[Any]:
    """The sum up to, and without, each place in `begins`."""
    padded = np.zeros(len(summed) + 1, summed.dtype)
    padded[1:] = summed
    return padded[begins]


class Parts(NamedTuple):
    """Segments not joined yet: HEAD[k], int64[k], and their planes in any number of pieces."""

    heads: NDArray[np.void]
    starts_ms: NDArray[np.int64]
    soft: list[Bytes2D]
    hard: list[Bytes2D]


def joined(path: Path, parts: Sequence[Parts]) -> Segments:
    """The segments of all `parts`, one at least, in that order."""
    # As bytes: numpy concatenates arrays of records 20 times slower.
    heads = np.frombuffer(b"".join([part.heads.tobytes() for part in parts]), HEAD)
    return Segments(
        path,
        heads,
        np.concatenate([part.starts_ms for part in parts]),
        np.concatenate([planes for part in parts for planes in part.soft], axis=1),
        np.concatenate([planes for part in parts for planes in part.hard], axis=1),
    )


class Tiles:
    """Some tiles taken apart: none empty, one at least, whose slices begin at `starts_ms`.

    Raises TracksDamaged (with `path`) for bytes that are no tile.
    """

    def __init__(self, path: Path, tiles: Sequence[Tile], starts_ms: NDArray[np.int64]) -> None:
        self._path = path
        self._tiles = tiles
        self._starts_ms = starts_ms
        self._bodies = [unpacked(path, tile.data, tile.rows, tile.crc) for tile in tiles]
        heads = b"".join([body[:HEADS_BYTES] for body in self._bodies])
        self._heads = np.frombuffer(heads, HEAD).reshape(-1, STRAND)
        self._ends = np.cumsum(self._heads["count"], axis=1, dtype=np.int64)
        if self._ends[:, -1].tolist() != [tile.rows for tile in tiles]:
            raise TracksDamaged(path, "a tile holds another number of fixes than it says")

    def segments(self) -> Segments:
        """Those of all units: 16 for each tile."""
        starts_ms = np.repeat(self._starts_ms, STRAND)
        heads = self._heads.reshape(-1)
        return joined(self._path, [Parts(heads, starts_ms, self._soft(), self._hard())])

    def parts_of(self, unit: int) -> Parts:
        """What is of one of the 16 units: one segment for each tile."""
        ends = self._ends[:, unit].tolist()
        begins = (self._ends[:, unit] - self._heads["count"][:, unit]).tolist()
        cuts = [slice(a, b) for a, b in zip(begins, ends, strict=True)]
        soft = [planes[:, cut] for planes, cut in zip(self._soft(), cuts, strict=True)]
        hard = [planes[:, cut] for planes, cut in zip(self._hard(), cuts, strict=True)]
        return Parts(self._heads[:, unit], self._starts_ms, soft, hard)

    def _soft(self) -> list[Bytes2D]:
        return [
            np.frombuffer(body, np.uint8, -1, HEADS_BYTES).reshape(len(SOFT), -1)
            if tile.rows
            else _NO_SOFT
            for tile, body in zip(self._tiles, self._bodies, strict=True)
        ]

    def _hard(self) -> list[Bytes2D]:
        return [
            np.frombuffer(t.data, np.uint8, -1, len(t.data) - len(HARD) * t.rows).reshape(
                len(HARD), -1
            )
            if t.rows
            else _NO_HARD
            for t in self._tiles
        ]


def unpacked(path: Path, data: bytes | memoryview, rows: int, crc: int) -> bytes:
    """Heads and soft planes of a tile. Raises TracksDamaged."""
    split_at = len(data) - len(HARD) * rows
    if rows > MAX_ROWS or split_at <= 0 or zlib.crc32(data) != crc:
        raise TracksDamaged(path, "a tile is damaged (length or checksum)")
    size = HEADS_BYTES + len(SOFT) * rows
    try:
        body: bytes = lz4().decompress(data[:split_at], decompressed_size=size, asbytes=True)
    except (OSError, ValueError) as error:
        raise TracksDamaged(path, f"a tile cannot be unpacked ({error})") from error
    if len(body) != size:
        raise TracksDamaged(path, "a tile is shorter than it says")
    return body
