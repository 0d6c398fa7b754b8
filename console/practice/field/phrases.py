"""What simulated callers and units say: tables in `resources/scenarios`.

ValueError
 └── BadScenario    a table lacks what the simulation needs
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any, Literal

from console.model.text import Text
from console.model.unit import UnitKind

Near = Literal["road", "water", "school"]
_NEAR: tuple[Near, ...] = ("road", "water", "school")

USUAL_WORK_S = 60.0
"""How long work at a scene takes where the table does not say."""


class BadScenario(ValueError):  # noqa: N818 - named for what is bad
    """A table lacks what the simulation needs."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who reports a type of incident, how often, where, and in what words."""

    weight: float
    near: Near
    said: tuple[Text, ...]
    phones: tuple[str, ...]
    """Whom citizens call, by source code."""
    seen: tuple[tuple[str, Text], ...]
    """What officials say, each with its source code."""


@dataclass(frozen=True, slots=True)
class FieldPhrases:
    """What units say when done and when they refuse, and how long work takes (seconds)."""

    done: Mapping[str, tuple[Text, ...]]
    refused: Mapping[str, tuple[Text, ...]]
    unreachable: Text
    order: Text
    address: Mapping[str, str]
    work_s: Mapping[str, float]

    def feedback(self, type_code: str, rng: Random) -> Text:
        """What a unit reports when it has dealt with a type of incident."""
        return rng.choice(self.done.get(type_code) or self.done["any"])

    def refusal(self, kind: UnitKind, rng: Random) -> Text:
        """Why a unit of that kind cannot go."""
        return rng.choice(self.refused["any"] + self.refused.get(kind.value, ()))

    def usual_work_s(self, type_code: str) -> float:
        """How long work on a type of incident usually takes, seconds."""
        return self.work_s.get(type_code, USUAL_WORK_S)


@cache
def callers() -> Mapping[str, Caller]:
    """Who reports what, by incident type code. Raises BadScenario."""
    return {code: _caller(code, row) for code, row in _table("callers.toml").items()}


@cache
def field_phrases() -> FieldPhrases:
    """What units say. Raises BadScenario."""
    table = _table("field.toml")
    return FieldPhrases(
        done={code: _texts(rows) for code, rows in table["done"].items()},
        refused={kind: _texts(rows) for kind, rows in table["refused"].items()},
        unreachable=Text(**table["unreachable"]),
        order=Text(**table["order"]),
        address=table["address"],
        work_s={code: float(s) for code, s in table["work_s"].items()},
    )


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((files("resources") / "scenarios" / name).read_text("utf-8"))


def _texts(rows: Sequence[Mapping[str, str]]) -> tuple[Text, ...]:
    return tuple(Text(row["zh"], row["en"]) for row in rows)


def _caller(code: str, row: Mapping[str, Any]) -> Caller:
    if row["near"] not in _NEAR:
        raise BadScenario(f"{code}: near is {row['near']!r}, not one of {', '.join(_NEAR)}")
    return Caller(
        weight=float(row["weight"]),
        near=row["near"],
        said=_texts(row["said"]),
        phones=tuple(row["phones"]),
        seen=tuple((r["by"], Text(r["zh"], r["en"])) for r in row["seen"]),
    )
