"""What a desk may be called."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings

from console.commands.arguments import build_parser
from console.model.desk_name import DESK_NAME_LIMIT, desk_name_of_host, parse_desk_name
from main import desk_name


@pytest.mark.parametrize("name", ["01", "A-3", "值班一席", "east_2", "7.b", "x" * DESK_NAME_LIMIT])
def test_b11_a_good_name(name: str) -> None:
    assert parse_desk_name(f" {name} ") == name


@pytest.mark.parametrize("name", ["a b", "a@b", "a/b", "<b>", "x" * 17, "a\nb", "\u202e1"])
def test_b11_a_name_that_could_be_taken_for_something_else(name: str) -> None:
    with pytest.raises(ValueError, match="letters, digits"):
        parse_desk_name(name)


def test_b11_a_machines_name_becomes_its_desks() -> None:
    assert desk_name_of_host("duty-pc-07.city.example") == "duty-pc-07"
    assert desk_name_of_host("a very long name of a machine") == "averylongnameofa"
    assert desk_name_of_host("") == ""


def settings_in(folder: Path) -> QSettings:
    return QSettings(str(folder / "desk.ini"), QSettings.Format.IniFormat)


def run_with(*more: str) -> argparse.Namespace:
    return build_parser().parse_args(["run", *more])


def test_b11_the_name_is_kept(tmp_path: Path) -> None:
    assert desk_name(run_with(), settings_in(tmp_path)) == "01"
    settings = settings_in(tmp_path)
    assert desk_name(run_with("--desk", "东区3"), settings) == "东区3"
    settings.sync()
    assert desk_name(run_with(), settings_in(tmp_path)) == "东区3"
    elsewhere = run_with("--server", "http://127.0.0.1:1")
    assert desk_name(elsewhere, settings_in(tmp_path)) == "东区3"


def test_b11_desks_of_one_server_are_not_called_the_same_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("platform.node", lambda: "duty-pc-07.city.example")
    args = run_with("--server", "http://127.0.0.1:1")
    assert desk_name(args, settings_in(tmp_path)) == "duty-pc-07"


def test_b11_a_bad_name_is_said_and_not_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for bad in ("a@b", "", "x" * 17):
        with pytest.raises(SystemExit):
            run_with("--desk", bad)
        assert "desk" in capsys.readouterr().err
    settings = settings_in(tmp_path)
    settings.setValue("desk/name", "a@b")
    assert desk_name(run_with(), settings) == "01"
