"""The practice city's live cameras, as the desktop starts and addresses them.

RuntimeError
 └── NoPracticeVideo    this machine cannot serve them; the message names the packages
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit

from console.practice.scenes import SCENES, are_rendered

SCRIPT = Path(__file__).with_name("rtsp_server.py")
PYTHONS = (sys.executable, "/usr/bin/python3")
"""Who may run the server: whichever of these has `gi`. A virtual environment seldom has."""
DUTY_ZONE = "UTC-8"
"""What the cameras' clocks show, in POSIX's words for UTC+8: the duty day of the whole desk."""
ANSWER_WITHIN_S = 20.0
RESTART_AFTER_S = 1.0
log = logging.getLogger(__name__)


class NoPracticeVideo(RuntimeError):  # noqa: N818 - a state of the machine, not a mistake
    """There can be no practice cameras here; `packages` are the Debian packages that lack."""

    def __init__(self, packages: list[str]) -> None:
        super().__init__(f"practice cameras need: {' '.join(packages)}")
        self.packages = packages


def missing_packages() -> list[str]:
    """The Debian packages without which there are no practice cameras; empty when all is there."""
    return list(_survey()[1])


@cache
def _survey() -> tuple[str, tuple[str, ...]]:
    """The best interpreter for the server, and what it lacks. Asked once: takes about 0.3 s."""
    found = {python: _ask(python) for python in PYTHONS if Path(python).exists()}
    best = min(found, key=lambda python: len(found[python]))
    return best, found[best]


def _ask(python: str) -> tuple[str, ...]:
    try:
        answer = subprocess.run(
            [python, str(SCRIPT), "--check"], capture_output=True, timeout=60, check=True
        )
        return tuple(json.loads(answer.stdout)["missing"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        log.exception("%s cannot be asked about GStreamer", python)
        return ("python3-gi",)


def practice_url(stream_field: str, name: str, port: int) -> str:
    """Where a camera's `practice://scene/N` plays when the server listens on `port`.

    `name` is burnt in. Any other address is returned as it is; N beyond the last scene counts
    round.
    """
    parts = urlsplit(stream_field)
    if parts.scheme != "practice":
        return stream_field
    number = parts.path.strip("/")
    scene = (int(number) - 1) % len(SCENES) + 1 if number.isdigit() else 1
    return f"rtsp://127.0.0.1:{port}/scene/{scene}?name={quote(name, safe='')}"


class PracticeVideo:
    """A running server of practice cameras: dies with this process, is replaced if it dies."""

    def __init__(self, scenes: Path, port: int = 0) -> None:
        self._scenes = scenes
        self._stopping = threading.Event()
        self._process, self.port = self._launch(port)
        self._watcher = threading.Thread(target=self._watch, name="practice video", daemon=True)
        self._watcher.start()

    @classmethod
    def start(cls, cache: Path, port: int = 0) -> Self:
        """Draw the scenes into `cache` if they are not there yet (about 5 s), then serve them.

        Port 0 takes any that is free.
        Raises NoPracticeVideo where GStreamer is incomplete, OSError where `cache` cannot be
        written. Blocks: call it from a thread.
        """
        missing = missing_packages()
        if missing:
            raise NoPracticeVideo(missing)
        if not are_rendered(cache):
            _render_apart(cache)
        return cls(cache, port)

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self._process.pid

    def url_of(self, stream_field: str, name: str) -> str:
        """Where the stream `practice://scene/N` of a camera plays now, with its name burnt in.

        Any other address is returned as it is. N beyond the last scene counts round.
        """
        return practice_url(stream_field, name, self.port)

    def stop(self) -> None:
        """End the server. Stopping twice changes nothing."""
        self._stopping.set()
        _end(self._process)
        self._watcher.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _launch(self, port: int) -> tuple[subprocess.Popen[bytes], int]:
        argv = [_survey()[0], str(SCRIPT), "--scenes", str(self._scenes), "--port", str(port)]
        process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "TZ": DUTY_ZONE}
        )
        return process, _port_said_by(process)

    def _watch(self) -> None:
        while not self._stopping.is_set():
            code = self._process.wait()
            if self._stopping.wait(RESTART_AFTER_S):
                return
            log.warning("practice cameras ended with %s and are started again", code)
            self._restart()

    def _restart(self) -> None:
        _end(self._process)
        try:
            self._process, self.port = self._launch(self.port)
        except OSError:
            log.exception("practice cameras do not start")
        if self._stopping.is_set():
            _end(self._process)


def _render_apart(cache: Path) -> None:
    """Draw in a process of its own: FFmpeg and the pictures stay out of this one's memory."""
    root = SCRIPT.parents[2]
    argv = [sys.executable, "-m", "console.practice.scenes", str(cache.absolute())]
    done = subprocess.run(argv, cwd=root, capture_output=True, check=False)
    if done.returncode:
        raise OSError(f"the practice scenes cannot be drawn: {done.stderr.decode()[-400:]}")


def _port_said_by(process: subprocess.Popen[bytes]) -> int:
    """The port in the server's first line; OSError when it ends or says nothing in time."""
    assert process.stdout is not None
    alarm = threading.Timer(ANSWER_WITHIN_S, process.kill)
    alarm.start()
    try:
        return int(json.loads(process.stdout.readline())["port"])
    except (ValueError, KeyError) as error:
        _end(process)
        raise OSError("the practice cameras' server did not start") from error
    finally:
        alarm.cancel()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
