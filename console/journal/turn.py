"""One turn at a journal's end: what is asked, and what is decided while the end is held."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from console.journal.errors import KeyReused
from console.journal.interface import Decide, Receipt
from console.journal.store import Mark, Registered, answer_of
from console.model.event import Event


class Stored(Protocol):
    """What a turn reads of the journal."""

    def read(self, after: int, limit: int) -> list[Event]:
        """Durable events above `after`."""
        ...

    def stored_between(self, after: int, last: int) -> Sequence[Event]:
        """Durable events above `after` up to `last`."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A submission that waits for its turn."""

    key: bytes
    digest: bytes
    decide: Decide
    answer: Future[Receipt]


@dataclass(slots=True)
class Turn:
    """What is decided while the end is held; `console.journal.End` to those who decide."""

    journal: Stored
    mark: Mark
    lost: int
    recorded_at: int
    seq: int
    known: dict[bytes, Registered]
    events: list[Event] = field(default_factory=list)
    entries: list[Registered] = field(default_factory=list)
    answers: list[tuple[Asked, Receipt | Exception]] = field(default_factory=list)

    @property
    def durable(self) -> int:
        """The last event that was there before."""
        return self.mark.seq

    def since(self, after: int) -> Sequence[Event]:
        """The events numbered above `after`: this turn's, and before them what is durable."""
        if after >= self.mark.seq:
            return self.events[after - self.mark.seq :]
        return (*self.journal.stored_between(after, self.mark.seq), *self.events)

    def take(self, asked: Asked) -> None:
        """Decide one submission; whatever its decider raises is its answer."""
        self.answers.append((asked, self._answer_to(asked)))

    def refused(self) -> list[bytes]:
        """The keys of submissions that have an error for an answer, so far."""
        return [asked.key for asked, answer in self.answers if not isinstance(answer, Receipt)]

    def correct(self) -> None:
        """Give the first answer to who was refused only because it was granted before."""
        for n, (asked, answer) in enumerate(self.answers):
            if not isinstance(answer, Receipt) and asked.key in self.known:
                self.answers[n] = asked, self._answer_to(asked)

    def _answer_to(self, asked: Asked) -> Receipt | Exception:
        try:
            return self._receipt_of(asked)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            return error

    def _receipt_of(self, asked: Asked) -> Receipt:
        found = self.known.get(asked.key)
        if found is not None:
            return self._first_answer(asked, found)
        batch = asked.decide(self)
        events = batch.numbered(self.seq + 1, self.recorded_at)
        entry = Registered(asked.key, asked.digest, self.seq + 1, len(events))
        self.known[asked.key] = entry
        self.entries.append(entry)
        self.events.extend(events)
        self.seq += len(events)
        return Receipt(events)

    def _first_answer(self, asked: Asked, found: Registered) -> Receipt:
        if found.digest != asked.digest:
            raise KeyReused
        if found.first_seq <= self.mark.seq or not found.events:
            return Receipt(answer_of(found, self.journal.read), repeated=True)
        start = found.first_seq - self.mark.seq - 1
        return Receipt(tuple(self.events[start : start + found.events]), repeated=True)


def settle(asked: Asked, answer: Receipt | Exception) -> None:
    """Set the future, unless whoever asked has cancelled it meanwhile."""
    if not asked.answer.set_running_or_notify_cancel():
        return
    if isinstance(answer, Receipt):
        asked.answer.set_result(answer)
    else:
        asked.answer.set_exception(answer)
