"""A worker dies with its desktop, on every system; the one place where systems differ."""

from __future__ import annotations

import ctypes
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent() -> None:
    """Ask the system to end this process when its parent ends.

    Belt to the braces of every worker, whose reader ends it when the parent's pipe closes: this
    works even while native code holds the interpreter. Where the system has no such thing the
    pipe alone does it.
    """
    if sys.platform == "linux":
        _linux()


def _linux() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
