import json
from pathlib import Path

import pytest

from tests.bench.report import Row, main, table

FAST = Row("open", 2.0, "ms", against=1.0, target=10)
SLOW = Row("import", 5.5, "s", target=4)
RATE = Row("frames", 60, "Hz", target=50, at_least=True)


def test_ratio_and_verdict() -> None:
    assert FAST.ratio == 2.0 and FAST.passed is True
    assert SLOW.ratio is None and SLOW.passed is False
    assert RATE.passed is True
    assert Row("nodes", 7, "").passed is None


def test_the_file_holds_the_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "rows.json"
    assert main(lambda: [FAST, SLOW], ["--json", str(file)]) == 1
    first = json.loads(file.read_text())[0]
    assert list(first) == ["name", "value", "unit", "against", "target", "ratio", "passed"]
    assert "NO" in capsys.readouterr().out


def test_the_table_lines_up() -> None:
    lines = table([FAST, RATE]).splitlines()
    assert len(lines) == 3
    assert lines[1].index("≤ 10") + 4 == lines[2].index("≥ 50") + 4
