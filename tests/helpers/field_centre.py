"""A server with a desk at it, and what a unit does with its phone's page."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from console.model.ids import new_key
from console.model.requests import (
    DispatchUnits,
    Order,
    ReportIncident,
    Request,
)
from console.model.text import Text
from console.wire import encode_submission
from tests.helpers.phone_browser import PhoneBrowser
from tests.helpers.server_process import ServerProcess
from tests.helpers.stream import PLACE, SECRET, submission

UNIT = "G-118"


NEXT = "#next"


@dataclass
class Centre:
    """The server, and a desk at it."""

    server: ServerProcess
    ordered: list[str] = field(default_factory=list)
    """The commands given so far: another one is for the unit to do beside them."""

    def call(self, path: str, body: Any = None, token: str = SECRET) -> dict[str, Any]:
        """POST `body`, or GET without one."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        asked = urllib.request.Request(
            f"{self.server.url}/api/v1/{path}",
            data=data,
            headers={"Authorization": f"Bearer {token}"},
        )
        with urllib.request.urlopen(asked, timeout=20) as answer:
            told: dict[str, Any] = json.load(answer)
            return told

    def do(self, request: Request, token: str = SECRET) -> None:
        """Make a request, now."""
        self.call("requests", encode_submission(submission(request, at=now_ms())), token)

    def officer(self) -> tuple[str, str]:
        """A duty officer signed in here: the token, and what they are called."""
        told = self.call("signin/practice", {"role": "duty_officer", "desk": "03"})
        return told["access"], told["person"]["full_name"]

    def called_at(self) -> int:
        """When the unit called for help last: the name of that call."""
        calls = [e for e in self.events() if e["fact"].get("status") == "sos"]
        return int(calls[-1]["happened_at"])

    def code(self, unit_id: str = UNIT) -> str:
        """A one-time code for a unit."""
        return str(self.call("enrolments", {"unit_id": unit_id})["code"])

    def order(self, words: str = "请前往") -> str:
        """Report an incident and send the unit; the command's id."""
        incident = ReportIncident(
            key(),
            "gas_leak",
            1,
            *PLACE,
            Text("和平大道 214 号", "214 Heping Avenue"),
            Text("有气味", "A smell"),
            "citizen",
        )
        self.do(incident)
        order = Order(key(), UNIT, beside=tuple(self.ordered))
        self.ordered.append(order.command_id)
        self.do(DispatchUnits(incident.incident_id, (order,), Text(words, words)))
        return order.command_id

    def events(self) -> list[dict[str, Any]]:
        """All there is in the journal."""
        events: list[dict[str, Any]] = self.call("events?after=0&limit=5000")["events"]
        return events

    def steps(self, command_id: str) -> list[str]:
        """The steps of a command that the unit itself took, in order."""
        facts = [e["fact"] for e in self.events() if e["kind"] == "command.advanced"]
        mine = [f["step"] for f in facts if f["command_id"] == command_id]
        return [step for step in mine if step not in ("sent", "delivered")]


def now_ms() -> int:
    """The time, as the server has it."""
    return time.time_ns() // 1_000_000


def key() -> str:
    """A fresh key."""
    return new_key(now_ms())


def enrolled(phone: PhoneBrowser, centre: Centre) -> None:
    """Read the square, and begin."""
    phone.allows("geolocation", "notifications")
    phone.is_at(120.1466, 30.2787)
    phone.visit(f"{centre.server.url}/field#enrol={centre.code()}")
    phone.tap("[data-act=begin]")
    phone.find(".link[data-state=on]")


def ready_without_network(phone: PhoneBrowser) -> None:
    """The page itself lies on the phone."""
    assert phone.script("await navigator.serviceWorker.ready; return true") is True


def is_shown(phone: PhoneBrowser, step: str, state: str) -> None:
    phone.find(f".log li[data-step={step}][data-state={state}]")


def advance(phone: PhoneBrowser, step: str) -> None:
    """Touch the one big button, once it says this step."""
    phone.tap(f"{NEXT}[data-step={step}]")


def choose(phone: PhoneBrowser, kind: str) -> None:
    phone.find("#kind")
    phone.driver.execute_script(
        "const kind = document.getElementById('kind'); kind.value = arguments[0];"
        "kind.dispatchEvent(new Event('input', {bubbles: true}));",
        kind,
    )


def declared(centre: Centre) -> list[str]:
    """What the unit has said it is."""
    told = [e for e in centre.events() if e["kind"] == "unit.status_declared"]
    assert all(e["actor"] == f"unit/{UNIT}" for e in told)
    return [e["fact"]["status"] for e in told]


TOO_SMALL = """
  const shown = [...document.querySelectorAll("button, a, select, input, textarea, label.segment")]
    .filter((e) => e.getClientRects().length && e.type !== "radio")
    .map((e) => [e.textContent.trim() || e.id, e.getBoundingClientRect()]);
  return shown.filter(([, box]) => box.width < 48 || box.height < 48).map(([name]) => name);
"""


TOO_WIDE = """
  const cut = [...document.querySelectorAll("button, .rail span, .what, .head p, .way b")]
    .filter((e) => e.getClientRects().length && e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
    .map((e) => e.textContent);
  const page = document.scrollingElement;
  return page.scrollWidth > innerWidth ? ["the page", ...cut] : cut;
"""


def fits(phone: PhoneBrowser, where: str) -> None:
    """Everything is large enough to touch, and nothing is cut off."""
    assert phone.driver.execute_script(TOO_SMALL) == [], where
    assert phone.driver.execute_script(TOO_WIDE) == [], where
