"""The envelope round a fact: when, who, why, and in what order."""

from __future__ import annotations

from dataclasses import dataclass

from console.model.facts import Fact, UnknownFact


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the journal. Times are milliseconds since 1970-01-01 UTC.

    `seq` orders events, from 1, without gaps. `stream` is what the event is about
    (`incident/ID`, `command/ID`, `unit/ID`). `actor` is who did it (`desk/NAME`, `unit/ID`,
    `system/PART`). `cause` is the key of the submission, or the id of the event, that led to it.
    `key` is the submission's idempotency key (UUIDv7); `part` numbers the events of one submission.
    """

    seq: int
    stream: str
    fact: Fact | UnknownFact
    happened_at: int
    recorded_at: int
    actor: str
    cause: str
    key: str
    part: int = 0

    @property
    def kind(self) -> str:
        """The fact's kind."""
        return self.fact.kind

    @property
    def version(self) -> int:
        """The fact's version."""
        return self.fact.version
