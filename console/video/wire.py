"""What the desktop and its video workers say to each other: one JSON object a line."""

from __future__ import annotations

import msgspec

from console.video.state import Reason


class Start(msgspec.Struct, tag="start", frozen=True):
    """Open `url` and write its pictures, fitted into width × height, into the file at `path`."""

    stream: int
    attempt: int
    url: str
    path: str
    width: int
    height: int
    engine: str


class Resize(msgspec.Struct, tag="resize", frozen=True):
    """Fit the pictures into another size, perhaps in another file."""

    stream: int
    path: str
    width: int
    height: int


class Stop(msgspec.Struct, tag="stop", frozen=True):
    """Stop whatever attempt of the stream is under way."""

    stream: int


Order = Start | Resize | Stop


class Beat(msgspec.Struct, tag="beat", frozen=True):
    """The worker is alive."""


class Playing(msgspec.Struct, tag="playing", frozen=True):
    """An engine has taken the stream; `because` says why it is not the preferred one."""

    stream: int
    attempt: int
    engine: str
    because: str = ""


class Over(msgspec.Struct, tag="over", frozen=True):
    """An attempt has ended."""

    stream: int
    attempt: int
    reason: Reason


Report = Beat | Playing | Over

_order_decoder = msgspec.json.Decoder(Order)
_report_decoder = msgspec.json.Decoder(Report)


def to_line(message: Order | Report) -> bytes:
    """One line, newline included."""
    return msgspec.json.encode(message) + b"\n"


def order_from(line: bytes) -> Order:
    """The order in a line; msgspec.DecodeError where it is none."""
    order: Order = _order_decoder.decode(line)
    return order


def report_from(line: bytes) -> Report:
    """The report in a line; msgspec.DecodeError where it is none."""
    report: Report = _report_decoder.decode(line)
    return report
