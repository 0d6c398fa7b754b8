"""A journal in PostgreSQL: backed up while nodes append, restored into an empty database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from console.audit import audit_folder_of, checked, own_heads, own_public_keys, signing
from console.backup import BackupError, back_up, restore
from console.clock import ManualClock, SystemClock
from console.journal import Batch, append
from console.journal.open import open_journal
from console.model.facts import NoteAdded
from console.model.ids import new_key
from tests.helpers.postgres import Cluster, cluster
from tests.helpers.stream import NOW

CLOCK = ManualClock(NOW)


@pytest.fixture(scope="module")
def databases() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


def database(cluster: Cluster, name: str) -> str:
    """The URL of a new, empty database."""
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return cluster.url.replace("/postgres?", f"/{name}?")


def write(url: str, events: int) -> None:
    """Append some notes."""
    with closing(open_journal(url, CLOCK)) as journal:
        end = journal.head
        for _ in range(events):
            key = new_key(NOW)
            batch = Batch(key, b"d" * 32, (NoteAdded("i-1", "words"),), NOW, "person/duty", key)
            end = append(journal, batch, end).result(10).events[-1].seq


def test_there_and_back(databases: Cluster, tmp_path: Path) -> None:
    url = database(databases, "city")
    data = tmp_path / "node"
    write(url, 5)
    with signing(url, SystemClock(), folder=audit_folder_of(url, data)):
        write(url, 5)
    tracks = data / "journals" / "city.tracks"
    tracks.mkdir()
    (tracks / "2026-11-21T20.fixes").write_bytes(b"fixes")
    made = back_up(url, tmp_path / "b", CLOCK, data)
    assert (made.database, made.name, made.seq) == ("postgresql", "city", 10)
    assert {p.path.partition("/")[0] for p in made.parts} == {"database", "audit", "tracks"}
    with pytest.raises(BackupError, match="ever overwritten"):
        restore(tmp_path / "b", url, tmp_path / "other")
    target = database(databases, "standby")
    with pytest.raises(BackupError, match="postgresql"):
        restore(tmp_path / "b", f"sqlite:///{tmp_path}/j.sqlite", tmp_path / "other")
    manifest, place, _ = restore(tmp_path / "b", target, tmp_path / "other")
    assert (manifest, place) == (made, "standby")
    assert (tmp_path / "other" / "journals" / "standby.tracks" / "2026-11-21T20.fixes").exists()
    write(target, 3)
    heads = own_heads(target, tmp_path / "other")
    verdict, of_heads = checked(target, heads, own_public_keys(target, tmp_path / "other"))
    assert verdict.is_sound
    assert verdict.events == 13
    assert of_heads is not None
    assert (of_heads.findings, of_heads.covered) == ((), 10)


def test_a_removed_end_is_found(databases: Cluster, tmp_path: Path) -> None:
    url = database(databases, "cut")
    write(url, 1)
    with signing(url, SystemClock(), folder=audit_folder_of(url, tmp_path)):
        write(url, 5)
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM event WHERE seq > 4")
        connection.execute("DELETE FROM submission WHERE first_seq > 4")
        connection.execute("UPDATE head SET seq = 4, chain = (SELECT chain FROM event WHERE seq=4)")
        connection.execute(
            "UPDATE head SET (submissions, submissions_chain) ="
            " (SELECT number, chain FROM submission ORDER BY number DESC LIMIT 1)"
        )
    verdict, heads = checked(url, own_heads(url, tmp_path), own_public_keys(url, tmp_path))
    assert verdict.is_sound
    assert heads is not None
    assert [f.code for f in heads.findings] == ["cut_off", "none_sound"]


def test_a_database_that_is_not_there(databases: Cluster, tmp_path: Path) -> None:
    url = databases.url.replace("/postgres?", "/nowhere?")
    with pytest.raises(Exception, match="nowhere"):
        back_up(url, tmp_path / "b", CLOCK, tmp_path)
    assert not (tmp_path / "b").exists()


def test_without_the_tools(
    databases: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = database(databases, "toolless")
    write(url, 1)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match="postgresql-client"):
        back_up(url, tmp_path / "b", CLOCK, tmp_path)
