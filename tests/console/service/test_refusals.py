"""Every refusal the code can give has its sentence, in both languages, its blanks filled."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from console.i18n import catalogue
from console.model.command import Step
from console.model.decide import Refused
from console.model.text import LANGUAGES, Language, Text
from console.model.unit import UnitStatus
from console.service import refusal_text

ROOT = Path(__file__).parents[3]
SOURCES = [
    "console/model/decide.py",
    "console/service/service.py",
    "console/server/people_calls.py",
]
SOURCES += [str(p.relative_to(ROOT)) for p in (ROOT / "console" / "access").glob("*.py")]
RAISED = {"Refused", "Denied"}
REQUIRED_TEXTS = {"reason_missing", "text_missing", "outcome_missing"}
"""Codes that `decide` hands to `_text`, which refuses with them."""


def refusals() -> dict[str, set[str]]:
    """Each code with the names of what fills its blanks."""
    found: dict[str, set[str]] = {code: set() for code in REQUIRED_TEXTS}
    for source in SOURCES:
        for node in ast.walk(ast.parse((ROOT / source).read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found[str(first.value)] = {str(k.arg) for k in node.keywords}
    return found


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_has_its_sentence(language: Language) -> None:
    sentences = catalogue(language)
    for code, args in refusals().items():
        sentence = sentences.get(f"refusal.{code}")
        assert sentence, f"refusal.{code} has no sentence in {language}"
        assert blanks(sentence) <= args, f"refusal.{code} in {language} lacks what fills it"


def test_no_sentence_is_left_over_and_the_languages_agree() -> None:
    written = {k.removeprefix("refusal.") for k in catalogue("en") if k.startswith("refusal.")}
    assert {k for k in written if "." not in k} == refusals().keys()
    for key, sentence in catalogue("en").items():
        if key.startswith(("refusal.", "server.")):
            assert blanks(sentence) == blanks(catalogue("zh")[key]), key


def test_steps_and_states_are_said_in_words() -> None:
    told = refusal_text(Refused("step_not_possible", now="en_route", to="sent"))
    assert told == Text(
        "指令不能从“途中”变为“已发送”，未作更改。",
        "The command cannot go from “on the way” to “sent”. Nothing was changed.",
    )
    for step in Step:
        assert refusal_text(Refused("not_a_field_step", step=step.value)).zh
    for status in UnitStatus:
        assert refusal_text(Refused("status_not_declared", status=status.value)).zh
    assert "U-0007" in refusal_text(Refused("no_such_unit", unit="U-0007")).zh
