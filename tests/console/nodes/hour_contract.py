"""What every board of hours does: inherited by the tests of each."""

from __future__ import annotations

from console.nodes.hours import Held, HourBoard, Part

HOUR = 3_600_000


class HourContract:
    """`boards` are two nodes' ways to the same board."""

    def test_what_is_held_is_heard(self, boards: tuple[HourBoard, HourBoard]) -> None:
        one, two = boards
        one.say(Held("a", HOUR, b"old"))
        one.say(Held("a", 2 * HOUR, b"2"))
        two.say(Held("b", HOUR, b"1"))
        one.say(Held("a", HOUR, b"new"))
        expected = [Held("a", HOUR, b"new"), Held("b", HOUR, b"1"), Held("a", 2 * HOUR, b"2")]
        assert one.held(0) == two.held(HOUR) == expected
        assert two.held(HOUR + 1) == expected[2:]

    def test_a_part_is_there_once_and_stays(self, boards: tuple[HourBoard, HourBoard]) -> None:
        one, two = boards
        part, other = Part(HOUR, 7, b"mark"), Part(HOUR, 7, b"another")
        assert two.take(part) is None
        assert two.there([]) == set()
        one.put(part, b"body" * 10_000)
        two.put(part, b"else")
        assert two.there([part, other, Part(HOUR, 8, b"mark")]) == {part}
        assert two.take(part) == b"body" * 10_000
        assert two.take(other) is None

    def test_what_is_old_goes(self, boards: tuple[HourBoard, HourBoard]) -> None:
        one, two = boards
        for hour in (HOUR, 2 * HOUR):
            one.say(Held("a", hour, b""))
            one.put(Part(hour, 0, b"m"), b"x")
        two.forget_before(2 * HOUR)
        assert [h.hour_ms for h in one.held(0)] == [2 * HOUR]
        assert one.take(Part(HOUR, 0, b"m")) is None
        assert one.take(Part(2 * HOUR, 0, b"m")) == b"x"
