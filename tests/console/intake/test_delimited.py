from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.intake.delimited import Sheet, read_sheet
from console.intake.errors import IntakeError


def _read(tmp_path: Path, text: str) -> Sheet:
    path = tmp_path / "sheet.csv"
    path.write_bytes(text.encode())
    return read_sheet(path)


def test_quotes_separators_and_newlines_in_cells(tmp_path: Path) -> None:
    sheet = _read(tmp_path, 'id,name\n1,"East gate, ""north"" side\nsecond line"\n2,x\n')
    assert sheet.rows[0] == (2, {"id": "1", "name": 'East gate, "north" side\nsecond line'})
    assert sheet.rows[1][0] == 3, "rows are a spreadsheet's, not lines"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators(tmp_path: Path, separator: str) -> None:
    assert _read(tmp_path, separator.join("ab") + "\n" + separator.join("12")).rows == (
        (2, {"a": "1", "b": "2"}),
    )


def test_blank_rows_count_but_do_not_come(tmp_path: Path) -> None:
    sheet = _read(tmp_path, "a,b\n1,2\n\n , \n3,4\n")
    assert [number for number, _ in sheet.rows] == [2, 5]
    assert not sheet.faults


def test_rows_that_do_not_fit_the_header_are_faults(tmp_path: Path) -> None:
    sheet = _read(tmp_path, "a,b\n1,2,3\n4\n5,6\n")
    assert [fault.row for fault in sheet.faults] == ["2", "3"]
    assert sheet.rows == ((4, {"a": "5", "b": "6"}),)


def test_columns_without_a_name_are_ignored(tmp_path: Path) -> None:
    sheet = _read(tmp_path, "a,,\n1,2,\n")
    assert sheet.columns == ("a",)
    assert sheet.rows[0][1] == {"a": "1"}


def test_an_open_quote_is_refused_with_its_row(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="row 3"):
        _read(tmp_path, 'a,b\n1,2\n3,"4\n5,6\n')


def test_a_column_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="name"):
        _read(tmp_path, "id,name,name\n1,a,b\n")


def test_a_long_polygon_fits_in_a_cell(tmp_path: Path) -> None:
    assert len(_read(tmp_path, "wkt\n" + "9" * 200_000).rows[0][1]["wkt"]) == 200_000


@given(st.text(alphabet='a1,;"\n\r\t 中', max_size=60))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("any") / "sheet.csv"
    path.write_bytes(text.encode())
    try:
        sheet = read_sheet(path)
    except IntakeError:
        return
    assert all(set(values) == set(sheet.columns) for _, values in sheet.rows)
