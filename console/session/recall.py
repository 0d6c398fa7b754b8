"""Gets the beginnings of timelines, which a picture taken over whole does not tell."""

from __future__ import annotations

import logging
from collections.abc import Callable

from console.model.picture import Picture
from console.session.transport import Transport
from console.wire import WireError, decode_answer

log = logging.getLogger(__name__)

AGAIN_S = 5.0
"""A timeline that could not be had may be asked for again after so long."""


class Recall:
    """Asks for each timeline once at a time, and calls `recalled` with the incident when it is had.

    Who still looks at an incident whose timeline could not be had asks again.
    """

    def __init__(self, transport: Transport, recalled: Callable[[str], None]) -> None:
        self._transport = transport
        self._recalled = recalled
        self._asked: set[tuple[int, str]] = set()

    def want(self, picture: Picture, incident_id: str) -> None:
        """Have the incident's timeline whole in `picture`."""
        asked = (id(picture), incident_id)
        if asked in self._asked or picture.is_whole(incident_id):
            return
        self._asked.add(asked)

        def answered(status: int, body: bytes) -> None:
            if _take(picture, incident_id, status, body):
                self._asked.discard(asked)
                self._recalled(incident_id)
            else:
                self._transport.later(AGAIN_S, lambda: self._asked.discard(asked))

        self._transport.fetch(f"/api/v1/incidents/{incident_id}/events", answered)


def _take(picture: Picture, incident_id: str, status: int, body: bytes) -> bool:
    try:
        answer = decode_answer(status, body)
    except WireError as error:
        log.info("a timeline cannot be had: %d, %s", status, error)
        return False
    return answer.error is None and picture.recall(incident_id, answer.events, answer.through)
