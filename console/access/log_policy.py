"""How long the access log is kept: `policy.toml` in the city's package.

[access_log]
keep_days = 365
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

POLICY_FILE = "policy.toml"
DAY_MS = 86_400_000
DEFAULT_DAYS = 365
LEAST_DAYS = 183
"""Six months: 网络安全法 (Cybersecurity Law of the PRC), article 21 (3), for logs of a network."""
_MOST_DAYS = 36_500


class LogPolicyError(Exception):
    """The policy in `path` cannot be read or understood; `reason` says why."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """Entries are kept for `keep_days` whole days (UTC)."""

    keep_days: int = DEFAULT_DAYS

    def cutoff(self, now_ms: int) -> int:
        """Entries made before this are cut off: ms UTC, a midnight, so that one cut a day does."""
        return max(now_ms // DAY_MS - self.keep_days, 0) * DAY_MS


def read_log_policy(city: Path | None) -> LogPolicy:
    """What the package at `city` says of the access log; a year where it says nothing.

    Raises LogPolicyError for a file that cannot be read or understood.
    """
    if city is None or not (city / POLICY_FILE).exists():
        return LogPolicy()
    path = city / POLICY_FILE
    try:
        said = tomllib.loads(path.read_text("utf-8")).get("access_log", {})
    except (OSError, ValueError, RecursionError) as error:
        raise LogPolicyError(path, f"cannot be read ({error})") from error
    return LogPolicy(_keep_days(path, said))


def _keep_days(path: Path, said: Any) -> int:
    if not isinstance(said, dict) or said.keys() - {"keep_days"}:
        raise LogPolicyError(path, "[access_log] knows keep_days and nothing else")
    days = said.get("keep_days", DEFAULT_DAYS)
    if type(days) is not int or not LEAST_DAYS <= days <= _MOST_DAYS:
        what = f"a whole number from {LEAST_DAYS} to {_MOST_DAYS}"
        raise LogPolicyError(path, f"access_log.keep_days is {what}")
    return days
