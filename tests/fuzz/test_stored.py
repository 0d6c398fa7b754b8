"""A short run of the fuzzer of stored files, in a process whose memory is bounded."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TRIES = "25"


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is bounded on Linux")
def test_damaged_files() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.stored", "--seconds", "300", "--tries", TRIES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count(f"{TRIES} tries") == 13
