"""What the officer did and the server has not answered yet: on the disk before it is sent.

The file is written by a thread of its own, in the order of the calls, so that nobody waits for a
disk: what was added is among the entries at once, and may be sent when it is kept.

Exception
 └── OutboxFailed    it could not be kept; it was not sent either
"""

from __future__ import annotations

import logging
from concurrent.futures import Executor, Future, ThreadPoolExecutor
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

    Calls come from one thread. `writer` runs what is done to the file, one thing after the other;
    None for a thread of the outbox's own.
    """

    def __init__(self, path: Path, writer: Executor | None = None) -> None:
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
        self._writer = writer or ThreadPoolExecutor(1, thread_name_prefix="outbox")
        self._unkept: dict[str, Future[None]] = {}

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def entries(self) -> tuple[Submission, ...]:
        """What is not settled, oldest first; what could not be kept is none of them."""
        for key in [key for key, kept in self._unkept.items() if kept.done()]:
            if self._unkept.pop(key).exception() is not None:
                self._entries.pop(key, None)
        return tuple(self._entries.values())

    def first(self) -> Submission | None:
        """The oldest that is not settled, once it is kept."""
        oldest = next(iter(self.entries), None)
        return None if oldest is None or oldest.key in self._unkept else oldest

    def add(self, submission: Submission) -> Future[None]:
        """Keep `submission`; on the disk when what is returned is done, which carries OutboxFailed
        where it cannot be kept."""
        record = _ADDED + encode_submission(submission)
        self._entries[submission.key] = submission
        kept = self._unkept[submission.key] = self._writer.submit(self._keep, record)
        return kept

    def settle(self, key: str) -> None:
        """The server has answered the submission `key`; forget it."""
        if self._entries.pop(key, None) is not None:
            self._writer.submit(self._note_settled, key, is_last=not self._entries)

    def close(self) -> None:
        """Keep what is on its way to the disk, close the file, and let another desk have it."""
        self._writer.shutdown()
        self._log.close()
        self._lock.close()

    def _keep(self, record: bytes) -> None:
        try:
            self._log.append(record)
        except OSError as error:
            raise _failed(error) from error

    def _note_settled(self, key: str, is_last: bool) -> None:
        try:
            if is_last:
                self._log.clear()
            else:
                self._log.append(_SETTLED + key.encode(), lazily=True)
        except OSError:
            log.exception("the outbox could not note an answer; it may send %s once more", key)


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
