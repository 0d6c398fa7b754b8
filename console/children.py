"""Child processes that are started again when they die, and log where the operator can find it."""

from __future__ import annotations

import logging
import os
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from console.clock import monotonic_s

log = logging.getLogger(__name__)

FIRST_DELAY_S = 0.25
LONGEST_DELAY_S = 8.0
STEADY_AFTER_S = 10.0
"""A child that lived this long counts as well; its next restart is prompt again."""

LOG_LIMIT_BYTES = 5_000_000


class Child:
    """One child process and the thread that watches it.

    Every life of the child gets the open files numbered in `handed_on`, which stay the caller's.
    All starts happen on the watching thread: on Linux a child that asks to die with its parent dies
    with the *thread* that made it.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        log_file: Path,
        env: Mapping[str, str] | None = None,
        on_change: Callable[[str], None] | None = None,
        *,
        handed_on: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.restarts = 0
        self._argv = list(argv)
        self._log_file = log_file
        self._env = {**os.environ, **(env or {})}
        self._handed_on = tuple(handed_on)
        self._on_change = on_change or (lambda _state: None)
        self._stopping = threading.Event()
        self._started = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher = threading.Thread(target=self._watch, name=f"child-{name}", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process id of the child that runs now, or None."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Start the child and watch it. Returns when it has been started, not when it is ready."""
        self._watcher.start()
        self._started.wait()

    def stop(self, patience_s: float = 5.0) -> None:
        """End the child for good: asked first, killed after `patience_s`."""
        self._stopping.set()
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(patience_s)
            except subprocess.TimeoutExpired:
                log.warning("%s did not end when asked; killed", self.name)
                process.kill()
        if self._watcher.is_alive():
            self._watcher.join(patience_s)

    def _watch(self) -> None:
        try:
            self._keep_running()
        finally:
            # Who starts a child waits for this, whatever went wrong.
            self._started.set()

    def _keep_running(self) -> None:
        delay_s = FIRST_DELAY_S
        while not self._stopping.is_set():
            began = monotonic_s()
            self._run_once()
            if self._stopping.is_set():
                return
            if monotonic_s() - began > STEADY_AFTER_S:
                delay_s = FIRST_DELAY_S
            self._on_change("restarting")
            self._stopping.wait(delay_s)
            delay_s = min(2 * delay_s, LONGEST_DELAY_S)
            self.restarts += 1

    def _run_once(self) -> None:
        with self._sink() as sink:
            try:
                self._process = subprocess.Popen(
                    self._argv,
                    env=self._env,
                    stdin=subprocess.DEVNULL,
                    stdout=sink,
                    stderr=sink,
                    pass_fds=self._handed_on,
                )
            except OSError:
                log.exception("%s could not be started", self.name)
                self._started.set()
                return
        self._started.set()
        self._on_change("running")
        if self._stopping.is_set():  # told to stop between two lives
            self._process.terminate()
        code = self._process.wait()
        if not self._stopping.is_set():
            log.warning("%s ended with %s; its log is %s", self.name, code, self._log_file)

    def _sink(self) -> BinaryIO:
        """Where the child's words go: its log, or nowhere where that cannot be opened."""
        try:
            return _open_log(self._log_file)
        except OSError as error:
            log.error("what %s says is lost, its log cannot be opened: %s", self.name, error)
            return Path(os.devnull).open("wb")


def _open_log(path: Path) -> BinaryIO:
    """The log to append to; one that grew too long starts anew, the old one kept beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(".old.log"))
    return path.open("ab")
