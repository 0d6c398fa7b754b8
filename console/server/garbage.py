"""When Python's cycle collector may stop the server: for milliseconds, every second.

Left to itself a full pass comes at any time and looks at every object there is: 0.4 s with 9,000
sockets open, in which nobody is answered. What is old here goes by its reference count when it
goes, a closed socket with all that hung on it. So what has lived for a second is set aside, and a
pass sees only what is new. Cycles among what was set aside wait for the daily look at everything:
a connection must leave none (`tests/console/server/test_connection_memory.py`), or strangers who
come and go fill the memory. With uvloop none does; asyncio's own transports leave one each.
"""

from __future__ import annotations

import asyncio
import gc
import logging

from console.clock import monotonic_s

log = logging.getLogger(__name__)

EVERY_S = 1.0
REVIEW_S = 86_400.0
_BY_ITSELF = 100_000
"""New objects at which a pass comes sooner: in a second there should never be so many."""


async def keep_collected() -> None:
    """Collect in small, for as long as the process serves; Python's own ways after that.

    To Python's own ways it is left altogether on asyncio's own event loop.
    """
    if isinstance(asyncio.get_running_loop(), asyncio.BaseEventLoop):
        return
    before = gc.get_threshold()
    gc.set_threshold(_BY_ITSELF, *before[1:])
    reviewed_s = monotonic_s()
    try:
        while True:
            if monotonic_s() - reviewed_s >= REVIEW_S:
                review()
                reviewed_s = monotonic_s()
            gc.collect()
            gc.freeze()
            await asyncio.sleep(EVERY_S)
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def review() -> None:
    """Look at everything once."""
    began_s = monotonic_s()
    gc.unfreeze()
    found = gc.collect()
    log.info("%d objects in cycles, found in %.2f s", found, monotonic_s() - began_s)
