"""Deleting what is too old, and keeping a record of it in `forgotten.jsonl`.

A line is written, and on the disk, before the first file goes: what was deleted stands there even
if the deletion was cut off, and the next one goes on with it.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from console.tracks.errors import TracksDamaged
from console.tracks.files import stamp
from console.tracks.keys import Keys
from console.tracks.rows import HOUR_MS
from console.tracks.shelf import Shelf

log = logging.getLogger(__name__)

RECORD = "forgotten.jsonl"


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was deleted: `at` when, `before` the time before which (ms UTC), which whole hours, how
    many fixes and bytes were in them, how many key frames of later hours lost a position.
    """

    at: int
    before: int
    hours: tuple[str, ...] = ()
    fixes: int = 0
    bytes: int = 0
    key_frames: int = 0

    def __bool__(self) -> bool:
        return bool(self.hours or self.key_frames)


def forget_on_shelf(shelf: Shelf, before_ms: int, now_ms: int) -> Forgotten:
    """Delete the hours that are over by `before_ms`, and older positions in later key frames.

    Raises OSError; what was deleted by then stands in the record.
    """
    gone = [h for h in shelf.hours() if h + HOUR_MS <= before_ms]
    kept = [h for h in shelf.hours() if h + HOUR_MS > before_ms and _has_older(shelf, h, before_ms)]
    fixes, size = _extent(shelf, gone)
    names = tuple(stamp(hour) for hour in gone)
    forgotten = Forgotten(now_ms, before_ms, names, fixes, size, len(kept))
    if forgotten:
        _record(shelf.folder / RECORD, forgotten)
    for hour in gone:
        shelf.remove(hour)
    for hour in kept:
        keys = shelf.keys(hour)
        shelf.write_keys(hour, Keys(keys.unit_ids, keys.rows[keys.rows["at"] >= before_ms]))
    return forgotten


def _has_older(shelf: Shelf, hour_ms: int, before_ms: int) -> bool:
    rows = shelf.keys(hour_ms).rows
    return bool(len(rows)) and int(rows["at"].min()) < before_ms


def _extent(shelf: Shelf, hours: Sequence[int]) -> tuple[int, int]:
    fixes = size = 0
    for hour in hours:
        try:
            file = shelf.file(hour)
        except TracksDamaged:
            log.exception("an hour to be deleted cannot be counted")
            continue
        if file is not None:
            fixes, size = fixes + file.fixes, size + file.size_bytes
    return fixes, size


def _record(path: Path, forgotten: Forgotten) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(forgotten)) + "\n")
        file.flush()
        os.fsync(file.fileno())
    log.info(
        "tracks made before %s are deleted: %d hours, %d fixes, %d bytes",
        stamp(forgotten.before),
        len(forgotten.hours),
        forgotten.fixes,
        forgotten.bytes,
    )
