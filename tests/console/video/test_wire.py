"""Orders and reports survive the pipe."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.video.state import Reason
from console.video.wire import (
    Beat,
    Order,
    Over,
    Playing,
    Report,
    Resize,
    Start,
    Stop,
    order_from,
    report_from,
    to_line,
)


@given(st.from_type(Start) | st.from_type(Resize) | st.from_type(Stop))
def test_orders(order: Order) -> None:
    line = to_line(order)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert order_from(line) == order


@pytest.mark.parametrize("report", [Beat(), Playing(1, 2, "av", "x"), Over(1, 2, Reason.ENDED)])
def test_reports(report: Report) -> None:
    assert report_from(to_line(report)) == report


@pytest.mark.parametrize("line", [b"", b"{}", b"hello", b'{"type":"start"}'])
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        report_from(line)
