"""The phone's store closed, full, deleted or unreadable, and a server of another release."""

from __future__ import annotations

import pytest

from tests.helpers.field_centre import (
    UNIT,
    Centre,
    advance,
    declared,
    enrolled,
    is_shown,
    ready_without_network,
)
from tests.helpers.phone_browser import PhoneBrowser

CLOSED_ONCE = """
  const real = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (...args) {
    IDBDatabase.prototype.transaction = real;
    this.close();
    return real.apply(this, args);
  };
"""

BROKEN = """
  window.realTransaction ||= IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function () { throw new DOMException("test", "%s"); };
"""

WHOLE = "IDBDatabase.prototype.transaction = window.realTransaction;"

KEPT = """
  const answer = (asked) => new Promise((done, failed) => {
    asked.onsuccess = () => done(asked.result); asked.onerror = () => failed(asked.error); });
  const base = await answer(indexedDB.open("trellis-field", 1));
  const entries = await answer(base.transaction("queue").objectStore("queue").getAll());
  const identity = await answer(base.transaction("kept").objectStore("kept").get("identity"));
  base.close();
  return { entries, identity };
"""

DELETED = """
  return await new Promise((done) => {
    const asked = indexedDB.deleteDatabase("trellis-field");
    asked.onsuccess = () => done("deleted");
    asked.onblocked = () => done("blocked");
  });
"""

NOT_UNDERSTOOD = """
  const real = window.fetch;
  const said = '{"error": "bad_request", "message": {"zh": "", "en": ""}}';
  window.fetch = async (path, options) => (String(path).endsWith("api/v1/requests")
    ? new Response(said, { status: 400 }) : real(path, options));
"""

OF_AN_OLDER_PAGE = """
  const answer = (asked) => new Promise((done, failed) => {
    asked.onsuccess = () => done(asked.result); asked.onerror = () => failed(asked.error); });
  const base = await answer(indexedDB.open("trellis-field", 1));
  const queue = base.transaction("queue", "readwrite").objectStore("queue");
  for (const entry of await answer(queue.getAll())) {
    if (entry.held) await answer(queue.put({ ...entry, held: "an-older-page", body: "{}" }));
  }
  base.close();
"""


def test_b1_a_store_that_the_phone_closed_is_opened_again(
    phone: PhoneBrowser, centre: Centre
) -> None:
    enrolled(phone, centre)
    command = centre.order()
    is_shown(phone, "read", "confirmed")
    phone.driver.execute_script(CLOSED_ONCE)
    advance(phone, "acknowledged")
    is_shown(phone, "acknowledged", "confirmed")
    assert not phone.all(".notice.bad")
    assert centre.steps(command) == ["read", "acknowledged"]
    kept = phone.script(KEPT)["entries"]
    assert [e["state"] for e in kept if e["request"].get("step") == "acknowledged"] == ["confirmed"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("InvalidStateError", "closed this page's storage"),
        ("QuotaExceededError", "storage is full"),
    ],
)
def test_b1_what_cannot_be_kept_is_sent_shown_and_said(
    phone: PhoneBrowser, centre: Centre, error: str, words: str
) -> None:
    enrolled(phone, centre)
    phone.driver.execute_script(BROKEN % error)
    command = centre.order("Close the main valve")
    phone.sees("Close the main valve")
    phone.sees(words)
    is_shown(phone, "read", "confirmed")
    advance(phone, "acknowledged")
    is_shown(phone, "acknowledged", "confirmed")
    assert centre.steps(command) == ["read", "acknowledged"]
    phone.sees("Not kept")
    assert "All sent" not in phone.text
    # Reading a page, or turning it, mends nothing: only a write that worked.
    phone.tap("[data-act=list]")
    phone.sees(words)
    phone.driver.execute_script(WHOLE)
    phone.tap("[data-act=open]")
    advance(phone, "en_route")
    is_shown(phone, "en_route", "confirmed")
    phone.wait(lambda: words not in phone.text, "the fault to be over")
    kept = {e["request"].get("step"): e["state"] for e in phone.script(KEPT)["entries"]}
    assert kept == {"read": "confirmed", "acknowledged": "confirmed", "en_route": "confirmed"}


def test_b1_a_call_for_help_that_cannot_be_kept_goes_out(
    phone: PhoneBrowser, centre: Centre
) -> None:
    enrolled(phone, centre)
    phone.driver.execute_script(BROKEN % "UnknownError")
    phone.tap("[data-act=help]")
    phone.tap("#help [type=submit]")
    phone.sees("The centre has your call")
    phone.wait(lambda: declared(centre) == ["sos"], "the centre to know")


def test_b1_a_store_deleted_under_the_page_is_written_again(
    phone: PhoneBrowser, centre: Centre
) -> None:
    enrolled(phone, centre)
    command = centre.order()
    is_shown(phone, "read", "confirmed")
    deleted = phone.script(DELETED)
    assert deleted == "deleted", "the page did not let go of its store"
    advance(phone, "acknowledged")
    is_shown(phone, "acknowledged", "confirmed")
    phone.wait(lambda: phone.script(KEPT)["identity"], "the token to be written again")
    phone.visit(f"{centre.server.url}/field#c={command}")
    phone.driver.refresh()
    phone.find(".link[data-state=on]")
    is_shown(phone, "acknowledged", "confirmed")
    assert centre.steps(command) == ["read", "acknowledged"]


def test_b9_what_the_server_does_not_understand_waits_for_a_newer_page(
    phone: PhoneBrowser, centre: Centre
) -> None:
    enrolled(phone, centre)
    ready_without_network(phone)
    command = centre.order()
    is_shown(phone, "read", "confirmed")
    phone.driver.execute_script(NOT_UNDERSTOOD)
    advance(phone, "acknowledged")
    phone.sees("does not understand")
    phone.sees("waits for a newer page")
    is_shown(phone, "acknowledged", "pending")
    # The same page does not say it again, however often it is opened.
    phone.driver.refresh()
    phone.sees("does not understand")
    assert centre.steps(command) == ["read"]
    # Another release does, in its own words and under the same key.
    (key,) = (e["key"] for e in phone.script(KEPT)["entries"] if e.get("held"))
    phone.script(OF_AN_OLDER_PAGE)
    phone.driver.refresh()
    is_shown(phone, "acknowledged", "confirmed")
    assert "does not understand" not in phone.text
    assert centre.steps(command) == ["read", "acknowledged"]
    (entry,) = (e for e in phone.script(KEPT)["entries"] if e["key"] == key)
    assert (entry["state"], entry["unit_id"]) == ("confirmed", UNIT)
