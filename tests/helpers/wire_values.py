"""Hypothesis strategies for every fact, request and event."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from console.model.event import Event
from console.model.facts import KNOWN_FACTS, UnknownFact
from console.model.ids import new_key
from console.model.requests import Submission
from console.model.text import Text
from console.wire.requests import REQUEST_TYPES

steady = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no reason to fail."""

words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
whole = st.integers(min_value=-(2**53), max_value=2**53)
moments = st.integers(min_value=1, max_value=2**53 - 1)
keys = st.integers(min_value=0, max_value=2**48 - 1).map(new_key)

st.register_type_strategy(str, words)
st.register_type_strategy(int, whole)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(Text, st.builds(Text, words, words))

plain: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | whole | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)

facts = st.one_of([st.builds(cls) for cls in KNOWN_FACTS.values()])
unknown_facts = st.builds(
    UnknownFact,
    kind=st.just("drone.launched"),
    version=st.integers(1, 9),
    raw=st.dictionaries(words, plain, max_size=4),
)


@st.composite
def requests(draw: st.DrawFn) -> Any:
    """Any request; ids that the sender makes up are keys, as they must be."""
    name = draw(st.sampled_from(sorted(REQUEST_TYPES)))
    built = draw(st.builds(REQUEST_TYPES[name]))
    if name == "ReportIncident":
        return type(built)(**{**_fields(built), "incident_id": draw(keys)})
    if name == "DispatchUnits":
        ids = draw(
            st.lists(keys, min_size=len(built.orders), max_size=len(built.orders), unique=True)
        )
        orders = tuple(
            type(o)(i, o.unit_id, o.beside) for i, o in zip(ids, built.orders, strict=True)
        )
        return type(built)(**{**_fields(built), "orders": orders})
    return built


submissions = st.builds(
    Submission, key=keys, request=requests(), happened_at=moments, seen=st.just(0) | moments
)
events = st.builds(
    Event,
    seq=moments,
    stream=words,
    fact=facts | unknown_facts,
    happened_at=moments,
    recorded_at=moments,
    actor=words,
    cause=words,
    key=keys,
    part=st.integers(0, 99),
)


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}
