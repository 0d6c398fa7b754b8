"""What every benchmark prints and writes: rows of a figure, what it is held against, the target.

A benchmark is `python -m tests.bench.NAME --json FILE`:

    def rows() -> Iterable[Row]: ...
    if __name__ == "__main__":
        main(rows)
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One figure. `against` is what it is compared with, in the same unit (its meaning is said in
    `name`); `ratio` value / against; `target` the most, or with `at_least` the least, that passes.
    """

    name: str
    value: float
    unit: str
    against: float | None = None
    target: float | None = None
    at_least: bool = False

    @property
    def ratio(self) -> float | None:
        """How many times `against` the value is."""
        return self.value / self.against if self.against else None

    @property
    def passed(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target


def main(build_rows: Callable[[], Iterable[Row]], arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, write `--json FILE`; returns the exit status, 1 when one failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    chosen = parser.parse_args(arguments)
    rows = list(build_rows())
    print(table(rows))
    if chosen.json:
        chosen.json.write_text(json.dumps([as_json(row) for row in rows], indent=1) + "\n")
    return 1 if any(row.passed is False for row in rows) else 0


def as_json(row: Row) -> dict[str, object]:
    """The row as it stands in the file."""
    kept = {key: value for key, value in asdict(row).items() if key != "at_least"}
    return {**kept, "ratio": row.ratio, "passed": row.passed}


_HEAD: tuple[str, ...] = ("name", "value", "unit", "against", "ratio", "target", "passed")


def table(rows: Sequence[Row]) -> str:
    """The rows as aligned text, numbers to the right."""
    lines: list[tuple[str, ...]] = [
        ("name", "value", "unit", "against", "ratio", "target", "passed")
    ]
    lines += [_cells(row) for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    left = {0, 2, 6}
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i in left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _cells(row: Row) -> tuple[str, ...]:
    limit = "" if row.target is None else f"{'≥' if row.at_least else '≤'} {row.target:g}"
    passed = {None: "", True: "yes", False: "NO"}[row.passed]
    return (
        row.name,
        _number(row.value),
        row.unit,
        _number(row.against),
        "" if row.ratio is None else f"{row.ratio:.2f}",
        limit,
        passed,
    )


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.4g}"
