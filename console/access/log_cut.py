"""A signed statement of what retention cut off the access log, kept in the store beside it.

It says with which hash the cut part ended, so that what is left still hangs on it; and since it is
signed, a beginning that somebody else removed has none.
"""

from __future__ import annotations

import base64

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from console.access.store import Store

_KIND = "log_cut"


class SignedCut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Entries `after` + 1 to `through` of the access log `log` were cut off at `at`: `count` of
    them, the last with hash `chain` (hex), all made before `before` (both ms UTC).

    `key` names the Ed25519 key, `signature` is base64.
    """

    log: str
    after: int
    through: int
    chain: str
    count: int
    before: int
    at: int
    key: str
    signature: str = ""

    @property
    def signed_text(self) -> bytes:
        """What the signature is over: each field on its own line, as in a signed head."""
        fields = ("trellis cut 1", *msgspec.structs.astuple(self)[:-1])
        return "".join(f"{field}\n" for field in fields).encode()

    def signed(self, key: Ed25519PrivateKey) -> SignedCut:
        """The statement with `key`'s signature."""
        signature = base64.b64encode(key.sign(self.signed_text)).decode()
        return msgspec.structs.replace(self, signature=signature)

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is `key`'s, over just this."""
        try:
            key.verify(base64.b64decode(self.signature), self.signed_text)
        except (InvalidSignature, ValueError):
            return False
        return True


def keep_cut(store: Store, cut: SignedCut) -> None:
    """Put a statement into the store. In `change`."""
    store.put(_KIND, f"{cut.through:020d}", msgspec.json.encode(cut))


def cuts_in(store: Store) -> list[SignedCut]:
    """All statements, oldest first. Raises ValueError for one that cannot be read."""
    return [decode_cut(body) for body in store.all(_KIND)]


def decode_cut(body: bytes) -> SignedCut:
    """A statement. Raises ValueError."""
    try:
        return msgspec.json.decode(body, type=SignedCut)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
