"""A small stage for the model: a picture, a clock, and requests that become events."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from console.model.decide import Surroundings, decide, stream_of
from console.model.event import Event
from console.model.ids import new_key
from console.model.picture import Picture
from console.model.requests import ReportIncident, Request
from console.model.text import Text

NOON_MS = 1_795_233_600_000  # 2026-11-21 12:00 in UTC+8
UNITS = frozenset(f"U-{n:04d}" for n in range(1, 9))


class Stage:
    """Decides and folds, as the service does, without a journal."""

    def __init__(self) -> None:
        self.picture = Picture()
        self.now_ms = NOON_MS
        self.events: list[Event] = []
        self.around = Surroundings(
            zone=ZoneInfo("Asia/Shanghai"),
            cell_at=lambda lon, lat: "329901001001001" if lon > 118 else "",
            knows_unit=UNITS.__contains__,
        )

    def ask(self, request: Request, actor: str = "desk/03") -> list[Event]:
        self.now_ms += 1000
        key = new_key(self.now_ms)
        around = replace(self.around, asked_by=actor)
        facts = decide(self.picture, request, self.now_ms, around)
        events = [
            Event(
                seq=self.picture.seq + 1 + part,
                stream=stream_of(fact),
                fact=fact,
                happened_at=self.now_ms,
                recorded_at=self.now_ms,
                actor=actor,
                cause="",
                key=key,
                part=part,
            )
            for part, fact in enumerate(facts)
        ]
        self.picture.apply(events)
        self.events += events
        return events

    def report(self, incident_id: str = "i1", priority: int = 2) -> str:
        self.ask(
            ReportIncident(
                incident_id=incident_id,
                type_code="fire",
                priority=priority,
                lon=118.73,
                lat=31.99,
                address=Text("和平大道 214 号", "214 Heping Ave"),
                words=Text("冒烟", "Smoke"),
                source="119",
            )
        )
        return incident_id
