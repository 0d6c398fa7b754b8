"""The table that `make coverage` prints."""

from __future__ import annotations

from tests.coverage_table import FIELDS, by_folder, lines_of


def file(*counts: int) -> dict[str, dict[str, int]]:
    return {"summary": dict(zip(FIELDS, counts, strict=True))}


def test_a_folder_holds_what_lies_deeper_and_the_top_holds_all() -> None:
    folders = by_folder(
        {
            "layers/moving.py": file(10, 5, 0, 0),
            "layers/engine/deep/a.py": file(20, 20, 4, 1),
            "layers/engine/b.py": file(20, 15, 4, 4),
        }
    )
    table = [line.split() for line in lines_of(folders)]
    assert table[1:] == [
        ["layers", "50", "80.0", "%", "8", "62.5", "%"],
        ["layers/engine", "40", "87.5", "%", "8", "62.5", "%"],
    ]
    assert list(lines_of(by_folder({"layers/x.py": file(1, 0, 0, 0)})))[1].split()[-1] == "-"
