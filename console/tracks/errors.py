"""What can be wrong with stored tracks.

Exception
 └── TracksError         the file at `path` is not what it should be
      └── TracksDamaged  it was ours once, and its bytes have changed or are missing
"""

from __future__ import annotations

from pathlib import Path


class TracksError(Exception):
    """A file of tracks, or of their policy, cannot be read; `reason` says why, in English."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class TracksDamaged(TracksError):  # noqa: N818 - it reads as what happened
    """The bytes of a stored file do not hold together (a CRC, a length, an impossible value)."""
