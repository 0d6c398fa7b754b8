"""The server's API as a phone in the field, and whoever takes calls, see it: a port.

Exception
 └── FieldError
      ├── Unreachable    nobody answered, or the connection broke; the same again may help
      ├── NotKnown       the token is not, or no longer, valid
      └── TurnedDown     the server answered, and it will not do it; `code` says why
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import ClassVar, Protocol

from console.i18n import text_of
from console.model.event import Event
from console.model.requests import Submission
from console.model.text import Text
from console.wire import FieldPush, FieldSaid


class FieldError(Exception):
    """Something between the field and the server went wrong. `message` is for people."""

    _sentence: ClassVar[str]

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def message(self) -> Text:
        """What happened, what it means and what to do."""
        return text_of(self._sentence, detail=self.detail)


class Unreachable(FieldError):  # noqa: N818 - named for the condition
    """Nobody answered, or the connection broke."""

    _sentence = "field.error.unreachable"


class NotKnown(FieldError):  # noqa: N818 - named for the condition
    """The token is not, or no longer, valid."""

    _sentence = "field.error.not_known"


class TurnedDown(FieldError):  # noqa: N818 - a refusal is an answer
    """The server will not do it. `code` is for programs."""

    _sentence = "field.error.turned_down"

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class Line(Protocol):
    """An open connection of one device."""

    async def send(self, frame: FieldSaid) -> None:
        """Say something. Raises Unreachable."""
        ...

    async def receive(self) -> FieldPush:
        """The next thing the server says. Raises Unreachable."""
        ...


class FieldApi(Protocol):
    """The server."""

    async def officer(self) -> str:
        """A token of the practice duty officer, good for some minutes. Raises FieldError."""
        ...

    async def enrol(self, unit_id: str) -> str:
        """A device token for a unit. Raises FieldError."""
        ...

    async def submit(self, submission: Submission, token: str = "") -> tuple[Event, ...]:
        """Hand in a request with a device's `token`, or as the desk without one; what it made.

        Raises FieldError.
        """
        ...

    async def events(self, after: int, limit: int) -> tuple[Event, ...]:
        """Up to `limit` events after a sequence number. Raises FieldError."""
        ...

    def line(self, token: str) -> AbstractAsyncContextManager[Line]:
        """A device's connection, open while the context lasts. Raises FieldError on entering."""
        ...
