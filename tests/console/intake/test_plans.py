from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import pytest

from console.intake.errors import IntakeError
from console.intake.plans import (
    CONTACT_FILE,
    DEADLINES_FILE,
    PRIORITIES_FILE,
    TYPES_FILE,
    default_plans,
    read_plans,
)
from console.model.incident import LOOP, Stage
from console.model.unit import UnitKind

GAS = ",fire,1,yes,预案必派 · 可燃"
"""Whom the first row of the table wants first."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (TYPES_FILE, DEADLINES_FILE, PRIORITIES_FILE, CONTACT_FILE):
        shutil.copy(str(files("resources") / "plans" / name), tmp_path / name)
    return tmp_path


def _edit(path: Path, change: Callable[[str], str], encoding: str = "utf-8-sig") -> None:
    path.write_bytes(change(path.read_text("utf-8-sig")).encode(encoding))


def test_the_plans_that_come_with_the_console() -> None:
    plans = default_plans()
    gas = plans.types["gas_leak"]
    assert gas.priority == 1
    assert gas.wants[0].kind is UnitKind.FIRE
    assert len(plans.types) >= 24
    for kind in plans.types.values():
        assert kind.name.zh and kind.name.en and kind.hint.zh and kind.hint.en, kind.code
        assert 1 <= kind.priority <= 4
        assert kind.wants
        assert all(want.why.zh and want.why.en for want in kind.wants), kind.code
        kinds = [want.kind for want in kind.wants]
        assert len(kinds) == len(set(kinds)), kind.code


def test_every_open_stage_of_every_priority_has_a_deadline() -> None:
    deadlines = default_plans().deadlines_s
    open_stages = [stage for stage in LOOP if stage.is_open]
    assert deadlines.keys() == {(p, stage) for p in range(1, 5) for stage in open_stages}
    for stage in open_stages:
        by_priority = [deadlines[p, stage] for p in range(1, 5)]
        assert by_priority == sorted(by_priority), "the higher the priority, the sooner"


def test_a_spreadsheet_may_save_them_as_gbk(folder: Path) -> None:
    _edit(folder / TYPES_FILE, lambda text: text, "gb18030")
    assert read_plans(folder).types["gas_leak"].name.zh == "燃气泄漏"


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (TYPES_FILE, "Gas leak,1,", "Gas leak,7,", "row 2: “priority” is not between 1 and 4"),
        (TYPES_FILE, "Gas leak,1,", "Gas leak,,", "row 2: “priority”"),
        (TYPES_FILE, "Gas leak,1,", "Gas leak,1.5,", "row 2: “priority”"),
        (
            TYPES_FILE,
            GAS,
            GAS.replace("fire", "fyre"),
            "unknown kind of unit",
        ),
        (TYPES_FILE, GAS, GAS.replace("1", "0"), "want_1_count"),
        (
            TYPES_FILE,
            GAS,
            GAS.replace("yes", "si"),
            "want_1_required",
        ),
        (TYPES_FILE, "\nfire,", "\ngas_leak,", "row 3: the same code"),
        (TYPES_FILE, "hint_en", "hint", "lacks the columns hint_en"),
        (TYPES_FILE, "\nfire,", "\n,", "row 3: “code” is empty"),
        (DEADLINES_FILE, "1,reported,60", "1,reportd,60", "unknown stage “reportd”"),
        (DEADLINES_FILE, "1,reported,60", "1,closed,60", "unknown stage “closed”"),
        (DEADLINES_FILE, "1,reported,60", "1,reported,-60", "“seconds” is not between"),
        (DEADLINES_FILE, "1,reported,60", "1,reported", "row 2: 2 cells"),
        (DEADLINES_FILE, "1,accepted", "1,reported", "row 3: the same code"),
        (CONTACT_FILE, "foot,", "feet,", "row 2: .*unknown kind of unit"),
        (CONTACT_FILE, "\nboat,900,300", "", "row 8: the kind boat is missing"),
        (CONTACT_FILE, "foot,600", "foot,0", "row 2: “position_s” is not between"),
    ],
)
def test_one_wrong_cell_refuses_the_table(
    folder: Path, file: str, old: str, new: str, said: str
) -> None:
    _edit(folder / file, lambda text: text.replace(old, new, 1))
    with pytest.raises(IntakeError, match=said) as refusal:
        read_plans(folder)
    assert file in refusal.value.message.zh


def test_a_missing_table_is_named(folder: Path) -> None:
    (folder / DEADLINES_FILE).unlink()
    with pytest.raises(IntakeError, match=DEADLINES_FILE):
        read_plans(folder)


def test_the_deadline_of_a_stage() -> None:
    assert default_plans().deadlines_s[1, Stage.ACCEPTED] == 90
