"""Who is about to be sent: the ranked units, what the officer ticked, and the sending itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, QTimer, Signal

from console.i18n import text_of
from console.model.ids import new_key
from console.model.incident import Incident
from console.model.requests import DispatchUnits, Order
from console.model.unit import UnitKind
from widgets.bridge.worker import Background
from widgets.common.desk import Desk
from widgets.common.selection import RouteOffer
from widgets.dispatch.ranking import Candidate, gather, rank, wanted_still, warm_up
from widgets.incident.drafts import with_drafts

SHORT = 4
"""How many units are shown before the officer asks for more, unless the plan wants more."""

MOST_WANTED = 6
ROUTES = 4
"""How many units the map shows a way for, beyond those ticked."""

_REFRESH_S = 15
SETTLE_MS = 40
"""Facts are painted before the ranking begins."""

_UNITS_SETTLE_MS = 1500


@dataclass(frozen=True, slots=True)
class Engagement:
    """A command that a unit has for another incident; `incident_id` is "" for one elsewhere."""

    unit_id: str
    command_id: str
    incident_id: str


class Dispatching(QObject):
    """Ranks the units for the selected incident off the GUI thread and keeps them fresh.

    `changed` says that the list, a tick or what is being waited for is another now.
    """

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._background = Background(self, settle_ms=SETTLE_MS)
        self._candidates: list[Candidate] = []
        self._overrides: dict[str, bool] = {}
        self._expanded = False
        self._age_s = 0
        self._offering = True
        self.is_ranking = False
        self.failed = False
        self.hold_order = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_UNITS_SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        desk.selection.incident_changed.connect(self._start)
        desk.bridge.units_changed.connect(self._settle_units)
        desk.second.connect(self._tick)

    @property
    def candidates(self) -> list[Candidate]:
        """All units that are offered, quickest first."""
        return self._candidates

    @property
    def shown(self) -> list[Candidate]:
        """The units to show: the plan's and the quickest few, or all when asked for."""
        if self._expanded:
            return self._candidates
        wanted = [c for c in self._candidates if c.wanted or self.is_ticked(c)][:MOST_WANTED]
        others = [c for c in self._candidates if c not in wanted]
        short = wanted + others[: max(0, SHORT - len(wanted))]
        return [c for c in self._candidates if c in short]

    @property
    def is_expanded(self) -> bool:
        """Whether all units are shown."""
        return self._expanded

    @property
    def ticked(self) -> list[str]:
        """Ids of the units that Dispatch would send, quickest first."""
        return [c.unit_id for c in self._candidates if self.is_ticked(c)]

    @property
    def unmet(self) -> dict[UnitKind, int]:
        """How many of each kind the plan requires and cannot have: nobody else is in contact."""
        incident = self._desk.picture.incidents.get(self._desk.selection.incident_id)
        if incident is None or self.is_ranking:
            return {}
        wants = wanted_still(self._desk.city, self._desk.picture, incident, self._desk.plans)
        found = Counter(c.kind for c in self._candidates if c.wanted)
        required = {w.kind: w.count - found[w.kind] for w in wants if w.required}
        return {kind: count for kind, count in required.items() if count > 0}

    def is_ticked(self, candidate: Candidate) -> bool:
        """Whether Dispatch would send this unit."""
        return self._overrides.get(candidate.unit_id, candidate.ticked)

    def tick(self, unit_id: str, ticked: bool) -> None:
        """The officer wants a unit sent, or not."""
        self._overrides[unit_id] = ticked
        self._publish()

    def expand(self, expanded: bool) -> None:
        """Show all units, or the short list."""
        self._expanded = expanded
        self.changed.emit()

    def offer(self, offering: bool) -> None:
        """Show the ways of whom could be sent on the map, or not: only while the list is open."""
        if offering != self._offering:
            self._offering = offering
            self._publish_offers()

    def engaged(self, incident: Incident, unit_ids: Sequence[str]) -> list[Engagement]:
        """What these units have to do elsewhere, as far as this desk knows, what it asked for and
        is not answered included.
        """
        picture = self._desk.picture
        given = [picture.commands[c] for u in unit_ids for c in picture.unit(u).command_ids]
        drafted = with_drafts((), self._desk.session.pending)
        every = {c.id: c for c in (*drafted, *given) if c.unit_id in unit_ids}
        return [
            Engagement(c.unit_id, c.id, c.incident_id)
            for c in every.values()
            if c.incident_id != incident.id
        ]

    def send(
        self, incident: Incident, unit_ids: Sequence[str], beside: Sequence[Engagement] = ()
    ) -> int:
        """Send `unit_ids`, `beside` what they do already; returns how many were asked for."""
        if not unit_ids:
            return 0
        now = self._desk.now_ms()
        orders = tuple(
            Order(new_key(now), u, tuple(e.command_id for e in beside if e.unit_id == u))
            for u in unit_ids
        )
        text = text_of(
            "incident.command_text",
            title=self._desk.plans.type_of(incident.type_code).name,
            place=incident.address,
        )
        self._desk.submit(DispatchUnits(incident.id, orders, text))
        self._take_out(set(unit_ids))
        return len(unit_ids)

    def warm_up(self) -> None:
        """Have the roads read before somebody needs them."""
        city, plans = self._desk.city, self._desk.plans
        Background(self).run(lambda: warm_up(city, plans), lambda _nothing: None)

    def refresh(self) -> None:
        """Rank anew, from where the units are now."""
        incident = self._desk.picture.incidents.get(self._desk.selection.incident_id)
        if incident is None or not incident.stage.is_open:
            self._candidates = []
            self._publish()
            return
        self._age_s = 0
        desk = self._desk
        question = gather(
            desk.city, desk.session, incident, desk.plans, now_ms=desk.now_ms(), area=desk.area
        )
        self._background.run(lambda: rank(desk.city, question), self._take, self._fail)

    def _start(self, _incident_id: str) -> None:
        self._background.forget()
        self._candidates = []
        self._overrides = {}
        self._expanded = False
        self.failed = False
        self.is_ranking = True
        self.refresh()
        self.changed.emit()

    def _take(self, candidates: list[Candidate]) -> None:
        first = self.is_ranking
        self.is_ranking = self.failed = False
        if self.hold_order and not first:
            candidates = self._in_old_order(candidates)
        self._candidates = candidates
        self._publish()

    def _fail(self, _error: Exception) -> None:
        self.is_ranking = False
        self.failed = True
        self.changed.emit()

    def _in_old_order(self, fresh: list[Candidate]) -> list[Candidate]:
        """While the pointer is on the list its order stays: nothing moves under the hand."""
        places = {c.unit_id: i for i, c in enumerate(self._candidates)}
        return sorted(fresh, key=lambda c: places.get(c.unit_id, len(places)))

    def _take_out(self, sent: set[str]) -> None:
        self._candidates = [
            replace(c, ticked=False) for c in self._candidates if c.unit_id not in sent
        ]
        self._overrides = {}
        self._publish()

    def _publish(self) -> None:
        self._publish_offers()
        self.changed.emit()

    def _publish_offers(self) -> None:
        if not self._offering:
            self._desk.selection.set_offers(())
            return
        ticked = {c.unit_id for c in self._candidates if self.is_ticked(c)}
        offers = tuple(
            RouteOffer(c.unit_id, i + 1, c.seconds, c.unit_id in ticked, c.route_xy)
            for i, c in enumerate(self.shown)
            if i < ROUTES or c.unit_id in ticked
        )
        self._desk.selection.set_offers(offers)

    def _settle_units(self, _unit_ids: object) -> None:
        if self._desk.selection.incident_id and not self._settle.isActive():
            self._settle.start()

    def _tick(self) -> None:
        self._age_s += 1
        if self._age_s >= _REFRESH_S and self._desk.selection.incident_id:
            self.refresh()
