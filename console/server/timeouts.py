"""Commands that nobody takes: when each is due, and ending it when it is.

Times are the server's own (recorded), not the sender's: an order given off line starts to count
when the server has it; and after a restart every command gets its whole time again.
"""

from __future__ import annotations

from collections.abc import Sequence

from console.clock import Clock
from console.model.command import Step
from console.model.event import Event
from console.model.facts import CommandAdvanced, CommandIssued
from console.model.picture import Picture, Touched
from console.model.requests import AdvanceCommand
from console.server.limits import Limits
from console.service import Service

AGAIN_MS = 10_000
"""A journal that could not be written is asked again after this long."""

_TAKEN = frozenset({Step.DELIVERED, Step.READ})
_WAITING = frozenset({Step.QUEUED, Step.SENT}) | _TAKEN


class Timeouts:
    """Watches events and times out what is overdue. Feed it with `see`, call `sweep` often."""

    def __init__(self, service: Service, clock: Clock, limits: Limits) -> None:
        self._service = service
        self._clock = clock
        self._limits = limits
        self._started_at = clock.now_ms()
        self._due: dict[str, int] = {}

    def start(self, picture: Picture) -> None:
        """Begin with the commands that `picture` holds: each gets its whole time again."""
        for command in picture.at_hand()[1]:
            if command.step in _WAITING:
                self._due[command.id] = self._started_at + self._within_ms(command.step)

    def see(self, events: Sequence[Event], _touched: Touched) -> None:
        """Take in events that are durable."""
        for event in events:
            match event.fact:
                case CommandIssued(command_id=command_id):
                    self._set(command_id, event, Step.QUEUED)
                case CommandAdvanced(command_id=command_id, step=step):
                    self._advance(command_id, step, event)

    def sweep(self) -> None:
        """Time out every command that is overdue; once more later, unless it is heard by then."""
        now = self._clock.now_ms()
        for command_id in [c for c, due in self._due.items() if due <= now]:
            self._due[command_id] = now + AGAIN_MS
            self._service.do(AdvanceCommand(command_id, Step.TIMED_OUT), "timer")

    def _advance(self, command_id: str, step: Step, event: Event) -> None:
        if step in _TAKEN:
            self._set(command_id, event, step)
        elif step is not Step.SENT:
            self._due.pop(command_id, None)

    def _set(self, command_id: str, event: Event, step: Step) -> None:
        start = max(event.recorded_at, self._started_at)
        self._due[command_id] = start + self._within_ms(step)

    def _within_ms(self, step: Step) -> int:
        """How long a command may stay at `step`."""
        limits = self._limits
        within_s = limits.acknowledged_within_s if step in _TAKEN else limits.delivered_within_s
        return round(within_s * 1000)
