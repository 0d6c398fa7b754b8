"""Commands that this desk has asked for and the server has not answered yet."""

from __future__ import annotations

from collections.abc import Iterable

from console.model.command import Command, Step
from console.model.requests import DispatchUnits, Submission


def with_drafts(given: Iterable[Command], pending: Iterable[Submission]) -> list[Command]:
    """The commands `given`, and after them, as *drafted*, those that `pending` still asks for."""
    commands = list(given)
    known = {command.id for command in commands}
    for submission in pending:
        if isinstance(submission.request, DispatchUnits):
            commands += _drafts(submission.request, submission.happened_at, known)
    return commands


def _drafts(request: DispatchUnits, at_ms: int, known: set[str]) -> Iterable[Command]:
    times = ((Step.DRAFTED, at_ms),)
    for order in request.orders:
        if order.command_id not in known:
            yield Command(
                order.command_id,
                request.incident_id,
                order.unit_id,
                request.text,
                Step.DRAFTED,
                times,
            )
