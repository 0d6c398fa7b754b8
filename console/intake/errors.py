"""What can go wrong with a file that somebody wants to import.

    IntakeError   the file cannot be taken at all; the package is as it was
    Cancelled     the operator stopped it; the package is as it was

A single bad row or object is neither: it is counted in the `Report` and the rest goes on.
"""

from __future__ import annotations

from collections.abc import Callable

from console.model.text import Text

Progress = Callable[[str, float], None]
"""Called with the stage's key (`osm.stage.read`) and the share of the whole done, 0 to 1."""

ShouldStop = Callable[[], bool]
"""Asked between steps; True ends the import with `Cancelled`."""


class IntakeError(Exception):
    """A file that cannot be imported; `message` says what happened, what it means, what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en or message.zh)
        self.message = message


class Cancelled(Exception):  # noqa: N818 - a wish of the operator, not an error
    """The operator stopped the import."""


def no_progress(stage_key: str, fraction: float) -> None:
    """Report progress to nobody."""


def never_stop() -> bool:
    """Never ask to stop."""
    return False
