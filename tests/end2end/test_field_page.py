"""A phone's page in a real browser, against a real server that is killed and started again."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.access.devices import Devices
from console.access.open import open_store
from console.clock import SystemClock
from console.model.command import Step
from console.model.geo import ground_distance_m, world_from_lonlat
from console.model.ids import is_key, new_key
from console.model.requests import (
    AdvanceCommand,
    DispatchUnits,
    Order,
    RecallCommand,
    ReportIncident,
    Request,
)
from console.model.text import Text
from console.wire import encode_submission
from tests.helpers.phone_browser import PhoneBrowser, phone_browser
from tests.helpers.server_process import ServerProcess, server_process
from tests.helpers.stream import PLACE, SECRET, submission

UNIT = "G-118"
NEXT = "#next"


@dataclass
class Centre:
    """The server, and a desk at it."""

    server: ServerProcess

    def call(self, path: str, body: Any = None) -> dict[str, Any]:
        """POST `body`, or GET without one."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        asked = urllib.request.Request(
            f"{self.server.url}/api/v1/{path}",
            data=data,
            headers={"Authorization": f"Bearer {SECRET}"},
        )
        with urllib.request.urlopen(asked, timeout=20) as answer:
            told: dict[str, Any] = json.load(answer)
            return told

    def do(self, request: Request) -> None:
        """Make a request, now."""
        self.call("requests", encode_submission(submission(request, at=now_ms())))

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
        order = Order(key(), UNIT)
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


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with server_process(tmp_path / "journal.sqlite") as server:
        yield Centre(server)


@pytest.fixture
def phone(tmp_path: Path) -> Iterator[PhoneBrowser]:
    with phone_browser(tmp_path / "profile") as phone:
        yield phone


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


def test_from_the_square_to_done(phone: PhoneBrowser, centre: Centre) -> None:
    enrolled(phone, centre)
    assert phone.driver.current_url == f"{centre.server.url}/field", "the code is still to be seen"
    phone.sees("No commands")
    command = centre.order("Close the main valve")
    phone.find("body[data-view=command]")
    for words in ("Gas leak", "Close the main valve", "214 Heping Avenue", "360 m", "north-east"):
        phone.sees(words)
    lon, lat = PLACE
    assert f"geo:{lat:.6f},{lon:.6f}" in str(phone.find("#map").get_attribute("href"))
    is_shown(phone, "read", "confirmed")
    for step in ("acknowledged", "en_route", "on_scene"):
        advance(phone, step)
        is_shown(phone, step, "confirmed")
    advance(phone, "done")
    phone.find("#finish textarea").send_keys("阀门已关")
    phone.tap("#finish [type=submit]")
    is_shown(phone, "done", "confirmed")
    expected = ["read", "acknowledged", "en_route", "on_scene", "done"]
    assert centre.steps(command) == expected
    actors = {e["actor"] for e in centre.events() if e["fact"].get("step") in expected}
    assert actors == {f"unit/{UNIT}"}
    (fed_back,) = (e["fact"] for e in centre.events() if e["kind"] == "incident.fed_back")
    assert fed_back["text"] == "阀门已关"
    positions = centre.call("positions")["fixes"]
    assert [(fix[0], round(fix[1], 4), round(fix[2], 4)) for fix in positions] == [
        (UNIT, 120.1466, 30.2787)
    ]
    assert phone.faults() == []


def test_a_server_killed_in_the_middle_loses_nothing(phone: PhoneBrowser, centre: Centre) -> None:
    enrolled(phone, centre)
    command = centre.order()
    is_shown(phone, "read", "confirmed")
    centre.server.kill()
    advance(phone, "acknowledged")
    is_shown(phone, "acknowledged", "pending")
    advance(phone, "en_route")
    is_shown(phone, "en_route", "pending")
    phone.find(".link[data-state=off]")
    phone.sees("2 to send")
    centre.server.start()
    is_shown(phone, "en_route", "confirmed")
    phone.find(".link[data-state=on]")
    assert centre.steps(command) == ["read", "acknowledged", "en_route"]
    second = centre.order()
    phone.find(f".notice.news [data-id='{second}']")


def test_a_phone_killed_without_a_network_sends_later_and_once(
    phone: PhoneBrowser, centre: Centre
) -> None:
    enrolled(phone, centre)
    ready_without_network(phone)
    command = centre.order()
    is_shown(phone, "read", "confirmed")
    centre.server.kill()
    advance(phone, "acknowledged")
    is_shown(phone, "acknowledged", "pending")
    phone.kill()
    phone.open()
    # Nobody serves the page now: it comes from the phone.
    phone.visit(f"{centre.server.url}/field#c={command}")
    is_shown(phone, "acknowledged", "pending")
    advance(phone, "en_route")
    is_shown(phone, "en_route", "pending")
    centre.server.start()
    is_shown(phone, "en_route", "confirmed")
    assert centre.steps(command) == ["read", "acknowledged", "en_route"]


def test_a_tab_killed_in_mid_send_does_it_once(phone: PhoneBrowser, centre: Centre) -> None:
    enrolled(phone, centre)
    ready_without_network(phone)
    command = centre.order()
    is_shown(phone, "read", "confirmed")
    os.kill(centre.server.pid, signal.SIGSTOP)
    advance(phone, "acknowledged")
    is_shown(phone, "acknowledged", "pending")
    phone.kill()
    # What was on its way arrives; the phone never hears of it, and says it again.
    os.kill(centre.server.pid, signal.SIGCONT)
    phone.open()
    phone.visit(f"{centre.server.url}/field#c={command}")
    is_shown(phone, "acknowledged", "confirmed")
    assert centre.steps(command) == ["read", "acknowledged"]
    keys = [e["key"] for e in centre.events() if e["fact"].get("step") == "acknowledged"]
    assert len(keys) == 1


def test_a_recall_is_told_and_a_step_too_late_is_refused_in_words(
    phone: PhoneBrowser, centre: Centre
) -> None:
    enrolled(phone, centre)
    command = centre.order()
    is_shown(phone, "read", "confirmed")
    centre.do(RecallCommand(command, "邻近单位已先到"))
    phone.find("#over")
    phone.sees("Recalled")
    phone.sees("邻近单位已先到")
    assert not phone.all(NEXT)
    phone.tap("[data-act=dismiss]")
    phone.sees("No commands")
    late = centre.order()
    is_shown(phone, "read", "confirmed")
    centre.server.kill()
    advance(phone, "acknowledged")
    is_shown(phone, "acknowledged", "pending")
    # While the phone is away the centre takes it back: the phone hears both, in whatever order.
    phone.kill()
    centre.server.start()
    centre.do(RecallCommand(late, "not needed"))
    phone.open()
    phone.visit(f"{centre.server.url}/field#c={late}")
    is_shown(phone, "acknowledged", "refused")
    phone.find("#over")
    phone.sees("not needed")
    assert centre.steps(late) == ["read", "recalled"]


def test_what_the_desk_entered_meanwhile_is_told_when_the_phone_is_back(
    phone: PhoneBrowser, centre: Centre
) -> None:
    enrolled(phone, centre)
    over, under_way = centre.order(), centre.order()
    phone.find("body[data-view=command]")
    phone.driver.get("about:blank")
    # By radio: the desk says it for the unit.
    centre.do(AdvanceCommand(over, Step.DONE))
    centre.do(AdvanceCommand(under_way, Step.EN_ROUTE))
    phone.visit(f"{centre.server.url}/field#c={over}")
    phone.sees("Ended by the centre")
    phone.tap("[data-act=dismiss]")
    phone.tap(f"[data-id='{under_way}']")
    phone.find(f"{NEXT}[data-step=on_scene]")


def test_cannot_go_needs_a_reason(phone: PhoneBrowser, centre: Centre) -> None:
    enrolled(phone, centre)
    command = centre.order()
    is_shown(phone, "read", "confirmed")
    phone.tap("[data-act=refuse]")
    phone.tap("#refuse [type=submit]")
    phone.find("#refuse-fault")
    phone.tap("[data-act=reason]")
    phone.tap("#refuse [type=submit]")
    is_shown(phone, "refused", "confirmed")
    (refused,) = (e["fact"] for e in centre.events() if e["fact"].get("step") == "refused")
    assert (refused["command_id"], refused["text"]) == (command, "Busy with another incident")


def test_a_code_that_was_used_and_one_typed_by_hand(phone: PhoneBrowser, centre: Centre) -> None:
    code = centre.code()
    centre.call("devices", {"code": code})
    phone.visit(f"{centre.server.url}/field#enrol={code}")
    assert "used already" in phone.find("#fault").text
    assert code not in phone.driver.current_url
    field = phone.find("#code")
    field.send_keys(centre.code().lower().replace("-", " "))
    phone.tap("[data-act=enrol]")
    phone.find("body[data-view=begin]")
    phone.sees(f"You are {UNIT}")


def test_too_many_tries_and_no_network_are_told_apart(phone: PhoneBrowser, centre: Centre) -> None:
    phone.visit(f"{centre.server.url}/field")
    ready_without_network(phone)
    for _ in range(20):
        with pytest.raises(urllib.error.HTTPError):
            centre.call("devices", {"code": "0000-0000-0000"})
    phone.find("#code").send_keys("0000-0000-0000")
    phone.tap("[data-act=enrol]")
    phone.sees("Too many tries")
    centre.server.stop()
    phone.tap("[data-act=enrol]")
    phone.sees("does not answer")


def test_the_language_changes_at_once_and_stays(phone: PhoneBrowser, centre: Centre) -> None:
    enrolled(phone, centre)
    centre.order()
    phone.sees("Gas leak")
    phone.tap("[data-act=list]")
    phone.tap("[data-act=me]")
    phone.tap("[data-language=zh]")
    phone.sees("共享我的位置")
    phone.tap("[data-act=list]")
    phone.sees("燃气泄漏")
    phone.visit(f"{centre.server.url}/field")
    phone.sees("燃气泄漏")
    assert phone.driver.execute_script("return document.documentElement.lang") == "zh-CN"


def test_a_revoked_phone_says_so_keeps_what_is_unsent_and_enrols_again(
    phone: PhoneBrowser, centre: Centre
) -> None:
    enrolled(phone, centre)
    command = centre.order()
    is_shown(phone, "read", "confirmed")
    centre.server.kill()
    advance(phone, "acknowledged")
    is_shown(phone, "acknowledged", "pending")
    # Four newer devices of the unit end this one.
    centre.server.port, port = 0, centre.server.port
    centre.server.start()
    for _ in range(4):
        centre.call("devices", {"unit_id": UNIT})
    code = centre.code()
    centre.server.stop()
    centre.server.port = port
    centre.server.start()
    phone.sees("may no longer speak for")
    phone.sees("Unsent steps: 1")
    phone.find("#code").send_keys(code)
    phone.tap("[data-act=enrol]")
    phone.find(".link[data-state=on]")
    is_shown(phone, "acknowledged", "confirmed")
    assert centre.steps(command) == ["read", "acknowledged"]


def test_a_revocation_reaches_an_open_line(phone: PhoneBrowser, centre: Centre) -> None:
    enrolled(phone, centre)
    # The store of devices is shared: another process ends them, as `people lost-device` does.
    store = open_store(centre.server.db)
    Devices(store, SystemClock()).revoke(UNIT)
    store.close()
    phone.sees("may no longer speak for")
    phone.find("#code")


def test_a_report_goes_out_with_the_place(phone: PhoneBrowser, centre: Centre) -> None:
    enrolled(phone, centre)
    phone.tap("[data-act=report]")
    phone.tap("[data-act=send-report]")
    phone.sees("Choose what it is")
    choose(phone, "manhole_cover_missing")
    phone.find("#words").send_keys("井盖不见了")
    # What was typed outlives the page.
    phone.visit(f"{centre.server.url}/field#report")
    phone.driver.refresh()
    phone.wait(lambda: phone.find("#words").get_attribute("value") == "井盖不见了", "the draft")
    phone.sees("Your position goes with it")
    phone.tap("[data-act=send-report]")
    phone.find(".card [data-state=confirmed]")
    (event,) = (e for e in centre.events() if e["kind"] == "incident.reported")
    told = event["fact"]
    assert event["actor"] == f"unit/{UNIT}"
    assert (told["type_code"], told["priority"]) == ("manhole_cover_missing", 2)
    assert (told["source"], told["words"]["zh"]) == ("grid_worker", "井盖不见了")
    assert (round(told["lon"], 4), round(told["lat"], 4)) == (120.1466, 30.2787)
    phone.sees(told["number"])


def choose(phone: PhoneBrowser, kind: str) -> None:
    phone.find("#kind")
    phone.driver.execute_script(
        "const kind = document.getElementById('kind'); kind.value = arguments[0];"
        "kind.dispatchEvent(new Event('input', {bubbles: true}));",
        kind,
    )


def test_a_call_for_help_stands_until_it_is_over(phone: PhoneBrowser, centre: Centre) -> None:
    enrolled(phone, centre)
    centre.server.kill()
    phone.tap("[data-act=help]")
    assert not phone.all(".notice.bad"), "one tap calls nobody"
    phone.tap("#help [type=submit]")
    phone.sees("kept, to be sent")
    centre.server.start()
    phone.sees("You called for help")
    phone.sees("confirmed")
    assert declared(centre) == ["sos"]
    phone.tap("[data-act=safe]")
    phone.wait(lambda: declared(centre) == ["sos", "free"], "the end of it")
    phone.tap("[data-act=me]")
    phone.tap("[data-status=off]")
    phone.find("[data-status=off][aria-pressed=true]")
    phone.wait(lambda: declared(centre) == ["sos", "free", "off"], "off duty")


def declared(centre: Centre) -> list[str]:
    """What the unit has said it is."""
    told = [e for e in centre.events() if e["kind"] == "unit.status_declared"]
    assert all(e["actor"] == f"unit/{UNIT}" for e in told)
    return [e["fact"]["status"] for e in told]


def test_without_leave_for_the_position_all_else_works(phone: PhoneBrowser, centre: Centre) -> None:
    phone.denies("geolocation")
    phone.visit(f"{centre.server.url}/field#enrol={centre.code()}")
    phone.tap("[data-act=begin]")
    phone.sees("gives no position")
    phone.find(".link[data-state=on]")
    command = centre.order()
    advance(phone, "acknowledged")
    is_shown(phone, "acknowledged", "confirmed")
    assert "acknowledged" in centre.steps(command)
    assert centre.call("positions")["fixes"] == []


def test_one_tab_works_and_the_other_takes_over(phone: PhoneBrowser, centre: Centre) -> None:
    enrolled(phone, centre)
    first = phone.driver.current_window_handle
    phone.driver.switch_to.new_window("tab")
    phone.visit(f"{centre.server.url}/field")
    phone.sees("another tab")
    phone.tap("[data-act=take-over]")
    phone.find(".link[data-state=on]")
    phone.driver.switch_to.window(first)
    phone.sees("another tab")


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


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_on_a_small_phone_all_can_be_read_and_touched(
    tmp_path: Path, centre: Centre, language: str
) -> None:
    with phone_browser(tmp_path / "profile", size=(360, 740), language=language) as phone:
        phone.visit(f"{centre.server.url}/field")
        fits(phone, "enrol")
        enrolled(phone, centre)
        fits(phone, "nothing")
        command = centre.order("到锦澜花园 6 栋，关闭燃气总阀 Close the main gas valve, entrance 1")
        is_shown(phone, "read", "confirmed")
        fits(phone, "command")
        phone.tap("[data-act=refuse]")
        fits(phone, "refuse")
        phone.tap("[data-act=cancel]")
        for step in ("acknowledged", "en_route", "on_scene"):
            advance(phone, step)
            is_shown(phone, step, "confirmed")
        fits(phone, "on scene")
        phone.tap("[data-act=list]")
        fits(phone, "list")
        phone.tap("[data-act=report]")
        fits(phone, "report")
        phone.tap("[data-act=drop-report]")
        phone.tap("[data-act=me]")
        fits(phone, "me")
        centre.do(RecallCommand(command, "x"))
        phone.find("#over")
        fits(phone, "recalled")


def test_keys_and_distances_are_those_of_the_console(phone: PhoneBrowser, centre: Centre) -> None:
    phone.visit(f"{centre.server.url}/field")
    at = 1_795_000_000_000
    keys = phone.script(
        "const { newKey } = await import('./field/ids.js');"
        "return [...Array(50).keys()].map((more) => newKey(args[0] + more));",
        at,
    )
    assert all(is_key(made) for made in keys)
    assert keys == sorted(keys)
    assert int(keys[0].replace("-", "")[:12], 16) == at
    here, there = (120.15, 30.28), (120.1466, 30.2787)
    metres = phone.script(
        "const { metresBetween } = await import('./field/geo.js');"
        "const [lon, lat, lon2, lat2] = args;"
        "return metresBetween({ lon, lat }, { lon: lon2, lat: lat2 });",
        *here,
        *there,
    )
    own = ground_distance_m(*world_from_lonlat(*here), *world_from_lonlat(*there))
    assert metres == pytest.approx(float(own), abs=0.01)


def test_without_encryption_it_says_so_and_works_as_far_as_it_can(
    tmp_path: Path, centre: Centre
) -> None:
    # A name that is not this machine's own: what a phone sees of a server without TLS.
    mapped = "--host-resolver-rules=MAP trellis.city.test 127.0.0.1"
    with phone_browser(tmp_path / "profile", switches=[mapped]) as phone:
        url = f"http://trellis.city.test:{centre.server.port}"
        phone.visit(f"{url}/field#enrol={centre.code()}")
        phone.sees("without encryption (http)")
        phone.tap("[data-act=begin]")
        phone.find(".link[data-state=on]")
        command = centre.order()
        advance(phone, "acknowledged")
        is_shown(phone, "acknowledged", "confirmed")
        assert "acknowledged" in centre.steps(command)


def test_inside_another_app_the_code_is_not_spent(tmp_path: Path, centre: Centre) -> None:
    agent = "Mozilla/5.0 (Linux; Android 14) Chrome/126 Mobile Safari/537.36 MicroMessenger/8.0"
    with phone_browser(tmp_path / "profile", agent=agent, language="zh-CN") as phone:
        code = centre.code()
        phone.visit(f"{centre.server.url}/field#enrol={code}")
        phone.sees("请在浏览器中打开")
        assert phone.driver.current_url.endswith(f"#enrol={code}")
    centre.call("devices", {"code": code})


def test_another_phone_of_the_unit_takes_the_line(
    tmp_path: Path, phone: PhoneBrowser, centre: Centre
) -> None:
    enrolled(phone, centre)
    with phone_browser(tmp_path / "other") as other:
        enrolled(other, centre)
        phone.sees(f"Another phone speaks for {UNIT} now")
        # Looking at the page again does not take the line from the other.
        phone.driver.execute_script("window.dispatchEvent(new Event('online'))")
        other.find(".link[data-state=on]")
        phone.sees(f"Another phone speaks for {UNIT} now")
        phone.tap("[data-act=use-here]")
        phone.find(".link[data-state=on]")
        other.sees(f"Another phone speaks for {UNIT} now")


def test_a_phone_handed_on_forgets_and_another_unit_does_not_speak_for_the_first(
    phone: PhoneBrowser, centre: Centre
) -> None:
    enrolled(phone, centre)
    command = centre.order()
    is_shown(phone, "read", "confirmed")
    centre.server.kill()
    advance(phone, "acknowledged")
    is_shown(phone, "acknowledged", "pending")
    phone.tap("[data-act=list]")
    phone.tap("[data-act=me]")
    phone.tap("[data-act=leave]")
    phone.tap("[data-act=leave-yes]")
    centre.server.start()
    phone.find("#code").send_keys(centre.code("G-200"))
    phone.tap("[data-act=enrol]")
    phone.tap("[data-act=begin]")
    phone.sees(f"1 steps of {UNIT} are on this phone unsent")
    phone.sees("No commands")
    assert centre.steps(command) == ["read"]
    assert "acknowledged" not in [e["fact"].get("step") for e in centre.events()]
