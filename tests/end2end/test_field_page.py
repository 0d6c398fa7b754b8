"""A unit's commands on its phone, in a real browser, while the server is killed and comes back."""

from __future__ import annotations

import os
import signal

from console.model.command import Step
from console.model.requests import (
    AdvanceCommand,
    RecallCommand,
)
from tests.helpers.field_centre import (
    NEXT,
    UNIT,
    Centre,
    advance,
    enrolled,
    is_shown,
    ready_without_network,
)
from tests.helpers.phone_browser import PhoneBrowser
from tests.helpers.stream import PLACE


def test_from_the_square_to_done(phone: PhoneBrowser, centre: Centre) -> None:
    enrolled(phone, centre)
    assert phone.driver.current_url == f"{centre.server.url}/field", "the code is still to be seen"
    phone.sees("No commands")
    command = centre.order("Close the main valve")
    phone.find("body[data-view=command]")
    for words in (
        "Gas leak",
        "Close the main valve",
        "A smell",
        "214 Heping Avenue",
        "360 m",
        "north-east",
    ):
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
