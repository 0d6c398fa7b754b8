"""People kept by hand beside a running server, and the first administrator by the printed code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from console.access import Gate, NotSignedIn, open_store
from console.clock import SystemClock
from console.commands.arguments import build_parser
from main import main

ROOT = Path(__file__).parents[3]
PASSWORD = "correct horse 9"

Said = Callable[..., tuple[int, str]]


@pytest.fixture
def db(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'city.sqlite'}"


@pytest.fixture
def people(db: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Said:
    """Run `main.py people …` on the store of a server that was started before; exit code and what
    was said.
    """
    open_store(db).close()
    monkeypatch.setenv("TRELLIS_PASSWORD", PASSWORD)
    monkeypatch.setenv("LC_ALL", "C")

    def run(*arguments: str) -> tuple[int, str]:
        code = main(["people", *arguments, "--db", db])
        heard = capsys.readouterr()
        return code, heard.out + heard.err

    return run


def test_the_life_of_a_person(people: Said, db: str) -> None:
    assert "nobody yet" in people("list")[1]
    code, said = people("add", "Lin", "--full-name", "林", "--role", "duty_officer")
    assert (code, said) == (0, "Added: lin  林  Duty officer  whole city\n")
    gate = Gate(open_store(db), SystemClock())
    token = gate.sessions.open(gate.people.get("lin"), "03").access
    assert gate.identify(token).name == "lin"
    code, said = people("role", "lin", "supervisor", "--area", "330106001", "--area", "330108")
    assert said == "Changed: lin  林  Supervisor  area 330106001, 330108\n"
    gate.has_changed()
    assert gate.identify(token).area.prefixes == ("330106001", "330108")
    assert "(disabled)" in people("disable", "lin")[1]
    gate.has_changed()
    with pytest.raises(NotSignedIn):
        gate.identify(token)
    assert "(disabled)" not in people("enable", "lin")[1]
    old = gate.people.get("lin").password
    assert people("password", "lin")[0] == 0
    assert gate.people.get("lin").password != old
    gate.devices.issue("U-1")
    assert people("lost-device", "U-1")[1] == "1 devices of U-1 are good no more.\n"
    kinds = [json.loads(line)["kind"] for line in people("log")[1].splitlines()]
    assert kinds == [
        "access.person_added",
        *["access.person_changed"] * 4,
        "access.devices_revoked",
    ]
    gate.close()


def test_what_cannot_be_is_said(people: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    for arguments, words in [
        (("add", "a b", "--role", "trainer"), "small letters"),
        (("add", "lin", "--role", "king"), "There is no such role"),
        (("add", "lin", "--role", "trainer", "--area", "33"), "6, 9, 12 or 15"),
        (("disable", "nobody"), "nobody called nobody"),
    ]:
        code, said = people(*arguments)
        assert code == 1
        assert words in said
    monkeypatch.setenv("TRELLIS_PASSWORD", "short")
    assert "10 to 256" in people("add", "lin", "--role", "trainer")[1]


@pytest.mark.parametrize(
    "command",
    [
        "people list", "people add lin --role trainer", "people role lin trainer",
        "people disable lin", "people enable lin", "people password lin", "people lost-device U-1",
        "people log", "verify", "audit public-key", "audit rotate-key", "backup --out {out}",
    ],
)  # fmt: skip
def test_c8_a_mistyped_place_is_said_and_nothing_is_made_there(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TRELLIS_PASSWORD", PASSWORD)
    monkeypatch.setenv("LC_ALL", "C")
    place = tmp_path / "journals" / "cty.sqlite"
    words = command.format(out=tmp_path / "b").split()
    assert main([*words, "--db", f"sqlite:///{place}", "--data", str(tmp_path)]) == 1
    assert "cty" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_first_start_prints_a_code_that_makes_the_administrator(
    tmp_path: Path, db: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = (
        "import json, sys\n"
        "from console.server.run import serve\n"
        "say = lambda where: print(json.dumps(dict(where)), flush=True)\n"
        f"serve(city=None, db={db!r}, host='127.0.0.1', port=0, secret='', ready=say)\n"
    )

    def start() -> tuple[subprocess.Popen[str], dict[str, str]]:
        process = subprocess.Popen(
            [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())

    monkeypatch.setenv("TRELLIS_PASSWORD", PASSWORD)
    monkeypatch.setenv("LC_ALL", "C")
    process, where = start()
    try:
        arguments = ["people", "setup", "--server", where["url"], "--name", "tang"]
        assert main([*arguments, "--code", "0000-0000-0000"]) == 1
        assert "one-time code is wrong" in capsys.readouterr().err
        assert main([*arguments, "--code", where["setup_code"]]) == 0
        assert "tang is there" in capsys.readouterr().out
        assert main([*arguments, "--code", where["setup_code"]]) == 1
    finally:
        stop(process)
    process, where = start()
    stop(process)
    assert "setup_code" not in where


def stop(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGTERM)
    process.wait(10)
    if process.stdout is not None:
        process.stdout.close()


def test_every_work_is_on_the_command_line() -> None:
    from console.access.command_line import _WORKS

    parser = build_parser()
    for work in _WORKS:
        with pytest.raises(SystemExit) as stopped:
            parser.parse_args(["people", work.replace("_", "-"), "--help"])
        assert stopped.value.code == 0
