"""A closed hour in one file: tiles, grouped into a blob for each 256 units, and an index of them.

    file = tiles ... + zstd(ids) + index + foot

In a blob the slices follow each other, and in a slice the strands of 16 units: where all were at a
moment is read from one stretch of each blob, where one unit went from one tile of each slice. The
foot comes last, so that a file that was cut off is none.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from console.tracks.codecs import zstd
from console.tracks.errors import TracksDamaged
from console.tracks.files import replacing
from console.tracks.numbers import MAX_UNITS, decode_names, encode_names
from console.tracks.rows import HOUR_MS, ROW, Rows, in_order
from console.tracks.tile import STRAND, Tile
from console.tracks.tile_reader import Parts, Segments, Tiles

BLOB_STRANDS = 16
"""Strands in a blob: 256 units."""
SLICES = (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60)
"""Into how many slices an hour may be cut."""
_FIXES_A_SLICE = 24
_PORTION = 128
"""Tiles taken apart together: what fits a processor's cache."""
_STRAND_ROWS_A_SLICE = 1 << 20

_MAGIC = b"TRKHOUR1"
_FOOT = struct.Struct("<8sqIIQQIIIQI")
_ENTRY = np.dtype([("offset", "<u8"), ("size", "<u4"), ("rows", "<u4"), ("crc", "<u4")])
_MAX_IDS = 300 * MAX_UNITS


@dataclass(frozen=True, slots=True)
class _Foot:
    """What the file says of itself, in the order it is written."""

    magic: bytes
    hour_ms: int
    slices: int
    units: int
    fixes: int
    ids_at: int
    ids_size: int
    ids_raw: int
    ids_crc: int
    index_at: int
    index_crc: int


def slices_for(fixes: int, units: int, longest_strand: int = 0) -> int:
    """Into how many slices to cut an hour of so many: short ones make a moment quick to find,
    long ones a unit's day; about 24 fixes of each unit in each is where neither is slow.
    """
    wanted = max(fixes / max(units, 1) / _FIXES_A_SLICE, longest_strand / _STRAND_ROWS_A_SLICE)
    return next((s for s in SLICES if s >= wanted), SLICES[-1])


def write_hour(
    path: Path,
    hour_ms: int,
    slices: int,
    unit_ids: Sequence[str],
    strands: Iterator[list[Tile]],
) -> int:
    """Put the hour in place: `strands` gives the tiles, one a slice, of each 16 of `unit_ids`.

    Returns how many fixes it holds. Raises OSError.
    """
    count = -(-len(unit_ids) // STRAND)
    index = np.zeros((count, slices), _ENTRY)
    with replacing(path) as file:
        at = 0
        for first in range(0, count, BLOB_STRANDS):
            blob = [next(strands) for _ in range(first, min(first + BLOB_STRANDS, count))]
            at = _write_blob(file, at, blob, index[first : first + BLOB_STRANDS])
        _write_end(file, at, hour_ms, unit_ids, index)
    return int(index["rows"].sum(dtype=np.int64))


def _write_blob(file: BinaryIO, at: int, blob: list[list[Tile]], index: NDArray[np.void]) -> int:
    for place in range(index.shape[1]):
        for strand, tiles in enumerate(blob):
            tile = tiles[place]
            index[strand, place] = (at, len(tile.data), tile.rows, tile.crc)
            at += file.write(tile.data)
    return at


def _write_end(
    file: BinaryIO, at: int, hour_ms: int, unit_ids: Sequence[str], index: NDArray[np.void]
) -> None:
    raw = encode_names(unit_ids)
    ids: bytes = zstd().compress(raw, asbytes=True)
    entries = index.tobytes()
    foot = _FOOT.pack(
        _MAGIC,
        hour_ms,
        index.shape[1],
        len(unit_ids),
        int(index["rows"].sum(dtype=np.int64)),
        at,
        len(ids),
        len(raw),
        zlib.crc32(ids),
        at + len(ids),
        zlib.crc32(entries),
    )
    file.write(ids + entries + foot + struct.pack("<I", zlib.crc32(foot)))


class HourFile:
    """An hour file, open for reading by any number of threads until it is let go.

    Rows that it gives have the file's own unit numbers: places in `unit_ids`. Raises OSError and
    TracksDamaged, here and in every method.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            size = file.seek(0, 2)
            if size < _FOOT.size + 4:
                raise TracksDamaged(path, "too short for an hour")
            self._data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        foot = self._read_foot()
        self.hour_ms = foot.hour_ms
        self.slices = foot.slices
        self.fixes = foot.fixes
        self.size_bytes = size
        self.unit_ids = self._read_ids(foot)
        self.index = self._read_index(foot)
        """[strands, slices]: where each tile is, its bytes, fixes and checksum."""

    @cached_property
    def _slice_ms(self) -> int:
        return HOUR_MS // self.slices

    def latest_until(self, t: int) -> Rows:
        """The last fix at or before `t` of each unit that has one in this hour."""
        place = min(max((t - self.hour_ms) // self._slice_ms, 0), self.slices - 1)
        strands = np.flatnonzero(self.index["size"][:, place])
        if t < self.hour_ms or not len(strands):
            return np.empty(0, ROW)
        portions = range(0, len(strands), _PORTION)
        parts = [self._latest_of(strands[a : a + _PORTION], place, t) for a in portions]
        # As bytes: numpy concatenates arrays of records much slower.
        return np.concatenate([part.view(np.uint8) for part in parts]).view(ROW)

    def _latest_of(self, strands: NDArray[np.int64], place: int, t: int) -> Rows:
        segments = self._opened(strands, place).segments().check(self._slice_ms)
        units = (strands[:, None] * STRAND + np.arange(STRAND)[None, :]).astype(np.int32)
        return segments.latest_rows(self._known(segments, units.ravel()), t)

    def parts_of_unit(self, number: int, begin_ms: int, end_ms: int) -> Parts | None:
        """The unit's fixes in the slices that [begin_ms, end_ms) touches; None when it has none."""
        strand, unit = divmod(number, STRAND)
        first = max(begin_ms - self.hour_ms, 0) // self._slice_ms
        last = min(-(-(end_ms - self.hour_ms) // self._slice_ms), self.slices)
        places = first + np.flatnonzero(self.index["rows"][strand, first : max(last, first)])
        return self._opened(strand, places).parts_of(unit) if len(places) else None

    def tiles_of(self, strand: int) -> list[Tile]:
        """The strand's tiles as they are stored, one a slice."""
        return self._tiles(self.index[strand])

    def rows_of(self, strand: int) -> Rows:
        """All fixes of a strand, by unit and time."""
        places = [p for p in range(self.slices) if self.index["rows"][strand, p]]
        if not places:
            return np.empty(0, ROW)
        segments = self._opened(strand, np.array(places)).segments().check(self._slice_ms)
        units = np.tile(np.arange(STRAND, dtype=np.int32) + strand * STRAND, len(places))
        return in_order(segments.all_rows(self._known(segments, units)))

    @property
    def strands(self) -> int:
        """How many strands there are."""
        return len(self.index)

    def _known(self, segments: Segments, units: NDArray[np.int32]) -> NDArray[np.int32]:
        """`units`, unless the last tile has fixes of units that the file has no ids for."""
        beyond = units >= len(self.unit_ids)
        if beyond.any() and (segments.counts[beyond].any() or segments.has_keys(beyond)):
            raise TracksDamaged(self.path, "fixes of a unit without an id")
        return units

    def _opened(self, strands: NDArray[np.int64] | int, places: NDArray[np.int64] | int) -> Tiles:
        """The tiles of many strands in one slice, or of one strand in many."""
        entries = self.index[strands, places]
        begins = np.broadcast_to(self.hour_ms + places * self._slice_ms, entries.shape)
        return Tiles(self.path, self._tiles(entries), begins)

    def _tiles(self, entries: NDArray[np.void]) -> list[Tile]:
        data = self._data
        if len(entries) and int((entries["offset"] + entries["size"]).max()) > self._tiles_end:
            raise TracksDamaged(self.path, "its index points outside the file")
        return [Tile(data[a : a + n], rows, crc) for a, n, rows, crc in entries.tolist()]

    def _read_foot(self) -> _Foot:
        raw = self._data[-_FOOT.size - 4 : -4]
        (crc,) = struct.unpack("<I", self._data[-4:])
        foot = _Foot(*_FOOT.unpack(raw))
        if foot.magic != _MAGIC or zlib.crc32(raw) != crc:
            raise TracksDamaged(self.path, "not an hour of tracks, or one that was cut off")
        entries = -(-foot.units // STRAND) * foot.slices * _ENTRY.itemsize
        whole = foot.index_at + entries + _FOOT.size + 4 == len(self._data)
        fits = foot.units <= MAX_UNITS and foot.ids_raw <= _MAX_IDS and foot.slices in SLICES
        if not whole or not fits or foot.ids_at + foot.ids_size != foot.index_at:
            raise TracksDamaged(self.path, "its parts do not fit together")
        self._tiles_end = foot.ids_at
        return foot

    def _read_ids(self, foot: _Foot) -> tuple[str, ...]:
        packed = self._data[foot.ids_at : foot.index_at]
        if zlib.crc32(packed) != foot.ids_crc:
            raise TracksDamaged(self.path, "its unit ids are damaged")
        try:
            raw = zstd().decompress(packed, decompressed_size=foot.ids_raw, asbytes=True)
            unit_ids = decode_names(raw)
        except (OSError, ValueError, msgspec.DecodeError) as error:
            raise TracksDamaged(self.path, f"its unit ids cannot be read ({error})") from error
        if len(unit_ids) != foot.units:
            raise TracksDamaged(self.path, "it has ids for another number of units")
        return unit_ids

    def _read_index(self, foot: _Foot) -> NDArray[np.void]:
        raw = self._data[foot.index_at : -_FOOT.size - 4]
        if zlib.crc32(raw) != foot.index_crc:
            raise TracksDamaged(self.path, "its index is damaged")
        return np.frombuffer(raw, _ENTRY).reshape(-1, foot.slices)
