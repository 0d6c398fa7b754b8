from __future__ import annotations

from console.intake.columns import bilingual, match_columns
from console.intake.tables import Row
from console.model.text import Text

ALIASES = {"code": ("code", "编号", "id"), **bilingual({"name": ("name", "名称")})}


def test_the_surest_alias_wins_whatever_the_order() -> None:
    assert match_columns(["id", "编号", "CODE"], ALIASES).of["code"] == "CODE"


def test_case_spaces_and_dashes_do_not_matter() -> None:
    assert match_columns(["Name (zh)"], ALIASES).of == {"name_zh": "Name (zh)"}


def test_what_is_said_goes_first() -> None:
    assert match_columns(["code", "old"], ALIASES, {"code": "old"}).of["code"] == "old"


def test_a_name_column_is_told_by_its_script() -> None:
    columns = match_columns(["name"], ALIASES)
    assert columns.text(Row(1, {"name": "鼓楼 A"}), "name") == Text("鼓楼 A", "")
    assert columns.text(Row(1, {"name": "Gulou"}), "name") == Text("", "Gulou")


def test_a_language_column_goes_before_the_plain_one() -> None:
    columns = match_columns(["name", "name_en"], ALIASES)
    assert columns.text(Row(1, {"name": "鼓楼", "name_en": "Gulou"}), "name") == Text(
        "鼓楼", "Gulou"
    )
