"""What can be wrong with a message.

ValueError
 └── WireError    the bytes are not a message of ours; the text says where and why
"""

from __future__ import annotations


class WireError(ValueError):
    """The bytes cannot be read as the message they should be."""
