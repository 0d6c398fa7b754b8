"""The policy, pure: which role may make which request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from console.model.command import Step
from console.model.decide import Refused
from console.model.requests import AdvanceCommand, DeclareUnitStatus, ReportIncident, Request


class Role(StrEnum):
    """What somebody is to the centre; the first half of the actor's name in the journal."""

    OFFICER = "desk"
    DEVICE = "unit"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody whose identity the connection has proved: role, and name, unit id or part."""

    role: Role
    name: str

    def __str__(self) -> str:
        return f"{self.role.value}/{self.name}"


FIELD_STEPS = frozenset(
    {
        Step.DELIVERED,
        Step.READ,
        Step.ACKNOWLEDGED,
        Step.EN_ROUTE,
        Step.ON_SCENE,
        Step.DONE,
        Step.REFUSED,
    }
)
"""Steps that the field reaches; a desk may enter them too, for a unit that reports by radio."""

UnitOfCommand = Callable[[str], str | None]
"""The unit a command was given to, None for a command nobody knows."""


def permit(actor: Actor, request: Request, unit_of_command: UnitOfCommand) -> None:
    """Raise Refused when `actor` may not make `request`."""
    if actor.role is Role.SYSTEM:
        return
    if isinstance(request, AdvanceCommand) and request.step not in FIELD_STEPS:
        raise Refused("not_a_field_step", step=request.step.value)
    if actor.role is Role.DEVICE:
        _permit_device(actor.name, request, unit_of_command)


def _permit_device(unit_id: str, request: Request, unit_of_command: UnitOfCommand) -> None:
    match request:
        case ReportIncident():
            return
        case AdvanceCommand(command_id=command_id):
            # A command that does not exist is refused as another's: ids cannot be probed for.
            if unit_of_command(command_id) != unit_id:
                raise Refused("not_your_command")
        case DeclareUnitStatus(unit_id=named):
            if named != unit_id:
                raise Refused("not_your_unit")
        case _:
            raise Refused("not_for_devices")
