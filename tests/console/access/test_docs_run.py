"""The commands that the pages for operators and administrators name, run as they stand there.

Only places, names and the code are put in; what needs PostgreSQL is run by tests/console/backup.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import main
from console.access import open_store
from console.access.people import People
from console.clock import SystemClock
from console.commands.arguments import build_parser
from console.wire import encode_submission
from tests.helpers.field_city import SOUTH, WEST, make_field_city
from tests.helpers.stream import report, submission

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PASSWORD = "correct horse 9"


def commands(page: str) -> list[str]:
    """Every `python main.py …` in the page's blocks, in order."""
    blocks = re.findall(r"```sh\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    return re.findall(r"^python main\.py (.*)$", "\n".join(blocks), re.MULTILINE)


class Site:
    """A machine as the pages describe it, in a folder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.places = {
            "trellis.city.example": "localhost",
            "~/trellis-certs": str(folder / "certs"),
            "--authority authority.pem": f"--authority {folder / 'certs' / 'authority.pem'}",
            "/mnt/backups": str(folder / "backups"),
            "/mnt/heads": str(folder / "var" / "trellis-heads"),
            "--data /var/lib/trellis": f"--data {folder / 'restored'}",
            "sqlite:////var/lib/trellis/": f"sqlite:///{folder / 'var' / 'trellis'}/",
            "/var/lib/trellis": str(folder / "var" / "trellis"),
            "server.pem": str(folder / "certs" / "server.pem"),
            "server.key": str(folder / "certs" / "server.key"),
            "trusted.pem": str(folder / "trusted.pem"),
            "0.0.0.0:8790": "127.0.0.1:0",
        }
        self._capsys = capsys
        for name in ("var/trellis", "var/trellis-heads", "backups"):
            (folder / name).mkdir(parents=True)
        make_field_city(folder / "var" / "trellis")

    @property
    def db(self) -> str:
        return f"sqlite:///{self.folder / 'var' / 'trellis' / 'journals' / 'city.sqlite'}"

    def put_in(self, command: str) -> str:
        """The command with this machine's places."""
        for there, here in self.places.items():
            command = command.replace(there, here)
        return command

    def run(self, command: str) -> str:
        """Run it; what it said."""
        typed, _, into = self.put_in(command).partition(" > ")
        status = main.main(shlex.split(typed))
        heard = self._capsys.readouterr()
        assert status == 0, f"{typed}\n{heard.out}{heard.err}"
        if into:
            Path(into).write_text(heard.out)
        return heard.out

    @contextmanager
    def served(self, command: str) -> Iterator[tuple[str, str]]:
        """A server, started by the command; its address, and what it says of a first start."""
        process = subprocess.Popen(
            [sys.executable, "main.py", *shlex.split(command), "--die-with-parent"],
            cwd=ROOT,
            env={**os.environ, "LC_ALL": "C", "XDG_DATA_HOME": str(self.folder / "home")},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        try:
            found = json.loads(process.stdout.readline())
            told = ""
            if "setup_code" in found:
                told = process.stdout.readline() + process.stdout.readline()
            yield found["url"], told
        finally:
            process.terminate()
            status = process.wait(20)
            process.stdout.close()
        assert status == 0

    def work(self, url: str) -> None:
        """Something happens in the city: lin reports an incident."""
        trust = ssl.create_default_context(cafile=str(self.folder / "certs" / "authority.pem"))

        def post(path: str, body: bytes, token: str = "") -> dict[str, Any]:
            address = f"https://localhost:{url.rpartition(':')[2]}/api/v1/{path}"
            request = urllib.request.Request(address, body, {"Authorization": f"Bearer {token}"})
            with urllib.request.urlopen(request, timeout=20, context=trust) as answer:
                said: dict[str, Any] = json.load(answer)
                return said

        person = json.dumps({"name": "lin", "password": PASSWORD}).encode()
        token = post("signin", person)["access"]
        asked = report(lon=WEST + 0.007, lat=SOUTH + 0.007)
        now = SystemClock().now_ms()
        post("requests", encode_submission(submission(asked, at=now)), token)
        deadline = time.monotonic() + 30
        while not (self.folder / "var" / "trellis-heads" / "city.heads.jsonl").exists():
            assert time.monotonic() < deadline, "no head was signed"
            time.sleep(0.05)

    def unit(self) -> str:
        """The server's command line in the unit that systemd is given."""
        text = (DOCS / "deploy" / "trellis.service").read_text("utf-8")
        (line,) = re.findall(r"^ExecStart=.*?main\.py (.*)$", text, re.MULTILINE)
        line = line.replace("%S", str(self.folder / "var")).replace("%d/", "")
        return self.put_in(line)


@pytest.fixture
def site(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Site:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("TRELLIS_PASSWORD", PASSWORD)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    return Site(tmp_path, capsys)


def of_here(page: str) -> list[str]:
    return [command for command in commands(page) if "postgresql:" not in command]


def test_c9_the_operators_page_word_for_word(site: Site) -> None:
    certs, setup, *rest = of_here("operations.md")
    site.run(certs)
    with site.served(site.unit()) as (url, told):
        site.places["localhost:8790"] = f"localhost:{url.rpartition(':')[2]}"
        site.places["XXXX-XXXX-XXXX"] = re.findall(r"--code (\S+)", told)[0]
        site.run(setup)
        for command in rest:
            if command.startswith("serve"):
                with site.served(site.put_in(command)):
                    continue
            site.run(command)
            if command.startswith("people add"):
                site.work(url)
    assert (site.folder / "restored" / "journals" / "city.sqlite").exists()
    # No command has looked for people, keys or journals anywhere but where it was told to.
    assert not list((site.folder / "home").rglob("*practice*"))


def test_c9_the_administrators_page_and_the_line_that_the_server_prints(site: Site) -> None:
    site.run(of_here("operations.md")[0])
    setup, *rest = of_here("people-and-rights.md")
    assert setup.startswith("people setup")
    with site.served(site.unit()) as (_, told):
        printed = told.partition("python main.py ")[2].replace("NAME", "tang")
        assert "--authority" in printed
        site.run(printed.replace("--full-name WORDS", "--full-name 老唐"))
        said = [site.run(command) for command in rest]
    store = open_store(site.db)
    people = {p.name: (p.role.value, p.disabled) for p in People(store, SystemClock()).all()}
    store.close()
    assert people == {"tang": ("administrator", False), "lin": ("supervisor", False)}
    entries = [json.loads(line) for line in said[-1].splitlines()]
    assert [e["detail"].split()[0] for e in entries if "person_" in e["kind"]] == ["lin"] * 5
    for entry in entries:
        age = SystemClock().now_ms() / 1000 - datetime.fromisoformat(entry["at"]).timestamp()
        assert 0 <= age < 300
    assert not (site.folder / "home").exists()


def named() -> list[tuple[str, str]]:
    """Every command that any page names in a block, with its page."""
    pages = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]
    found = []
    for page in pages:
        for block in re.findall(
            r"```(?:sh|console|bash)?\n(.*?)```", page.read_text("utf-8"), re.DOTALL
        ):
            lines = re.findall(r"^(?:\.venv/bin/)?python main\.py (.*)$", block, re.MULTILINE)
            found += [(page.name, line) for line in lines]
    return found


@pytest.mark.parametrize(("page", "command"), named())
def test_c9_every_command_on_every_page_is_one(page: str, command: str) -> None:
    words = shlex.split(re.split(r" > | +# ", command)[0])
    assert build_parser().parse_args(words).command, page


def test_c9_people_are_never_kept_in_the_practice_city_by_an_oversight() -> None:
    for work in ("add lin --role trainer", "list", "disable lin", "lost-device U-1", "log"):
        with pytest.raises(SystemExit) as ended:
            main.main(["people", *work.split()])
        assert ended.value.code == 2
