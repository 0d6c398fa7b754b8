"""The page for administrators shows the policy's own table, and every kind of entry in the log."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from console.access import PEOPLE_ROLES, RIGHTS, Call, Data, Role
from console.model.requests import Request

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "people-and-rights.md").read_text("utf-8")
COLUMNS = [*PEOPLE_ROLES, Role.DEVICE]
READS = {
    Data.OPERATIONS: "reads incidents and commands",
    Data.POSITIONS: "reads positions",
    Data.DEVICES: "reads who is on line",
    Data.NAMES: "reads what people are called",
    Data.PEOPLE: "reads accounts",
    Data.ACCESS_LOG: "reads the access log",
}
CALLS = {Call.ENROL: "enrols devices", Call.MANAGE_PEOPLE: "keeps people"}


def table() -> Iterator[str]:
    """The policy as Markdown."""
    yield "| | " + " | ".join(role.value.replace("_", " ") for role in COLUMNS) + " |"
    yield "|---" * (len(COLUMNS) + 1) + "|"
    rows = [
        (cls.__name__, [cls in RIGHTS[r].requests for r in COLUMNS]) for cls in get_args(Request)
    ]
    rows += [(words, [data in RIGHTS[r].reads for r in COLUMNS]) for data, words in READS.items()]
    rows += [(words, [call in RIGHTS[r].calls for r in COLUMNS]) for call, words in CALLS.items()]
    for words, marks in rows:
        yield f"| {words} | " + " | ".join("✓" if mark else "" for mark in marks) + " |"


def test_the_page_shows_the_policy() -> None:
    assert set(READS) == set(Data)
    shown = PAGE.partition("<!-- roles -->\n")[2].partition("\n<!-- /roles -->")[0]
    assert shown == "\n".join(table())


def test_the_page_names_every_kind_of_entry() -> None:
    kinds = set()
    for folder in ("access", "server"):
        for path in (ROOT / "console" / folder).glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and str(node.value).startswith("access."):
                    kinds.add(str(node.value))
    kinds = {k for k in kinds if k.count(".") == 1}
    assert {k for k in kinds if f"`{k}`" not in PAGE} == set()


if __name__ == "__main__":
    print("\n".join(table()))
