"""Widgets are tested offscreen, in the look they have at a desk."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtWidgets import QApplication

from console.city import City
from console.clock import ManualClock
from console.intake.plans import default_plans
from console.model.command import Step
from console.model.decide import Surroundings
from console.model.geo import world_from_lonlat
from console.model.ids import new_key
from console.model.incident import Incident
from console.model.requests import AdvanceCommand, DispatchUnits, Order, ReportIncident
from console.model.text import Language, Text
from tests.helpers.desk_city import PLACE, make_desk_city
from tests.helpers.fake_session import FakeSession
from widgets.bridge.language import language_bridge
from widgets.bridge.session import SessionBridge
from widgets.common.desk import Desk
from widgets.common.format import set_zone
from widgets.common.theme import Theme, install_theme

NOON_MS = 1_795_233_600_000
"""2026-11-21 12:00:00 in the duty zone."""


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The look at scale 1, in Chinese."""
    language_bridge().speak("zh")
    yield install_theme(qapp, 1.0)
    install_theme(qapp, 1.0)


@pytest.fixture
def speak(theme: Theme) -> Iterator[object]:
    """Switch the language; Chinese again afterwards."""

    def switch(language: Language) -> None:
        language_bridge().speak(language)

    yield switch
    language_bridge().speak("zh")


@pytest.fixture(scope="session")
def desk_city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """The small city with grid, cameras and units."""
    return make_desk_city(tmp_path_factory.mktemp("desk"))


@dataclass
class DeskRig:
    """A desk over a fake session, and short ways to make things happen."""

    desk: Desk
    session: FakeSession
    clock: ManualClock

    def report(
        self,
        type_code: str = "gas_leak",
        priority: int = 1,
        age_s: int = 0,
        place: tuple[float, float] = PLACE,
    ) -> str:
        """An incident at `place` reported `age_s` ago; its id."""
        now = self.clock.now_ms()
        self.clock.set(now - age_s * 1000)
        incident_id = new_key(self.clock.now_ms())
        words = Text("楼道里有气味", "A smell in the stairwell")
        address = Text("和平大道 214 号", "214 Heping Ave")
        self.session.act(
            ReportIncident(incident_id, type_code, priority, *place, address, words, "hotline")
        )
        self.clock.set(now)
        self.tell()
        return incident_id

    def dispatch(self, incident_id: str, *unit_ids: str) -> tuple[str, ...]:
        """Send units; the ids of the commands."""
        orders = tuple(Order(new_key(self.clock.now_ms()), unit_id) for unit_id in unit_ids)
        self.session.act(DispatchUnits(incident_id, orders, Text("去", "Go")))
        self.tell()
        return tuple(order.command_id for order in orders)

    def advance(self, command_id: str, *steps: Step, text: str = "") -> None:
        """Bring a command to some steps."""
        for step in steps:
            self.session.act(AdvanceCommand(command_id, step, text), "unit/U")
        self.tell()

    def incident(self, incident_id: str) -> Incident:
        """An incident as it stands."""
        return self.session.picture.incidents[incident_id]

    def tell(self) -> None:
        """Let the bridge say at once what it would say within 50 ms."""
        self.desk.bridge._tell()

    def wait_s(self, seconds: int) -> None:
        """Let time go by, with one beat at its end."""
        self.clock.advance(seconds * 1000)
        self.desk.second.emit()


@pytest.fixture(autouse=True)
def city_time() -> None:
    """Clock times are those of the tests' city, also where there is no desk."""
    set_zone(ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def rig(theme: Theme, desk_city: City) -> Iterator[DeskRig]:
    """A desk with nothing on it yet."""
    made = make_rig(desk_city)
    desk = made.desk
    yield made
    desk.deleteLater()


def make_rig(city: City) -> DeskRig:
    """A desk of `city` over a fake session."""
    clock = ManualClock(NOON_MS)

    def cell_at(lon: float, lat: float) -> str:
        x, y = world_from_lonlat(lon, lat)
        cell = city.cells.at(float(x), float(y))
        return city.cells.code[cell] if cell >= 0 else ""

    zone = city.manifest.zone
    around = Surroundings(cell_at, lambda unit_id: unit_id in city.units, zone=zone)
    session = FakeSession(clock, around)
    session.devices = frozenset(city.units.id)
    desk = Desk(city, SessionBridge(session), default_plans(), clock, name="03")
    return DeskRig(desk, session, clock)
