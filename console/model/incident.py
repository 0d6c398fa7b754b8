"""An incident and its closed loop.

reported -> accepted -> dispatched -> handled -> fed back -> verified -> closed -> evaluated
         -> rejected | merged (ends)
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from console.model.geo import LonLat
from console.model.text import Text


class Stage(StrEnum):
    """Where an incident stands in its loop."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    DISPATCHED = "dispatched"
    HANDLED = "handled"
    FED_BACK = "fed_back"
    VERIFIED = "verified"
    CLOSED = "closed"
    EVALUATED = "evaluated"
    REJECTED = "rejected"
    MERGED = "merged"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self not in _ENDED


_ENDED = frozenset({Stage.CLOSED, Stage.EVALUATED, Stage.REJECTED, Stage.MERGED})

LOOP: tuple[Stage, ...] = (
    Stage.REPORTED,
    Stage.ACCEPTED,
    Stage.DISPATCHED,
    Stage.HANDLED,
    Stage.FED_BACK,
    Stage.VERIFIED,
    Stage.CLOSED,
    Stage.EVALUATED,
)
"""The stages of a loop that runs to its end, in order."""


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident as the picture holds it. Times are milliseconds since 1970-01-01 UTC.

    `stage_times` holds, for each stage reached, when it was reached, in order of reaching.
    """

    id: str
    number: str
    type_code: str
    priority: int
    position: LonLat
    address: Text
    words: Text
    source: str
    cell_code: str
    stage: Stage
    reported_at: int
    stage_times: tuple[tuple[Stage, int], ...]
    command_ids: tuple[str, ...] = ()
    outcome: str = ""
    merged_into: str = ""
    merged_ids: tuple[str, ...] = ()
    """The incidents that were merged into this one, which carries on for them."""
    handled_count: int = 0
    """How many of `command_ids` had been given when it was handled last: later ones are a new
    round."""

    def time_of(self, stage: Stage) -> int | None:
        """When `stage` was last reached, or None."""
        return next((at for reached, at in reversed(self.stage_times) if reached == stage), None)

    def loop_times(self) -> dict[Stage, int]:
        """When each stage of the loop that stands was reached: what was skipped is not in it, nor
        what a new round of units has overtaken.
        """
        standing: dict[Stage, int] = {}
        for stage, at in self.stage_times:
            if stage in LOOP:
                earlier = LOOP[: LOOP.index(stage)]
                standing = {known: since for known, since in standing.items() if known in earlier}
                standing[stage] = at
        return standing

    @property
    def stage_since(self) -> int:
        """When the present stage was reached."""
        return self.stage_times[-1][1]
