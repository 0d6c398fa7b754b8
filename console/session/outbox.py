"""What the officer did and the server has not answered yet: on the disk before anything else.

Exception
 └── OutboxFailed    it could not be kept; it was not sent either
"""

from __future__ import annotations

import logging
from pathlib import Path

from console.i18n import text_of
from console.model.requests import Submission
from console.model.text import Text
from console.process import lock_exclusively
from console.wire import RecordLog, WireError, decode_submission, encode_submission
from console.wire.record_log import framed, keep_aside, write_records

log = logging.getLogger(__name__)

_ADDED = b"+"
_SETTLED = b"-"


class OutboxFailed(Exception):  # noqa: N818 - it reads as what happened
    """The outbox cannot keep a submission; `message` says why, and what to do."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


class Outbox:
    """Submissions in the order they were made, in the file at `path`.

    Adding is durable. Settling is not: a submission whose settling is lost in a crash is sent
    again, and the server answers a known key as it did the first time. Raises OutboxFailed when
    the file cannot be opened or another desk has it.
    """

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = path.with_name(path.name + ".lock").open("ab")
            if not lock_exclusively(self._lock):
                self._lock.close()
                raise OutboxFailed(text_of("server.error.outbox_in_use", file=path))
            self._entries = _unsettled(path)
            self._log = RecordLog(path, durable=True)
        except OSError as error:
            raise _failed(error) from error

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def entries(self) -> tuple[Submission, ...]:
        """What is not settled, oldest first."""
        return tuple(self._entries.values())

    def first(self) -> Submission | None:
        """The oldest that is not settled."""
        return next(iter(self._entries.values()), None)

    def add(self, submission: Submission) -> None:
        """Keep `submission`; on the disk when this returns. Raises OutboxFailed."""
        try:
            self._log.append(_ADDED + encode_submission(submission))
        except OSError as error:
            raise _failed(error) from error
        self._entries[submission.key] = submission

    def settle(self, key: str) -> None:
        """The server has answered the submission `key`; forget it."""
        if self._entries.pop(key, None) is None:
            return
        try:
            if self._entries:
                self._log.append(_SETTLED + key.encode(), lazily=True)
            else:
                self._log.clear()
        except OSError:
            log.exception("the outbox could not note an answer; it may send %s once more", key)

    def close(self) -> None:
        """Close the file, and let another desk have it."""
        self._log.close()
        self._lock.close()


def _unsettled(path: Path) -> dict[str, Submission]:
    """What the file holds and nobody has answered; the file is left with just that. What this
    version cannot read was meant by somebody all the same: it is kept beside.
    """
    if not path.exists():
        return {}
    opened = RecordLog(path, durable=True)
    opened.close()
    entries: dict[str, Submission] = {}
    unread = b"".join(framed(r) for r in opened.opened_with if not _replay(r, entries))
    if unread:
        keep_aside(path, unread)
    write_records(path, [_ADDED + encode_submission(s) for s in entries.values()])
    return entries


def _replay(record: bytes, entries: dict[str, Submission]) -> bool:
    """Whether the record could be read."""
    if record[:1] == _SETTLED:
        entries.pop(record[1:].decode("ascii", "replace"), None)
        return True
    try:
        submission = decode_submission(record[1:])
    except WireError:
        log.exception("the outbox holds a submission that this version cannot read")
        return False
    entries[submission.key] = submission
    return True


def _failed(error: OSError) -> OutboxFailed:
    reason = error.strerror or str(error)
    return OutboxFailed(text_of("server.error.outbox_failed", reason=reason))
