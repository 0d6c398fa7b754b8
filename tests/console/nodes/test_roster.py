"""Who lives and who is on line, as signs of life tell."""

from __future__ import annotations

from console.nodes import Known, Roster, Sign
from console.nodes.packing import pack_units
from console.nodes.roster import DEAD_AFTER_S, FORGET_AFTER_S

OWN, A, B = 1, 2, 3


def sign(node: int, beat: int, *units: str, version: int = 1) -> Sign:
    return Sign(node, beat, version, pack_units(dict.fromkeys(units, node)))


def test_a_node_counts_once_it_was_seen_to_beat() -> None:
    roster = Roster(OWN)
    roster.hear([sign(A, 7, "U-1"), sign(OWN, 1, "U-9")], 0)
    assert roster.lives == 0
    assert not roster.elsewhere
    roster.hear([sign(A, 8, "U-1")], 1)
    assert roster.lives == 1
    assert roster.elsewhere.keys() == {"U-1"}
    assert roster.known == {A: Known(0, 1)}


def test_what_a_dead_node_left_hanging_never_counts() -> None:
    roster = Roster(OWN)
    for now_s in range(100):
        roster.hear([sign(A, 7, "U-1")], now_s)
        assert not roster.elsewhere


def test_a_node_that_stops_is_dead_after_some_seconds_and_may_come_back() -> None:
    roster = Roster(OWN)
    for beat in range(2):
        roster.hear([sign(A, beat, "U-1")], beat)
    roster.hear([sign(A, 1, "U-1")], 1 + DEAD_AFTER_S)
    assert roster.elsewhere.keys() == {"U-1"}
    roster.hear([sign(A, 1, "U-1")], 1.1 + DEAD_AFTER_S)
    assert (roster.lives, roster.elsewhere) == (0, {})
    roster.hear([Sign(A, 2, 1, None)], 2 + DEAD_AFTER_S)
    assert roster.elsewhere.keys() == {"U-1"}


def test_a_unit_that_goes_over_to_another_node_is_on_line_throughout() -> None:
    roster = Roster(OWN)
    roster.hear([sign(A, 1, "U-1"), sign(B, 1)], 0)
    roster.hear([sign(A, 2, "U-1"), sign(B, 2)], 1)
    seen = roster.elsewhere
    assert seen == {"U-1": A}
    roster.hear([sign(A, 3, "U-1"), sign(B, 3, "U-1", version=2)], 2)
    seen = roster.elsewhere
    assert seen == {"U-1": B}, "the later turn counts"
    roster.hear([sign(A, 4, version=2), sign(B, 4, "U-1", version=2)], 3)
    assert roster.elsewhere is seen, "nothing has changed for who is told"


def test_nobody_dies_of_a_board_that_was_away() -> None:
    roster = Roster(OWN)
    for beat in range(2):
        roster.hear([sign(A, beat, "U-1")], beat)
    roster.away()
    roster.hear([sign(A, 1, "U-1")], 500)
    assert roster.elsewhere.keys() == {"U-1"}
    roster.hear([sign(A, 1, "U-1")], 501 + DEAD_AFTER_S)
    assert not roster.elsewhere


def test_signs_that_a_crash_of_the_database_took_are_waited_for() -> None:
    roster = Roster(OWN)
    for beat in range(2):
        roster.hear([sign(A, beat, "U-1")], beat)
    roster.hear([], 2)
    assert roster.elsewhere.keys() == {"U-1"}
    roster.hear([], 2 + DEAD_AFTER_S)
    assert not roster.elsewhere


def test_who_is_dead_for_long_is_forgotten() -> None:
    roster = Roster(OWN)
    roster.hear([sign(A, 1), sign(B, 1)], 0)
    roster.hear([sign(A, 1), sign(B, 9)], FORGET_AFTER_S)
    assert roster.forget(FORGET_AFTER_S) == []
    assert roster.forget(FORGET_AFTER_S + 1) == [A]
    assert set(roster.known) == {B}


def test_a_missing_group_shows() -> None:
    roster = Roster(OWN)
    roster.hear([sign(A, 1)], 0)
    assert [roster.heard_group(A, seq) for seq in (40, 41, 43, 44)] == [True, True, False, True]
    assert roster.known[A].seq == 44


def test_a_line_that_cannot_be_read_hinders_nobody_elses() -> None:
    roster = Roster(OWN)
    for beat in range(2):
        roster.hear([Sign(A, beat, 1, b"rubbish"), sign(B, beat, "U-1")], beat)
    assert roster.lives == 2
    assert roster.elsewhere.keys() == {"U-1"}
