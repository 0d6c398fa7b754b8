"""Work off the GUI thread: a function runs in a pool thread, its result comes back as a call.

The callbacks run on the thread that asked, and not at all once their owner is gone.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, QTimer, Signal
from shiboken6 import Shiboken

_log = logging.getLogger(__name__)

T = TypeVar("T")
_Callback = Callable[[Any], None]


class _Mailbox(QObject):
    """Carries outcomes from the pool's threads to the thread it was made on. There is one for good:
    an object that was deleted while another thread still sent through it would take the desk
    along."""

    _arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def send(self, outcome: Callable[[], None]) -> None:
        """Have `outcome` called; may be called on any thread."""
        try:
            self._arrived.emit(outcome)
        except RuntimeError:  # Qt takes the desk down meanwhile
            _log.debug("nobody waits for the background work any more")

    def _deliver(self, outcome: Callable[[], None]) -> None:
        outcome()


@cache
def _mailbox() -> _Mailbox:
    """The GUI thread's, which asks first."""
    return _Mailbox()


class _Job(QRunnable):
    def __init__(
        self,
        work: Callable[[], Any],
        on_done: _Callback,
        on_error: _Callback | None,
        owner: weakref.ref[QObject] | None,
    ) -> None:
        super().__init__()
        self._work = work
        self._on_done, self._on_error, self._owner = on_done, on_error, owner
        self._mailbox = _mailbox()

    def run(self) -> None:
        try:
            result = self._work()
        except Exception as error:  # noqa: BLE001 - the work is a stranger
            _log.exception("background work failed")
            self._send(self._on_error, error)
        else:
            self._send(self._on_done, result)

    def _send(self, callback: _Callback | None, value: object) -> None:
        owner = self._owner

        def outcome() -> None:
            if callback is not None and _is_there(owner):
                callback(value)

        self._mailbox.send(outcome)


def _is_there(owner: weakref.ref[QObject] | None) -> bool:
    if owner is None:
        return True
    there = owner()
    return there is not None and Shiboken.isValid(there)


class Background(QObject):
    """Runs the newest of a kind of work; what was overtaken is dropped when it arrives.

    With `settle_ms` the work begins only so much later: the screen is painted first (a Python
    thread at work slows it down), and of a quick succession only the last is done at all.
    """

    def __init__(self, parent: QObject | None = None, settle_ms: int = 0) -> None:
        super().__init__(parent)
        self._ticket = 0
        self._next: Callable[[], None] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(settle_ms)
        self._timer.timeout.connect(self._begin)

    def run(
        self,
        work: Callable[[], T],
        on_done: Callable[[T], None],
        on_error: Callable[[Exception], None] | None = None,
    ) -> None:
        """Run `work`; `on_done` gets its result unless newer work was asked for meanwhile."""
        self._ticket += 1
        ticket = self._ticket

        def still_wanted(callback: Callable[[Any], None] | None, value: Any) -> None:
            if ticket == self._ticket and callback is not None:
                callback(value)

        self._next = lambda: run_in_background(
            work,
            lambda result: still_wanted(on_done, result),
            lambda error: still_wanted(on_error, error),
            owner=self,
        )
        self._timer.start()

    def forget(self) -> None:
        """Drop what is waiting or running."""
        self._ticket += 1
        self._timer.stop()

    def _begin(self) -> None:
        begin, self._next = self._next, None
        if begin is not None:
            begin()


def run_in_background(
    work: Callable[[], T],
    on_done: Callable[[T], None],
    on_error: Callable[[Exception], None] | None = None,
    owner: QObject | None = None,
) -> None:
    """Run `work` in the thread pool and call `on_done` with its result on this thread.

    An exception is logged and goes to `on_error`. With `owner`, nothing is called after the
    owner is deleted.
    """
    held = None if owner is None else weakref.ref(owner)
    QThreadPool.globalInstance().start(_Job(work, on_done, on_error, held))
