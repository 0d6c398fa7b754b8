from pathlib import Path

from console.intake.report import MOST_EXAMPLES, Report
from console.model.text import Text

GONE = Text("缺少节点", "a node is missing")
DUPLICATE = Text("编号重复", "the id is used twice")


def a_report() -> Report:
    report = Report("cells", "grid.geojson")
    report.accept("cells", 7)
    report.skip("cells", "3", DUPLICATE)
    report.skip("cells", "9", GONE)
    report.skip("cells", "11", GONE)
    report.note(Text("坐标系 EPSG:4490", "coordinate system EPSG:4490"))
    return report


def test_the_counts_add_up() -> None:
    report = a_report()
    assert report.read("cells") == 10
    assert report.skipped_count("cells") == 3
    assert report.skipped_count("cameras") == 0


def test_it_comes_back_from_its_file(tmp_path: Path) -> None:
    report = a_report()
    file = tmp_path / "cells.json"
    file.write_text(report.as_json(), encoding="utf-8")
    assert Report.load(file) == report


def test_the_words_hold_counts_reasons_and_rows_in_both_languages() -> None:
    english, chinese = a_report().text("en"), a_report().text("zh")
    assert "10 read, 7 kept, 3 left out" in english
    assert "2 grid cells left out: a node is missing" in english
    assert "11: a node is missing" in english
    assert "读到 10，保留 7，略过 3" in chinese
    assert "坐标系 EPSG:4490" in chinese


def test_many_problems_are_counted_but_not_all_kept() -> None:
    report = Report("osm", "x.osm.pbf")
    for i in range(MOST_EXAMPLES + 50):
        report.skip("buildings", f"way/{i}", GONE)
    assert report.skipped_count() == MOST_EXAMPLES + 50
    assert len(report.skipped) == MOST_EXAMPLES
    assert f"and {MOST_EXAMPLES + 50 - 5} more" in report.text("en", most_rows=5)


def test_a_thing_without_a_name_names_itself() -> None:
    report = Report("osm", "x")
    report.accept("lighthouses")
    assert "lighthouses: 1 read" in report.text("en")
