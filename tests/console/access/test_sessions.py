"""Sign-ins: short tokens, rotation, and what a stolen one comes to."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.strategies import sampled_from

from console.access.people import People
from console.access.policy import Role
from console.access.sessions import ACCESS_MS, FAMILY_MS, REFRESH_MS, NotSignedIn, Sessions
from console.access.sqlite import SqliteStore
from console.clock import ManualClock

NOW = 1_795_000_000_000


class Desk:
    """People and sign-ins in memory."""

    def __init__(self) -> None:
        self.clock = ManualClock(NOW)
        self.store = SqliteStore(None)
        self.people = People(self.store, self.clock)
        self.sessions = Sessions(self.store, self.people, self.clock)
        self.lin = self.people.add("lin", "林", Role.DUTY_OFFICER)

    def why(self, token: str, *, refresh: bool = False) -> str:
        """Why a token is not good, "" when it is."""
        try:
            (self.sessions.refresh if refresh else self.sessions.identify)(token)
        except NotSignedIn as error:
            return error.code
        return ""


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_access_token_is_its_person_for_ten_minutes(desk: Desk) -> None:
    grant = desk.sessions.open(desk.lin, "03")
    assert str(desk.sessions.identify(grant.access)) == "person/lin@03"
    assert desk.why(grant.refresh) == "unknown"
    assert desk.why(grant.access, refresh=True) == "unknown"
    assert desk.why("nothing") == "unknown"
    desk.clock.advance(ACCESS_MS - 1)
    assert desk.why(grant.access) == ""
    desk.clock.advance(1)
    assert desk.why(grant.access) == "ended"


def test_no_secret_is_stored(desk: Desk) -> None:
    grant = desk.sessions.open(desk.lin, "03")
    stored = b"".join(body for kind in ("token", "family") for body in desk.store.all(kind))
    keys = desk.store._rows("SELECT key FROM entry")
    for secret in (grant.access, grant.refresh):
        assert secret.encode() not in stored
        assert all(secret not in key for (key,) in keys)


def test_refreshing_goes_on_until_the_family_ends(desk: Desk) -> None:
    grant = desk.sessions.open(desk.lin, "03")
    while desk.clock.now_ms() + REFRESH_MS // 2 < NOW + FAMILY_MS:
        desk.clock.advance(REFRESH_MS // 2)
        grant = desk.sessions.refresh(grant.refresh)
        assert desk.why(grant.access) == ""
    desk.clock.advance(REFRESH_MS // 2)
    assert desk.why(grant.refresh, refresh=True) == "ended"
    assert desk.why(grant.access) == "ended"


def test_a_desk_that_was_off_too_long_signs_in_anew(desk: Desk) -> None:
    grant = desk.sessions.open(desk.lin, "03")
    desk.clock.advance(REFRESH_MS)
    assert desk.why(grant.refresh, refresh=True) == "ended"


def test_an_answer_lost_on_the_way_signs_nobody_out(desk: Desk) -> None:
    grant = desk.sessions.open(desk.lin, "03")
    desk.sessions.refresh(grant.refresh)
    again = desk.sessions.refresh(grant.refresh)
    assert desk.why(again.access) == ""


def test_a_spent_refresh_token_ends_the_family(desk: Desk) -> None:
    grant = desk.sessions.open(desk.lin, "03")
    other = desk.sessions.open(desk.lin, "04")
    stolen = grant.refresh
    mine = desk.sessions.refresh(stolen)
    assert desk.why(mine.access) == ""
    assert desk.why(stolen, refresh=True) == "reused"
    assert desk.why(mine.access) == "revoked"
    assert desk.why(mine.refresh, refresh=True) == "revoked"
    assert desk.why(other.access) == ""


def test_a_thief_who_refreshes_first_is_found_out_by_the_owner(desk: Desk) -> None:
    grant = desk.sessions.open(desk.lin, "03")
    thief = desk.sessions.refresh(grant.refresh)
    owner = desk.sessions.refresh(grant.refresh)
    assert desk.why(owner.access) == ""
    assert desk.why(thief.access) == "reused"
    assert desk.why(owner.access) == "revoked"


def test_a_thief_who_used_the_token_first_is_found_out_too(desk: Desk) -> None:
    grant = desk.sessions.open(desk.lin, "03")
    thief = desk.sessions.refresh(grant.refresh)
    assert desk.why(thief.access) == ""
    assert desk.why(grant.refresh, refresh=True) == "reused"
    assert desk.why(thief.access) == "revoked"


def test_a_sign_in_holds_until_rights_change(desk: Desk) -> None:
    first, second = (desk.sessions.open(desk.lin, d) for d in ("03", "04"))
    assert desk.sessions.holds(first.actor)
    desk.sessions.revoke(first.session)
    assert not desk.sessions.holds(first.actor)
    assert desk.sessions.holds(second.actor)
    desk.people.change("lin", areas=("330106",))
    assert not desk.sessions.holds(second.actor)
    assert desk.sessions.identify(second.access).area.prefixes == ("330106",)
    desk.people.add("boss", "Boss", Role.ADMINISTRATOR)
    desk.people.change("lin", disabled=True)
    assert desk.why(second.access) == "revoked"


class TokensMachine(RuleBasedStateMachine):
    """However owner and thief take turns, a sign-in never serves both once each used a token."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        grant = self.desk.sessions.open(self.desk.lin, "03")
        self.hands = {"owner": [grant], "thief": [grant]}
        self.used: dict[str, str] = {}

    @rule(who=sampled_from(["owner", "thief"]))
    def refresh(self, who: str) -> None:
        try:
            self.hands[who].append(self.desk.sessions.refresh(self.hands[who][-1].refresh))
        except NotSignedIn:
            return

    @rule(who=sampled_from(["owner", "thief"]))
    def use(self, who: str) -> None:
        grant = self.hands[who][-1]
        if self.desk.why(grant.access) == "" and len(self.hands[who]) > 1:
            self.used[who] = grant.refresh

    @invariant()
    def one_line_of_tokens_is_good(self) -> None:
        if len(self.used) == 2 and self.used["owner"] != self.used["thief"]:
            good = [w for w in self.used if self.desk.why(self.hands[w][-1].access) == ""]
            assert len(good) <= 1


TestTokens = TokensMachine.TestCase
TestTokens.settings = settings(max_examples=25, stateful_step_count=15, deadline=None)
