"""What every board does: inherited by the tests of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from console.nodes import GROUPS_AT_ONCE, KEPT_GROUPS, Board, Heard, Known, Said

MakeBoard = Callable[[], Board]


def groups(numbers: Iterable[int], word: bytes = b"g") -> tuple[tuple[int, bytes], ...]:
    """Groups with these numbers."""
    return tuple((n, word + str(n).encode()) for n in numbers)


def heard_of(heard: Heard, node: int) -> list[tuple[int, bytes]]:
    """The groups that were heard of one node."""
    return [(g.seq, g.body) for g in heard.groups if g.node == node]


def signs_of(heard: Heard) -> dict[int, tuple[int, int, bytes | None]]:
    """The signs by node."""
    return {s.node: (s.beat, s.version, s.online) for s in heard.signs}


class BoardContract:
    """`make` makes another node on the same board."""

    def test_what_one_says_another_hears_once(self, make: MakeBoard) -> None:
        one, two = make(), make()
        one.swap(Said(5, groups([1, 2]), 1, b"line"), {})
        heard = two.swap(Said(1, (), 1, b""), {})
        assert heard_of(heard, one.node) == [(1, b"g1"), (2, b"g2")]
        assert signs_of(heard) == {one.node: (5, 1, b"line"), two.node: (1, 1, b"")}
        one.swap(Said(6, groups([3])), {})
        heard = two.swap(Said(1), {one.node: Known(2, 1)})
        assert heard_of(heard, one.node) == [(3, b"g3")]
        assert signs_of(heard)[one.node] == (6, 1, None)
        assert not two.swap(Said(1), {one.node: Known(3, 1)}).groups

    def test_a_node_hears_its_own_sign_and_not_its_own_groups(self, make: MakeBoard) -> None:
        one = make()
        heard = one.swap(Said(1, groups([1]), 7, b"x"), {})
        assert heard.groups == ()
        assert signs_of(heard) == {one.node: (1, 7, b"x")}

    def test_saying_it_again_does_nothing(self, make: MakeBoard) -> None:
        one, two = make(), make()
        for _ in range(2):
            one.swap(Said(1, groups([1, 2]), 1, b""), {})
        assert heard_of(two.swap(Said(1), {}), one.node) == list(groups([1, 2]))
        one.swap(Said(1, groups([1, 2, 3])), {})
        assert heard_of(two.swap(Said(1), {one.node: Known(2)}), one.node) == list(groups([3]))

    def test_who_is_not_up_is_not_put_up_by_a_beat(self, make: MakeBoard) -> None:
        one = make()
        assert one.swap(Said(1), {}).signs == ()
        assert one.swap(Said(2, (), 1, b"line"), {}).signs
        one.remove(one.node)
        assert one.swap(Said(3), {}).signs == ()

    def test_a_new_line_takes_the_place_of_the_old(self, make: MakeBoard) -> None:
        one, two = make(), make()
        one.swap(Said(1, (), 1, b"old"), {})
        one.swap(Said(1, (), 2, b"new"), {})
        heard = two.swap(Said(1), {one.node: Known(0, 1)})
        assert signs_of(heard) == {one.node: (1, 2, b"new")}

    def test_much_is_heard_in_portions(self, make: MakeBoard) -> None:
        one, two = make(), make()
        everything = groups(range(1, 2 * GROUPS_AT_ONCE + 2))
        one.swap(Said(1, everything, 1, b""), {})
        heard: list[tuple[int, bytes]] = []
        while more := heard_of(two.swap(Said(1), {one.node: Known(len(heard))}), one.node):
            assert len(more) <= GROUPS_AT_ONCE
            heard += more
        assert heard == list(everything)

    def test_only_the_last_groups_stay_up(self, make: MakeBoard) -> None:
        one, two = make(), make()
        last = 3 * KEPT_GROUPS
        one.swap(Said(1, (), 1, b""), {})
        for seq in range(1, last + 1, GROUPS_AT_ONCE):
            one.swap(Said(1, groups(range(seq, seq + GROUPS_AT_ONCE))), {})
        first = heard_of(two.swap(Said(1), {}), one.node)[0][0]
        assert last - KEPT_GROUPS - GROUPS_AT_ONCE <= first <= last - KEPT_GROUPS + 1

    def test_what_is_removed_is_gone(self, make: MakeBoard) -> None:
        one, two, three = make(), make(), make()
        for board in (one, two):
            board.swap(Said(1, groups([1]), 1, b""), {})
        three.remove(one.node)
        heard = three.swap(Said(1), {})
        assert not heard_of(heard, one.node)
        assert heard_of(heard, two.node) == list(groups([1]))
        assert set(signs_of(heard)) == {two.node}

    def test_nobody_misses_anything_of_many_who_talk_at_once(self, make: MakeBoard) -> None:
        boards = [make() for _ in range(4)]
        turns = 40

        def talk(board: Board) -> dict[int, list[int]]:
            heard: dict[int, list[int]] = {b.node: [] for b in boards if b is not board}
            turn = 0
            while turn < turns or any(len(seqs) < turns for seqs in heard.values()):
                turn += 1
                said = groups([turn]) if turn <= turns else ()
                known = {n: Known(seqs[-1]) for n, seqs in heard.items() if seqs}
                for group in board.swap(Said(turn, said, turn, b""), known).groups:
                    heard[group.node].append(group.seq)
                assert turn < 2000, "a group was missed"
            return heard

        with ThreadPoolExecutor(len(boards)) as threads:
            for heard in threads.map(talk, boards):
                assert all(seqs == list(range(1, turns + 1)) for seqs in heard.values())
