"""Arrow files: one uncompressed record batch, memory-mapped, so that opening costs nothing.

Two shapes: a *table* has one row a thing (codes, names, numbers); a *bundle* holds named arrays of
different lengths as the list columns of a single row. Both load as numpy views of the file, read
only: nothing is copied until somebody asks for a Python object.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from console.model.text import Text

Array = NDArray[Any]


class Strings(Sequence[str]):
    """A column of strings, decoded one by one when asked."""

    def __init__(self, column: Any) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return list(self._column[index].to_pylist())
        return str(self._column[int(index)].as_py())

    def __iter__(self) -> Iterator[str]:
        return iter(self._column.to_pylist())


class Texts(Sequence[Text]):
    """Two columns of strings as bilingual texts."""

    def __init__(self, zh: Strings, en: Strings) -> None:
        self._zh, self._en = zh, en

    def __len__(self) -> int:
        return len(self._zh)

    @overload
    def __getitem__(self, index: int) -> Text: ...
    @overload
    def __getitem__(self, index: slice) -> list[Text]: ...
    def __getitem__(self, index: int | slice) -> Text | list[Text]:
        if isinstance(index, slice):
            return [Text(*pair) for pair in zip(self._zh[index], self._en[index], strict=True)]
        return Text(self._zh[index], self._en[index])

    def __iter__(self) -> Iterator[Text]:
        return (Text(zh, en) for zh, en in zip(self._zh, self._en, strict=True))


class Table:
    """A table in memory-mapped form; columns come as numpy arrays, strings or texts."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch: Any = batch

    def __len__(self) -> int:
        return int(self._batch.num_rows)

    def __contains__(self, name: str) -> bool:
        return name in self._batch.schema.names

    def numbers(self, name: str) -> Array:
        """The column as a read-only numpy array; booleans are stored as bytes."""
        return np.asarray(self._batch.column(name).to_numpy(zero_copy_only=True))

    def points(self, name: str) -> NDArray[np.float64]:
        """The column of pairs as float64[n,2]."""
        column = self._batch.column(name)
        return np.asarray(column.values.to_numpy(zero_copy_only=True)).reshape(-1, 2)

    def strings(self, name: str) -> Strings:
        """The column of strings."""
        return Strings(self._batch.column(name))

    def texts(self, name: str) -> Texts:
        """The columns `NAME_zh` and `NAME_en` as texts."""
        return Texts(self.strings(f"{name}_zh"), self.strings(f"{name}_en"))


def table_batch(columns: Mapping[str, Any]) -> pa.RecordBatch:
    """A record batch of equally long columns.

    float64[n,2] becomes a column of pairs, a list a column of strings, bool[n] one of bytes.
    """
    ready = {name: _column(values) for name, values in columns.items()}
    return pa.record_batch(list(ready.values()), names=list(ready))


def _column(values: Any) -> Any:
    if not isinstance(values, np.ndarray):
        return pa.array(list(values), pa.large_string())
    if values.ndim == 2:
        flat = pa.array(np.ascontiguousarray(values, np.float64).ravel())
        return pa.FixedSizeListArray.from_arrays(flat, values.shape[1])
    return pa.array(values.astype(np.uint8) if values.dtype == bool else values)


def bundle_batch(arrays: Mapping[str, Array | Sequence[str]]) -> pa.RecordBatch:
    """A one-row record batch of arrays of any lengths; float64[n,k] keep their k as metadata."""
    fields, columns = [], []
    for name, values in arrays.items():
        flat, width = _flat(values)
        column = pa.LargeListArray.from_arrays(pa.array([0, len(flat)], pa.int64()), flat)
        fields.append(pa.field(name, column.type, metadata={"width": str(width)}))
        columns.append(column)
    return pa.record_batch(columns, schema=pa.schema(fields))


def _flat(values: Array | Sequence[str]) -> tuple[Any, int]:
    if not isinstance(values, np.ndarray):
        return pa.array(list(values), pa.large_string()), 0
    width = values.shape[1] if values.ndim == 2 else 0
    return pa.array(np.ascontiguousarray(values).ravel()), width


class Bundle:
    """Named arrays of a one-row file, as read-only views."""

    def __init__(self, batch: pa.RecordBatch) -> None:
        self._batch: Any = batch

    def __contains__(self, name: str) -> bool:
        return name in self._batch.schema.names

    def array(self, name: str) -> Array:
        """The array as it was put in: [n] or [n,k]."""
        values = np.asarray(self._batch.column(name).values.to_numpy(zero_copy_only=True))
        width = int(self._batch.schema.field(name).metadata[b"width"])
        return values.reshape(-1, width) if width else values

    def strings(self, name: str) -> Strings:
        """The list of strings."""
        return Strings(self._batch.column(name).values)


def write_batch(path: Path, batch: pa.RecordBatch) -> None:
    """Write one record batch as an uncompressed Arrow IPC file."""
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)


def read_batch(path: Path) -> pa.RecordBatch:
    """Map an Arrow IPC file of one record batch. Raises OSError or pyarrow.ArrowInvalid."""
    return pa.ipc.open_file(pa.memory_map(str(path), "r")).get_batch(0)
