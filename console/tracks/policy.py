"""How long tracks are kept: `policy.toml` in the city's package.

[tracks]
keep_days = 30
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from console.tracks.errors import TracksError

POLICY_FILE = "policy.toml"
DAY_MS = 86_400_000
DEFAULT_DAYS = 30
"""Where a city says nothing: as long as a dispute about an operation usually takes to be raised."""
_MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class TracksPolicy:
    """`keep_days` None keeps everything."""

    keep_days: int | None = None

    def cutoff(self, now_ms: int) -> int:
        """What was made before this is not kept, and not given out: ms UTC."""
        return 0 if self.keep_days is None else max(now_ms - self.keep_days * DAY_MS, 0)


def read_policy(city: Path | None) -> TracksPolicy:
    """What the package at `city` says of tracks; 30 days where it says nothing.

    Raises TracksError for a file that cannot be read or understood: never guess what to delete.
    """
    if city is None or not (city / POLICY_FILE).exists():
        return TracksPolicy(DEFAULT_DAYS)
    path = city / POLICY_FILE
    try:
        said = tomllib.loads(path.read_text("utf-8")).get("tracks", {})
    except (OSError, ValueError, RecursionError) as error:
        raise TracksError(path, f"cannot be read ({error})") from error
    return TracksPolicy(_keep_days(path, said))


def _keep_days(path: Path, said: Any) -> int:
    if not isinstance(said, dict) or said.keys() - {"keep_days"}:
        raise TracksError(path, "[tracks] knows keep_days and nothing else")
    days = said.get("keep_days", DEFAULT_DAYS)
    if type(days) is not int or not 1 <= days <= _MOST_DAYS:
        raise TracksError(path, f"tracks.keep_days is a whole number from 1 to {_MOST_DAYS}")
    return days
