"""What is packed comes out again, and nothing else comes out of anything else."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.nodes.packing import pack_fixes, pack_units, unpack_fixes, unpack_units
from console.tracks import ROW, Rows

IDS = st.lists(st.text(max_size=20), min_size=1, max_size=20)


@st.composite
def named_rows(draw: st.DrawFn) -> tuple[list[str], Rows]:
    ids = draw(IDS)
    places = draw(st.lists(st.integers(0, len(ids) - 1), max_size=50))
    rows = np.frombuffer(draw(st.binary(min_size=32, max_size=32)) * len(places), np.uint8)
    made = np.resize(rows, len(places) * ROW.itemsize).copy().view(ROW)
    made["unit"] = places
    return ids, made


@given(named_rows())
def test_fixes_come_out_as_they_went_in(given_rows: tuple[list[str], Rows]) -> None:
    ids, rows = given_rows
    out_ids, out = unpack_fixes(pack_fixes(ids, rows))
    assert out_ids == ids
    assert out.tobytes() == rows.tobytes()


@given(st.dictionaries(st.text(max_size=20), st.integers(0, (1 << 64) - 1), max_size=50))
def test_units_come_out_as_they_went_in(units: dict[str, int]) -> None:
    assert unpack_units(pack_units(units)) == units


@given(st.binary(max_size=200), st.sampled_from([b"", b"TRG1", b"TRU2"]))
def test_anything_else_is_refused(data: bytes, magic: bytes) -> None:
    for unpack in (unpack_fixes, unpack_units):
        with suppress(ValueError):
            unpack(magic + data)


@given(named_rows(), st.data())
def test_a_changed_byte_never_gives_a_unit_without_an_id(
    given_rows: tuple[list[str], Rows], data: st.DataObject
) -> None:
    packed = bytearray(pack_fixes(*given_rows))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    with suppress(ValueError):
        ids, rows = unpack_fixes(bytes(packed))
        assert all(0 <= unit < len(ids) for unit in rows["unit"].tolist())


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    packed = bytearray(pack_units({"U-1": 7}))
    packed[8:12] = (0xFFFFFFFF).to_bytes(4, "little")
    with pytest.raises(ValueError, match="larger"):
        unpack_units(bytes(packed))
