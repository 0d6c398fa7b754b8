"""Signed heads: proof, kept beside the journal and elsewhere, of where the journal had come to.

The chain in the journal shows that nothing inside was changed; it cannot show that its end was cut
off, nor that somebody made the whole of it anew. A head, signed each second while the journal moves
and kept at a second place, shows both.
"""

from console.audit.check import HeadFinding, HeadsVerdict, check_heads, checked
from console.audit.errors import AuditError
from console.audit.keys import KeyRing, own_public_keys, read_public_keys
from console.audit.places import audit_folder_of, heads_file, own_heads
from console.audit.signer import HeadSigner, signing

__all__ = [
    "AuditError",
    "HeadFinding",
    "HeadSigner",
    "HeadsVerdict",
    "KeyRing",
    "audit_folder_of",
    "check_heads",
    "checked",
    "heads_file",
    "own_heads",
    "own_public_keys",
    "read_public_keys",
    "signing",
]
