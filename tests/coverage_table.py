"""`make coverage`: what the tests reach, by folder, from the report of coverage.py.

`python -m tests.coverage_table build/coverage.json`
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath

Counts = Counter[str]
"""Of a folder: the `FIELDS` of the report, summed."""

FIELDS = ("num_statements", "covered_lines", "num_branches", "covered_branches")


def by_folder(files: Mapping[str, Mapping[str, Mapping[str, int]]]) -> dict[str, Counts]:
    """Of each top folder and each folder in it: what its files count, those deeper down too."""
    folders: dict[str, Counts] = {}
    for name, file in files.items():
        counts = Counter({field: file["summary"][field] for field in FIELDS})
        parts = PurePath(name).parent.parts
        for depth in range(1, min(len(parts), 2) + 1):
            folders.setdefault("/".join(parts[:depth]), Counter()).update(counts)
    return dict(sorted(folders.items()))


def lines_of(folders: Mapping[str, Counts]) -> Iterator[str]:
    """The table."""
    yield f"{'folder':<24}{'statements':>12}{'reached':>9}{'branches':>10}{'reached':>9}"
    for name, counts in folders.items():
        statements, covered, branches, taken = (counts[field] for field in FIELDS)
        shown = f"  {name}" if "/" in name else name
        yield (
            f"{shown:<24}{statements:>12}{_share(covered, statements):>9}"
            f"{branches:>10}{_share(taken, branches):>9}"
        )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


if __name__ == "__main__":
    report = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    print("\n".join(lines_of(by_folder(report["files"]))))
