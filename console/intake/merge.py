"""New rows into what the package already holds: nothing twice, updates in place, nothing lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, Protocol, TypeVar

from console.i18n import text_of
from console.intake.records import same
from console.model.text import Text


class Keyed(Protocol):
    """A record with its code or id."""

    @property
    def key(self) -> str:
        """What tells this record from all others of its kind."""
        ...


R = TypeVar("R", bound=Keyed)


@dataclass(frozen=True, slots=True)
class Merged(Generic[R]):
    """All records after an import, the present ones in their old order, then the new ones."""

    records: Sequence[R]
    new: int
    updated: int
    unchanged: int
    untouched: int

    @property
    def is_change(self) -> bool:
        """Whether the package has to be written at all."""
        return bool(self.new or self.updated)

    def summary(self) -> Text:
        """The four counts in words."""
        counts = {"new": self.new, "updated": self.updated, "unchanged": self.unchanged}
        return text_of("intake.note.merged", untouched=self.untouched, **counts)


def merge(present: Iterable[R], incoming: Iterable[R], given: frozenset[str]) -> Merged[R]:
    """The union by key, where `incoming` wins.

    `given` names the record's fields that the file has a column for: the others of a present
    record stay as they are, so that a catalogue without streams does not erase the streams.
    """
    records = {record.key: record for record in present}
    before = len(records)
    new = updated = unchanged = 0
    for record in incoming:
        old = records.get(record.key)
        if old is None:
            records[record.key] = record
            new += 1
            continue
        wanted = replace(old, **{name: getattr(record, name) for name in given})  # type: ignore[type-var]
        if same(old, wanted):
            unchanged += 1
        else:
            records[record.key] = wanted
            updated += 1
    untouched = before - updated - unchanged
    return Merged(tuple(records.values()), new, updated, unchanged, untouched)
