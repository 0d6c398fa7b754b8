"""How long something is good that ends at a recorded time, when somebody may set the clock.

Times of an end are the wall's, for they are shared by nodes and outlive a process. A clock that was
set back would let a token live on by as much as it was set back: what ends later than its whole
life from now was made in a time that is no more, and counts as ended.
"""

from __future__ import annotations

APART_MS = 60_000
"""The clocks of two nodes may differ so much."""


def is_alive(ends_at: int, now_ms: int, life_ms: int) -> bool:
    """Whether what ends at `ends_at`, and lives for `life_ms` from its making, is good now."""
    return 0 < ends_at - now_ms <= life_ms + APART_MS
