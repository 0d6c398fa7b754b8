"""Every file that the server reads back: damaged anywhere, it is refused in a word or set aside.

`python -m tests.fuzz.stored --seconds 60` runs long; `--only NAME` picks one. The suite runs a
short part in a process of its own, whose memory is bounded: a length of 4 GB must not be believed.
Checksums hide a decoder from mere noise, so that they are put right again after most changes.
"""

from __future__ import annotations

import argparse
import logging
import random
import resource
import shutil
import struct
import sys
import tempfile
import threading
import time
import traceback
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import apsw

from console.access.access_log import AccessLog
from console.access.gate import Gate
from console.access.log_check import check_log
from console.access.log_cut import SignedCut, decode_cut
from console.access.log_ledger import open_log_ledger
from console.access.log_policy import LogPolicyError, read_log_policy
from console.access.open import open_store
from console.access.policy import Role
from console.access.provider import OidcFailed, read_config
from console.access.sessions import NotSignedIn
from console.access.store import StoreFailed
from console.audit import AuditError, KeyRing, checked, read_public_keys
from console.audit.places import read_heads
from console.backup import BackupError, back_up, restore
from console.city import CityError, open_city
from console.clock import Clocks, ManualClock
from console.journal.errors import JournalError
from console.journal.open import open_journal
from console.journal.verify import verify
from console.model.unit import Fix
from console.service import opening
from console.service.opening import open_picture
from console.tls import TlsError, make_certificates, server_context
from console.tracks import Tracks, TracksError, TracksPolicy, read_policy
from console.tracks.fix_log import read_log
from console.tracks.hour_file import _FOOT, HourFile
from console.tracks.keys import _HEAD, read_keys
from console.tracks.numbers import UnitNumbers
from console.tracks.rows import HOUR_MS
from console.wire import WireError
from tests.helpers.field_city import make_field_city
from tests.helpers.filled_journal import fill
from tests.helpers.history import write_history

NOW = 1_795_000_000_000
HOUR = NOW // HOUR_MS * HOUR_MS
MEMORY_BYTES = 1 << 30
"""What a decoder may take beyond what the process has; a believed length takes more."""

REFUSALS = (
    AuditError, BackupError, CityError, JournalError, LogPolicyError, NotSignedIn, OidcFailed,
    StoreFailed, TlsError, TracksError, WireError,
)  # fmt: skip
"""How a reader may say no. Anything else is a fault."""


@dataclass(frozen=True)
class Stored:
    """`make` puts sound files into a folder and names those to damage; `read` reads them all, and
    `repair` makes checksums fit again.
    """

    make: Callable[[Path], list[Path]]
    read: Callable[[Path], None]
    repair: Callable[[bytearray], None] | None = None


# ---------------------------------------------------------------- tracks


def _make_tracks(folder: Path) -> list[Path]:
    """Two closed hours and an open one."""
    clock = ManualClock(HOUR)
    tracks = Tracks(folder / "tracks", Clocks(clock), TracksPolicy())
    for step in range(9 * 40):
        clock.advance(30_000)
        for unit in range(20):
            place = 120.0 + unit / 100 + step / 1e4
            tracks.take(Fix(f"U-{unit:04d}", place, 30.0, clock.now_ms(), step % 360, 2.5))
        tracks.flush()
        if step % 60 == 0:
            tracks.seal()
    tracks.close()
    return sorted((folder / "tracks").iterdir())


def _of(suffix: str) -> Callable[[Path], list[Path]]:
    return lambda folder: [p for p in _make_tracks(folder) if p.suffix == suffix]


def _read_hours(folder: Path) -> None:
    for path in (folder / "tracks").glob("*.hour"):
        file = HourFile(path)
        for t in range(file.hour_ms, file.hour_ms + HOUR_MS, HOUR_MS // 4):
            file.latest_until(t)
        for strand in range(min(file.strands, 4)):
            file.rows_of(strand)
            file.parts_of_unit(strand * 16, file.hour_ms, file.hour_ms + HOUR_MS)


def _read_keys(folder: Path) -> None:
    for path in (folder / "tracks").glob("*.keys"):
        read_keys(path)


def _read_logs(folder: Path) -> None:
    for path in (folder / "tracks").glob("*.fixes"):
        for _ in read_log(path, UnitNumbers()):
            pass


def _read_tracks(folder: Path) -> None:
    """As a server does: start, look, go on, close the hours, look again."""
    clock = ManualClock(HOUR + 5 * HOUR_MS)
    tracks = Tracks(folder / "tracks", Clocks(clock), TracksPolicy())
    try:
        for _ in range(2):
            tracks.latest()
            for t in (HOUR + HOUR_MS // 2, HOUR + 2 * HOUR_MS, clock.now_ms()):
                _quietly(lambda t=t: tracks.positions_at(t))  # type: ignore[misc]
            _quietly(lambda: tracks.track("U-0003", HOUR, clock.now_ms()))
            tracks.take(Fix("U-0003", 120.0, 30.0, clock.now_ms()))
            tracks.flush()
            tracks.seal()
    finally:
        tracks.close()


def _quietly(work: Callable[[], object]) -> None:
    try:
        work()
    except REFUSALS:
        return


def _repair_hour(data: bytearray) -> None:
    """The checksums of foot, ids, index and every tile."""
    if len(data) < _FOOT.size + 4:
        return
    foot = list(_FOOT.unpack(data[-_FOOT.size - 4 : -4]))
    ids_at, ids_size, index_at = foot[5], foot[6], foot[9]
    end = len(data) - _FOOT.size - 4
    for at in range(index_at, end - 19, 20) if index_at < end else ():
        offset, size = struct.unpack_from("<QI", data, at)
        if offset + size <= len(data):
            struct.pack_into("<I", data, at + 16, zlib.crc32(data[offset : offset + size]))
    foot[8] = zlib.crc32(data[ids_at : ids_at + ids_size])
    foot[10] = zlib.crc32(data[index_at:end])
    raw = _FOOT.pack(*foot)
    data[-_FOOT.size - 4 :] = raw + struct.pack("<I", zlib.crc32(raw))


def _repair_keys(data: bytearray) -> None:
    if len(data) >= _HEAD.size:
        _, ids, count, _ = _HEAD.unpack_from(data)
        body = bytes(data[_HEAD.size :])
        struct.pack_into("<I", data, 16, zlib.crc32(struct.pack("<II", ids, count) + body))


def _repair_frames(data: bytearray) -> None:
    at = 0
    while at + 8 <= len(data):
        (length,) = struct.unpack_from("<I", data, at)
        body = data[at + 8 : at + 8 + length]
        struct.pack_into("<I", data, at + 4, zlib.crc32(body))
        at += 8 + length


# ---------------------------------------------------------------- databases


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'city.sqlite'}"


def _make_journal(folder: Path) -> list[Path]:
    fill(folder / "city.sqlite", 40)
    with closing(apsw.Connection(str(folder / "city.sqlite"))) as connection:
        connection.pragma("wal_checkpoint(truncate)")
    return [folder / "city.sqlite"]


def _read_journal(folder: Path) -> None:
    _quietly(lambda: verify(_url(folder)))
    journal = open_journal(_url(folder), ManualClock(NOW))
    try:
        _quietly(lambda: journal.read(0, 100))
        open_picture(journal, None)
    finally:
        journal.close()


def _make_picture(folder: Path) -> list[Path]:
    write_history(folder / "city.sqlite", 120)
    with (
        closing(open_journal(_url(folder), ManualClock(NOW))) as journal,
        mock.patch.object(opening, "SAVE_EVERY", 20),
    ):
        _let_go(open_picture(journal, folder / "city.picture")[1])
    with closing(apsw.Connection(str(folder / "city.picture"))) as connection:
        connection.pragma("wal_checkpoint(truncate)")
    return [folder / "city.picture"]


def _read_picture(folder: Path) -> None:
    """However damaged, what is open is as the journal says; what is over is found or refused."""
    with closing(open_journal(_url(folder), ManualClock(NOW))) as journal:
        picture, keeper = open_picture(journal, folder / "city.picture")
        whole, _ = open_picture(journal, None)
        try:
            assert picture.seq == whole.seq == journal.head
            for incident in whole.incidents.values():
                if incident.stage.is_open:
                    assert picture.incidents[incident.id] == incident
            for unit_id in picture.units:
                assert picture.unit(unit_id) == whole.unit(unit_id)
        finally:
            _let_go(keeper)


def _let_go(keeper: opening.Keeper | None) -> None:
    for thread in threading.enumerate():
        if thread.name == "snapshot":
            thread.join()
    if keeper is not None:
        keeper._file.close()


def _make_people(folder: Path) -> list[Path]:
    with closing(open_store(_url(folder))) as store:
        gate = Gate(store, ManualClock(NOW))
        for name in ("lin", "zhou", "tang"):
            gate.people.add(name, name.title(), Role.DUTY_OFFICER)
            gate.log.note("access.person_added", "person/tang", "203.0.113.4", name)
        grant = gate.sessions.open(gate.people.get("lin"), "03")
        (folder / "token").write_text(grant.access)
        (folder / "device").write_text(gate.devices.issue("U-0001"))
        gate.log.flush()
    with closing(apsw.Connection(str(folder / "city.access"))) as connection:
        connection.pragma("wal_checkpoint(truncate)")
    return [folder / "city.access"]


def _read_people(folder: Path) -> None:
    ledger = open_log_ledger(_url(folder))
    if ledger is not None:
        with closing(ledger):
            _quietly(lambda: check_log(ledger, [], {}))
    with closing(open_store(_url(folder))) as store:
        gate = Gate(store, ManualClock(NOW))
        for work in (
            gate.people.all,
            lambda: gate.identify((folder / "token").read_text()),
            lambda: gate.identify((folder / "device").read_text()),
            lambda: gate.sessions.revoke_person("lin", "test"),
            lambda: gate.devices.revoke("U-0001"),
            lambda: AccessLog(store, ManualClock(NOW)).read(0, 99),
        ):
            _quietly(work)


# ---------------------------------------------------------------- written by people


def _make_config(folder: Path) -> list[Path]:
    (folder / "policy.toml").write_text("[tracks]\nkeep_days = 30\n[access_log]\nkeep_days = 365\n")
    (folder / "oidc.toml").write_text(
        'issuer = "https://login.example.org"\nclient_id = "trellis"\narea = ["330106"]\n'
        'role_claim = "groups"\n[roles]\nduty = "duty_officer"\n'
    )
    return [folder / "policy.toml", folder / "oidc.toml"]


def _read_config(folder: Path) -> None:
    for read in (read_policy, read_log_policy):
        _quietly(lambda read=read: read(folder))  # type: ignore[misc]
    read_config(folder / "oidc.toml")


def _make_tls(folder: Path) -> list[Path]:
    make_certificates(folder, ["city.example"], ManualClock(NOW))
    return sorted(folder.iterdir())


def _read_tls(folder: Path) -> None:
    _quietly(lambda: server_context(folder / "server.pem", folder / "server.key"))
    make_certificates(folder, ["city.example"], ManualClock(NOW))


def _make_city(folder: Path) -> list[Path]:
    return [make_field_city(folder) / "city.json"]


def _read_city(folder: Path) -> None:
    """The manifest; the tables are mapped as they are."""
    open_city(folder / "city")


def _make_audit(folder: Path) -> list[Path]:
    from console.audit import signing

    fill(folder / "city.sqlite", 5)
    with signing(_url(folder), ManualClock(NOW)):
        pass
    audit = folder / "city.audit"
    return [audit / "heads.jsonl", audit / "private.pem", *(audit / "public").iterdir()]


def _read_audit(folder: Path) -> None:
    audit = folder / "city.audit"
    (audit / "private.pem").chmod(0o600)
    list(read_heads(audit / "heads.jsonl"))
    _quietly(lambda: KeyRing(audit).current)
    checked(_url(folder), [audit / "heads.jsonl"], read_public_keys(audit / "public"))


def _make_cut(folder: Path) -> list[Path]:
    import msgspec

    cut = SignedCut("access:x", 0, 9, "00" * 32, 9, NOW, NOW, "k", "c2ln")
    (folder / "cut").write_bytes(msgspec.json.encode(cut))
    return [folder / "cut"]


def _read_cut(folder: Path) -> None:
    try:
        decode_cut((folder / "cut").read_bytes())
    except ValueError:
        return


def _make_backup(folder: Path) -> list[Path]:
    back_up(fill(folder / "from" / "city.sqlite", 5), folder / "b", ManualClock(NOW))
    return [folder / "b"]


def _read_backup(folder: Path) -> None:
    shutil.rmtree(folder / "to", ignore_errors=True)
    restore(folder / "b", data=folder / "to")


TARGETS: Mapping[str, Stored] = {
    "hour": Stored(_of(".hour"), _read_hours, _repair_hour),
    "keys": Stored(_of(".keys"), _read_keys, _repair_keys),
    "fix_log": Stored(_of(".fixes"), _read_logs, _repair_frames),
    "tracks": Stored(_make_tracks, _read_tracks),
    "journal": Stored(_make_journal, _read_journal),
    "picture": Stored(_make_picture, _read_picture),
    "people": Stored(_make_people, _read_people),
    "config": Stored(_make_config, _read_config),
    "tls": Stored(_make_tls, _read_tls),
    "audit": Stored(_make_audit, _read_audit),
    "cut": Stored(_make_cut, _read_cut),
    "backup": Stored(_make_backup, _read_backup),
    "city": Stored(_make_city, _read_city),
}


# ---------------------------------------------------------------- damage


def damaged(rng: random.Random, whole: bytes) -> bytearray:
    """Some bytes flipped, cut out, put in, cut off, or made a number too large."""
    data = bytearray(whole)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(7):
            case 0 | 1:
                data[at : at + 1] = rng.randbytes(1)
            case 2:
                del data[at : at + rng.randint(1, 64)]
            case 3:
                data[at:at] = rng.randbytes(rng.randint(1, 64))
            case 4:
                number = rng.choice([0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0, 1 << 24])
                data[at : at + 4] = struct.pack("<I", number)
            case 5:
                del data[at:]
            case 6:
                data[at : at + rng.randint(1, 512)] = bytes(rng.randint(1, 512))
    return data


class Bench:
    """One target's sound files, damaged again and again."""

    def __init__(self, name: str, folder: Path) -> None:
        self._name = name
        self._stored = TARGETS[name]
        self._sound, self._work = folder / "sound", folder / "work"
        self._sound.mkdir()
        self._files = [p.relative_to(self._sound) for p in self._stored.make(self._sound)]
        shutil.copytree(self._sound, self._work)
        self._stored.read(self._work)

    def try_one(self, seed: int) -> bool:
        """Whether everything could be read; False when it was refused. Anything else raises."""
        rng = random.Random(f"{self._name} {seed}")
        shutil.rmtree(self._work, ignore_errors=True)
        shutil.copytree(self._sound, self._work)
        path = self._work / rng.choice(self._files)
        data = damaged(rng, path.read_bytes())
        if self._stored.repair is not None and rng.random() < 0.7:
            self._stored.repair(data)
        path.chmod(0o600)
        path.write_bytes(data)
        try:
            self._stored.read(self._work)
        except REFUSALS:
            return False
        return True


def bound_memory() -> None:
    """From now on an allocation of gigabytes fails."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def main() -> None:
    """Run each target for a while, or so many tries of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--tries", type=int, default=1 << 30)
    parser.add_argument("--only", choices=sorted(TARGETS), action="append")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--go-on", action="store_true", help="after a fault too")
    chosen = parser.parse_args()
    logging.disable(logging.CRITICAL)
    names, faults = chosen.only or list(TARGETS), 0
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(name, Path(folder))
            bound_memory()
            end, tried, read = time.monotonic() + chosen.seconds / len(names), 0, 0
            while time.monotonic() < end and tried < chosen.tries:
                try:
                    read += bench.try_one(chosen.seed + tried)
                except Exception:
                    print(f"{name}: seed {chosen.seed + tried}", file=sys.stderr)
                    if not chosen.go_on:
                        raise
                    traceback.print_exc(limit=-4)
                    faults += 1
                tried += 1
        print(name, tried, "tries,", read, "read all the same")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
