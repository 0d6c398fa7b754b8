"""When a practice city is made anew."""

from __future__ import annotations

from pathlib import Path

from console.city.manifest import FORMAT
from console.practice import package
from console.practice.package import RECIPE, is_prepared, mark_prepared, practice_package


def test_a_city_of_an_older_recipe_is_made_anew(tmp_path: Path) -> None:
    folder = practice_package(tmp_path)
    folder.mkdir()
    assert not is_prepared(tmp_path)
    mark_prepared(folder, package.PRACTICE_SEED)
    assert is_prepared(tmp_path)
    stamp = folder / package.STAMP
    stamp.write_text(stamp.read_text().replace(str(RECIPE), str(RECIPE - 1)))
    assert not is_prepared(tmp_path)


def test_another_format_of_packages_is_another_recipe() -> None:
    """A desk must never find a practice city that it cannot open: raise both together."""
    assert (FORMAT, RECIPE) == (2, 4)
