from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.practice.city import generate
from tests.console.practice.city.conftest import SEED, SMALL_HALF_M, ReadCity

SCRIPT = """
import sys
from pathlib import Path
from console.practice.city import generate
generate(int(sys.argv[1]), Path(sys.argv[2]), half_m=float(sys.argv[3]))
"""


def digests(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.iterdir())}


def generated_elsewhere(out: Path, hash_seed: str, half_m: float) -> dict[str, str]:
    """The files' digests, made by a fresh interpreter with another hash seed."""
    subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, str(SEED), str(out), str(half_m)],
        check=True,
        timeout=110,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
    )
    return digests(out)


def test_the_same_seed_gives_the_same_bytes(small_city: ReadCity, tmp_path: Path) -> None:
    here = digests(small_city.files.osm.parent)
    assert set(here) == {"practice.osm.pbf", "grid.geojson", "cameras.csv", "units.csv"}
    assert generated_elsewhere(tmp_path / "a", "1", SMALL_HALF_M) == here


def test_another_seed_gives_another_city(small_city: ReadCity, tmp_path: Path) -> None:
    generate(SEED + 1, tmp_path, half_m=2000.0)
    here = digests(small_city.files.osm.parent)
    assert all(here[name] != digest for name, digest in digests(tmp_path).items())


def test_a_whole_city_has_what_was_ordered(tmp_path: Path) -> None:
    stages: list[tuple[str, float]] = []
    files = generate(SEED, tmp_path / "new" / "folder", lambda *at: stages.append(at))
    counts = files.counts
    assert 1150 <= counts["cells"] <= 1250
    assert counts["cameras"] == 3000
    assert counts["units"] == 300
    assert counts["buildings"] > 30_000
    assert stages[0][1] == 0.0
    assert stages[-1] == ("done", 1.0)
    assert [done for _, done in stages] == sorted(done for _, done in stages)
    again = generated_elsewhere(tmp_path / "again", "99", 6000.0)
    assert again == digests(files.osm.parent)


@pytest.mark.parametrize("half_m", [500.0, 1999.0, 6001.0, float("nan")])
def test_an_impossible_size_is_refused(tmp_path: Path, half_m: float) -> None:
    with pytest.raises(ValueError, match="half_m"):
        generate(SEED, tmp_path, half_m=half_m)
