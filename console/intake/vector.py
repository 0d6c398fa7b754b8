"""GeoJSON, GeoPackage and Shapefile, read through GDAL (pyogrio)."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyogrio
import pyogrio.errors
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from console.i18n import text_of
from console.intake.encoding import decode
from console.intake.errors import IntakeError
from console.intake.shapefile import refuse_incomplete
from console.model.text import Text

_log = logging.getLogger(__name__)

_LARGEST_EXACT = 2**53
"""Beyond it a float64 skips whole numbers, and a code of 20 digits is no longer that code."""

_UNRELIABLE = "ISO-8859-1"
"""What GDAL says of a dBASE file that does not tell its encoding (most Chinese ones)."""


@dataclass(frozen=True, slots=True)
class Features:
    """One layer: values as text by column, geometry in the layer's own coordinate system."""

    columns: tuple[str, ...]
    values: tuple[dict[str, str], ...]
    geometry: tuple[BaseGeometry | None, ...]
    crs: str | None
    encoding: str
    notes: tuple[Text, ...]


def read_features(path: Path, encoding: str | None = None, layer: str | None = None) -> Features:
    """The features of `layer`, or of the only layer that has geometry.

    Raises IntakeError when GDAL cannot read the file, or several layers leave the choice open.
    """
    if path.suffix.lower() == ".shp":
        refuse_incomplete(path)
    source, spoken = _source(path, encoding)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            meta, wkb, columns = _read(source, layer or _only_layer(source), encoding)
        except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError) as error:
            raise _unreadable(path, error) from None
        except UnicodeDecodeError as error:
            raise IntakeError(text_of("intake.encoding.none")) from error
    names = tuple(str(name) for name in meta["fields"])
    columns, spoken = _spoken(columns, spoken or meta["encoding"], encoding)
    rows = zip(*columns, strict=True) if names else ([()] * len(wkb))
    return Features(
        names,
        tuple(dict(zip(names, row, strict=True)) for row in rows),
        tuple(shapely.force_2d(shapely.from_wkb(wkb, on_invalid="ignore"))),
        _declared(meta["crs"]),
        spoken,
        tuple(_warned(said)),
    )


def _source(path: Path, encoding: str | None) -> tuple[Path | bytes, str]:
    """What GDAL is to open: the file, or a GeoJSON's text as UTF-8, whatever it was written in."""
    if path.suffix.lower() not in {".geojson", ".json"}:
        return path, ""
    decoded = decode(path.read_bytes(), encoding)
    return decoded.text.encode("utf-8"), decoded.encoding


def _only_layer(source: Path | bytes) -> str:
    layers = [str(name) for name, kind in pyogrio.list_layers(source) if kind is not None]
    if len(layers) == 1:
        return layers[0]
    if not layers:
        raise IntakeError(text_of("intake.file.no_layer"))
    raise IntakeError(text_of("intake.file.layers", layers=", ".join(layers)))


def _read(
    source: Path | bytes, layer: str, encoding: str | None
) -> tuple[dict[str, Any], NDArray[Any], list[list[str]]]:
    shapefile = isinstance(source, Path) and source.suffix.lower() == ".shp"
    meta, _, wkb, fields = pyogrio.raw.read(
        source, layer=layer, encoding=encoding if shapefile else None
    )
    if wkb is None:
        raise IntakeError(text_of("intake.file.no_layer"))
    return meta, wkb, [_as_text(field) for field in fields]


def _as_text(field: NDArray[Any]) -> list[str]:
    """A column's values as text: "" for none, whole numbers without a point."""
    write: Callable[[Any], str] = _number_text if field.dtype.kind == "f" else _value_text
    return [write(value) for value in field.tolist()]


def _number_text(value: float) -> str:
    if math.isnan(value):
        return ""
    exact = value.is_integer() and abs(value) <= _LARGEST_EXACT
    return str(int(value)) if exact else repr(value)


def _value_text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _spoken(
    columns: list[list[str]], encoding: str, chosen: str | None
) -> tuple[list[list[str]], str]:
    """The columns as they were meant, where GDAL could not know their encoding."""
    if chosen is not None or encoding != _UNRELIABLE:
        return columns, chosen or encoding
    joined = "\n".join(value for column in columns for value in column).encode("latin-1")
    found = decode(joined).encoding
    return [[v.encode("latin-1").decode(found) for v in column] for column in columns], found


def _declared(crs: str | None) -> str | None:
    """GeoPackage writes "Undefined ..." for "not known" (its srs_id -1 and 0)."""
    return None if crs is None or "undefined" in crs.lower() else crs


def _unreadable(path: Path, error: Exception) -> IntakeError:
    detail = str(error).replace(str(path), path.name)
    return IntakeError(text_of("intake.file.unreadable", name=path.name, detail=detail))


def _warned(said: Iterable[warnings.WarningMessage]) -> Iterable[Text]:
    """GDAL's warnings, as they are: they name what it left out."""
    for message in said:
        _log.warning("GDAL: %s", message.message)
        yield text_of("intake.note.gdal", detail=message.message)
