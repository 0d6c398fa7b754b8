"""Coordinate systems: what a file's numbers mean, and how they become WGS 84.

Declared is what the file says of itself or the user says by `--crs`; the user's word goes first.
Nothing is ever guessed from the numbers; they only make the refusal's advice better.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyproj
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import TransformerGroup

from console.i18n import text_of
from console.intake.datum import GCJ_02, wgs84_from_gcj02
from console.intake.errors import IntakeError
from console.model.geo import FloatArray
from console.model.text import Text

WGS_84 = "EPSG:4326"

_GCJ_NAMES = frozenset({"gcj02", "gcj-02", "gcj_02"})

Convert = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True)
class Reference:
    """A coordinate system: its name, how it becomes WGS 84, and how exactly (for the report).

    `lonlat` takes x (east, or longitude) and y (north, or latitude) in the system's own units and
    gives WGS 84 degrees; what lies outside the system's reach becomes infinite or NaN.
    """

    name: str
    lonlat: Convert
    is_geographic: bool
    exactness: Text


def reference_of(declared: str) -> Reference:
    """The system named `declared`: EPSG code, WKT, PROJ string, or GCJ-02.

    Raises IntakeError when the name means nothing, or nothing that leads to WGS 84.
    """
    if declared.strip().lower() in _GCJ_NAMES:
        return Reference(GCJ_02, wgs84_from_gcj02, is_geographic=True, exactness=Text())
    try:
        crs = pyproj.CRS.from_user_input(declared)
        transformer, exactness = _transformer(crs)
    except (CRSError, ProjError):
        raise IntakeError(_leads_nowhere(declared)) from None
    if not (crs.is_geographic or crs.is_projected):  # heights, geocentric or local systems
        raise IntakeError(_leads_nowhere(declared))
    return Reference(_name_of(crs), _converter(transformer), crs.is_geographic, exactness)


def _leads_nowhere(declared: str) -> Text:
    return text_of("intake.crs.unknown", name=declared[:80])


def _transformer(crs: pyproj.CRS) -> tuple[pyproj.Transformer, Text]:
    """The best way to WGS 84 that PROJ knows; where it knows no datum shift, said so."""
    try:
        known = pyproj.Transformer.from_crs(crs, WGS_84, always_xy=True, allow_ballpark=False)
    except ProjError:
        ballpark = pyproj.Transformer.from_crs(crs, WGS_84, always_xy=True)
        return ballpark, text_of(f"intake.crs.{'same' if _is_cgcs2000(crs) else 'ballpark'}")
    return known, _accuracy(crs)


def _is_cgcs2000(crs: pyproj.CRS) -> bool:
    """CGCS2000 and WGS 84 differ by centimetres, which PROJ's tables do not say."""
    geodetic = crs.geodetic_crs
    return geodetic is not None and "2000" in geodetic.name and _says_china(geodetic.name)


def _says_china(name: str) -> bool:
    return "china" in name.lower() or "cgcs" in name.lower()


def _accuracy(crs: pyproj.CRS) -> Text:
    """The stated accuracy of the worst of the shifts in use (they differ by region)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # better ones exist as grids to download
        ways = TransformerGroup(crs, WGS_84, always_xy=True, allow_ballpark=False).transformers
    worst = max((way.accuracy for way in ways), default=0.0)
    return text_of("intake.crs.accuracy", metres=f"{worst:g}") if worst > 0 else Text()


def _converter(transformer: pyproj.Transformer) -> Convert:
    def lonlat(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        lon, lat = transformer.transform(x, y)
        return np.asarray(lon, np.float64), np.asarray(lat, np.float64)

    return lonlat


def _name_of(crs: pyproj.CRS) -> str:
    code = crs.to_authority(min_confidence=70)
    return f"{crs.name} ({':'.join(code)})" if code else crs.name


def choose_reference(
    said: str | None,
    declared: str | None,
    bounds: tuple[float, float, float, float] | None,
    named_by: str = "",
) -> tuple[Reference, Text]:
    """The system to read a file in, and a remark for the report.

    `said` is the user's `--crs`, `declared` what the file says (`named_by` the columns whose names
    say it); `bounds` (min x, min y, max x, max y of the file's numbers) only shape the advice.
    Raises IntakeError when there is neither.
    """
    chosen = said or declared
    if chosen is None:
        raise IntakeError(_missing(bounds))
    reference = reference_of(chosen)
    how = "said" if said else "named" if named_by else "declared"
    shown = {"name": reference.name, "exactness": reference.exactness, "columns": named_by}
    return reference, text_of(f"intake.crs.{how}", **shown)


def _missing(bounds: tuple[float, float, float, float] | None) -> Text:
    if bounds is None:
        return text_of("intake.crs.missing")
    degrees = max(map(abs, bounds)) <= 180
    numbers = ", ".join(f"{value:.{4 if degrees else 0}f}" for value in bounds)
    return text_of(
        "intake.crs.missing_degrees" if degrees else "intake.crs.missing_plane", numbers=numbers
    )
