"""What a desk is called: in the log, in what was seen, on the screens of others."""

from __future__ import annotations

DESK_NAME_LIMIT = 16


def parse_desk_name(given: str) -> str:
    """A desk's name as the journal keeps it, "" for none.

    Letters of any script, digits, full stop, hyphen and underscore, at most `DESK_NAME_LIMIT`: what
    stands behind the @ of an actor. Raises ValueError for anything else.
    """
    kept = given.strip()
    if len(kept) > DESK_NAME_LIMIT or not all(c.isalnum() or c in "._-" for c in kept):
        raise ValueError(
            f"a desk's name has at most {DESK_NAME_LIMIT} letters, digits and . _ -, not {given!r}"
        )
    return kept


def desk_name_of_host(host: str) -> str:
    """A machine's name as the name of the desk on it, "" where nothing is left of it."""
    short = host.partition(".")[0]
    return "".join(c for c in short if c.isalnum() or c in "_-")[:DESK_NAME_LIMIT]
