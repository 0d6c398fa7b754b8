"""A picture that stays at a journal's end, through turns that come to nothing."""

from __future__ import annotations

from console.journal import End, Journal
from console.model.picture import Picture, Undo
from console.service.opening import Keeper

PAGE = 5000


class Follower:
    """Keeps a picture at a journal's end, and with a `keeper` a copy of it on the disk."""

    def __init__(self, picture: Picture, keeper: Keeper | None = None) -> None:
        self._picture = picture
        self._keeper = keeper
        self._lost = 0
        self._undo: list[Undo] = []

    def picture_at(self, end: End) -> Picture:
        """The picture after the last event before `end`; good until the next call."""
        self._settle(end)
        picture = self._picture
        if picture.seq < end.seq:
            for event in end.since(picture.seq):
                if event.seq > end.durable:
                    self._undo.append(picture.undo_of(event))
                touched = picture.apply((event,))
                if self._keeper is not None:
                    self._keeper.see(touched)
        return picture

    def _settle(self, end: End) -> None:
        """Take back what an earlier turn decided, if it was lost; else it stands."""
        if end.lost != self._lost:
            self._lost = end.lost
            while self._undo:
                self._picture.take_back(self._undo.pop())
        elif end.durable >= self._picture.seq:
            self._undo.clear()
        if self._keeper is not None and not self._undo:
            self._keeper.offer(self._picture)


def folded(journal: Journal) -> Picture:
    """The picture that all durable events of the journal make."""
    picture = Picture()
    while events := journal.read(picture.seq, PAGE):
        picture.apply(events)
    return picture
