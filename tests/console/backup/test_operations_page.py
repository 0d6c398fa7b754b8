"""The operator's page and the files it hands out name what there is, and all of it."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from console.commands.arguments import build_parser
from console.server.health import Readiness
from tests.helpers.metrics_page import metrics_page

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
DEPLOY = ROOT / "docs" / "deploy"


def commands() -> list[str]:
    """Everything on the page that is run as `main.py`, and in the deployed files."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL))
    found = re.findall(r"^python main\.py (.*)$", blocks, re.MULTILINE)
    found += re.findall(r"`python main\.py ([^`]*)`", PAGE)
    for unit in DEPLOY.glob("*.service"):
        found += re.findall(r"^ExecStart=.*main\.py (.*?)'?$", unit.read_text(), re.MULTILINE)
    return found


@pytest.mark.parametrize("command", commands())
def test_commands_are_there(command: str) -> None:
    words = shlex.split(command.partition(" > ")[0])
    assert build_parser().parse_args(words).command


def test_there_are_commands() -> None:
    starts = {" ".join(c.split()[:2]) for c in commands()}
    assert {"audit rotate-key", "audit public-key", "people setup", "people add"} <= starts
    assert {c.split()[0] for c in commands()} >= {"serve", "verify", "backup", "restore", "certs"}


@pytest.mark.parametrize("file", ["Dockerfile", "compose.yaml"])
def test_containers_start_what_there_is(file: str) -> None:
    text = (DEPLOY / file).read_text()
    if file == "Dockerfile":
        (line,) = re.findall(r"^CMD (\[.*\])$", text, re.MULTILINE)
        words = re.findall(r'"([^"]*)"', line)
    else:
        (block,) = re.findall(r"  command:\n((?:    - .*\n)+)", text)
        words = re.findall(r"- (.*)", block)
    assert build_parser().parse_args(words).command == "serve"


async def test_every_figure_is_explained_and_no_other(tmp_path: Path) -> None:
    text = await metrics_page(tmp_path)
    there = {
        name.removesuffix("_total") for name in re.findall(r"^# TYPE (trellis_\w+)", text, re.M)
    }
    explained = set(re.findall(r"^\| `(trellis_\w+)`", PAGE, re.MULTILINE))
    assert explained == there
    assert "process_resident_memory_bytes" in text


def test_every_check_is_explained() -> None:
    assert Readiness.ready.__doc__
    for name in ("journal", "disk", "tracks"):
        assert f"| `{name}` |" in PAGE
    source = (ROOT / "console" / "server" / "health.py").read_text()
    for state in re.findall(r'"((?:un|not_|nearly_|appends_)\w+)"', source):
        if state != "not_ready":
            assert f"`{state}`" in PAGE


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target
    for file in re.findall(r"docs/deploy/[\w.-]+", PAGE):
        assert (ROOT / file).exists(), file


def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("there is no systemd here")
    names = sorted(p.name for p in DEPLOY.glob("trellis*"))
    for name in names:
        text = (DEPLOY / name).read_text()
        (tmp_path / name).write_text(text.replace("/opt/trellis/.venv/bin/python", sys.executable))
    ran = subprocess.run(
        [analyze, "verify", "--man=no", *(str(tmp_path / name) for name in names)],
        capture_output=True,
        text=True,
        check=False,
    )
    own = [line for line in ran.stderr.splitlines() if "trellis" in line]
    assert (ran.returncode, own) == (0, [])
