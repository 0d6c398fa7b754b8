"""HTTP and WebSockets round the service: desks, devices, and nothing of Qt."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _certificates_unread() -> Iterator[None]:
    """Let OpenSSL find no certificates meanwhile.

    aiohttp reads all that the system trusts when it is loaded, a tenth of a server's start, for
    https calls that bring no context. A server makes none: `console.server.oidc_calls.fetch` brings
    its own. A call that brought none would trust nobody, and fail.
    """
    kept = {name: os.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")}
    os.environ.update(dict.fromkeys(kept, os.devnull))
    try:
        yield
    finally:
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


with _certificates_unread():
    import aiohttp as aiohttp
