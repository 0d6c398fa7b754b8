"""The simulated field."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import secrets
import signal
from contextlib import suppress
from pathlib import Path

from console.city import CityError
from console.commands.chosen_city import city_folder
from console.commands.terminal import Stop, stop_with
from console.commands.trust import trust_server
from console.i18n import set_language
from console.practice.field.api import FieldError
from console.practice.field.run import open_shift, simulate
from console.process import die_with_parent

log = logging.getLogger(__name__)


def simulate_field(args: argparse.Namespace) -> int:
    """Simulate the field until told to stop."""
    if args.die_with_parent:
        die_with_parent()
    token = os.environ.get("TRELLIS_TOKEN")
    if not token:
        raise Stop("set TRELLIS_TOKEN to the secret (TRELLIS_SECRET) of the practice server")
    trust_server(args)
    set_language(args.lang)
    try:
        asyncio.run(_live(args, token, city_folder(args)))
    except (CityError, FieldError) as error:
        raise stop_with(error.message) from error
    return 0


async def _live(args: argparse.Namespace, token: str, city: Path) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows has no signals in its loop
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    # A server's second day must not hear the first day's reports again.
    seed = secrets.randbelow(1 << 31) if args.seed is None else args.seed
    log.info("the simulated field's seed is %d", seed)
    if args.opening:
        await open_shift(args.server, token, city, seed=seed, stop=stop, authority=args.authority)
    await simulate(
        args.server,
        token,
        city,
        rate_per_hour=args.rate,
        speed=args.speed,
        seed=seed,
        stop=stop,
        calm=args.calm,
        authority=args.authority,
    )
