"""Secrets that are random: tokens, which programs carry, and one-time codes, which people type.

Both have so many random bits that a fast hash keeps them: there is nothing to guess.
"""

from __future__ import annotations

import hashlib
import secrets

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""

_MISREAD = str.maketrans("ILO", "110", "- \t")
CODE_LETTERS = 12
"""Sixty bits."""


def new_token(kind: str) -> str:
    """A token of 192 random bits; `kind` stands in front, so that a leaked one tells what it is."""
    return f"tr{kind}_{secrets.token_urlsafe(24)}"


def new_code() -> str:
    """A one-time code, in groups of four."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(CODE_LETTERS))
    return "-".join(letters[at : at + 4] for at in range(0, CODE_LETTERS, 4))


def digest(secret: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def code_digest(code: str) -> str:
    """What is kept of a code, however it was typed."""
    return digest(code.upper().translate(_MISREAD))
