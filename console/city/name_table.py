"""The table of names that a city is searched by: `python -m console.city.name_table PACKAGE FILE`.

Spelling a large city in pinyin takes seconds, so it is done once for each state of a package, by a
process of its own; `console.city.names` maps the file and searches it.
"""

from __future__ import annotations

import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from console.city.arrays import table_batch, write_batch
from console.city.catalogue import short_cell_code
from console.city.names import KINDS, NamedKind
from console.city.package import City, open_city
from console.city.spelling import spelt
from console.i18n import UnknownKey, text_of
from console.model.text import Text
from console.process import die_with_parent

_SAME_STREET_M = 3000.0
"""World metres between labels of one name up to which they are one street's."""

_EVERYWHERE = (-3e7, -3e7, 3e7, 3e7)

SERVICES = frozenset(
    {
        "hospital",
        "clinic",
        "police",
        "fire_station",
        "school",
        "university",
        "station",
        "market",
        "townhall",
    }
)
"""Kinds of place that are asked for as such: a hospital, whichever is near."""

_OTHERS = 2
"""Weight of what is no such place."""

_NICENESS = 10


FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Row:
    """One thing; `weight` grows as it matters less, `also` is what else it is called."""

    kind: NamedKind
    key: str
    name: Text
    detail: Text
    x: float
    y: float
    weight: int = _OTHERS
    also: Text = field(default_factory=Text)


def write_names(city: City, path: Path) -> None:
    """Write the table of `city` to `path`, in one step. Raises OSError."""
    rows = [*_units(city), *_places(city), *_ground(city), *_cells(city), *_cameras(city)]
    batch = table_batch(
        {
            "kind": np.array([KINDS.index(row.kind) for row in rows], np.int8),
            "weight": np.array([row.weight for row in rows], np.int32),
            "key": [row.key for row in rows],
            "name_zh": [row.name.zh for row in rows],
            "name_en": [row.name.en for row in rows],
            "detail_zh": [row.detail.zh for row in rows],
            "detail_en": [row.detail.en for row in rows],
            "xy": np.array([(row.x, row.y) for row in rows]).reshape(-1, 2),
            "called": [_called(row) for row in rows],
            "spelt": [spelt(row.name.zh) + spelt(row.also.zh) for row in rows],
            "about": [_about(row) for row in rows],
        }
    )
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    write_batch(draft, batch)
    draft.replace(path)


def _called(row: _Row) -> str:
    """What a thing is called, its id among it; a place's and a street's key says nothing."""
    names = (row.name.zh, row.name.en, row.also.zh, row.also.en)
    if row.kind in ("place", "street"):
        return _lines(*names)
    return _lines(*names, row.key, short_cell_code(row.key))


def _about(row: _Row) -> str:
    """What a thing is found by that it is not called."""
    if row.detail.zh == row.key:
        return ""
    return _lines(row.detail.zh, row.detail.en) + spelt(row.detail.zh)


def _lines(*words: str) -> str:
    return "\n" + "\n".join(dict.fromkeys(word for word in words if word)).casefold()


def _units(city: City) -> Iterator[_Row]:
    units = city.units
    bases = list(units.base)
    for row, (unit_id, name, xy) in enumerate(zip(units.id, units.name, units.xy, strict=True)):
        yield _Row("unit", unit_id, name, bases[row], *xy.tolist())


def _places(city: City) -> Iterator[_Row]:
    places = city.places
    columns = zip(places.name, places.category, places.xy, places.rank.tolist(), strict=True)
    for row, (name, category, xy, rank) in enumerate(columns):
        if name:
            said, is_service = _category(category), category in SERVICES
            weight, also = (1, said) if is_service else (_OTHERS + rank, Text())
            x, y = xy.tolist()
            yield _Row("place", str(row), name, said, x, y, weight, also)


def _ground(city: City) -> Iterator[_Row]:
    """Streets and waters, from the labels of the finest level: those of one name that lie near each
    other are one thing, which is at the label nearest to their middle."""
    labels = city.basemap.levels[-1].labels(_EVERYWHERE)
    named = defaultdict[tuple[str, Text], list[int]](list)
    for row, (name, kind) in enumerate(zip(labels.text, labels.kind, strict=True)):
        if kind in ("road", "water"):
            named[kind, name].append(row)
    for (kind, name), rows in named.items():
        for xy in _together(labels.xy[rows]):
            x, y = xy[np.argmin(np.hypot(*(xy - xy.mean(0)).T))].tolist()
            if kind == "road":
                yield _Row("street", "", name, _part_of_city(city, x, y), x, y)
            else:
                yield _Row("place", "", name, _category("water"), x, y)


def _together(xy: FloatArray) -> Iterator[FloatArray]:
    """Points (n, 2) in groups, each within `_SAME_STREET_M` of another of its group."""
    pairs = cKDTree(xy).query_pairs(_SAME_STREET_M, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), tuple(pairs.T)), (len(xy), len(xy)))
    count, group = connected_components(links, directed=False)
    for number in range(count):
        yield xy[group == number]


def _part_of_city(city: City, x: float, y: float) -> Text:
    """Which part of the city a point is in: what tells streets of one name from each other."""
    cell = city.cells.at(x, y)
    return city.cells.street[cell] if cell >= 0 else Text()


def _cells(city: City) -> Iterator[_Row]:
    cells = city.cells
    columns: Iterable[tuple[str, Text, Text, np.ndarray]] = zip(
        cells.code, cells.name, cells.community, cells.label_xy, strict=True
    )
    for code, name, community, xy in columns:
        said = short_cell_code(code)
        detail = Text(f"{said} {community.zh}".strip(), f"{said} {community.en}".strip())
        yield _Row("cell", code, name or Text(said, said), detail, *xy.tolist())


def _cameras(city: City) -> Iterator[_Row]:
    cameras = city.cameras
    for camera_id, name, xy in zip(cameras.id, cameras.name, cameras.xy, strict=True):
        yield _Row("camera", camera_id, name, Text(camera_id, camera_id), *xy.tolist())


def _category(category: str) -> Text:
    """What a kind of place is called; nothing for one that has no word of its own."""
    try:
        return text_of(f"map.place.{category}")
    except UnknownKey:
        return Text()


def main(arguments: list[str]) -> int:
    """Run as a program."""
    package, path, parent = arguments
    die_with_parent(int(parent))
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    write_names(open_city(Path(package)), Path(path))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
