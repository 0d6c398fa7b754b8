"""What the journal says of commands: where a unit stands when this program takes it over."""

from __future__ import annotations

import asyncio

from console.model.command import Step
from console.model.picture import Picture
from console.practice.field.api import FieldApi

_PAGE = 1000


class CommandLedger:
    """The steps of all commands, as far as the journal has been read."""

    def __init__(self, api: FieldApi) -> None:
        self._api = api
        self._picture = Picture(timelines=False)
        self._reading = asyncio.Lock()

    async def refresh(self) -> None:
        """Read the journal to its end. Raises FieldError."""
        async with self._reading:
            while events := await self._api.events(self._picture.seq, _PAGE):
                self._picture.apply(events)

    @property
    def open_incidents(self) -> int:
        """How many incidents were open at the last reading."""
        return sum(i.stage.is_open for i in self._picture.incidents.values())

    def step_of(self, command_id: str) -> Step:
        """Where a command stood at the last reading; *delivered* for one not known then."""
        command = self._picture.commands.get(command_id)
        return command.step if command else Step.DELIVERED
