"""What every panel sees: live now, replay or exercise later, the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from console.clock import Clock
from console.model.event import Event
from console.model.picture import Picture
from console.model.requests import Request, Submission
from console.model.text import Text
from console.model.unit import DeviceFault
from console.session.fixes import Fixes
from console.session.transport import Trouble

Data = Literal["operations", "positions", "devices", "names", "people", "access_log"]
"""What can be read: the words of the server's policy."""

NOT_KEPT = "not_kept"
"""Code of a refusal by this machine: its disk did not take what was asked for."""

LinkName = Literal["connecting", "online", "offline"]


@dataclass(frozen=True, slots=True)
class LinkState:
    """How the desk stands with the server.

    *Connecting* is the first attempt, and catching up after a break; *online* is having all there
    is. `since_ms` is when that began (ms UTC), `pending` how many submissions the picture does not
    show yet. `trouble` is why it is *offline*, "" when nobody can tell.
    """

    state: LinkName
    since_ms: int
    latency_ms: float | None
    pending: int
    trouble: Trouble = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A submission that the server would not take: `code` for programs, `message` for people.

    `changes` are what others did meanwhile, where that is why.
    """

    key: str
    code: str
    message: Text
    request: Request
    changes: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What is other than before: ids touched, and which of the rest to look at again."""

    incidents: frozenset[str] = frozenset()
    commands: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()
    fixes: bool = False
    link: bool = False
    outbox: bool = False
    people: bool = False
    """What people are called, or what the person at this desk may do."""
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this kind of session can do."""

    can_submit: bool = True
    can_seek: bool = False
    is_exercise: bool = False
    requests: frozenset[str] | None = None
    """Names of the request classes that the person at this desk may make; None for all."""
    reads: frozenset[str] | None = None
    """What the person at this desk may read, as the policy names it; None for all."""

    def may(self, request: type) -> bool:
        """Whether the person at this desk may make such a request."""
        return self.can_submit and (self.requests is None or request.__name__ in self.requests)

    def sees(self, data: Data) -> bool:
        """Whether the person at this desk may see such data at all."""
        return self.reads is None or data in self.reads


Listener = Callable[[Changes], None]


class Session(Protocol):
    """A source and a clock. Used from one thread, the one its transport calls on."""

    @property
    def clock(self) -> Clock:
        """The session's time: the server's when live, another in replay and exercise."""
        ...

    @property
    def picture(self) -> Picture:
        """What is so, as far as this desk knows. A reset of the source puts another in its place:
        ask for it each time.
        """
        ...

    @property
    def link(self) -> LinkState:
        """How the desk stands with its source."""
        ...

    @property
    def fixes(self) -> Fixes:
        """Where units are."""
        ...

    @property
    def devices(self) -> frozenset[str]:
        """Units whose device is on the line."""
        ...

    @property
    def device_faults(self) -> Mapping[str, DeviceFault]:
        """What is wrong with what units' devices send, by unit: their clock, or their positions."""
        ...

    @property
    def people(self) -> Mapping[str, str]:
        """What people are called, by the name in `person/NAME`."""
        ...

    @property
    def pending(self) -> tuple[Submission, ...]:
        """What was submitted here and the picture does not show yet, oldest first."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What this kind of session can do."""
        ...

    def submit(self, request: Request, seen: int | None = None) -> str:
        """Ask for something; returns its key at once, before it is safe on this machine's disk.

        `seen` is the number of the last event that the person knew of when deciding; None for all
        that the picture holds. The answer comes as changes: the events it made, or a refusal,
        with the code `NOT_KEPT` where it could not even be kept on this machine.
        """
        ...

    def look_into(self, incident_id: str) -> None:
        """Somebody looks at an incident: have its timeline whole. It may be short until then; the
        incident is told as changed when it is not any more.
        """
        ...

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Have `listener` called with changes; returns the way to stop."""
        ...
