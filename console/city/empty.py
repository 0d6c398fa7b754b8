"""The tables of a package that holds nothing yet: each is always there, maybe empty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from console.city.arrays import bundle_batch, table_batch
from console.city.basemap import BIN_PX, LEVELS_METRES_PER_PX
from console.city.travel import USERS

_PAIRS = np.empty((0, 2))
_INTS = np.empty(0, np.int32)
_FLOATS = np.empty(0, np.float32)
_FLAGS = np.empty(0, bool)
_LONGS = np.empty(0, np.int64)
_START = np.zeros(1, np.int64)


def _texts(*names: str) -> dict[str, Any]:
    return {f"{name}_{part}": [] for name in names for part in ("zh", "en")}


def _cells() -> pa.RecordBatch:
    texts = _texts("name", "community", "street", "district")
    return table_batch({"code": [], **texts, "households": _INTS, "label_xy": _PAIRS})


def _cell_rings() -> pa.RecordBatch:
    boxes = np.empty((0, 4))
    return bundle_batch(
        {"ring_cell": _INTS, "ring_offsets": _START, "ring_xy": _PAIRS, "bounds": boxes}
    )


def _cameras() -> pa.RecordBatch:
    numbers = dict.fromkeys(("azimuth_deg", "angle_deg", "range_m"), _FLOATS)
    flags = {"ptz": _FLAGS, "online": _FLAGS}
    return table_batch(
        {"id": [], **_texts("name"), "xy": _PAIRS, **numbers, **flags, "stream": [], "cell": _INTS}
    )


def _units() -> pa.RecordBatch:
    return table_batch(
        {"id": [], **_texts("name", "base"), "kind": [], "xy": _PAIRS, "cell": _INTS}
    )


def _places() -> pa.RecordBatch:
    return table_batch({**_texts("name"), "category": [], "xy": _PAIRS, "rank": _INTS})


def _roads() -> pa.RecordBatch:
    ints: dict[str, Any] = dict.fromkeys(("tail", "head", "first", "last", "name"), _INTS)
    flags = np.empty(0, np.uint32)
    numbers: dict[str, Any] = {"metres": np.empty(0), "kmh": _FLOATS, "flags": flags}
    users = dict.fromkeys(("slow_kmh", "gate_s"), np.ones(len(USERS), np.float32))
    lists: dict[str, Any] = {"barriers": np.zeros(1, np.int64), "name_zh": [""], "name_en": [""]}
    shapes = {"node_xy": _PAIRS, "shape_xy": _PAIRS}
    return bundle_batch({**ints, **numbers, **shapes, **users, **lists})


def _levels(arrays: dict[str, Any], parts: int = 1) -> dict[str, Any]:
    """Empty parts with their bins; one serves every level where levels share parts."""
    index = {"keys": _LONGS, "offsets": _START, **arrays}
    named = {f"{part}.{name}": values for part in range(parts) for name, values in index.items()}
    size_m = BIN_PX * LEVELS_METRES_PER_PX[0]
    shared = np.zeros(len(LEVELS_METRES_PER_PX), np.int64)
    return {"level_part": shared, "bin_m": np.full(parts, size_m), **named}


def _lines() -> pa.RecordBatch:
    return bundle_batch(_levels({"segments": np.empty((0, 4))}))


def _fills() -> pa.RecordBatch:
    small = {"polygon_rings": _START, "ring_offsets": _START, "xy": _PAIRS}
    large = {"large_class": _LONGS, "large_boxes": np.empty((0, 4))}
    return bundle_batch(_levels({**small, **large, "large_offsets": _START, "large_xy": _PAIRS}))


def _labels() -> pa.RecordBatch:
    columns = {"name": _LONGS, "kind": _LONGS, "xy": _PAIRS, "angle_deg": _FLOATS}
    columns |= {"rank": _INTS, "span_m": _FLOATS}
    parts = len(LEVELS_METRES_PER_PX)
    return bundle_batch({"zh": [""], "en": [""], **_levels(columns, parts)})


EMPTY: dict[str, Callable[[], pa.RecordBatch]] = {
    "cells": _cells,
    "cell_rings": _cell_rings,
    "cameras": _cameras,
    "units": _units,
    "places": _places,
    "roads": _roads,
    "lines": _lines,
    "fills": _fills,
    "labels": _labels,
}
"""How to make each table of a package, empty."""
