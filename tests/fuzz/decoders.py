"""Every decoder that reads what somebody else wrote: given any bytes it reads them, or says no.

`python -m tests.fuzz.decoders --seconds 60` runs long: with atheris (coverage-guided) where it is
installed, else with hypothesis. `--only NAME` picks one. The suite runs a short, fixed part.
"""

from __future__ import annotations

import argparse
import inspect
import logging
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from console.model.facts import KNOWN_FACTS
from console.model.text import Text
from console.server import framing
from console.server.framing import FrameReader, FramingError
from console.wire import (
    ClockFrame,
    CommandFrame,
    DeskFrame,
    DevicesFrame,
    EventsFrame,
    FieldPush,
    FieldSaid,
    FixesFrame,
    FixFrame,
    GotFrame,
    PingFrame,
    RecordLog,
    RefusedFrame,
    WireDeviceFault,
    WireError,
    WireFix,
    answers,
    decode_answer,
    decode_desk_frame,
    decode_fact,
    decode_field_push,
    decode_field_said,
    decode_submission,
    encode_frame,
    encode_submission,
    events,
    facts,
    frames,
    record_log,
    requests,
)
from console.wire.field_codec import decode_field_said_json
from console.wire.record_log import framed, whole_records
from tests.helpers.stream import NOW, PLACE, dispatch, report, submission

Target = Callable[[bytes], None]


def _submission(data: bytes) -> None:
    read = decode_submission(data)
    assert decode_submission(encode_submission(read)) == read


def _fact(data: bytes) -> None:
    kinds = sorted(KNOWN_FACTS)
    kind, version = kinds[data[0] % len(kinds)] if data else kinds[0]
    decode_fact(kind, version, data[1:])
    decode_fact("drone.launched", 7, data[1:])


def _events(data: bytes) -> None:
    frame = decode_desk_frame(data)
    if isinstance(frame, EventsFrame):
        frame.decoded()


def _frames(data: bytes) -> None:
    reader = FrameReader(1000)
    for start in range(0, len(data), 7):
        for _, payload in reader.feed(data[start : start + 7]):
            assert len(payload) <= 1000


def _record_log(data: bytes) -> None:
    """Opening cuts a torn tail off, and what is appended then can be read again."""
    whole = list(whole_records(data))
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "log"
        path.write_bytes(data)
        log = RecordLog(path, durable=False)
        assert log.opened_with == whole
        log.append(b"after")
        log.close()
        assert list(whole_records(path.read_bytes())) == [*whole, b"after"]


def _said(data: bytes, decode: Callable[[bytes], FieldSaid] = decode_field_said) -> None:
    said = decode(data)
    if isinstance(said, FixFrame):
        assert -180 <= said.lon <= 180
        assert -90 <= said.lat <= 90


TARGETS: Mapping[str, Target] = {
    "submission": _submission,
    "field_said": _said,
    "field_said_json": lambda data: _said(data, decode_field_said_json),
    "field_push": lambda data: void(decode_field_push(data)),
    "desk_frame": _events,
    "answer": lambda data: void(decode_answer(200, data)),
    "fact": _fact,
    "websocket": _frames,
    "record_log": _record_log,
}

REFUSALS = (WireError, FramingError)
"""How a decoder may say no. Anything else is a fault."""

_FRAMES: list[DeskFrame | FieldPush | FieldSaid] = [
    FixFrame(*PLACE, NOW, 90.0, 1.5),
    GotFrame("x"),
    ClockFrame(NOW, NOW + 5, NOW - 5),
    PingFrame(NOW, answer=True),
    RefusedFrame("ahead", NOW, 2),
    DevicesFrame(["U-1"], [], {"U-1": WireDeviceFault("clock_off", -5)}),
    FixesFrame([WireFix("U-1", *PLACE, NOW)]),
    EventsFrame([], 0, "journal"),
    CommandFrame("c", "i", "E-1", "t", *PLACE, Text("中", "a"), Text(), 2),
]
SEEDS: tuple[bytes, ...] = (
    encode_submission(submission(report(), own_key="019a8f3e-0000-7000-8000-000000000000")),
    encode_submission(submission(dispatch("x", "U-0001"))),
    *(encode_frame(frame) for frame in _FRAMES),
    *(msgspec.json.encode(frame) for frame in _FRAMES[:3]),
    b'{"events":[]}',
    b'{"error":"x","message":{"zh":"a","en":"b"}}',
    bytes([sorted(KNOWN_FACTS).index(("incident.accepted", 1))])
    + msgspec.msgpack.encode({"incident_id": "x"}),
    b"\x82\x83\x01\x02\x03\x04abc",
    framed(b"one") + framed(b"two"),
)


def void(_value: object) -> None:
    """A target needs no value."""


def try_one(name: str, data: bytes) -> bool:
    """Whether the decoder read `data`; False when it refused. Anything else raises."""
    try:
        TARGETS[name](data)
    except REFUSALS:
        return False
    return True


def mutated(rng: random.Random) -> bytes:
    """A seed with some bytes changed, cut, doubled or joined to another's."""
    data = bytearray(rng.choice(SEEDS))
    for _ in range(rng.randint(0, 6)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0:
                data[at : at + 1] = rng.randbytes(1)
            case 1:
                del data[at : at + rng.randint(1, 8)]
            case 2:
                data[at:at] = rng.randbytes(rng.randint(1, 8))
            case 3:
                data[at:at] = data[at : at + 40]
            case 4:
                data[at:] = rng.choice(SEEDS)[at:]
    return bytes(data)


def run_mutations(names: list[str], seconds: float, seed: int) -> int:
    """Try mutated seeds on each target in turn; how many."""
    rng, tried, end = random.Random(seed), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for name in names:
            data = mutated(rng)
            try:
                try_one(name, data)
            except Exception:
                print(f"{name}: {data!r}", file=sys.stderr)
                raise
            tried += 1
    return tried


def run_atheris(names: list[str], seconds: float) -> None:
    """Coverage-guided; ends the process."""
    import atheris

    def one(data: bytes) -> None:
        if data:
            try_one(names[data[0] % len(names)], data[1:])

    # Only what reads: to instrument every library takes minutes.
    for function in _our_functions():
        atheris.instrument_func(function)
    with tempfile.TemporaryDirectory() as corpus:
        for i, seed in enumerate(SEEDS):
            for j in range(len(names)):
                (Path(corpus) / f"{i}-{j}").write_bytes(bytes([j]) + seed)
        options = [f"-max_total_time={int(seconds)}", "-max_len=4096", "-print_final_stats=1"]
        atheris.Setup([sys.argv[0], *options, corpus], one)
        atheris.Fuzz()


def _our_functions() -> Iterator[Any]:
    for module in (answers, events, facts, framing, frames, record_log, requests):
        members = vars(module).values()
        classes = [m for m in members if inspect.isclass(m) and m.__module__ == module.__name__]
        for value in [*members, *(v for cls in classes for v in vars(cls).values())]:
            if inspect.isfunction(value) and value.__module__ == module.__name__:
                yield value


def main() -> None:
    """Run long."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", choices=sorted(TARGETS), action="append")
    parser.add_argument("--seed", type=int, default=1)
    logging.disable(logging.WARNING)
    parser.add_argument("--plain", action="store_true", help="without atheris")
    chosen = parser.parse_args()
    names = chosen.only or list(TARGETS)
    if not chosen.plain:
        try:
            run_atheris(names, chosen.seconds)
        except ImportError:
            print("atheris is not installed; changing seeds at random", file=sys.stderr)
    print(run_mutations(names, chosen.seconds, chosen.seed), "tries, no fault")


if __name__ == "__main__":
    main()
