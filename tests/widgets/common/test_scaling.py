"""How large things are drawn."""

from __future__ import annotations

from widgets.common.scaling import AUTOMATIC_MM, room_for_window, scale_for_size


def test_a_picture_has_the_size_that_was_asked_for() -> None:
    for size in ((1280, 720), (1920, 1080), (3840, 2160)):
        room = room_for_window(size)
        assert room.window_px == size
        assert room.scale(AUTOMATIC_MM) == scale_for_size(*size)
