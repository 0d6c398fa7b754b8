"""Work off the GUI thread: a function runs in a pool thread, its result comes back as a call.

The callbacks run on the thread that asked, and not at all once their owner is gone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, QTimer, Signal

_log = logging.getLogger(__name__)

T = TypeVar("T")
_Callback = Callable[[Any], None]


class _Relay(QObject):
    """Carries an outcome from the pool thread to the thread that asked for the work."""

    _arrived = Signal(object, object)

    def __init__(
        self, owner: QObject | None, on_done: _Callback, on_error: _Callback | None
    ) -> None:
        super().__init__(owner)
        self._on_done = on_done
        self._on_error = on_error
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def send(self, result: object, error: Exception | None) -> None:
        """Say how the work ended; may be called on any thread."""
        try:
            self._arrived.emit(result, error)
        except RuntimeError:  # deleted with its owner
            _waiting.discard(self)
            _log.debug("nobody waits for the background work any more")

    def _deliver(self, result: object, error: Exception | None) -> None:
        _waiting.discard(self)
        self.deleteLater()
        if error is None:
            self._on_done(result)
        elif self._on_error is not None:
            self._on_error(error)


class _Job(QRunnable):
    def __init__(self, work: Callable[[], Any], relay: _Relay) -> None:
        super().__init__()
        self._work = work
        self._relay = relay

    def run(self) -> None:
        try:
            result = self._work()
        except Exception as error:  # noqa: BLE001 - the work is a stranger
            _log.exception("background work failed")
            self._relay.send(None, error)
        else:
            self._relay.send(result, None)


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
    relay = _Relay(owner, on_done, on_error)
    _waiting.add(relay)
    QThreadPool.globalInstance().start(_Job(work, relay))


_waiting: set[_Relay] = set()
"""Relays whose result is still to come: nothing else holds on to them."""
