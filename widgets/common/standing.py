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

NEAR = 0.8
"""The share of a deadline from which on it is shown in the priority's colour."""

_OFFICERS_TURN = frozenset(
    {Stage.REPORTED, Stage.ACCEPTED, Stage.HANDLED, Stage.FED_BACK, Stage.VERIFIED}
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a card says of an incident's state.

    `hot` is whether time is running out or something is wrong, `share` how much of the stage's
    deadline is used (None without one), `over` whether it has passed. `due` is by when an officer
    has to do the next thing (ms UTC), None for no limit.
    """

    state: str
    detail: str
    mark: Mark
    tint: str
    needs_me: bool
    hot: bool
    share: float | None
    over: bool
    due: int | None = None


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
    due = deadline
    if incident.stage is Stage.DISPATCHED:
        patience_ms = plans.priorities[incident.priority].acknowledge_s * 1000
        state, detail, mark, tint, since = _under_way(commands, now_ms, patience_ms, unit_name)
        hot = needs_me = since is not None or over
        due = min((at for at in (since, deadline) if at is not None), default=None)
        detail = fmt.remaining(deadline, now_ms) if over and deadline and since is None else detail
    else:
        state, mark, tint = _waiting(incident.stage)
        detail = "" if deadline is None else fmt.remaining(deadline, now_ms)
        hot, needs_me = share is not None and share >= NEAR, incident.stage in _OFFICERS_TURN
    return Standing(state, detail, mark, tint, needs_me, hot, share, over, due)


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
    commands: Sequence[Command], now_ms: int, patience_ms: int, unit_name: Callable[[str], str]
) -> tuple[str, str, Mark, str, int | None]:
    """State, detail, mark, tint of an incident with units sent, and since when something is wrong
    (ms UTC), None where nothing is.
    """
    active = [command for command in commands if not command.step.is_final]
    if not active:
        return _nobody_left(commands)
    first = max(active, key=lambda command: PATH.index(command.step))
    if first.step is Step.ON_SCENE:
        since = fmt.age(now_ms - (first.time_of(Step.ON_SCENE) or now_ms))
        detail = tr("common.there", unit=unit_name(first.unit_id), age=since)
        return tr("common.state.on_scene"), detail, "square", "status.onscene", None
    if first.step in (Step.EN_ROUTE, Step.ACKNOWLEDGED):
        detail = fmt.counted("common.units", len(active))
        return tr("common.state.en_route"), detail, "triangle", "status.enroute", None
    return _unanswered(active, now_ms, patience_ms)


def _nobody_left(commands: Sequence[Command]) -> tuple[str, str, Mark, str, int | None]:
    refused = any(command.step is Step.REFUSED for command in commands)
    detail = tr("common.send_another")
    key = "common.state.refused" if refused else "common.state.nobody"
    since = max((command.step_times[-1][1] for command in commands), default=0)
    return tr(key), detail, "triangle", "priority.2", since


def _unanswered(
    active: Sequence[Command], now_ms: int, patience_ms: int
) -> tuple[str, str, Mark, str, int | None]:
    due = min(command.step_times[0][1] for command in active) + patience_ms
    if now_ms > due:
        detail = tr("common.over", span=fmt.span(now_ms - due))
        return tr("common.state.unanswered"), detail, "triangle", "priority.2", due
    detail = fmt.counted("common.units", len(active))
    return tr("common.state.sent"), detail, "ring", "status.enroute", None
