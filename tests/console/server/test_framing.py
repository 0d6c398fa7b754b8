"""WebSocket frames: however they are cut up, and whatever else comes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.server.framing import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PROTOCOL_ERROR,
    TEXT,
    TOO_BIG,
    FrameReader,
    FramingError,
    framed,
)
from tests.helpers.wire_values import steady

LARGEST = 70_000


def masked(
    payload: bytes, opcode: int = BINARY, *, fin: bool = True, mask: bytes = b"\x0a\xb1\x02\xff"
) -> bytes:
    """A client's frame, made bit by bit as RFC 6455 §5.2 has it."""
    length = len(payload)
    size = bytes([0x80 | length]) if length < 126 else b""
    if not size:
        size = b"\xfe" + length.to_bytes(2) if length < 1 << 16 else b"\xff" + length.to_bytes(8)
    body = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return bytes([(0x80 if fin else 0) | opcode]) + size + mask + body


messages = st.lists(
    st.tuples(st.sampled_from([BINARY, TEXT, PING]), st.binary(max_size=125)), max_size=6
)


@given(messages, st.lists(st.integers(0, 400), max_size=8), st.binary(min_size=4, max_size=4))
@steady
def test_cut_up_anyhow(said: list[tuple[int, bytes]], cuts: list[int], mask: bytes) -> None:
    data = b"".join(masked(payload, opcode, mask=mask) for opcode, payload in said)
    reader, heard = FrameReader(LARGEST), []
    edges = [0, *sorted(min(c, len(data)) for c in cuts), len(data)]
    for start, end in itertools.pairwise(edges):
        heard += reader.feed(data[start:end])
    assert heard == said


@given(st.lists(st.binary(max_size=300), min_size=2, max_size=5))
@steady
def test_in_parts_with_pings_between(parts: list[bytes]) -> None:
    reader = FrameReader(LARGEST)
    heard: list[tuple[int, bytes]] = []
    for i, part in enumerate(parts):
        opcode = BINARY if i == 0 else CONTINUATION
        heard += reader.feed(masked(part, opcode, fin=i == len(parts) - 1))
        heard += reader.feed(masked(b"?", PING))
    expected = [(PING, b"?")] * len(parts)
    expected.insert(-1, (BINARY, b"".join(parts)))
    assert heard == expected


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 65_535, 65_536, LARGEST])
def test_lengths(length: int) -> None:
    payload = bytes(range(256)) * (length // 256 + 1)
    payload = payload[:length]
    assert FrameReader(LARGEST).feed(masked(payload)) == [(BINARY, payload)]
    made = framed(payload)
    assert made.endswith(payload)
    assert len(made) - length == (2 if length < 126 else 4 if length < 1 << 16 else 10)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (masked(b"x" * (LARGEST + 1))[:20], TOO_BIG),
        (b"\x82\xff" + (1 << 62).to_bytes(8), TOO_BIG),
        (b"\x82\xff" + b"\xff" * 8, TOO_BIG),
        (b"".join(masked(b"x" * 30_000, 0 if i else 2, fin=False) for i in range(3)), TOO_BIG),
        (b"".join(masked(b"", 0 if i else 2, fin=False) for i in range(LARGEST + 2)), TOO_BIG),
        (framed(b"not masked"), PROTOCOL_ERROR),
        (masked(b"", opcode=0xB), PROTOCOL_ERROR),
        (masked(b"", opcode=3), PROTOCOL_ERROR),
        (masked(b"x" * 126, PING), PROTOCOL_ERROR),
        (masked(b"", CLOSE, fin=False), PROTOCOL_ERROR),
        (masked(b"", CONTINUATION), PROTOCOL_ERROR),
        (masked(b"a", BINARY, fin=False) + masked(b"b", BINARY), PROTOCOL_ERROR),
        (b"\xc2\x80\0\0\0\0", PROTOCOL_ERROR),
    ],
)
def test_what_ends_a_connection(data: bytes, code: int) -> None:
    with pytest.raises(FramingError) as error:
        FrameReader(LARGEST).feed(data)
    assert error.value.code == code


@given(st.lists(st.binary(max_size=60), max_size=10))
@steady
def test_noise_is_a_message_an_error_or_not_yet(chunks: list[bytes]) -> None:
    reader = FrameReader(1000)
    try:
        for chunk in chunks:
            for opcode, payload in reader.feed(chunk):
                assert opcode in (1, 2, 8, 9, 10)
                assert len(payload) <= 1000
    except FramingError as error:
        assert error.code in (PROTOCOL_ERROR, TOO_BIG)
