"""A desk without a window that dispatches without end and says, line by line, what it did.

    python -m tests.faults.desk_at_work URL OUTBOX PARENT [--settle] [--silence SECONDS]

It says `opening` before it opens the outbox, `left KEY` for what an earlier life left in it,
`taken KEY` once it is kept, `state NAME` when the link is another, `refused KEY CODE`.
With `--settle` it asks for nothing new and ends when everything is answered.
"""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QTimer

from console.clock import SystemClock
from console.model.ids import new_key
from console.model.requests import AcceptIncident, AddNote, Request, Submission
from console.process import die_with_parent
from console.session import Changes, LiveSession, Outbox, link
from tests.helpers.stream import SECRET, dispatch, report
from widgets.bridge.transport import QtTransport

MOST_PENDING = 40
LONGEST_PAUSE_MS = 6

clock = SystemClock()


def say(*words: str) -> None:
    """One line, out of this process when this returns: a kill does not take it back."""
    os.write(1, (" ".join(words) + "\n").encode())


class TellingOutbox(Outbox):
    """Says what it has kept: from there on it is a promise."""

    def add(self, submission: Submission) -> Future[None]:
        """Keep it, and say so."""
        kept = super().add(submission)
        kept.add_done_callback(lambda _done: say("taken", submission.key))
        return kept


class DeskAtWork:
    """A live session over Qt's sockets, worked by a timer."""

    def __init__(self, url: str, path: Path, settle: bool) -> None:
        say("opening")
        outbox = TellingOutbox(path)
        for entry in outbox.entries:
            say("left", entry.key)
        self._settle = settle
        self._state = ""
        self._steps = steps()
        self._session = LiveSession(QtTransport(url, SECRET), outbox, clock)
        self._session.subscribe(self._changed)
        self._session.start()
        # From the event loop: before it runs, there is nothing that quit could end.
        QTimer.singleShot(0, self._turn)

    def _turn(self) -> None:
        if self._settle and not self._session.link.pending:
            self._session.close()
            QCoreApplication.quit()
            return
        if not self._settle and self._session.link.pending < MOST_PENDING:
            self._session.submit(next(self._steps))
        QTimer.singleShot(random.randint(0, LONGEST_PAUSE_MS), self._turn)

    def _changed(self, changes: Changes) -> None:
        for refusal in changes.refused:
            say("refused", refusal.key, refusal.code)
        if changes.link and self._session.link.state != self._state:
            self._state = self._session.link.state
            say("state", self._state)


def steps() -> Iterator[Request]:
    """What a duty officer does with one incident after the other."""
    while True:
        incident = report(new_key(clock.now_ms()))
        yield incident
        yield AcceptIncident(incident.incident_id)
        yield dispatch(incident.incident_id, f"U-{incident.incident_id}")
        yield AddNote(incident.incident_id, "on the way")


def main() -> int:
    """Run as a program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("outbox", type=Path)
    parser.add_argument("parent", type=int)
    parser.add_argument("--settle", action="store_true")
    parser.add_argument("--silence", type=float, default=link.SILENCE_S)
    chosen = parser.parse_args()
    die_with_parent(chosen.parent)
    link.SILENCE_S = chosen.silence
    app = QCoreApplication([])
    desk = DeskAtWork(chosen.url, chosen.outbox, chosen.settle)
    status = app.exec()
    del desk
    return status


if __name__ == "__main__":
    raise SystemExit(main())
