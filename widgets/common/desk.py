"""What every panel is given: the city, the session, the plans, the clock, the selection."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from console.city import City
from console.clock import Clock
from console.i18n import tr
from console.model.incident import Incident
from console.model.picture import Picture
from console.model.plan import Plans
from console.model.requests import AdvanceCommand, MarkSeen, RecallCommand, Request, Submission
from console.session import OutboxFailed, Refusal, Session
from widgets.bridge.account import Account
from widgets.bridge.language import spoken
from widgets.bridge.session import SessionBridge
from widgets.common.refusals import UnreadRefusals
from widgets.common.selection import Selection
from widgets.common.standing import Standing, standing_of


class Desk(QObject):
    """One officer's desk. `second` beats once a second, for what shows an age or a remainder.

    `failed` carries why something went wrong that nobody had asked for by name, a `Text`;
    `motion_changed` whether things shall keep still that otherwise glide and flash.
    """

    second = Signal()
    failed = Signal(object)
    motion_changed = Signal(bool)

    def __init__(
        self,
        city: City,
        bridge: SessionBridge,
        plans: Plans,
        clock: Clock,
        *,
        name: str = "01",
        account: Account | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.city = city
        self.bridge = bridge
        self.plans = plans
        self.clock = clock
        self.name = name
        self.account = account
        self.selection = Selection(self)
        self.refusals = UnreadRefusals(self)
        bridge.refused.connect(self._file)
        self.reduced_motion = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.beat)
        self._arm()

    @property
    def session(self) -> Session:
        """The session behind the bridge."""
        return self.bridge.session

    @property
    def picture(self) -> Picture:
        """What is so, as far as this desk knows."""
        return self.session.picture

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01 UTC, by the session's clock."""
        return self.clock.now_ms()

    def reduce_motion(self, reduced: bool) -> None:
        """Have nothing glide or flash, or let it again."""
        if reduced != self.reduced_motion:
            self.reduced_motion = reduced
            self.motion_changed.emit(reduced)

    def beat(self) -> None:
        """A second has passed."""
        self.second.emit()
        self._arm()

    def _arm(self) -> None:
        """The next beat falls just after the second turns, so that the clock never skips one."""
        self._timer.start(1010 - self.clock.now_ms() % 1000)

    def unit_name(self, unit_id: str) -> str:
        """A unit's name; one that the roster lacks is called by its id."""
        units = self.city.units
        return spoken(units.name[units.index(unit_id)]) if unit_id in units else unit_id

    def person_name(self, name: str) -> str:
        """What a person is called; one whom the server does not name is called as they sign in."""
        return self.session.people.get(name, name)

    def why_not(self, request: type) -> str:
        """Why the person at this desk may not make such a request; "" when they may."""
        if self.session.capabilities.may(request):
            return ""
        me = self.account.me if self.account is not None else None
        role = tr(f"access.role.{me.role}") if me is not None else tr("access.nobody")
        return tr("access.not_your_role", role=role)

    def camera_name(self, camera_id: str) -> str:
        """A camera's name."""
        cameras = self.city.cameras
        return spoken(cameras.name[cameras.index(camera_id)])

    def incident_number(self, incident_id: str) -> str:
        """An incident's number, "" for one this desk does not know."""
        incident = self.picture.incidents.get(incident_id)
        return incident.number if incident else ""

    def title_of(self, incident: Incident) -> str:
        """An incident's title: the name of its type."""
        return spoken(self.plans.type_of(incident.type_code).name)

    def place_of(self, incident: Incident) -> str:
        """Where an incident is, in words."""
        return spoken(incident.address)

    def standing(self, incident: Incident) -> Standing:
        """Where an incident stands now."""
        commands = self.picture.commands_of(incident.id)
        found = standing_of(incident, commands, self.plans, self.now_ms(), self.unit_name)
        if not self.refusals.of(incident.id):
            return found
        state, detail = tr("common.state.undone"), tr("common.undone")
        return replace(
            found, state=state, detail=detail, mark="cross", tint="priority.2", needs_me=True
        )

    def submit(self, request: Request, seen: int | None = None) -> bool:
        """Ask for something; returns at once, False for what cannot even be kept here: that is one
        of the `refusals`, like what the server says no to. `seen` as for a session.
        """
        incident_id = self.incident_of(request)
        try:
            self.session.submit(request, seen)
        except OutboxFailed as error:
            self._file(Refusal("", "not_kept", error.message, request))
            return False
        self.refusals.overtake(incident_id, type(request))
        return True

    def incident_of(self, request: Request) -> str:
        """The incident that a request concerns, "" for none."""
        if isinstance(request, RecallCommand | AdvanceCommand):
            command = self.picture.commands.get(request.command_id)
            return "" if command is None else command.incident_id
        return getattr(request, "incident_id", "")

    def _file(self, refusal: Refusal) -> None:
        if not isinstance(refusal.request, MarkSeen):  # which nobody asked for
            self.refusals.add(self.incident_of(refusal.request), refusal)

    def pending(self, incident_id: str) -> list[Submission]:
        """What this desk asked for an incident and the picture does not show yet, oldest first."""
        return [
            s
            for s in self.session.pending
            if not isinstance(s.request, MarkSeen) and self.incident_of(s.request) == incident_id
        ]
