"""Who is on the line, and that every line gets its turn to be looked at."""

from __future__ import annotations

from console.server.presence import ROUND, Presence


class CountingLine:
    """A line that counts how often it was looked at."""

    def __init__(self) -> None:
        self.checked = 0

    def nudge(self) -> None:
        """Nothing to send."""

    def replace(self) -> None:
        """Nothing to close."""

    def check(self) -> None:
        """Looked at."""
        self.checked += 1


def test_every_line_is_looked_at_in_its_turn() -> None:
    presence = Presence()
    lines = [CountingLine() for _ in range(100)]
    for number, line in enumerate(lines):
        presence.join(f"U-{number}", line)
    for _ in range(ROUND + 1):
        presence.check()
    assert {line.checked for line in lines} == {1}
    for _ in range(2 * (ROUND + 1)):
        presence.check()
    assert {line.checked for line in lines} == {3}


def test_a_line_that_comes_alone_is_looked_at_soon() -> None:
    presence, line = Presence(), CountingLine()
    presence.check()
    presence.join("U-1", line)
    presence.check()
    presence.check()
    assert line.checked
