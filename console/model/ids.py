"""Identifiers: UUIDv7 keys, whose order is the order of their making (RFC 9562 §5.7).

Random keys (UUIDv4) cost five times the append rate in a B-tree; time-ordered ones do not.
"""

from __future__ import annotations

import os
import uuid


def new_key(now_ms: int) -> str:
    """A fresh UUIDv7 for the moment `now_ms` (milliseconds since 1970-01-01 UTC)."""
    value = (now_ms & (1 << 48) - 1) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return str(uuid.UUID(int=value))


def is_key(text: str) -> bool:
    """Whether `text` is a UUIDv7 in its canonical, lower-case form."""
    try:
        parsed = uuid.UUID(text)
    except ValueError:
        return False
    return str(parsed) == text and parsed.version == 7 and parsed.variant == uuid.RFC_4122
