from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from console.intake.errors import IntakeError
from console.intake.present import Present
from console.intake.unit_kinds import unit_kind
from console.intake.units import import_units
from console.model.text import Text
from console.model.unit import UnitKind

Csv = Callable[..., Path]


def test_units_with_their_kinds_and_bases(city: Path, csv_file: Csv) -> None:
    path = csv_file(
        "编号,呼号,类型,驻地,经度,纬度",
        "U1,网格员 001,网格员,鼓楼社区,118.78,32.06",
        "U2,Fire 2,fire,Station 2,118.79,32.04",
        "U3,?,submarine,,118.79,32.04",
    )
    report = import_units(path, city)
    assert report.accepted == {"units": 2}
    assert "submarine" in report.skipped[0].reason.en
    one, two = Present(city).units()
    assert (one.kind, one.base) == (UnitKind.FOOT, Text("鼓楼社区", ""))
    assert (two.kind, two.name) == (UnitKind.FIRE, Text("", "Fire 2"))


def test_a1_a_unit_can_be_called(city: Path, csv_file: Csv) -> None:
    path = csv_file("编号,类型,联系电话,经度,纬度", "U1,网格员, 13800000001 ,118.78,32.06")
    import_units(path, city)
    (unit,) = Present(city).units()
    assert unit.phone == "13800000001"


def test_a_kind_column_is_needed(city: Path, csv_file: Csv) -> None:
    with pytest.raises(IntakeError, match="--map kind=COLUMN"):
        import_units(csv_file("id,lon,lat", "1,118.78,32.06"), city)


def test_a_second_import_changes_nothing(city: Path, csv_file: Csv) -> None:
    path = csv_file("id,kind,lon,lat", "1,drone,118.78,32.06", "2,boat,118.79,32.05")
    import_units(path, city)
    assert "0 new, 0 updated, 2 unchanged" in import_units(path, city).notes[-1].en


@pytest.mark.parametrize("kind", list(UnitKind))
def test_every_kind_goes_by_its_own_name(kind: UnitKind) -> None:
    assert unit_kind(kind.value.upper()) is kind
