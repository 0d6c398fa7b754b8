"""Commands that nobody takes: when each is due, and ending it when it is.

A deadline counts from when this server saw the step, by a clock that nobody can set: neither the
sender's clock nor a jump of the machine's takes time away from whoever is to take the command, and
an order given off line starts to count when the server has it. Of what happened before the server
started only recorded times tell: such a command has what was left of its time by them, but never
less than a grace, in which a device can connect again, nor more than its whole time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from console.clock import Clock
from console.model.command import Command, Step
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
        self._due: dict[str, int] = {}

    def start(self, picture: Picture, recent: Callable[[], Iterable[Event]]) -> None:
        """Begin with the commands that `picture` holds; `recent` reads the last events it is of."""
        waiting = [c for c in picture.at_hand()[1] if c.step in _WAITING]
        recorded = _recorded_steps(recent()) if waiting else {}
        for command in waiting:
            since = recorded.get(command.id, _told_at(command))
            self._due[command.id] = self._clock.elapsed_ms() + self._left_ms(command.step, since)

    def see(self, events: Sequence[Event], _touched: Touched) -> None:
        """Take in events that have become durable just now."""
        for event in events:
            match event.fact:
                case CommandIssued(command_id=command_id):
                    self._set(command_id, Step.QUEUED)
                case CommandAdvanced(command_id=command_id, step=step):
                    self._advance(command_id, step)

    def sweep(self) -> None:
        """Time out every command that is overdue; once more later, unless it is heard by then."""
        now = self._clock.elapsed_ms()
        for command_id in [c for c, due in self._due.items() if due <= now]:
            self._due[command_id] = now + AGAIN_MS
            self._service.do(AdvanceCommand(command_id, Step.TIMED_OUT), "timer")

    def _advance(self, command_id: str, step: Step) -> None:
        if step in _TAKEN:
            self._set(command_id, step)
        elif step is not Step.SENT:
            self._due.pop(command_id, None)

    def _set(self, command_id: str, step: Step) -> None:
        self._due[command_id] = self._clock.elapsed_ms() + self._within_ms(step)

    def _left_ms(self, step: Step, since: int) -> int:
        """What is left of the time at `step`, reached at `since` (ms UTC) by somebody's clock."""
        within_ms = self._within_ms(step)
        left_ms = within_ms - (self._clock.now_ms() - since)
        grace_ms = round(self._limits.restart_grace_s * 1000)
        return min(max(left_ms, grace_ms), within_ms)

    def _within_ms(self, step: Step) -> int:
        """How long a command may stay at `step`."""
        limits = self._limits
        within_s = limits.acknowledged_within_s if step in _TAKEN else limits.delivered_within_s
        return round(within_s * 1000)


def _recorded_steps(events: Iterable[Event]) -> Mapping[str, int]:
    """When the server recorded the last step that counts of each command (ms UTC)."""
    recorded: dict[str, int] = {}
    for event in events:
        match event.fact:
            case CommandIssued(command_id=command_id):
                recorded[command_id] = event.recorded_at
            case CommandAdvanced(command_id=command_id, step=step) if step in _TAKEN:
                recorded[command_id] = event.recorded_at
    return recorded


def _told_at(command: Command) -> int:
    """When the last step that counts was reached, as whoever took it says (ms UTC)."""
    counting = [at for step, at in command.step_times if step is not Step.SENT]
    return counting[-1] if counting else 0
