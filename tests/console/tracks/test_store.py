"""The store over restarts, hours, late and wrong clocks, full disks and torn files."""

from __future__ import annotations

import errno
import logging
import threading
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

from console.clock import Clocks, ManualClock
from console.model.unit import Fix
from console.tracks import Tracks, TracksDamaged, sealing, store
from console.tracks.fix_log import FixLog
from console.wire import wire_from_fix
from console.wire.record_log import write_records
from tests.console.tracks.oracle import HOUR, fix, positions, seen_in
from tests.helpers.stream import NOW

BEGIN = NOW // HOUR * HOUR


def latest(tracks: Tracks) -> dict[str, int]:
    return {f.unit_id: f.at for f in tracks.latest()}


def when(tracks: Tracks, t: int) -> dict[str, int]:
    return {unit: seen[0] for unit, seen in positions(tracks, t).items()}


def times(tracks: Tracks, unit: int, a: int = 0, b: int = 1 << 43) -> list[int]:
    return [seen[0] for seen in seen_in(tracks.track(f"U-{unit:04d}", a, b))]


def filled(folder: Path, clock: ManualClock, *fixes: Fix) -> Tracks:
    tracks = Tracks(folder, Clocks(clock))
    for told in fixes:
        tracks.take(told)
    tracks.flush()
    return tracks


def names(folder: Path, suffix: str) -> list[str]:
    return sorted(path.name for path in folder.glob("*" + suffix))


def test_the_newest_fix_wins_whatever_the_order() -> None:
    tracks = Tracks(None, Clocks(ManualClock(NOW)))
    assert tracks.take(fix(1, 100))
    assert not tracks.take(fix(1, 50))
    assert not tracks.take(fix(1, 100))
    assert tracks.of("U-0001") == fix(1, 100)
    assert tracks.of("U-0002") is None
    tracks.flush()
    assert when(tracks, 99) == {"U-0001": 50}
    assert times(tracks, 1) == [50, 100]
    assert tracks.seal().hours == ()
    tracks.close()


def test_memory_is_bounded_without_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "IN_MEMORY_ROWS", 100)
    tracks = Tracks(None, Clocks(ManualClock(NOW)))
    for n in range(40):
        for place in range(10):
            tracks.take(fix(1, n * 10 + place))
        tracks.flush()
        tracks.positions_at(5)
    assert len(times(tracks, 1)) <= 110
    assert times(tracks, 1)[-1] == 399


def test_a_restart_knows_where_everybody_was(tmp_path: Path) -> None:
    tracks = Tracks(tmp_path / "t", Clocks(ManualClock(NOW)))
    for at in range(1, 6):
        tracks.take(fix(1, at))
        tracks.take(fix(2, at * 10))
        tracks.flush()
    tracks.take(fix(1, 3))
    tracks.close()
    again = Tracks(tmp_path / "t", Clocks(ManualClock(NOW)))
    assert latest(again) == {"U-0001": 5, "U-0002": 50}
    assert again.of("U-0001") == fix(1, 5)
    assert times(again, 1) == [1, 2, 3, 4, 5]
    again.close()


def test_a_unit_quiet_for_days_is_not_lost(tmp_path: Path) -> None:
    clock = ManualClock(BEGIN)
    tracks = filled(tmp_path, clock, fix(1, BEGIN + 1))
    for hour in range(1, 60):
        clock.set(BEGIN + hour * HOUR)
        tracks.take(fix(2, BEGIN + hour * HOUR))
        tracks.flush()
        clock.advance(store.GRACE_MS)
        tracks.seal()
    assert len(names(tmp_path, ".hour")) == 59
    assert when(tracks, BEGIN + 59 * HOUR) == {"U-0001": BEGIN + 1, "U-0002": BEGIN + 59 * HOUR}
    tracks.close()
    again = Tracks(tmp_path, Clocks(clock))
    assert latest(again)["U-0001"] == BEGIN + 1
    again.close()


@pytest.mark.parametrize("sealed", [False, True])
def test_windows_are_half_open_and_moments_inclusive(tmp_path: Path, sealed: bool) -> None:
    edge = BEGIN + HOUR
    at = [BEGIN, edge - 1, edge, edge + 1, edge + HOUR - 1]
    tracks = filled(tmp_path, ManualClock(edge + 3 * HOUR), *(fix(1, t) for t in at))
    if sealed:
        tracks.seal()
        assert not names(tmp_path, ".fixes")
    assert times(tracks, 1, BEGIN, edge) == [BEGIN, edge - 1]
    assert times(tracks, 1, edge - 1, edge + 1) == [edge - 1, edge]
    assert times(tracks, 1, edge, edge) == []
    assert times(tracks, 1, edge + 1, edge) == []
    assert times(tracks, 1, BEGIN + 1, edge + HOUR) == at[1:]
    assert times(tracks, 1, edge + 2, edge + HOUR - 1) == []
    assert times(tracks, 2) == []
    moments = {BEGIN - 1: {}, BEGIN: {"U-0001": BEGIN}, edge: {"U-0001": edge}}
    for t, wanted in moments.items():
        assert when(tracks, t) == wanted
    assert when(tracks, edge - 1) == {"U-0001": edge - 1}
    tracks.close()


def test_only_closed_hours_are_sealed(tmp_path: Path) -> None:
    clock = ManualClock(BEGIN + HOUR + store.GRACE_MS - 1)
    tracks = filled(tmp_path, clock, fix(1, BEGIN + 5), fix(1, BEGIN + HOUR))
    assert tracks.seal().hours == ()
    clock.advance(1)
    assert tracks.seal().hours == (BEGIN,)
    assert len(names(tmp_path, ".fixes")) == 1, "the log is needed: it holds the open hour"
    assert tracks.seal().hours == ()
    assert tracks.seal(everything=True).hours == (BEGIN + HOUR,)
    assert names(tmp_path, ".fixes") == []
    tracks.close()


def test_late_fixes_are_found_at_once_and_sealed_with_the_next_hour(tmp_path: Path) -> None:
    clock = ManualClock(BEGIN + 4 * HOUR + store.GRACE_MS)
    tracks = filled(tmp_path, clock, fix(1, BEGIN), fix(1, BEGIN + HOUR), fix(1, BEGIN + 3 * HOUR))
    tracks.seal()
    late = [fix(1, BEGIN + 7), fix(2, BEGIN + 2 * HOUR + 5), fix(1, BEGIN), fix(3, BEGIN - HOUR)]
    for told in late:
        tracks.take(told)
    tracks.flush()

    def check() -> None:
        assert times(tracks, 1, BEGIN, BEGIN + HOUR) == [BEGIN, BEGIN + 7]
        there = {"U-0001": BEGIN + 3 * HOUR, "U-0002": late[1].at, "U-0003": late[3].at}
        assert when(tracks, BEGIN + 3 * HOUR) == there
        assert when(tracks, BEGIN + HOUR - 1) == {"U-0001": BEGIN + 7, "U-0003": late[3].at}

    check()
    tracks.take(fix(1, BEGIN + 4 * HOUR))
    tracks.flush()
    clock.advance(HOUR + store.GRACE_MS)
    assert tracks.seal().hours == tuple(BEGIN + n * HOUR for n in (-1, 0, 2, 4))
    assert names(tmp_path, ".fixes") == []
    check()
    tracks.close()


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
def test_a_clock_that_jumps_loses_nothing(tmp_path: Path, jump: int) -> None:
    clock = ManualClock(BEGIN + 2 * HOUR + 5)
    tracks = filled(tmp_path, clock, fix(1, clock.now_ms()))
    told = [clock.now_ms()]
    clock.advance(jump)
    for _ in range(8):
        clock.advance(HOUR // 3)
        told.append(clock.now_ms())
        tracks.take(fix(1, told[-1]))
        assert tracks.of("U-0001") == fix(1, told[-1]), "the desks see it move on at once"
        tracks.flush()
        tracks.seal()
    assert times(tracks, 1) == sorted(set(told))
    tracks.close()
    again = Tracks(tmp_path, Clocks(clock))
    assert times(again, 1) == sorted(set(told))
    again.close()


def test_the_open_hour_is_sealed_early_when_it_grows_large(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "OPEN_ROWS", 50)
    tracks = Tracks(tmp_path, Clocks(ManualClock(BEGIN)))
    for n in range(200):
        tracks.take(fix(n % 5, BEGIN + n))
        tracks.flush()
        tracks.seal()
        assert len(tracks._unsealed) <= 51
    assert sorted(t for unit in range(5) for t in times(tracks, unit)) == [
        BEGIN + n for n in range(200)
    ]
    tracks.close()


@pytest.mark.parametrize("cut", [1, 5, 9, 40])
def test_a_torn_tail_costs_the_last_group_only(
    tmp_path: Path, cut: int, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock(NOW)
    filled(tmp_path, clock, fix(1, 1)).close()
    tracks = filled(tmp_path, clock, fix(2, 1))
    tracks.take(fix(1, 2))
    tracks.close()
    path = max(tmp_path.glob("*.fixes"))
    path.write_bytes(path.read_bytes()[:-cut])
    again = Tracks(tmp_path, Clocks(clock))
    assert "torn tail" in caplog.text
    assert latest(again) == {"U-0001": 1, "U-0002": 1}
    again.take(fix(1, 3))
    again.close()
    assert times(Tracks(tmp_path, Clocks(clock)), 1) == [1, 3]


def test_a_log_that_is_none_is_told_and_the_others_are_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    filled(tmp_path, ManualClock(NOW), fix(1, 1)).close()
    for name, record in (("1970-01-01T00", b"TRF1"), ("1970-01-01T01", b"\x93\1\2\3")):
        write_records(tmp_path / f"{name}.fixes", [record])
    (tmp_path / "1970-01-01T02.fixes").write_bytes(b"\0" * 50)
    assert latest(Tracks(tmp_path, Clocks(ManualClock(NOW)))) == {"U-0001": 1}
    assert caplog.text.count("no group of fixes") == 2


def test_logs_of_earlier_versions_are_read(tmp_path: Path) -> None:
    told = [fix(1, BEGIN + 1), fix(2, BEGIN + 2)]
    group = msgspec.msgpack.encode([wire_from_fix(f) for f in told])
    write_records(tmp_path / "2026-11-21T20.fixes", [group])
    tracks = Tracks(tmp_path, Clocks(ManualClock(NOW)))
    assert {f.unit_id: f for f in tracks.latest()} == {f.unit_id: f for f in told}
    tracks.seal(everything=True)
    assert names(tmp_path, ".fixes") == []
    assert times(tracks, 2) == [BEGIN + 2]
    tracks.close()


def test_a_full_disk_costs_fixes_not_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "no space left")

    tracks = Tracks(tmp_path, Clocks(ManualClock(NOW)))
    with monkeypatch.context() as patched:
        patched.setattr(FixLog, "append", full)
        tracks.take(fix(1, BEGIN))
        with caplog.at_level(logging.ERROR):
            tracks.flush()
    assert "could not be written" in caplog.text
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "write_hour", full)
        with pytest.raises(OSError, match="no space"):
            tracks.seal(everything=True)
    assert times(tracks, 1) == [BEGIN]
    assert tracks.seal(everything=True).hours == (BEGIN,)
    assert times(tracks, 1) == [BEGIN]
    tracks.close()


def test_what_a_device_cannot_mean_harms_nobody(tmp_path: Path) -> None:
    tracks = Tracks(tmp_path, Clocks(ManualClock(NOW)))
    assert not tracks.take(Fix("U-0001", float("nan"), 0, NOW))
    assert not tracks.take(Fix("U-0001", 0, 91, NOW))
    assert not tracks.take(Fix("U-0001", 0, 0, 1 << 50))
    assert tracks.refused == 3
    assert tracks.take(Fix("U-0001", 0, 0, NOW, 1e308, 1e308))
    assert tracks.take(Fix("U-0002", 0, 0, NOW, float("inf"), float("nan")))
    tracks.flush()
    assert set(when(tracks, NOW)) == {"U-0001", "U-0002"}
    tracks.close()


def test_readers_beside_the_sealing_see_all_of_it_always(tmp_path: Path) -> None:
    clock = ManualClock(BEGIN)
    tracks = Tracks(tmp_path, Clocks(clock))
    told = 0
    faults: list[object] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            before = told
            got = times(tracks, 1)
            if len(got) < before or got != sorted(set(got)):
                faults.append((before, got))
            seen = when(tracks, 1 << 43)
            if before and not (seen["U-0001"] >= BEGIN + (before - 1) * HOUR // 4):
                faults.append((before, seen))

    def seal() -> None:
        while not stop.is_set():
            tracks.seal(everything=True)

    threads = [threading.Thread(target=work) for work in (read, read, seal)]
    for thread in threads:
        thread.start()
    for n in range(60):
        clock.set(BEGIN + n * HOUR // 4)
        tracks.take(fix(1, BEGIN + n * HOUR // 4))
        tracks.flush()
        told += 1
    stop.set()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(times(tracks, 1)) == 60
    tracks.close()


def test_a_file_from_elsewhere_with_other_numbers(tmp_path: Path) -> None:
    clock = ManualClock(BEGIN + 9 * HOUR)
    for name, units in (("a", (1, 2, 3)), ("b", (3, 1))):
        tracks = filled(tmp_path / name, clock, *(fix(u, BEGIN + u) for u in units))
        tracks.seal(everything=True)
        tracks.close()
    own = filled(tmp_path / "c", clock, fix(2, BEGIN - HOUR))
    own.seal(everything=True)
    own.close()
    for path in (tmp_path / "a").iterdir():
        (tmp_path / "c" / path.name).write_bytes(path.read_bytes())
    tracks = filled(tmp_path / "c", clock, fix(3, BEGIN + 100), fix(9, BEGIN + 9))
    wanted = {"U-0001": BEGIN + 1, "U-0002": BEGIN + 2, "U-0003": BEGIN + 100, "U-0009": BEGIN + 9}
    assert when(tracks, BEGIN + HOUR) == wanted
    tracks.seal(everything=True)
    assert when(tracks, BEGIN + HOUR) == wanted
    assert times(tracks, 3) == [BEGIN + 3, BEGIN + 100]
    tracks.close()


def test_a_key_frame_that_is_gone_is_made_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock(BEGIN + 9 * HOUR)
    fixes = [fix(1, BEGIN), fix(2, BEGIN + HOUR), fix(3, BEGIN + 2 * HOUR)]
    tracks = filled(tmp_path, clock, *fixes)
    tracks.seal()
    tracks.close()
    for path in sorted(tmp_path.glob("*.keys"))[1:]:
        path.unlink()
    again = Tracks(tmp_path, Clocks(clock))
    assert latest(again) == {"U-0001": BEGIN, "U-0002": BEGIN + HOUR, "U-0003": BEGIN + 2 * HOUR}
    assert "key frame" in caplog.text
    again.close()


@pytest.mark.parametrize("damage", ["foot", "tile"])
def test_a_damaged_hour_is_told_and_all_else_goes_on(tmp_path: Path, damage: str) -> None:
    clock = ManualClock(BEGIN + 2 * HOUR)
    tracks = filled(tmp_path, clock, fix(1, BEGIN), fix(1, BEGIN + HOUR - 1), fix(2, BEGIN + HOUR))
    tracks.seal(everything=True)
    tracks.close()
    path = max(tmp_path.glob("*.hour"))
    whole = bytearray(path.read_bytes())
    whole[10 if damage == "tile" else -10] ^= 1
    path.write_bytes(whole)
    again = Tracks(tmp_path, Clocks(clock))
    assert latest(again) == {"U-0001": BEGIN + HOUR - 1}
    assert when(again, BEGIN) == {"U-0001": BEGIN}
    with pytest.raises(TracksDamaged):
        again.positions_at(BEGIN + HOUR)
    for at in (BEGIN + 2 * HOUR, BEGIN + HOUR + 5):
        again.take(fix(2, at))
    again.flush()
    again.seal(everything=True)
    assert [p.name for p in tmp_path.glob("*.damaged")] == [path.name + ".damaged"]
    assert times(again, 2) == [BEGIN + HOUR + 5, BEGIN + 2 * HOUR]
    assert when(again, BEGIN + HOUR) == {"U-0001": BEGIN + HOUR - 1}
    again.close()
