"""Sends the outbox to the server: in order, one at a time, until each is answered."""

from __future__ import annotations

import logging
from collections.abc import Callable

from console.model.requests import Submission
from console.session.backoff import Backoff
from console.session.outbox import Outbox
from console.session.transport import Transport
from console.wire import Answer, WireError, decode_answer, encode_submission

log = logging.getLogger(__name__)

FINAL = frozenset({200, 400, 409, 413, 422})
"""Statuses that settle a submission. 400 and 413 too: sent again, it would be as wrong as before,
and everything behind it would wait for ever."""

Settled = Callable[[Submission, Answer], None]


class Sender:
    """Posts the oldest submission; what is not answered is posted again after a while."""

    def __init__(
        self,
        transport: Transport,
        outbox: Outbox,
        settled: Settled,
        backoff: Backoff,
    ) -> None:
        self._transport = transport
        self._outbox = outbox
        self._settled = settled
        self._backoff = backoff
        self._in_flight = ""
        self._waiting = 0
        self._stopped = False

    def push(self) -> None:
        """Send what there is, unless something is on its way already."""
        first = None if self._stopped else self._outbox.first()
        if first is None or self._in_flight:
            return
        self._in_flight = first.key
        self._waiting += 1
        self._transport.post(encode_submission(first), lambda s, b: self._answered(first, s, b))

    def hurry(self) -> None:
        """The server is back: do not wait out the pause."""
        self._backoff.reset()
        self.push()

    def stop(self) -> None:
        """Send no more; what is on its way stays in the outbox, whatever its answer."""
        self._stopped = True

    def _answered(self, submission: Submission, status: int, body: bytes) -> None:
        if self._stopped:
            return
        self._in_flight = ""
        answer = _final_answer(status, body)
        if answer is None:
            self._retry_later()
            return
        self._backoff.reset()
        self._outbox.settle(submission.key)
        self._settled(submission, answer)
        self.push()

    def _retry_later(self) -> None:
        turn = self._waiting
        self._transport.later(self._backoff.delay_s(), lambda: self._retry(turn))

    def _retry(self, turn: int) -> None:
        """Post again, unless that has happened meanwhile."""
        if turn == self._waiting:
            self.push()


def _final_answer(status: int, body: bytes) -> Answer | None:
    """The answer, or None for one that settles nothing."""
    if status not in FINAL:
        if status:
            log.warning("the server answered %d; the submission is sent again later", status)
        return None
    try:
        return decode_answer(status, body)
    except WireError as error:
        log.warning("an answer that is none of ours (%d): %s", status, error)
        return None
