"""What a picture grows inside: one changeable record for each incident, command and unit.

A record makes its frozen value when somebody looks and keeps it until it changes (`frozen`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, ValuesView
from itertools import islice
from typing import Any, Generic, Protocol, Self, TypeVar

from console.model.command import Command, Step
from console.model.facts import CommandIssued, IncidentReported
from console.model.geo import LonLat
from console.model.incident import Incident, Stage
from console.model.unit import SosCall, UnitState

V_co = TypeVar("V_co", covariant=True)


class Record(Protocol[V_co]):
    """Something that grows, and its value as it stands; `frozen` is None once it has changed."""

    @property
    def frozen(self) -> V_co | None:
        """The value that somebody has looked at, if it still is so."""
        ...

    @property
    def value(self) -> V_co:
        """The frozen value."""
        ...


R = TypeVar("R", bound="Record[Any]")
V = TypeVar("V")


class Records(dict[str, R], Generic[R, V]):
    """Records by id. One kind of them brings in from elsewhere what it does not hold: `fetch`."""

    def __init__(self, record_of: Callable[[V], R]) -> None:
        super().__init__()
        self._record_of = record_of

    def find(self, key: str) -> R | None:
        """The record, or None."""
        # Each new command is asked for once before it is there: an exception costs 0.1 ms then.
        record = self.get(key)
        return self._found(key) if record is None else record

    def __missing__(self, key: str) -> R:
        record = self._found(key)
        if record is None:
            raise KeyError(key)
        return record

    def _found(self, key: str) -> R | None:
        value = self.fetch(key)
        return None if value is None else self.bring_in(key, value)

    def bring_in(self, key: str, value: V) -> R:
        """Hold what was fetched; the record that is made of it."""
        record = self[key] = self._record_of(value)
        return record

    def fetch(self, key: str) -> V | None:
        """What is elsewhere; None here."""
        del key
        return None

    def changed(self) -> dict[str, R]:
        """Those of the records here whose value nobody has looked at since they changed."""
        return {key: record for key, record in self.items() if record.frozen is None}

    def fetch_all(self, keys: Sequence[str]) -> list[V]:
        """What is elsewhere of these; any thread may ask."""
        del keys
        return []

    def take_in(self, values: Mapping[str, V]) -> None:
        """Hold what was fetched, but for what is here already: that knows what happened since."""
        for key, value in values.items():
            if key not in self:
                self.bring_in(key, value)

    def copied(self) -> Records[R, V]:
        """The same records, to change on their own."""
        return self._filled(Records(self._record_of))

    def _filled(self, other: Records[R, V]) -> Records[R, V]:
        for key, record in self.items():
            other[key] = self._record_of(record.value)
        return other

    def all_keys(self) -> Iterator[str]:
        """The keys of all there are, in the order they came to be."""
        return iter(self)

    def newest(self, limit: int) -> list[str]:
        """The keys of the last `limit` to come to be, the last first."""
        return list(islice(reversed(self), limit))

    def count(self) -> int:
        """How many there are, here and elsewhere."""
        return len(self)

    def entry(self, key: str | None) -> tuple[str, V | None] | None:
        """What stands at `key` now, to be restored later; None without a key."""
        if key is None:
            return None
        record = self.find(key)
        return key, None if record is None else record.value

    def restore(self, entry: tuple[str, V | None] | None) -> None:
        """Put back what `entry` says."""
        if entry is None:
            return
        key, value = entry
        if value is None:
            self.pop(key, None)
        else:
            self[key] = self._record_of(value)


class View(Mapping[str, V]):
    """Records as their frozen values."""

    __slots__ = ("_records",)

    def __init__(self, records: Records[Any, V]) -> None:
        self._records = records

    def __getitem__(self, key: str) -> V:
        value: V = self._records[key].value
        return value

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and self._records.find(key) is not None

    def __iter__(self) -> Iterator[str]:
        return self._records.all_keys()

    def __len__(self) -> int:
        return self._records.count()

    def values(self) -> ValuesView[V]:
        """All values."""
        return _Values(self)


class _Values(ValuesView[V]):
    """Spares the look-up of each key, which counts where a desk goes through all incidents."""

    _mapping: View[V]

    def __iter__(self) -> Iterator[V]:
        records = self._mapping._records
        return iter([records[key].value for key in records.all_keys()])


class IncidentRecord:
    """An incident that grows; fields as in `Incident`, but `fact` holds what was reported."""

    __slots__ = (
        "command_ids",
        "fact",
        "frozen",
        "handled_count",
        "merged_ids",
        "merged_into",
        "outcome",
        "priority",
        "reported_at",
        "stage",
        "stage_times",
    )

    def __init__(self, fact: IncidentReported, at: int) -> None:
        self.fact = fact
        self.priority = fact.priority
        self.stage = Stage.REPORTED
        self.reported_at = at
        self.stage_times: list[tuple[Stage, int]] = [(Stage.REPORTED, at)]
        self.command_ids: list[str] = []
        self.outcome = ""
        self.merged_into = ""
        self.merged_ids: tuple[str, ...] = ()
        self.handled_count = 0
        self.frozen: Incident | None = None

    @classmethod
    def of(cls, incident: Incident) -> Self:
        """The record of an incident as it stands."""
        position = incident.position
        fact = IncidentReported(
            incident.id,
            incident.number,
            incident.type_code,
            incident.priority,
            position.lon,
            position.lat,
            incident.address,
            incident.words,
            incident.source,
            incident.cell_code,
        )
        record = cls(fact, incident.reported_at)
        record.stage = incident.stage
        record.stage_times = list(incident.stage_times)
        record.command_ids = list(incident.command_ids)
        record.outcome, record.merged_into = incident.outcome, incident.merged_into
        record.merged_ids = incident.merged_ids
        record.handled_count = incident.handled_count
        record.frozen = incident
        return record

    def reach(self, stage: Stage, at: int) -> None:
        """Come to `stage` at `at` (ms UTC)."""
        self.stage = stage
        self.stage_times.append((stage, at))
        self.frozen = None

    @property
    def value(self) -> Incident:
        """The incident as it stands."""
        if self.frozen is None:
            self.frozen = self._freeze()
        return self.frozen

    def _freeze(self) -> Incident:
        fact = self.fact
        return Incident(
            id=fact.incident_id,
            number=fact.number,
            type_code=fact.type_code,
            priority=self.priority,
            position=LonLat(fact.lon, fact.lat),
            address=fact.address,
            words=fact.words,
            source=fact.source,
            cell_code=fact.cell_code,
            stage=self.stage,
            reported_at=self.reported_at,
            stage_times=tuple(self.stage_times),
            command_ids=tuple(self.command_ids),
            outcome=self.outcome,
            merged_into=self.merged_into,
            merged_ids=self.merged_ids,
            handled_count=self.handled_count,
        )


class CommandRecord:
    """A command that grows; fields as in `Command`."""

    __slots__ = ("fact", "frozen", "reason", "remarks", "step", "step_times", "unit_id")

    def __init__(self, fact: CommandIssued, at: int) -> None:
        self.fact = fact
        self.unit_id = fact.unit_id
        self.step = Step.QUEUED
        self.step_times: list[tuple[Step, int]] = [(Step.QUEUED, at)]
        self.reason = ""
        self.remarks: tuple[tuple[Step, str], ...] = ()
        self.frozen: Command | None = None

    @classmethod
    def of(cls, command: Command) -> Self:
        """The record of a command as it stands."""
        fact = CommandIssued(command.id, command.incident_id, command.unit_id, command.text)
        record = cls(fact, 0)
        record.step = command.step
        record.step_times = list(command.step_times)
        record.reason = command.reason
        record.remarks = command.remarks
        record.frozen = command
        return record

    @property
    def value(self) -> Command:
        """The command as it stands."""
        if self.frozen is None:
            fact = self.fact
            self.frozen = Command(
                id=fact.command_id,
                incident_id=fact.incident_id,
                unit_id=fact.unit_id,
                text=fact.text,
                step=self.step,
                step_times=tuple(self.step_times),
                reason=self.reason,
                remarks=self.remarks,
            )
        return self.frozen


class UnitRecord:
    """A unit's state that grows; fields as in `UnitState`."""

    __slots__ = ("command_ids", "declared", "frozen", "id", "since", "sos", "status")

    def __init__(self, state: UnitState) -> None:
        self.id = state.id
        self.declared = state.declared
        self.status = state.status
        self.since = state.since
        self.command_ids = list(state.command_ids)
        self.sos: SosCall | None = state.sos
        self.frozen: UnitState | None = state

    @classmethod
    def of(cls, state: UnitState) -> Self:
        """The record of a unit as it stands."""
        return cls(state)

    @property
    def value(self) -> UnitState:
        """The unit's state as it stands."""
        if self.frozen is None:
            ids = tuple(self.command_ids)
            self.frozen = UnitState(self.id, self.declared, self.status, self.since, ids, self.sos)
        return self.frozen
