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
from console.model.requests import (
    AcceptIncident,
    AcknowledgeSos,
    AddNote,
    AdvanceCommand,
    DispatchUnits,
    EndSos,
    MarkSeen,
    RecallCommand,
    Request,
    Submission,
)
from console.session import Data, Refusal, Session
from widgets.bridge.account import Account
from widgets.bridge.language import spoken
from widgets.bridge.names import NamesLoader
from widgets.bridge.session import SessionBridge
from widgets.common.camera_health import CameraHealth
from widgets.common.format import set_zone
from widgets.common.refusals import UnreadRefusals
from widgets.common.selection import Selection
from widgets.common.standing import Standing, standing_of


class Desk(QObject):
    """One officer's desk. `second` beats once a second, for what shows an age or a remainder.

    `failed` carries why something went wrong that nobody had asked for by name, a `Text`;
    `motion_changed` whether things shall keep still that otherwise glide and flash. `enrol_wanted`
    asks for the one-time code of a device.
    """

    second = Signal()
    failed = Signal(object)
    motion_changed = Signal(bool)
    enrol_wanted = Signal()

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
        set_zone(city.manifest.zone)
        self.bridge = bridge
        self.plans = plans
        self.clock = clock
        self.name = name
        self.account = account
        self.selection = Selection(self)
        self.names = NamesLoader(city, self)
        self.refusals = UnreadRefusals(self)
        bridge.refused.connect(self._file)
        self.camera_health = CameraHealth(city.cameras, clock, self)
        self.second.connect(self.camera_health.forget_old)
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
        if not self.role and self.account is not None and self.account.is_practice:
            return tr("access.coming")
        return tr("access.not_your_role", role=self.role_name)

    def why_not_see(self, data: Data) -> str:
        """Why the person at this desk does not see such data; "" when they do."""
        if self.session.capabilities.sees(data):
            return ""
        return tr(f"access.unseen.{data}", role=self.role_name)

    @property
    def role_name(self) -> str:
        """What the person at this desk is to the centre, in words."""
        return tr(f"access.role.{self.role}") if self.role else tr("access.nobody")

    @property
    def role(self) -> str:
        """The role's own name, "" where nobody is signed in."""
        me = self.account.me if self.account is not None else None
        return me.role if me is not None else ""

    def may_call(self, call: str) -> bool:
        """Whether the person at this desk may make such a call, as the server's policy names it."""
        me = self.account.me if self.account is not None else None
        return me is not None and call in me.calls

    @property
    def work(self) -> str:
        """How much the person at this desk may do with incidents: "all" or some of it, "notes"
        (report and note only), "none" (look only), "unseen" (not even that).
        """
        capabilities = self.session.capabilities
        if self.account is not None and not self.role:
            return "all"  # nobody is there yet whose work could be less
        if not capabilities.sees("operations"):
            return "unseen"
        if any(capabilities.may(request) for request in (AcceptIncident, DispatchUnits)):
            return "all"
        return "notes" if capabilities.may(AddNote) else "none"

    @property
    def area(self) -> tuple[str, ...]:
        """The beginnings of the codes of the cells that this desk sees; () for the whole city."""
        me = self.account.me if self.account is not None else None
        return () if me is None or "" in me.areas else me.areas

    @property
    def area_name(self) -> str:
        """What that part of the city is called, "" for the whole."""
        names = [spoken(self.city.cells.area_name(prefix)) for prefix in self.area]
        return tr("common.comma").join(names)

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
        carries_on = self.picture.authoritative(incident.id)
        if carries_on is not None and carries_on.id != incident.id:
            found = replace(found, detail=tr("event.merged", number=carries_on.number))
        if not self.refusals.of(incident.id):
            return found
        state, detail = tr("common.state.undone"), tr("common.undone")
        return replace(
            found, state=state, detail=detail, mark="cross", tint="priority.2", needs_me=True
        )

    def submit(self, request: Request, seen: int | None = None) -> None:
        """Ask for something; returns at once. What cannot be kept on this machine becomes one of
        the `refusals`, like what the server says no to. `seen` as for a session.
        """
        self.session.submit(request, seen)
        self.refusals.overtake(self.incident_of(request), type(request))

    def incident_of(self, request: Request) -> str:
        """The incident that a request concerns, "" for none."""
        if isinstance(request, RecallCommand | AdvanceCommand):
            command = self.picture.commands.get(request.command_id)
            return "" if command is None else command.incident_id
        return getattr(request, "incident_id", "")

    def _file(self, refusal: Refusal) -> None:
        # Nobody asked for the first; the others stand on the call for help that they are about.
        if not isinstance(refusal.request, MarkSeen | AcknowledgeSos | EndSos):
            self.refusals.add(self.incident_of(refusal.request), refusal)

    def pending(self, incident_id: str) -> list[Submission]:
        """What this desk asked for an incident and the picture does not show yet, oldest first."""
        return [
            s
            for s in self.session.pending
            if not isinstance(s.request, MarkSeen) and self.incident_of(s.request) == incident_id
        ]
