import csv
import re
from importlib.resources import files
from random import Random

import pytest

from console.model.unit import UnitKind
from console.practice.field.incidents import SLOTS
from console.practice.field.phrases import callers, field_phrases


def codes() -> list[str]:
    table = (files("resources") / "plans" / "incident_types.csv").read_text("utf-8-sig")
    return [row["code"] for row in csv.DictReader(table.splitlines())]


def test_every_type_has_callers_and_no_caller_is_of_no_type() -> None:
    assert set(callers()) == set(codes())


@pytest.mark.parametrize("code", codes())
def test_a_type_has_words_enough_in_both_languages(code: str) -> None:
    caller = callers()[code]
    assert len(caller.said) >= 4
    assert len(caller.seen) >= 2
    for text in (*caller.said, *(words for _, words in caller.seen)):
        assert re.search("[一-鿿]", text.zh)
        assert re.search("[A-Za-z]{3}", text.en)
        assert not re.search("[一-鿿]", text.en)
        assert text.zh.format(**dict.fromkeys(SLOTS, 1))
        assert text.en.format(**dict.fromkeys(SLOTS, 1))
        assert set(re.findall("{.*?}", text.zh)) == set(re.findall("{.*?}", text.en))


@pytest.mark.parametrize("code", codes())
def test_a_type_has_sources_that_the_desk_knows(code: str) -> None:
    caller = callers()[code]
    assert caller.weight > 0
    assert caller.phones
    assert set(caller.phones) <= {"hotline", "police", "119"}
    assert {by for by, _ in caller.seen} <= {"grid_worker", "camera"}


@pytest.mark.parametrize("code", codes())
def test_a_type_has_its_own_feedback(code: str) -> None:
    phrases = field_phrases()
    assert code == "other" or len(phrases.done[code]) >= 2
    assert phrases.feedback(code, Random(1)) in phrases.done.get(code, phrases.done["any"])
    assert 20 <= phrases.usual_work_s(code) <= 120


def test_a_type_nobody_knows_gets_the_common_feedback() -> None:
    assert field_phrases().feedback("no_such", Random(1)) in field_phrases().done["any"]


@pytest.mark.parametrize("kind", list(UnitKind))
def test_every_kind_has_a_reason_of_its_own_to_refuse(kind: UnitKind) -> None:
    assert field_phrases().refused[kind.value]
    assert field_phrases().refusal(kind, Random(1)).en
