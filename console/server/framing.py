"""WebSocket frames (RFC 6455 §5): the server's, made once for many; the client's, read in bulk.

aiohttp makes the handshake. After it a crowd of sockets costs less when a frame is built once for
all of them, and when what comes in wakes no task: a device's fix is a small masked frame, and
there are ten thousand of them a second.

ValueError
 └── FramingError    the client does not keep to the protocol; holds the code to close with
"""

from __future__ import annotations

from functools import lru_cache

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

PROTOCOL_ERROR = 1002
TOO_BIG = 1009

_CONTROL_BYTES = 125
"""The longest payload of a control frame, and of a frame with the short form of length."""

_WHOLE = frozenset({0x80 | TEXT, 0x80 | BINARY})
_SHORT_HEAD = 6
"""Bytes before the payload of a client's frame with the short form of length."""


class FramingError(ValueError):
    """The connection is to be closed with `code`."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def framed(payload: bytes, opcode: int = BINARY) -> bytes:
    """A whole frame from the server, unmasked."""
    length = len(payload)
    if length <= _CONTROL_BYTES:
        return bytes((0x80 | opcode, length)) + payload
    if length < 1 << 16:
        return bytes((0x80 | opcode, 126)) + length.to_bytes(2) + payload
    return bytes((0x80 | opcode, 127)) + length.to_bytes(8) + payload


@lru_cache(maxsize=64)
def framed_for_many(payload: bytes) -> bytes:
    """`framed`, remembered: a payload that many sockets share is framed once."""
    return framed(payload)


def closing(code: int, reason: str = "") -> bytes:
    """A close frame."""
    return framed(code.to_bytes(2) + reason.encode()[:120], CLOSE)


class FrameReader:
    """Puts a client's bytes together to messages of at most `largest` bytes."""

    __slots__ = ("_largest", "_opcode", "_parts", "_rest", "_short", "_size")

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._short = _SHORT_HEAD + min(largest, _CONTROL_BYTES)
        self._rest = b""
        self._parts: list[bytes] = []
        self._size = 0
        self._opcode = CONTINUATION

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The messages that `data` completes: opcode and payload. Raises FramingError."""
        size = len(data)
        if (
            _SHORT_HEAD <= size <= self._short
            and data[1] == (0x80 | size - _SHORT_HEAD)
            and data[0] in _WHOLE
            and not self._rest
            and self._opcode == CONTINUATION
        ):
            # One whole short message: nearly all that ever comes.
            return [(data[0] & 0x0F, _unmasked(data, 2, size - _SHORT_HEAD))]
        return self._fed(data)

    def _fed(self, data: bytes) -> list[tuple[int, bytes]]:
        if self._rest:
            data = self._rest + data
        messages: list[tuple[int, bytes]] = []
        at = 0
        while (frame := self._frame(data, at)) is not None:
            first, payload, at = frame
            message = self._taken(first, payload)
            if message is not None:
                messages.append(message)
        self._rest = data[at:] if at else data
        return messages

    def _frame(self, data: bytes, at: int) -> tuple[int, bytes, int] | None:
        """The frame at `at`: its first byte, payload, and where the next begins; None for later."""
        if len(data) - at < 2:
            return None
        first, length = data[at], data[at + 1] & 0x7F
        self._check_head(first, data[at + 1], length)
        start = at + 2
        if length > _CONTROL_BYTES:
            wide = 2 if length == 126 else 8
            if len(data) < start + wide:
                return None
            length = int.from_bytes(data[start : start + wide])
            start += wide
        if length > self._largest:
            raise FramingError(TOO_BIG, f"a frame of more than {self._largest} bytes")
        end = start + 4 + length
        if len(data) < end:
            return None
        return first, _unmasked(data, start, length), end

    def _check_head(self, first: int, second: int, length: int) -> None:
        if first & 0x70:
            raise FramingError(PROTOCOL_ERROR, "reserved bits")
        if not second & 0x80:
            raise FramingError(PROTOCOL_ERROR, "a client's frame is masked")
        opcode = first & 0x0F
        if opcode >= CLOSE and (length > _CONTROL_BYTES or not first & 0x80 or opcode > PONG):
            raise FramingError(PROTOCOL_ERROR, "a control frame that is none")
        if BINARY < opcode < CLOSE:
            raise FramingError(PROTOCOL_ERROR, "an opcode that is none")

    def _taken(self, first: int, payload: bytes) -> tuple[int, bytes] | None:
        """The message that the frame completes, if it does."""
        opcode, is_last = first & 0x0F, first & 0x80
        if opcode >= CLOSE:
            return opcode, payload
        if (opcode == CONTINUATION) != (self._opcode != CONTINUATION):
            raise FramingError(PROTOCOL_ERROR, "a message in the middle of another")
        if opcode and is_last:
            return opcode, payload
        return self._continued(opcode, payload, bool(is_last))

    def _continued(self, opcode: int, payload: bytes, is_last: bool) -> tuple[int, bytes] | None:
        self._opcode = opcode or self._opcode
        self._parts.append(payload)
        # A flood of empty parts is a message too big as well.
        self._size += len(payload) + 1
        if self._size > self._largest + 1:
            raise FramingError(TOO_BIG, f"a message of more than {self._largest} bytes")
        if not is_last:
            return None
        whole = self._opcode, b"".join(self._parts)
        self._opcode, self._parts, self._size = CONTINUATION, [], 0
        return whole


def _unmasked(data: bytes, start: int, length: int) -> bytes:
    mask = data[start : start + 4]
    masked = data[start + 4 : start + 4 + length]
    key = (mask * (length // 4 + 1))[:length]
    whole = int.from_bytes(masked, "little") ^ int.from_bytes(key, "little")
    return whole.to_bytes(length, "little")
