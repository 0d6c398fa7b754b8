from collections import Counter
from dataclasses import replace

import pytest

from console.model.ids import is_key
from console.model.plan import IncidentType
from console.model.requests import ReportIncident
from console.model.text import Text
from console.practice.field.incidents import IncidentSource
from console.practice.field.phrases import callers
from tests.helpers.field_fakes import OnePlace

NOW_MS = 1_700_000_000_000


def types() -> list[IncidentType]:
    return [IncidentType(code, Text(code, code), 2, Text(), ()) for code in callers()]


def source(seed: int = 7) -> IncidentSource:
    return IncidentSource(types(), callers(), OnePlace(), seed)


def without_id(report: ReportIncident) -> ReportIncident:
    return replace(report, incident_id="")


def test_the_same_seed_reports_the_same() -> None:
    one, other = source(), source()
    for _ in range(200):
        assert without_id(one.next(NOW_MS)) == without_id(other.next(NOW_MS))
        assert one.seconds_to_next(60) == other.seconds_to_next(60)


def test_another_seed_reports_otherwise() -> None:
    one, other = source(1), source(2)
    assert [one.next(NOW_MS).words for _ in range(9)] != [
        other.next(NOW_MS).words for _ in range(9)
    ]


@pytest.mark.parametrize("rate_per_hour", [6, 60, 600])
def test_as_many_come_as_were_asked_for(rate_per_hour: int) -> None:
    generator = source()
    mean_s = sum(generator.seconds_to_next(rate_per_hour) for _ in range(4000)) / 4000
    assert mean_s == pytest.approx(3600 / rate_per_hour, rel=0.06)


def test_reports_are_whole() -> None:
    generator = source()
    for _ in range(500):
        report = generator.next(NOW_MS)
        assert is_key(report.incident_id)
        assert report.priority in (1, 2, 3, 4)
        assert report.words.zh and report.words.en and "{" not in report.words.zh + report.words.en
        assert report.address.zh
        caller = callers()[report.type_code]
        assert report.source in {*caller.phones, *(by for by, _ in caller.seen)}


def test_common_types_come_more_often_than_rare_ones() -> None:
    generator = source()
    seen = Counter(generator.next(NOW_MS).type_code for _ in range(2000))
    assert seen["traffic_accident"] > 4 * seen["building_collapse"]
    assert len(seen) == len(callers())


def test_types_without_callers_alone_are_refused() -> None:
    with pytest.raises(ValueError, match="callers"):
        IncidentSource([IncidentType("x", Text("x"), 1, Text(), ())], callers(), OnePlace(), 1)
