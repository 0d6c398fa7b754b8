"""Searching a city's names as somebody types: every place that holds the words, best first.

All names lie in one run of bytes. The first letter is looked for everywhere, each further one only
behind the places where the letters before it were found, so that typing on costs next to nothing.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from console.city.arrays import Table, read_batch
from console.city.manifest import Manifest
from console.model.text import Text

NamedKind = Literal["unit", "place", "street", "cell", "camera"]
KINDS: tuple[NamedKind, ...] = get_args(NamedKind)
"""In the order in which things that are named equally well are given."""

NAMES_VERSION = 1
"""Grows when a table of an older program could not be searched any more."""

_NEWLINE = ord("\n")
_KEPT_WORDS = 24
_BLOCK = 32
"""Bytes for each of which the row it begins in is known: faster than looking for it."""

_NEAR_M = 500.0
_NO_ROWS = np.empty(0, np.int64)

Rows = NDArray[np.int64]


def names_file(folder: Path, manifest: Manifest) -> Path:
    """Where the table of this state of the package in `folder` lies, if it was made. The next
    import removes it, as every file that its manifest does not name."""
    return folder / f"names-{manifest.generation}-{NAMES_VERSION}.arrow"


@dataclass(frozen=True, slots=True)
class NameMatch:
    """One thing found: `key` is its id or code, a place's row as text, "" for a street; `step` is 0
    where the name or its spelling begins with what was typed, 1 where either holds it, 2 where
    something else about the thing does. World metres."""

    kind: NamedKind
    key: str
    name: Text
    detail: Text
    x: float
    y: float
    step: int


class _Bytes:
    """A column of strings as one run of UTF-8, searched letter by letter."""

    def __init__(self, column: Any) -> None:
        offsets, data = column.buffers()[1:3]
        first, count = column.offset, len(column)
        self._ends = np.frombuffer(offsets, np.int64)[first : first + count + 1]
        self._text = np.frombuffer(data or b"", np.uint8)[: self._ends[-1] if count else 0]
        blocks = np.arange(0, len(self._text) + _BLOCK, _BLOCK)
        self._first_row = np.searchsorted(self._ends, blocks, "right") - 1
        self._found: OrderedDict[bytes, Rows] = OrderedDict()

    def rows(self, word: bytes) -> tuple[Rows, Rows]:
        """The rows that hold `word`, ascending, and those in which a line begins with it."""
        places = self._places(word)
        begin = places[(places > 0) & (self._text[places - 1] == _NEWLINE)]
        return self._rows_of(places), self._rows_of(begin)

    def _rows_of(self, places: Rows) -> Rows:
        rows = self._first_row[places // _BLOCK]
        while (later := self._ends[rows + 1] <= places).any():
            rows = rows + later
        return rows[np.diff(rows, prepend=-1) > 0]

    def _places(self, word: bytes) -> Rows:
        """Where `word` begins in the text."""
        if word in self._found:
            self._found.move_to_end(word)
            return self._found[word]
        if len(word) == 1:
            places = np.flatnonzero(self._text == word[0])
        elif len(word) == 3 and word[:2] not in self._found:
            text = self._text  # a Chinese character: none of its bytes says much by itself
            hits = (text[2:] == word[2]) & (text[1:-1] == word[1]) & (text[:-2] == word[0])
            places = np.flatnonzero(hits)
        else:
            before = self._places(word[:-1])
            before = before[before < len(self._text) - len(word) + 1]
            places = before[self._text[before + len(word) - 1] == word[-1]]
        self._found[word] = places
        if len(self._found) > _KEPT_WORDS:
            self._found.popitem(last=False)
        return places


class NameIndex:
    """The names of a city; safe to use from several threads, one at a time."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        table = Table(batch)
        self._size = len(table)
        self._kind = table.numbers("kind").astype(np.int64)
        self._weight = table.numbers("weight").astype(np.int64)
        self._xy = table.points("xy")
        self._key = table.strings("key")
        self._name, self._detail = table.texts("name"), table.texts("detail")
        columns: Any = batch
        self._length = np.diff(np.frombuffer(columns.column("name_zh").buffers()[1], np.int64))
        self._called, self._spelt, self._about = (
            _Bytes(columns.column(name)) for name in ("called", "spelt", "about")
        )
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._size

    def find(self, query: str, near: tuple[float, float], a_kind: int) -> list[NameMatch]:
        """What holds every word of `query`: up to `a_kind` of each kind, best first.

        Better is what begins with the first word, then what is called so, then what has to do with
        it; of equals what matters more, is nearer to `near` (world metres), has the shorter name.
        """
        words = query.casefold().split()
        if not words:
            return []
        with self._lock:
            step = self._steps(words[0].encode())
            for word in words[1:]:
                other = self._steps(word.encode())
                step = np.where(other < _NOT_FOUND, step, _NOT_FOUND)
            rows = np.flatnonzero(step < _NOT_FOUND)
        return self._best(rows, step[rows].astype(np.int64), near, a_kind)

    def _steps(self, word: bytes) -> NDArray[np.int8]:
        """For each row how well it is named by `word`: a step of `NameMatch`, or `_NOT_FOUND`."""
        step = np.full(self._size, _NOT_FOUND, np.int8)
        about, _ = self._about.rows(word)
        step[about] = 2
        spelt, spelt_first = self._spelt.rows(word) if word.isascii() else (_NO_ROWS, _NO_ROWS)
        called, first = self._called.rows(word)
        step[called] = 1
        if len(word) > 1:  # one letter is in nearly every spelling, and means a number or a wing
            step[spelt] = 1
            step[spelt_first] = 0
        step[first] = 0
        return step

    def _best(
        self, rows: Rows, step: Rows, near: tuple[float, float], a_kind: int
    ) -> list[NameMatch]:
        away = np.hypot(*(self._xy[rows] - near).T) / _NEAR_M
        away = np.minimum(np.log2(1 + away), 15).astype(np.int64)
        order = ((step * 64 + np.minimum(self._weight[rows], 63)) * 16 + away) * 256
        order += np.minimum(self._length[rows], 255)
        chosen = list[tuple[int, int]]()
        for kind in range(len(KINDS)):
            own = np.flatnonzero(self._kind[rows] == kind)
            if len(own) > a_kind:
                own = own[np.argpartition(order[own], a_kind)[:a_kind]]
            own = own[np.lexsort((rows[own], order[own]))]
            chosen += [(int(rows[at]), int(step[at])) for at in own]
        found = [self._named(row, how_well) for row, how_well in chosen]
        return sorted(found, key=lambda named: (named.step, KINDS.index(named.kind)))

    def _named(self, row: int, step: int) -> NameMatch:
        x, y = self._xy[row].tolist()
        kind = KINDS[int(self._kind[row])]
        return NameMatch(kind, self._key[row], self._name[row], self._detail[row], x, y, step)


_NOT_FOUND = 9


def open_names(path: Path) -> NameIndex:
    """Map the table at `path`. Raises OSError or pyarrow.ArrowInvalid."""
    return NameIndex(read_batch(path))
