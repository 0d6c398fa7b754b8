"""The access log: one chain for all nodes, signed, cut off by policy and by nobody else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import apsw
import msgspec
import psycopg
import pytest

import main
from console.access import log_keeper
from console.access.access_log import AccessLog, Note
from console.access.log_chain import START, link
from console.access.log_check import LogVerdict, check_log
from console.access.log_cut import SignedCut, cuts_in, decode_cut, keep_cut
from console.access.log_keeper import LogKeeper, keeping_log, own_log_heads
from console.access.log_ledger import open_log_ledger
from console.access.log_policy import DAY_MS, LogPolicy, LogPolicyError, read_log_policy
from console.access.open import open_store
from console.access.store import Store
from console.audit import AuditError, KeyRing, own_public_keys
from console.clock import ManualClock
from console.guarded_clock import SettledTime
from console.i18n import catalogue
from console.journal.open import open_journal

NOW = 1_795_000_000_000
RELEASED = Path(__file__).parent / "released"


@pytest.fixture(params=["sqlite", "postgresql"])
def city(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[City]:
    """A journal with a log of 30 entries, signed."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'city.sqlite'}"
    else:
        url = request.getfixturevalue("postgres").fresh()
    clock = ManualClock(NOW)
    open_journal(url, clock).close()
    with closing(open_store(url)) as store:
        built = City(url, tmp_path / "node", clock, store)
        for _ in range(30):
            built.note()
        yield built


@dataclass
class City:
    """A log, its keeper's folder, and ways to do it harm."""

    url: str
    data: Path
    clock: ManualClock
    store: Store
    policy: LogPolicy = field(default_factory=lambda: LogPolicy(200))

    @property
    def folder(self) -> Path:
        if urlsplit(self.url).scheme == "sqlite":
            return Path(urlsplit(self.url).path).with_suffix(".audit")
        return self.data / "journals" / "postgres.audit"

    def note(self, kind: str = "access.failed") -> None:
        """An entry, a minute after the one before."""
        self.clock.advance(60_000)
        log = AccessLog(self.store, self.clock)
        log.note(kind, "person/lin", "203.0.113.9", "x")
        log.flush()

    def kept(self, work: Callable[[LogKeeper], Any] = lambda _: None) -> Any:
        """Do `work` with a keeper, which signs at the end."""
        with keeping_log(self.url, self.clock, self.policy, folder=self.folder) as keeper:
            assert keeper is not None
            return work(keeper)

    def harm(self, *statements: str) -> None:
        """Change the database behind the program's back."""
        if urlsplit(self.url).scheme == "sqlite":
            file = Path(urlsplit(self.url).path).with_suffix(".access")
            with closing(apsw.Connection(str(file))) as connection:
                for statement in statements:
                    connection.execute(statement)
            return
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                dialect = statement.replace("x'", "'\\x").replace("entry ", "access_entry ")
                connection.execute(dialect.encode())

    def verdict(self, *, heads: bool = True) -> LogVerdict:
        """What checking says."""
        ledger = open_log_ledger(self.url)
        assert ledger is not None
        keys = own_public_keys(self.url, self.data)
        files = own_log_heads(self.url, self.data) if heads else []
        with closing(ledger):
            found = check_log(ledger, files, keys)
        for finding in found.findings:
            assert finding.message.en
            assert finding.message.zh
        return found

    def found(self, *, heads: bool = True) -> list[tuple[str, int]]:
        """The findings: code and entry."""
        verdict = self.verdict(heads=heads)
        own = [(f.code, f.seq) for f in verdict.findings]
        of_heads = verdict.heads.findings if verdict.heads else ()
        return own + [("head " + f.code, f.seq) for f in of_heads]

    def rechain(self) -> None:
        """Make all hashes fit, as somebody would who can write the database."""
        rows = self.store.notes(0, 10_000)
        chain = START
        with self.store.change():
            self.store.cut_log(10_000)
        for row in rows:
            chain = link(chain, row.seq, row.body)
            self.harm(
                f"INSERT INTO access_log (seq, body, chain) VALUES "
                f"({row.seq}, x'{row.body.hex()}', x'{chain.hex()}')"
            )


def test_a_sound_log(city: City) -> None:
    city.kept()
    verdict = city.verdict()
    assert verdict.is_sound
    assert verdict.entries == 30
    assert verdict.heads is not None
    assert verdict.heads.covered == 30


@pytest.mark.parametrize(
    ("harm", "expected"),
    [
        (["UPDATE access_log SET body = x'84' WHERE seq = 7"], [("changed", 7)]),
        (["DELETE FROM access_log WHERE seq IN (11, 12)"], [("removed", 13)]),
        (["DELETE FROM access_log WHERE seq <= 9"], [("cut_unsigned", 10)]),
        (
            [
                "DELETE FROM access_log WHERE seq = 20",
                "INSERT INTO access_log (seq, body, chain) VALUES (20, x'84', x'00')",
            ],
            [("changed", 20), ("changed", 21)],
        ),
        (["DELETE FROM access_log WHERE seq > 28"], [("head cut_off", 30)]),
        (["DELETE FROM access_log"], [("head cut_off", 30)]),
    ],
)
def test_harm_is_found_where_it_was_done(
    city: City, harm: list[str], expected: list[tuple[str, int]]
) -> None:
    city.kept()
    city.harm(*harm)
    assert [f for f in city.found() if f[0] != "head none_sound"] == expected


def test_two_that_changed_places(city: City) -> None:
    city.kept()
    rows = {row.seq: row for row in city.store.notes(0, 99)}
    for here, there in ((5, 6), (6, 5)):
        body = rows[there].body.hex()
        city.harm(f"UPDATE access_log SET body = x'{body}' WHERE seq = {here}")
    # Entries of the same minute look alike: make sure that these do not.
    assert rows[5].body != rows[6].body
    assert city.found() == [("changed", 5), ("changed", 6)]


def test_one_put_in_between(city: City) -> None:
    """Everything after it has another number, and so does not fit."""
    city.kept()
    city.harm(
        "UPDATE access_log SET seq = seq + 1000 WHERE seq > 10",
        "UPDATE access_log SET seq = seq - 999 WHERE seq > 1000",
        "INSERT INTO access_log (seq, body, chain) VALUES (11, x'84', x'00')",
    )
    assert city.found(heads=False)[0] == ("changed", 11)


def test_a_whole_made_anew_is_told_by_the_heads(city: City) -> None:
    city.kept()
    city.harm("UPDATE access_log SET body = x'84' WHERE seq = 7")
    city.rechain()
    assert city.found(heads=False) == []
    assert ("head differs", 30) in city.found()


def test_retention_leaves_a_signed_statement_and_the_rest_sound(city: City) -> None:
    city.kept()
    city.clock.advance(city.policy.keep_days * DAY_MS - DAY_MS)
    for _ in range(5):
        city.note("access.signed_in")
    assert city.kept(lambda k: k.cut()) is None, "nothing is old enough yet"
    city.clock.advance(2 * DAY_MS)
    cut: SignedCut = city.kept(lambda k: k.cut())
    assert (cut.after, cut.through, cut.count) == (0, 30, 30)
    assert cut.before % DAY_MS == 0
    assert cut.before <= city.clock.now_ms() - city.policy.keep_days * DAY_MS
    verdict = city.verdict()
    assert verdict.is_sound, verdict
    assert verdict.last_cut == cut
    assert verdict.entries == 6
    notes = AccessLog(city.store, city.clock).read(0, 99)
    assert (notes[-1][1].kind, notes[-1][1].detail) == ("access.log_cut", "1-30 30")
    city.clock.advance(city.policy.keep_days * DAY_MS + DAY_MS)
    second: SignedCut = city.kept(lambda k: k.cut())
    assert (second.after, second.through) == (30, 36)
    assert city.verdict().is_sound
    assert city.verdict().entries == 1
    assert len(cuts_in(city.store)) == 2


def test_b4_a_clock_that_is_wrong_from_the_start_cuts_nothing(city: City, tmp_path: Path) -> None:
    path = tmp_path / "city.clock"
    SettledTime(city.clock, path).now_ms()
    city.clock.advance(city.policy.keep_days * DAY_MS + 2 * DAY_MS)
    for _ in range(2):  # a restart does not make it right
        settled = SettledTime(city.clock, path)
        with keeping_log(
            city.url, city.clock, city.policy, folder=city.folder, settled=settled
        ) as keeper:
            assert keeper is not None
            assert keeper.cut() is None
            city.clock.advance(70_000)
            assert keeper.cut() is None
    assert city.verdict().entries == 30


def test_a_cut_by_somebody_else_is_told_from_retention(city: City, tmp_path: Path) -> None:
    city.kept()
    city.clock.advance(city.policy.keep_days * DAY_MS + DAY_MS)
    city.note()
    true: SignedCut = city.kept(lambda k: k.cut())
    city.note()
    city.kept()
    city.harm("DELETE FROM access_log WHERE seq <= 31")
    assert city.found() == [("cut_unsigned", 32)]
    end = city.store.notes(0, 1)[0]
    forged = msgspec.structs.replace(true, after=30, through=31, chain=end.chain.hex())
    with city.store.change():
        keep_cut(city.store, forged)
    assert city.found()[:2] == [("cut_forged", 31), ("cut_unsigned", 32)]
    other = KeyRing(tmp_path / "stranger")
    key_id, key = other.current
    with city.store.change():
        keep_cut(city.store, msgspec.structs.replace(forged, key=key_id).signed(key))
    assert city.found()[0] == ("cut_key_unknown", 31)
    with city.store.change():
        key_id, key = KeyRing(city.folder).current
        keep_cut(city.store, msgspec.structs.replace(forged, log="access:other").signed(key))
    assert city.found()[0] == ("cut_of_another", 31)
    city.harm("UPDATE entry SET body = x'7b' WHERE kind = 'log_cut'")
    assert {code for code, _ in city.found()} >= {"cut_unreadable", "cut_unsigned"}


def test_what_was_changed_is_not_cut_off(city: City) -> None:
    """Else the proof would go with it."""
    city.kept()
    city.harm("UPDATE access_log SET body = (SELECT body FROM access_log WHERE seq = 8) "
              "WHERE seq = 7")  # fmt: skip
    city.clock.advance(city.policy.keep_days * DAY_MS + DAY_MS)
    assert city.kept(lambda k: k.cut()) is None
    assert city.found() == [("changed", 7)]
    city.rechain()
    assert city.kept(lambda k: k.cut()) is None, "what was signed is not what is there"
    assert city.verdict().entries == 30


def test_a_long_past_goes_in_bites(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_keeper, "AT_ONCE", 8)
    monkeypatch.setattr(log_keeper, "_PAGE", 4)
    city.clock.advance(city.policy.keep_days * DAY_MS + DAY_MS)

    def work(keeper: LogKeeper) -> list[int]:
        for _ in range(6):
            keeper.step()
        return [cut.count for cut in cuts_in(city.store)]

    assert city.kept(work) == [8, 8, 8, 6]
    assert city.verdict().is_sound


def test_nodes_write_one_chain(city: City) -> None:
    """Each by a connection of its own, at the same time."""

    def node() -> None:
        with closing(open_store(city.url)) as store:
            for _ in range(20):
                with store.change():
                    store.note([msgspec.msgpack.encode(Note(NOW, "access.failed", "person/x"))])

    nodes = [threading.Thread(target=node) for _ in range(4)]
    for thread in nodes:
        thread.start()
    for thread in nodes:
        thread.join()
    city.kept()
    verdict = city.verdict()
    assert (verdict.is_sound, verdict.entries) == (True, 110)


def test_what_is_not_kept_in_a_change_leaves_no_hole(city: City) -> None:
    with pytest.raises(RuntimeError), city.store.change():
        city.store.note([b"x"])
        raise RuntimeError
    city.note()
    city.kept()
    assert [row.seq for row in city.store.notes(29, 9)] == [30, 31]
    assert city.verdict().is_sound


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_released_stores_are_chained(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    script = (RELEASED / f"{database}-1.sql").read_text("utf-8")
    if database == "sqlite":
        url = f"sqlite:///{tmp_path / 'city.sqlite'}"
        with closing(apsw.Connection(str(tmp_path / "city.access"))) as connection:
            connection.execute(script)
    else:
        url = request.getfixturevalue("postgres").fresh()
        open_journal(url, ManualClock(1)).close()
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(script.encode())
    before = open_log_ledger(url)
    assert before is not None
    with closing(before):
        assert [f.code for f in check_log(before, [], {}).findings] == ["not_chained"]
    for opened in range(2):
        with closing(open_store(url)) as store:
            log = AccessLog(store, ManualClock(NOW))
            assert [n.kind for _, n in log.read(0, 9)][:3] == [
                "access.set_up", "access.failed", "access.signed_in",
            ]  # fmt: skip
            log.note("access.failed", f"person/n{opened}")
            log.flush()
    after = open_log_ledger(url)
    assert after is not None
    with closing(after):
        verdict = check_log(after, [], {})
    assert (verdict.is_sound, verdict.entries) == (True, 5)


def test_a_newer_store_is_left_alone(city: City) -> None:
    if urlsplit(city.url).scheme == "sqlite":
        city.harm("PRAGMA user_version = 99")
    else:
        city.harm("UPDATE access_schema SET version = 99")
    with pytest.raises(Exception, match="newer"):
        open_store(city.url)


def test_the_policy(tmp_path: Path) -> None:
    assert read_log_policy(None) == read_log_policy(tmp_path) == LogPolicy(365)
    file = tmp_path / "policy.toml"
    file.write_text("[tracks]\nkeep_days = 30\n")
    assert read_log_policy(tmp_path) == LogPolicy(365)
    file.write_text("[access_log]\nkeep_days = 400\n")
    assert read_log_policy(tmp_path) == LogPolicy(400)
    for bad in ("keep_days = 30", "keep_days = true", "keep_days = '400'", "keep_day = 400"):
        file.write_text(f"[access_log]\n{bad}\n")
        with pytest.raises(LogPolicyError):
            read_log_policy(tmp_path)
    for bad in ("access_log = 5", "[access_log", "\xff", "a = " + "[" * 5000):
        file.write_bytes(bad.encode("latin-1"))
        with pytest.raises(LogPolicyError):
            read_log_policy(tmp_path)


def test_statements_that_cannot_be_read_stop_cutting(city: City) -> None:
    city.kept()
    city.harm("INSERT INTO entry (kind, key, grp, ends_at, body) VALUES ('log_cut', '1', '', 0, x'7b')")  # fmt: skip  # noqa: E501
    with pytest.raises(AuditError):
        city.kept(lambda k: k.cut())
    with pytest.raises(ValueError, match="truncated"):
        decode_cut(b"{")


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                      monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """`verify` says it; a backup takes it along, and a restore says whether it came back whole."""
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    url, clock = f"sqlite:///{tmp_path / 'city.sqlite'}", ManualClock(NOW)
    open_journal(url, clock).close()
    (tmp_path / "second").mkdir()
    with closing(open_store(url)) as store:
        log = AccessLog(store, clock)
        log.note("access.failed", "person/lin")
        log.flush()
        clock.advance(400 * DAY_MS)
        log.note("access.failed", "person/lin")
        log.flush()
    policy = LogPolicy()
    with keeping_log(url, clock, policy, tmp_path / "second") as keeper:
        assert keeper is not None
        keeper.cut()

    def run(*words: str) -> tuple[int, str]:
        code = main.main(list(words))
        said = capsys.readouterr()
        return code, said.out + said.err

    code, said = run("verify", "--db", url)
    assert code == 0, said
    assert "2 entries; their chain holds" in said
    assert "entries up to 1, made before" in said
    assert run("backup", "--db", url, "--out", str(tmp_path / "b"))[0] == 0
    copy = f"sqlite:///{tmp_path / 'new' / 'city.sqlite'}"
    code, said = run("restore", str(tmp_path / "b"), "--db", copy)
    assert (code, "proved up to entry 3" in said) == (0, True), said
    assert run("verify", "--db", copy)[0] == 0
    with closing(apsw.Connection(str(tmp_path / "new" / "city.access"))) as connection:
        connection.execute("DELETE FROM access_log WHERE seq = 3")
    second = str(tmp_path / "second" / "city.access.heads.jsonl")
    code, said = run("verify", "--db", copy)
    assert (code, "entries after 2 were removed" in said) == (3, True), said
    assert "access log" in run("verify", "--db", copy, "--heads", second)[1].lower()


def test_every_finding_has_its_sentence() -> None:
    source = (Path(log_keeper.__file__).parent / "log_check.py").read_text()
    for language in ("zh", "en"):
        known = {k.rpartition(".")[2] for k in catalogue(language) if "access.verify." in k}
        assert all(f'"{code}"' in source for code in known)
        heads = {k.rpartition(".")[2] for k in catalogue(language) if "access.head." in k}
        audit = {k.rpartition(".")[2] for k in catalogue(language) if "audit.finding." in k}
        assert heads == audit
