"""Where an incident stands, in the words and marks that a card shows, and whether it needs me."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from console.i18n import tr
from console.model.command import PATH, Command, Step
from console.model.incident import Incident, Stage
from console.model.plan import Plans
from widgets.common import format as fmt
from widgets.common.symbols import Mark

ACKNOWLEDGE_S = {1: 60, 2: 90, 3: 180, 4: 300}
"""How long a unit may take to acknowledge, by priority, before the desk is told to act."""

NEAR = 0.8
"""The share of a deadline from which on it is shown in the priority's colour."""

_OFFICERS_TURN = frozenset(
    {Stage.REPORTED, Stage.ACCEPTED, Stage.HANDLED, Stage.FED_BACK, Stage.VERIFIED}
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a card says of an incident's state.

    `hot` is whether time is running out or something is wrong, `share` how much of the stage's
    deadline is used (None without one), `over` whether it has passed.
    """

    state: str
    detail: str
    mark: Mark
    tint: str
    needs_me: bool
    hot: bool
    share: float | None
    over: bool


def standing_of(
    incident: Incident,
    commands: Sequence[Command],
    plans: Plans,
    now_ms: int,
    unit_name: Callable[[str], str],
) -> Standing:
    """The standing of `incident` with its `commands` at `now_ms`."""
    if not incident.stage.is_open:
        return _ended(incident)
    deadline = plans.deadline(incident)
    share = _share(incident, deadline, now_ms)
    over = deadline is not None and now_ms > deadline
    if incident.stage is Stage.DISPATCHED:
        state, detail, mark, tint, trouble = _under_way(incident, commands, now_ms, unit_name)
        hot, needs_me = trouble or over, trouble or over
        detail = fmt.remaining(deadline, now_ms) if over and deadline and not trouble else detail
    else:
        state, mark, tint = _waiting(incident.stage)
        detail = "" if deadline is None else fmt.remaining(deadline, now_ms)
        hot, needs_me = share is not None and share >= NEAR, incident.stage in _OFFICERS_TURN
    return Standing(state, detail, mark, tint, needs_me, hot, share, over)


def needs_me(incident: Incident, commands: Sequence[Command], plans: Plans, now_ms: int) -> bool:
    """Whether an officer has to do the next thing."""
    return standing_of(incident, commands, plans, now_ms, str).needs_me


def _share(incident: Incident, deadline: int | None, now_ms: int) -> float | None:
    if deadline is None or deadline <= incident.stage_since:
        return None
    used = (now_ms - incident.stage_since) / (deadline - incident.stage_since)
    return min(1.0, max(0.0, used))


_WAITING: dict[Stage, tuple[str, Mark, str]] = {
    Stage.REPORTED: ("common.state.reported", "dot", "text.1"),
    Stage.ACCEPTED: ("common.state.accepted", "ring", "text.1"),
    Stage.HANDLED: ("common.state.handled", "ring", "status.off"),
    Stage.FED_BACK: ("common.state.fed_back", "ring", "status.off"),
    Stage.VERIFIED: ("common.state.verified", "ring", "status.off"),
}


def _waiting(stage: Stage) -> tuple[str, Mark, str]:
    key, mark, tint = _WAITING[stage]
    return tr(key), mark, tint


def _ended(incident: Incident) -> Standing:
    key, mark = {
        Stage.REJECTED: ("common.state.rejected", "cross"),
        Stage.MERGED: ("common.state.merged", "check"),
    }.get(incident.stage, ("common.state.closed", "check"))
    return Standing(
        state=tr(key),
        detail=incident.outcome,
        mark="cross" if mark == "cross" else "check",
        tint="status.off",
        needs_me=False,
        hot=False,
        share=None,
        over=False,
    )


def _under_way(
    incident: Incident,
    commands: Sequence[Command],
    now_ms: int,
    unit_name: Callable[[str], str],
) -> tuple[str, str, Mark, str, bool]:
    """State, detail, mark, tint and whether something is wrong, of an incident with units sent."""
    active = [command for command in commands if not command.step.is_final]
    if not active:
        return _nobody_left(commands)
    first = max(active, key=lambda command: PATH.index(command.step))
    if first.step is Step.ON_SCENE:
        since = fmt.age(now_ms - (first.time_of(Step.ON_SCENE) or now_ms))
        detail = tr("common.there", unit=unit_name(first.unit_id), age=since)
        return tr("common.state.on_scene"), detail, "square", "status.onscene", False
    if first.step in (Step.EN_ROUTE, Step.ACKNOWLEDGED):
        detail = fmt.counted("common.units", len(active))
        return tr("common.state.en_route"), detail, "triangle", "status.enroute", False
    return _unanswered(incident, active, now_ms)


def _nobody_left(commands: Sequence[Command]) -> tuple[str, str, Mark, str, bool]:
    refused = any(command.step is Step.REFUSED for command in commands)
    detail = tr("common.send_another")
    key = "common.state.refused" if refused else "common.state.nobody"
    return tr(key), detail, "triangle", "priority.2", True


def _unanswered(
    incident: Incident, active: Sequence[Command], now_ms: int
) -> tuple[str, str, Mark, str, bool]:
    issued = min(command.step_times[0][1] for command in active)
    late_ms = now_ms - issued - ACKNOWLEDGE_S[incident.priority] * 1000
    if late_ms > 0:
        detail = tr("common.over", span=fmt.span(late_ms))
        return tr("common.state.unanswered"), detail, "triangle", "priority.2", True
    detail = fmt.counted("common.units", len(active))
    return tr("common.state.sent"), detail, "ring", "status.enroute", False
