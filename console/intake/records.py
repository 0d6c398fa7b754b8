"""One cell, camera or unit between the file and the package, and whether two are the same.

Positions are WGS 84 degrees.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from console.model.text import Text
from console.model.unit import UnitKind

_SAME_DEG = 1e-9
"""0.1 mm: what a position moves by on its way into the package and back is a millionth of it."""


@dataclass(frozen=True, slots=True)
class CellRecord:
    """One grid cell; `polygon` is a Polygon or MultiPolygon."""

    key: str
    name: Text
    community: Text
    street: Text
    district: Text
    households: int
    polygon: BaseGeometry


@dataclass(frozen=True, slots=True)
class CameraRecord:
    """One camera; angles in degrees (azimuth clockwise from north), range in metres, NaN unknown.

    The three are as exact as the package stores them (float32).
    """

    key: str
    name: Text
    lon: float
    lat: float
    azimuth_deg: float
    angle_deg: float
    range_m: float
    ptz: bool
    online: bool
    stream: str


@dataclass(frozen=True, slots=True)
class UnitRecord:
    """One unit and where it is at home."""

    key: str
    name: Text
    lon: float
    lat: float
    kind: UnitKind
    base: Text
    phone: str = ""


def same(one: Any, other: Any) -> bool:
    """Whether two records of one class say the same, positions to `_SAME_DEG`."""
    return all(_equal(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, float):
        return abs(one - other) <= _SAME_DEG or (math.isnan(one) and math.isnan(other))
    if isinstance(one, BaseGeometry):
        return bool(shapely.equals_exact(one, other, _SAME_DEG))
    return bool(one == other)
