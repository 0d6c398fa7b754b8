"""A command to one unit in the field, and the steps of its life.

    drafted -> queued -> sent -> delivered -> read -> acknowledged -> en route -> on scene -> done
                                                                | refused | recalled | timed out

*Drafted* lives on the desk and *queued* in its outbox until the server has the command; the
journal's first event of a command is therefore `queued`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from console.model.text import Text


class Step(StrEnum):
    """Where a command stands."""

    DRAFTED = "drafted"
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    ACKNOWLEDGED = "acknowledged"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    DONE = "done"
    REFUSED = "refused"
    RECALLED = "recalled"
    TIMED_OUT = "timed_out"

    __hash__ = str.__hash__
    """An enumeration's own is a call into Python; a picture asks a million times where a step is
    among others."""

    @property
    def is_final(self) -> bool:
        """Whether the command's life is over."""
        return self in FINAL_STEPS


PATH: tuple[Step, ...] = (
    Step.DRAFTED,
    Step.QUEUED,
    Step.SENT,
    Step.DELIVERED,
    Step.READ,
    Step.ACKNOWLEDGED,
    Step.EN_ROUTE,
    Step.ON_SCENE,
    Step.DONE,
)
"""The steps of a command that goes well, in order."""

FINAL_STEPS = frozenset({Step.DONE, Step.REFUSED, Step.RECALLED, Step.TIMED_OUT})


def may_advance(now: Step, to: Step) -> bool:
    """Whether a command at `now` may go `to`.

    Steps may be skipped (a radio call makes "acknowledged" of "sent"), never taken back.
    """
    if now.is_final:
        return False
    if to in FINAL_STEPS and to is not Step.DONE:
        return True
    return PATH.index(to) > PATH.index(now)


@dataclass(frozen=True, slots=True)
class Command:
    """One command to one unit. Times are milliseconds since 1970-01-01 UTC.

    `reason` is what was said when it ended, `remarks` what the unit said at the steps before.
    """

    id: str
    incident_id: str
    unit_id: str
    text: Text
    step: Step
    step_times: tuple[tuple[Step, int], ...]
    reason: str = ""
    remarks: tuple[tuple[Step, str], ...] = ()

    def time_of(self, step: Step) -> int | None:
        """When `step` was reached, or None."""
        return next((at for reached, at in self.step_times if reached == step), None)
