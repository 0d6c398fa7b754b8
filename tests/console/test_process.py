"""Locks between processes."""

from __future__ import annotations

from pathlib import Path

from console.process import lock_exclusively


def test_a_file_is_locked_once(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("ab") as one, path.open("ab") as two:
        assert lock_exclusively(one)
        assert not lock_exclusively(two)
    with path.open("ab") as three:
        assert lock_exclusively(three)
