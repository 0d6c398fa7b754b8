import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.model.command import Step, may_advance
from console.model.geo import ground_distance_m
from console.model.unit import UnitKind
from console.practice.field.behaviour import Assignment, FieldUnit, Said, Stand
from console.practice.field.phrases import field_phrases
from console.practice.field.script import CALM, LIVELY, Script
from tests.helpers.field_fakes import BLOCK, SPEED_MPS, Blocks, on_street

HOME = (2 * BLOCK, 3 * BLOCK)
SECOND = 1000.0


def make(
    kind: UnitKind = UnitKind.CAR,
    script: Script = CALM,
    seed: int = 1,
    terrain: Blocks | None = None,
) -> FieldUnit:
    return FieldUnit(
        Stand("U-1", kind, HOME),
        terrain=terrain or Blocks(),
        script=script,
        phrases=field_phrases(),
        rng=Random(seed),
        now_ms=0.0,
    )


def assignment(command_id: str = "c1", blocks: int = 8) -> Assignment:
    return Assignment(command_id, "fire_lane_parking", HOME[0] + blocks * BLOCK, HOME[1])


def live(
    unit: FieldUnit, until_ms: float, step_ms: float = 1000.0, since_ms: float = 0.0
) -> list[Said]:
    said: list[Said] = []
    now = since_ms
    while now <= until_ms:
        said += unit.act(now)
        now += step_ms
    return said


def steps(said: list[Said], command_id: str = "c1") -> list[Step]:
    return [s.step for s in said if s.command_id == command_id]


def test_a_calm_unit_goes_the_whole_way_and_says_what_it_did() -> None:
    unit = make(UnitKind.FIRE)
    unit.receive(assignment(), 0.0)
    said = live(unit, 600 * SECOND)
    assert steps(said) == [
        Step.READ,
        Step.ACKNOWLEDGED,
        Step.EN_ROUTE,
        Step.ON_SCENE,
        Step.DONE,
    ]
    at = [s.at_ms / SECOND for s in said]
    assert at[:3] == pytest.approx([3, 11, 15])
    assert at[3] - at[2] == pytest.approx(8 * BLOCK / 10, rel=0.01)
    assert at[4] - at[3] == pytest.approx(25)
    assert said[-1].text.zh and said[-1].text.en


def test_the_answer_does_not_depend_on_how_often_it_is_asked() -> None:
    often, rarely = make(script=LIVELY), make(script=LIVELY)
    for unit in (often, rarely):
        unit.receive(assignment(), 0.0)
    fine = live(often, 900 * SECOND, 137.0)
    coarse = rarely.act(900 * SECOND)
    assert fine == coarse[: len(fine)]
    assert len(coarse) >= len(fine)


def test_a_unit_that_waits_stands_at_home_and_returns_there() -> None:
    unit = make(UnitKind.AMBULANCE)
    unit.act(60 * SECOND)
    assert unit.where(60 * SECOND).heading_deg is None
    unit.receive(assignment(), 60 * SECOND)
    live(unit, 1200 * SECOND, since_ms=60 * SECOND)
    there = unit.where(1200 * SECOND)
    assert (there.x, there.y) == HOME


def test_a_patrol_keeps_moving() -> None:
    unit = make(UnitKind.CAR)
    seen = set()
    for minute in range(30):
        unit.act(minute * 60 * SECOND)
        here = unit.where(minute * 60 * SECOND)
        seen.add((round(here.x), round(here.y)))
    assert len(seen) > 10


def test_a_recalled_unit_goes_back_to_its_beat() -> None:
    unit = make()
    unit.receive(assignment(blocks=60), 0.0)
    live(unit, 30 * SECOND)
    hurried = unit.is_hurrying
    unit.recall("c1", 31 * SECOND)
    assert (hurried, unit.is_hurrying) == (True, False)
    assert steps(live(unit, 1200 * SECOND, since_ms=31 * SECOND)) == []
    assert unit.where(1200 * SECOND) != unit.where(31 * SECOND)


def test_a_second_command_waits_for_the_first() -> None:
    unit = make()
    unit.receive(assignment("c1", 20), 0.0)
    unit.receive(assignment("c2", 4), 5 * SECOND)
    said = live(unit, 1200 * SECOND)
    order = [(s.command_id, s.step) for s in said]
    assert order.index(("c2", Step.ACKNOWLEDGED)) < order.index(("c1", Step.DONE))
    assert order.index(("c2", Step.EN_ROUTE)) > order.index(("c1", Step.DONE))
    assert order[-1] == ("c2", Step.DONE)


def test_the_same_command_twice_is_one() -> None:
    unit = make()
    unit.receive(assignment(), 0.0)
    unit.receive(assignment(), 4 * SECOND)
    assert steps(live(unit, 600 * SECOND)).count(Step.READ) == 1


def test_a_command_it_has_ended_is_not_taken_up_again() -> None:
    # The server offers it once more when the line breaks before the last step has reached it.
    unit = make()
    unit.receive(assignment(), 0.0)
    live(unit, 300 * SECOND)
    unit.receive(assignment(), 300 * SECOND)
    assert unit.commands == frozenset()


def test_a_unit_that_refuses_says_why() -> None:
    unit = make(script=Script(refuses=1.0))
    unit.receive(assignment(), 0.0)
    said = live(unit, 300 * SECOND)
    assert steps(said) == [Step.READ, Step.REFUSED]
    assert said[-1].text.zh
    assert unit.commands == frozenset()


def test_a_place_without_a_way_is_refused() -> None:
    unit = make(terrain=Blocks(reachable=False))
    unit.receive(assignment(), 0.0)
    assert steps(live(unit, 300 * SECOND)) == [Step.READ, Step.ACKNOWLEDGED, Step.REFUSED]


def test_a_silence_is_one_to_four_minutes() -> None:
    unit = make(script=Script(falls_silent=1.0, refuses=0.0))
    unit.receive(assignment(), 0.0)
    said = live(unit, 60 * SECOND)
    acknowledged = next(s.at_ms for s in said if s.step is Step.ACKNOWLEDGED)
    assert 60 * SECOND <= unit.silent_until - acknowledged <= 240 * SECOND


@pytest.mark.parametrize(
    ("known", "left"),
    [
        (Step.SENT, [Step.READ, Step.ACKNOWLEDGED, Step.EN_ROUTE, Step.ON_SCENE, Step.DONE]),
        (Step.READ, [Step.ACKNOWLEDGED, Step.EN_ROUTE, Step.ON_SCENE, Step.DONE]),
        (Step.ACKNOWLEDGED, [Step.EN_ROUTE, Step.ON_SCENE, Step.DONE]),
        (Step.EN_ROUTE, [Step.ON_SCENE, Step.DONE]),
        (Step.ON_SCENE, [Step.DONE]),
        (Step.DONE, []),
        (Step.RECALLED, []),
    ],
)
def test_a_unit_taken_over_goes_on_from_where_it_was(known: Step, left: list[Step]) -> None:
    unit = make()
    unit.receive(assignment(), 0.0, known)
    assert steps(live(unit, 900 * SECOND)) == left


@given(
    seed=st.integers(0, 1 << 32),
    kind=st.sampled_from(list(UnitKind)),
    moves=st.lists(
        st.tuples(
            st.sampled_from(["wait", "send", "recall"]),
            st.floats(0, 120),
            st.integers(0, 3),
            st.integers(-30, 30),
        ),
        min_size=5,
        max_size=40,
    ),
)
@settings(max_examples=60, deadline=None)
def test_steps_are_legal_and_positions_continuous_and_on_the_road(
    seed: int, kind: UnitKind, moves: list[tuple[str, float, int, int]]
) -> None:
    script = Script(refuses=0.1, falls_silent=0.1, silences_per_hour=5)
    unit = make(kind, script, seed)
    at: dict[str, Step] = {}
    now = 0.0
    last = unit.where(0.0)
    limit = SPEED_MPS.get(kind, 10.0)
    for what, wait_s, which, blocks in moves:
        command_id = f"c{which}"
        if what == "send":
            unit.receive(Assignment(command_id, "fire", blocks * BLOCK, which * BLOCK), now)
            if command_id in unit.commands:
                at.setdefault(command_id, Step.DELIVERED)
                if at[command_id].is_final:
                    at[command_id] = Step.DELIVERED
        elif what == "recall":
            unit.recall(command_id, now)
            at.pop(command_id, None)
        end = now + wait_s * SECOND
        while now < end:
            step = min(5 * SECOND, end - now)
            now += step
            for said in unit.act(now):
                assert may_advance(at[said.command_id], said.step)
                assert said.at_ms <= now
                at[said.command_id] = said.step
            here = unit.where(now)
            moved = float(ground_distance_m(last.x, last.y, here.x, here.y))
            assert moved <= limit * step / SECOND * 1.002 + 0.01
            assert here.speed_mps <= limit * 1.002
            assert on_street((here.x, here.y))
            assert math.isfinite(here.x)
            last = here
