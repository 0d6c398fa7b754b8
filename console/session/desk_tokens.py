"""What the servers know this desk by, for each person who has signed in here.

It opens nothing: who brings it with their password is not locked out by what strangers tried
elsewhere. Kept over restarts in a file that its owner alone can read.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from console.process import write_whole

log = logging.getLogger(__name__)

_Kept = dict[str, dict[str, str]]


class DeskTokens:
    """The tokens in the file at `path`, by server and name; None keeps them in memory."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._tokens = {} if path is None else _read(path)

    def get(self, server: str, name: str) -> str:
        """The token for who signs in as `name`, "" for none."""
        return self._tokens.get(server, {}).get(_key(name), "")

    def put(self, server: str, name: str, token: str) -> None:
        """Keep it. Where it cannot be written it is good until the desk ends."""
        if not token or self.get(server, name) == token:
            return
        self._tokens.setdefault(server, {})[_key(name)] = token
        if self._path is not None:
            try:
                _write(self._path, self._tokens)
            except OSError as error:
                log.warning("what this desk is known by could not be kept: %s", error)


def _key(name: str) -> str:
    return name.strip().lower()


def _read(path: Path) -> _Kept:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Kept)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:  # msgspec.DecodeError is a ValueError
        log.warning("what this desk is known by could not be read: %s", error)
        return {}


def _write(path: Path, tokens: _Kept) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Who signs in waits for it, and a token that is lost is made anew at the next sign-in.
    write_whole(path, msgspec.json.encode(tokens), 0o600, durable=False)
