"""What trying a camera teaches the desk about it."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from console.clock import ManualClock
from console.video import Reason, StreamState, TileState
from tests.helpers.small_ground import small_cameras
from widgets.common.camera_health import BELIEVED_MS, CameraHealth

LIVE = TileState(StreamState.LIVE)


def failed(reason: Reason, attempt: int = 1) -> TileState:
    return TileState(StreamState.RECONNECTING, reason, attempt)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(1_795_290_446_000)


@pytest.fixture
def health(clock: ManualClock, qtbot: QtBot) -> CameraHealth:
    """Over three cameras, the second offline by the catalogue."""
    return CameraHealth(small_cameras(), clock)


def test_b14_what_was_tried_counts_more_than_the_catalogue(
    health: CameraHealth, qtbot: QtBot
) -> None:
    assert health.online().tolist() == [True, False, True]
    with qtbot.waitSignal(health.changed):
        health.learn("C-1", failed(Reason.UNAUTHORIZED))
    health.learn("C-2", LIVE)
    assert health.online().tolist() == [False, True, True]
    assert health.failure("C-1") is Reason.UNAUTHORIZED and health.failure("C-2") is None
    health.learn("C-1", LIVE)
    assert health.online().tolist() == [True, True, True]
    assert health.failures() == {}


def test_b14_one_lost_try_is_no_failure_and_neither_is_our_own(health: CameraHealth) -> None:
    health.learn("C-1", failed(Reason.TIMEOUT))
    health.learn("C-1", TileState(StreamState.CONNECTING))
    health.learn("C-3", failed(Reason.NO_LIBVLC, 5))
    assert health.online().tolist() == [True, False, True]
    health.learn("C-1", failed(Reason.TIMEOUT, 2))
    assert health.online().tolist() == [False, False, True]


def test_b14_a_failure_is_not_held_against_a_camera_for_ever(
    health: CameraHealth, clock: ManualClock, qtbot: QtBot
) -> None:
    health.learn("C-1", failed(Reason.REFUSED, 2))
    clock.advance(BELIEVED_MS)
    health.forget_old()
    assert not health.online()[0]
    clock.advance(1)
    with qtbot.waitSignal(health.changed):
        health.forget_old()
    assert health.online()[0]
