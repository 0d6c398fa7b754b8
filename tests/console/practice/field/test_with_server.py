"""The simulated field against the real server on loopback."""

import asyncio
from random import Random

import pytest

from console.clock import SystemClock
from console.intake.plans import default_plans
from console.model.command import PATH, Step
from console.model.incident import Stage
from console.model.requests import RecallCommand
from console.practice.field import fleet as fleet_module
from console.practice.field.api import NotKnown, TurnedDown, Unreachable
from console.practice.field.fleet import report_forever
from console.practice.field.http_api import HttpFieldApi
from console.practice.field.incidents import IncidentSource
from console.practice.field.opening import Opening
from console.practice.field.phrases import callers, field_phrases
from tests.console.practice.field.conftest import Desk, stands, until
from tests.helpers.field_fakes import OnePlace


async def test_a_command_is_carried_out_and_the_incident_fed_back(desk: Desk) -> None:
    async with desk.field(stands(10)):
        await until(lambda: len(desk.parts.presence.online) == 10)
        sent = [await desk.send(f"U-{i:04d}") for i in range(10)]
        await until(lambda: all(desk.step(c) is Step.DONE for _, c in sent))
    for incident_id, command_id in sent:
        incident = desk.picture.incidents[incident_id]
        assert incident.stage is Stage.FED_BACK
        steps = [step for step, _ in desk.picture.commands[command_id].step_times]
        assert steps == [s for s in PATH if s is not Step.DRAFTED]
        assert all(e.actor != "desk/duty" for e in desk.picture.timeline(incident_id)[4:])


async def test_every_unit_says_where_it_is(desk: Desk) -> None:
    async with desk.field(stands(7)):
        await until(lambda: len(desk.parts.tracks.latest()) == 7)
    now = SystemClock().now_ms()
    for fix in desk.parts.tracks.latest():
        assert now - 10_000 < fix.at <= now
        assert abs(fix.lon - 120.1) < 0.2


async def test_a_recalled_unit_lets_go(desk: Desk) -> None:
    async with desk.field(stands(3)[1:2], speed=20.0):
        _, command_id = await desk.send("U-0001", blocks=500)
        await until(lambda: desk.step(command_id) is Step.EN_ROUTE)
        await desk.ask(RecallCommand(command_id, "done by others"))
        await asyncio.sleep(0.5)
    assert desk.step(command_id) is Step.RECALLED


async def test_a_field_that_starts_anew_takes_commands_over(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    units = stands(3)[1:2]
    async with desk.field(units):
        _, command_id = await desk.send("U-0001", blocks=60)
        await until(lambda: desk.step(command_id) is Step.EN_ROUTE)
    caplog.set_level("INFO")
    async with desk.field(units):
        await until(lambda: desk.step(command_id) is Step.DONE)
    assert "was told no" not in caplog.text


def source() -> IncidentSource:
    return IncidentSource(list(default_plans().types.values()), callers(), OnePlace(), 5)


async def test_calls_come_in(desk: Desk) -> None:
    clock = SystemClock()
    task = asyncio.create_task(report_forever(desk.api, source(), 36_000, clock, Random(1)))
    await until(lambda: len(desk.picture.incidents) >= 5)
    task.cancel()
    for incident in desk.picture.incidents.values():
        assert incident.stage is Stage.REPORTED
        assert incident.type_code in default_plans().types


async def test_the_opening_shows_every_stage(desk: Desk) -> None:
    opening = Opening(
        desk.api,
        desk.clock,
        default_plans(),
        source(),
        phrases=field_phrases(),
        stands=stands(70),
        rng=Random(2),
        span_ms=600_000,
    )
    before = desk.clock.now_ms()
    ids = await opening.post(20)
    incidents = [desk.picture.incidents[i] for i in ids]
    assert len(incidents) == 20
    stages = [i.stage for i in incidents]
    for stage in (Stage.REPORTED, Stage.ACCEPTED, Stage.DISPATCHED, Stage.FED_BACK):
        assert stage in stages
    steps = {c.step for c in desk.picture.commands.values()}
    assert {Step.EN_ROUTE, Step.ON_SCENE, Step.DONE} <= steps
    assert len({i.type_code for i in incidents}) > 15
    for incident in incidents:
        times = [at for _, at in incident.stage_times]
        assert times == sorted(times)
        assert before - 600_000 <= times[0] <= times[-1] <= desk.clock.now_ms()


async def test_the_opening_goes_on_when_the_field_comes(desk: Desk) -> None:
    units = stands(70)
    opening = Opening(
        desk.api,
        desk.clock,
        default_plans(),
        source(),
        phrases=field_phrases(),
        stands=units,
        rng=Random(2),
    )
    await opening.post(8)
    sent = [c for c in desk.picture.commands.values() if not c.step.is_final]
    assert sent
    wanted = {c.unit_id for c in sent}
    there = [s for s in units if s.unit_id in wanted]
    async with desk.field(there, speed=4000.0):
        await until(lambda: all(desk.step(c.id) is Step.DONE for c in sent))


async def test_failures_say_what_they_are(desk: Desk) -> None:
    async with HttpFieldApi(desk.api._url.removesuffix("/api/v1"), "wrong") as stranger:
        with pytest.raises(NotKnown):
            await stranger.enrol("U-0001")
        with pytest.raises(NotKnown):
            async with stranger.line("wrong"):
                pass
    with pytest.raises(TurnedDown) as refused:
        await desk.ask(RecallCommand("no-such", ""))
    assert refused.value.code == "no_such_command"
    async with HttpFieldApi("http://127.0.0.1:9", "x") as nobody:
        with pytest.raises(Unreachable):
            await nobody.enrol("U-0001")
        with pytest.raises(Unreachable):
            async with nobody.line("x"):
                pass


async def test_devices_come_on_line_one_after_another(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleet_module, "CONNECTS_A_SECOND", 5.0)
    async with desk.field(stands(10)):
        await asyncio.sleep(0.7)
        assert 1 <= len(desk.parts.presence.online) <= 5
