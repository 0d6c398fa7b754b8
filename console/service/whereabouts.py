"""Where incidents and units are, as the policy asks for it."""

from __future__ import annotations

from console.access import Whereabouts
from console.model.picture import Picture
from console.service.ground import Ground


def whereabouts(picture: Picture, ground: Ground) -> Whereabouts:
    """The whereabouts of all that `picture` knows; they follow it as it grows."""

    def cell_of_incident(incident_id: str) -> str | None:
        incident = picture.incidents.get(incident_id)
        return incident.cell_code if incident else None

    def incident_of_command(command_id: str) -> str | None:
        command = picture.commands.get(command_id)
        return command.incident_id if command else None

    def unit_of_command(command_id: str) -> str | None:
        command = picture.commands.get(command_id)
        return command.unit_id if command else None

    def cell_now(unit_id: str) -> str | None:
        place = ground.unit_place(unit_id)
        return None if place is None else ground.around.cell_at(*place)

    def cells_of_work(unit_id: str) -> list[str | None]:
        commands = (picture.commands[c] for c in picture.unit(unit_id).command_ids)
        return [cell_of_incident(command.incident_id) for command in commands]

    return Whereabouts(
        cell_of_incident,
        incident_of_command,
        unit_of_command,
        ground.unit_cell,
        ground.around.cell_at,
        cell_now,
        cells_of_work,
        ground.cells_at,
    )
