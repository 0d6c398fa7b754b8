"""The phone itself, in a real browser: codes, language, position, tabs, revocation, size."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path

import pytest

from console.access.devices import Devices
from console.access.open import open_store
from console.clock import SystemClock
from console.model.geo import ground_distance_m, world_from_lonlat
from console.model.ids import is_key
from console.model.requests import AcknowledgeSos, EndSos, RecallCommand
from tests.helpers.field_centre import (
    UNIT,
    Centre,
    advance,
    choose,
    declared,
    enrolled,
    fits,
    is_shown,
    ready_without_network,
)
from tests.helpers.phone_browser import PhoneBrowser, phone_browser


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


def test_a_call_for_help_stands_until_it_is_over(phone: PhoneBrowser, centre: Centre) -> None:
    enrolled(phone, centre)
    centre.server.kill()
    phone.tap("[data-act=help]")
    assert not phone.all(".notice.bad"), "one tap calls nobody"
    phone.tap("#help [type=submit]")
    phone.find("#sos[data-state=pending]")
    phone.sees("Not sent yet")
    centre.server.start()
    phone.find("#sos[data-state=reached]")
    phone.sees("The centre has your call")
    assert declared(centre) == ["sos"]
    phone.tap("[data-act=safe]")
    phone.wait(lambda: declared(centre) == ["sos", "free"], "the end of it")
    phone.tap("[data-act=me]")
    phone.tap("[data-status=off]")
    phone.find("[data-status=off][aria-pressed=true]")
    phone.wait(lambda: declared(centre) == ["sos", "free", "off"], "off duty")


def test_a1_the_phone_says_who_has_seen_its_call_and_what_became_of_it(
    phone: PhoneBrowser, centre: Centre
) -> None:
    enrolled(phone, centre)
    token, name = centre.officer()
    phone.tap("[data-act=help]")
    phone.tap("#help [type=submit]")
    phone.find("#sos[data-state=reached]")
    phone.tap("[data-act=me]")
    phone.sees("Say first that you are safe")
    assert not phone.all("[data-status=off]"), "nobody goes off duty out of a call for help"
    centre.do(AcknowledgeSos(UNIT, centre.called_at()), token)
    phone.find("#sos[data-state=seen]")
    phone.sees(f"Seen by {name}")
    # It stands over a restart of the page, whatever the network does.
    phone.driver.refresh()
    phone.find("#sos[data-state=seen]")
    phone.tap("#sos [data-act=help]")
    phone.tap("#help [type=submit]")
    phone.find("#sos[data-state=reached]")
    assert declared(centre) == ["sos", "sos"]
    centre.do(EndSos(UNIT, centre.called_at(), "同事已到场 A colleague is there"), token)
    phone.find("#sos[data-state=ended]")
    phone.sees("A colleague is there")
    phone.tap("[data-act=help-over]")
    phone.wait(lambda: not phone.all("#sos"), "the band to go")


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
