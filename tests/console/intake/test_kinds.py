from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from console.i18n import catalogue
from console.intake.errors import IntakeError
from console.intake.kinds import IMPORTERS, fields_of
from console.intake.rows import Options


def test_every_kind_of_the_command_line_is_there() -> None:
    assert list(IMPORTERS) == ["osm", "grid", "cameras", "units"]


def test_importers_take_the_options_of_the_command_line(
    city: Path, csv_file: Callable[..., Path]
) -> None:
    path = csv_file("no,kind,x,y", "1,foot,118.78,32.06", encoding="gbk")
    take = IMPORTERS["units"]
    report = take(path, city, Options("EPSG:4490", fields_of(["id=no"]), "gb18030"))
    assert report.accepted == {"units": 1}


def test_streets_take_no_option(tmp_path: Path, city: Path) -> None:
    with pytest.raises(IntakeError, match="--crs"):
        IMPORTERS["osm"](tmp_path / "x.osm.pbf", city, Options("EPSG:4326"))


@pytest.mark.parametrize("pair", ["code", "=x", "code="])
def test_a_map_option_needs_both_sides(pair: str) -> None:
    with pytest.raises(IntakeError, match="FIELD=COLUMN"):
        fields_of([pair])


def test_both_languages_say_the_same_things() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    keys = {key for key in {*zh, *en} if key.startswith("intake.")}
    assert all(zh[key] and en[key] for key in keys)
    fields = {key: [set(_placeholders(c[key])) for c in (zh, en)] for key in keys}
    assert all(one == other for one, other in fields.values())


def _placeholders(sentence: str) -> list[str]:
    from string import Formatter

    return [name for _, name, _, _ in Formatter().parse(sentence) if name]
