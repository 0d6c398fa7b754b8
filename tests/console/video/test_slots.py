"""Pictures through shared memory: whole or not at all, newest first, gone when not needed."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.video import slots
from console.video.frame import fitted_size
from console.video.slots import (
    PREFIX,
    SlotReader,
    SlotWriter,
    create_slots,
    room_for,
    sweep,
)

sides = st.integers(1, 4_000)


def _write(writer: SlotWriter, value: int, size: tuple[int, int] = (32, 18)) -> None:
    writer.begin(*size)[:] = value
    writer.commit(1_000 + value)


def test_the_newest_picture_comes_across(tmp_path: Path) -> None:
    reader = SlotReader(create_slots(room_for(32, 18), folder=tmp_path))
    assert reader.latest() is None
    writer = SlotWriter(reader.path)
    for value in range(1, 6):
        _write(writer, value)
    frame = reader.latest()
    assert frame is not None
    assert (frame.width, frame.height, frame.stride, frame.sequence) == (32, 18, 128, 5)
    assert frame.picture_ms == reader.picture_ms() == 1_005
    assert (frame.pixels == 5).all()
    assert reader.latest(newer_than=5) is None


def test_a_picture_being_written_is_never_handed_out(tmp_path: Path) -> None:
    reader = SlotReader(create_slots(room_for(32, 18), folder=tmp_path))
    writer = SlotWriter(reader.path)
    _write(writer, 1)
    writer.begin(32, 18)[:9] = 77  # and the worker dies here
    frame = reader.latest()
    assert frame is not None
    assert (frame.pixels == 1).all()
    successor = SlotWriter(reader.path)
    _write(successor, 2)
    frame = reader.latest(newer_than=1)
    assert frame is not None
    assert (frame.pixels == 2).all()


def test_no_torn_picture_under_a_fast_writer(tmp_path: Path) -> None:
    reader = SlotReader(create_slots(room_for(160, 90), folder=tmp_path))
    writer, done = SlotWriter(reader.path), threading.Event()

    def write_all() -> None:
        for value in range(3_000):
            _write(writer, value % 251, (160, 90))
        done.set()

    threading.Thread(target=write_all).start()
    seen = 0
    while not done.is_set():
        frame = reader.latest(seen)
        if frame is not None:
            seen = frame.sequence
            assert frame.pixels.min() == frame.pixels.max()
    last = reader.latest(0)
    assert last is not None
    assert last.sequence >= seen


def test_a_larger_file_goes_on_counting(tmp_path: Path) -> None:
    reader = SlotReader(create_slots(room_for(32, 18), after=500, folder=tmp_path))
    assert reader.latest() is None
    assert reader.picture_ms() is None
    _write(SlotWriter(reader.path), 1)
    frame = reader.latest(newer_than=500)
    assert frame is not None
    assert frame.sequence == 501


def test_too_large_a_picture_is_refused(tmp_path: Path) -> None:
    writer = SlotWriter(create_slots(room_for(32, 18), folder=tmp_path))
    with pytest.raises(ValueError, match="does not fit"):
        writer.begin(2_000, 2_000)


def test_a_strange_file_is_refused(tmp_path: Path) -> None:
    strange = tmp_path / "strange"
    strange.write_bytes(bytes(4_096))
    with pytest.raises(ValueError, match="no pictures"):
        SlotReader(strange)


def test_files_of_desktops_that_are_gone_are_swept(tmp_path: Path) -> None:
    ours = create_slots(64, folder=tmp_path)
    gone = tmp_path / f"{PREFIX}4194303-1"  # above the usual greatest process id
    gone.write_bytes(b"")
    assert sweep(tmp_path) == 1
    assert ours.exists()
    assert str(os.getpid()) in ours.name


@given(sides, sides)
def test_there_is_room_for_the_size_asked(width: int, height: int) -> None:
    assert room_for(width, height) >= width * height * 4
    assert room_for(width, height) % 64 == 0


@given(st.tuples(sides, sides), st.tuples(sides, sides))
def test_a_fitted_picture_fits_and_keeps_its_shape(
    source: tuple[int, int], room: tuple[int, int]
) -> None:
    width, height = fitted_size(source, room)
    assert width % 2 == height % 2 == 0
    assert 2 <= width <= max(2, min(source[0], room[0]) + 1)
    assert 2 <= height <= max(2, min(source[1], room[1]) + 1)
    scale = min(1, room[0] / source[0], room[1] / source[1])
    assert abs(width - source[0] * scale) <= 2
    assert abs(height - source[1] * scale) <= 2


def test_frames_are_the_readers_own(tmp_path: Path) -> None:
    reader = SlotReader(create_slots(room_for(32, 18), folder=tmp_path))
    writer = SlotWriter(reader.path)
    _write(writer, 1)
    frame = reader.latest()
    for value in (2, 3, 4, 5):
        _write(writer, value)
    assert frame is not None
    assert np.unique(frame.pixels).tolist() == [1]
    reader.remove()
    reader.remove()
    assert not reader.path.exists()


def test_what_does_not_fit_in_memory_goes_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = tmp_path / "gone"  # a folder in which nothing can be made
    monkeypatch.setattr(slots, "shared_folders", lambda: [full, tmp_path])
    assert create_slots(64).parent == tmp_path
    monkeypatch.setattr(slots, "shared_folders", lambda: [full])
    with pytest.raises(OSError, match="No such file"):
        create_slots(64)
