"""A signed head: one line of JSON that says where a journal had come to, and when.

What is signed is a text that any other program can put together again, for instance for
`openssl pkeyutl -verify -rawin`: the words `trellis head 1` and the fields, each on its own line;
`trellis head 2` where the end of the submissions is signed too, its two fields last.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from console.journal.chain import Tip

ACCESS_LOG = "access:"
"""How the name of an access log begins; a journal's is a UUID."""


class SignedHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The end of `journal` at `at` (ms UTC): event `seq` with hash `chain` (hex), and submission
    `submissions` with hash `submissions_chain`, 0 where there is none to sign.

    `key` names the Ed25519 key, `signature` is base64.
    """

    journal: str
    seq: int
    chain: str
    at: int
    key: str
    signature: str = ""
    submissions: int = 0
    submissions_chain: str = ""

    @property
    def is_of_access_log(self) -> bool:
        """Whether it is an access log's head, and no journal's."""
        return self.journal.startswith(ACCESS_LOG)

    @property
    def signed_text(self) -> bytes:
        """What the signature is over."""
        fields: tuple[object, ...] = (self.journal, self.seq, self.chain, self.at, self.key)
        if self.submissions:
            fields = ("trellis head 2", *fields, self.submissions, self.submissions_chain)
        else:
            fields = ("trellis head 1", *fields)
        return "".join(f"{field}\n" for field in fields).encode()

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is `key`'s, over just this."""
        try:
            key.verify(base64.b64decode(self.signature), self.signed_text)
        except (InvalidSignature, ValueError):
            return False
        return True


PublicKeys = Mapping[str, Ed25519PublicKey]
"""Public keys by their id."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(SignedHead)


def sign(tip: Tip, at: int, key_id: str, key: Ed25519PrivateKey) -> SignedHead:
    """The head of a journal that ends at `tip`, signed with `key`."""
    bare = SignedHead(tip.journal, tip.seq, tip.chain.hex(), at, key_id)
    if tip.submissions:
        bare = msgspec.structs.replace(
            bare, submissions=tip.submissions, submissions_chain=tip.submissions_chain.hex()
        )
    signature = base64.b64encode(key.sign(bare.signed_text)).decode()
    return msgspec.structs.replace(bare, signature=signature)


def encode_head(head: SignedHead) -> bytes:
    """The head as a line, with its newline."""
    return _encoder.encode(head) + b"\n"


def decode_head(line: bytes) -> SignedHead:
    """The head in a line. Raises ValueError."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
