"""Trellis: command line and composition root; the one place where parts are wired.

Each command imports only what it needs, so that `verify` on a server loads no Qt and `--help`
answers at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from console import __version__
from console.model.text import Language, Text

DEFAULT_LISTEN = "127.0.0.1:8790"


class Stop(Exception):  # noqa: N818 - not a fault of ours: something the user can mend
    """Ends the program with one clear sentence and exit code 1."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    args = build_parser().parse_args(given or ["run"])
    logging.basicConfig(
        level=logging.INFO if args.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    try:
        return int(args.command(args))
    except Stop as stop:
        return _complain(str(stop))
    except KeyboardInterrupt:
        return _complain("stopped", code=130)
    except OSError as error:
        return _complain(": ".join(str(p) for p in (error.filename, error.strerror or error) if p))


def _complain(sentence: str, code: int = 1) -> int:
    print(f"trellis: {sentence}", file=sys.stderr)
    return code


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    print(sentence, flush=True)


def terminal_language() -> Language:
    """Chinese where the locale says so, else English."""
    settings = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, settings), "").startswith("zh") else "en"


def stop_with(message: Text) -> Stop:
    """The end of the program, in the language of the terminal."""
    return Stop(message.in_language(terminal_language()))


# ---------------------------------------------------------------- the command line


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--data", type=Path, metavar="DIR", help="folder of journals, cities and logs"
    )
    shared.add_argument("--verbose", action="store_true", help="say more on standard error")
    parser = argparse.ArgumentParser(
        prog="main.py", description="Trellis, the duty room's console. Without a command: run."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in (
        _add_run,
        _add_serve,
        _add_import,
        _add_city,
        _add_simulate,
        _add_shot,
        _add_verify,
    ):
        add(commands, [shared])
    return parser


def _add_run(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    run = commands.add_parser("run", parents=parents, help="open the desk")
    run.add_argument(
        "--city", type=Path, metavar="DIR", help="city package (default: the practice city)"
    )
    run.add_argument(
        "--server", metavar="URL", help="a server elsewhere; TRELLIS_TOKEN holds its token"
    )
    run.add_argument("--db", metavar="URL", help="journal of the desk's own server")
    run.add_argument("--lang", choices=("zh", "en"), help="language of the desk")
    run.add_argument(
        "--rate", type=float, default=40.0, help="simulated incidents an hour (default 40)"
    )
    run.set_defaults(command=command_run)


def _add_serve(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser(
        "serve",
        parents=parents,
        help="the server alone",
        description="TRELLIS_SECRET holds the desks' token; without it one is made and printed.",
    )
    serve.add_argument(
        "--city", type=Path, metavar="DIR", help="city package (default: the practice city)"
    )
    serve.add_argument("--db", metavar="URL", help="journal, sqlite:///FILE (default: in --data)")
    serve.add_argument(
        "--listen", default=DEFAULT_LISTEN, metavar="HOST:PORT", help=f"default {DEFAULT_LISTEN}"
    )
    serve.add_argument("--die-with-parent", action="store_true", help=argparse.SUPPRESS)
    serve.set_defaults(command=command_serve)


def _add_import(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    take = commands.add_parser("import", parents=parents, help="bring a file into a city package")
    take.add_argument(
        "kind",
        choices=("osm", "grid", "cameras", "units"),
        metavar="KIND",
        help="osm, grid, cameras or units",
    )
    take.add_argument("file", type=Path, metavar="FILE")
    take.add_argument(
        "--city", type=Path, required=True, metavar="DIR", help="city package; made if missing"
    )
    take.add_argument(
        "--crs", metavar="EPSG:…", help="coordinate system of the file, where it does not say it"
    )
    take.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="which column of the file holds one of our fields; may be repeated",
    )
    take.add_argument(
        "--encoding", metavar="NAME", help="encoding of a text file, where it cannot be told"
    )
    take.add_argument("--layer", metavar="NAME", help="layer of a GeoPackage that has several")
    take.set_defaults(command=command_import)


def _add_city(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    city = commands.add_parser("city", help="make a city")
    kinds = city.add_subparsers(metavar="KIND", required=True)
    practice = kinds.add_parser("practice", parents=parents, help="a practice city, from a seed")
    practice.add_argument("--seed", type=int, default=20261121, help="same seed, same bytes")
    practice.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder for the .osm.pbf and catalogues",
    )
    practice.set_defaults(command=command_city_practice)
    prepare = kinds.add_parser(
        "prepare",
        parents=parents,
        help="make the practice city that `run` opens, with its progress as JSON lines",
    )
    prepare.set_defaults(command=command_city_prepare)


def _add_simulate(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    simulate = commands.add_parser(
        "simulate",
        parents=parents,
        help="simulated units and incidents",
        description="Talks to a server as phones do. TRELLIS_TOKEN holds the desks' token.",
    )
    simulate.add_argument("--server", required=True, metavar="URL")
    simulate.add_argument(
        "--city", type=Path, metavar="DIR", help="city package (default: the practice city)"
    )
    simulate.add_argument("--rate", type=float, default=40.0, help="incidents an hour (default 40)")
    simulate.add_argument(
        "--speed", type=float, default=1.0, help="how much faster than life (default 1)"
    )
    simulate.add_argument("--seed", type=int, default=1)
    simulate.add_argument("--calm", action="store_true", help="nobody refuses, nobody falls silent")
    simulate.add_argument(
        "--opening", action="store_true", help="begin with a duty room in mid-shift"
    )
    simulate.add_argument("--die-with-parent", action="store_true", help=argparse.SUPPRESS)
    simulate.set_defaults(command=command_simulate)


def _add_shot(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    shot = commands.add_parser("shot", parents=parents, help="a picture of the real window")
    shot.add_argument("scene", metavar="SCENE", help="desk, incident, dispatched or video")
    shot.add_argument("--size", default="1920x1080", metavar="WxH")
    shot.add_argument("--lang", choices=("zh", "en"), default="zh")
    shot.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    shot.set_defaults(command=command_shot)


def _add_verify(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    verify = commands.add_parser(
        "verify", parents=parents, help="check a journal's order, keys and chain"
    )
    verify.add_argument("--db", metavar="URL", help="journal (default: the practice city's)")
    verify.set_defaults(command=command_verify)


# ---------------------------------------------------------------- folders


def data_folder(args: argparse.Namespace) -> Path:
    """Where this user's journals, practice city and logs are."""
    if args.data is not None:
        return Path(args.data).absolute()
    from platformdirs import user_data_path

    return user_data_path("trellis", appauthor=False)


def practice_folder(args: argparse.Namespace) -> Path:
    """Where the practice city's package is kept."""
    return data_folder(args) / "practice"


def journal_url(args: argparse.Namespace, city: Path) -> str:
    """The journal asked for, or one a city in the data folder."""
    given: str | None = args.db
    return given or f"sqlite:///{data_folder(args) / 'journals' / city.name}.sqlite"


def city_folder(args: argparse.Namespace) -> Path:
    """The city package asked for, or the practice city, made now if it is missing."""
    if args.city is not None:
        return Path(args.city).absolute()
    from console.intake.errors import IntakeError
    from console.practice.prepare import prepare_practice

    try:
        return prepare_practice(practice_folder(args), progress=terminal_progress())
    except IntakeError as error:
        raise stop_with(error.message) from error


def terminal_progress() -> Callable[[str, float], None]:
    """Progress on one line of the terminal; nothing where output goes to a file."""
    from console.i18n import text_of

    if not sys.stderr.isatty():
        return lambda _stage, _share: None

    def show(stage: str, share: float) -> None:
        end = "\n" if share >= 1 else ""
        words = text_of(stage).in_language(terminal_language())
        print(f"\r\033[K{round(100 * share):3d} %  {words}", end=end, file=sys.stderr, flush=True)

    return show


# ---------------------------------------------------------------- the commands


def command_import(args: argparse.Namespace) -> int:
    """Bring a file into a city package and print what became of it."""
    from console.intake.errors import IntakeError
    from console.intake.kinds import IMPORTERS, fields_of, import_streets

    importer = IMPORTERS[args.kind]
    if importer is import_streets:
        importer = partial(import_streets, progress=terminal_progress())
    try:
        report = importer(
            args.file,
            args.city.absolute(),
            args.crs,
            fields=fields_of(args.map) or None,
            encoding=args.encoding,
            layer=args.layer,
        )
    except IntakeError as error:
        raise stop_with(error.message) from error
    say(report.text(terminal_language()))
    return 0


def command_city_practice(args: argparse.Namespace) -> int:
    """Write a practice city's files."""
    from console.practice.city import generate

    tell = terminal_progress()
    files = generate(
        args.seed, args.out, lambda stage, share: tell(f"practice.stage.{stage}", share)
    )
    for path in (files.osm, files.grid, files.cameras, files.units):
        say(str(path))
    return 0


def command_city_prepare(args: argparse.Namespace) -> int:
    """Make the practice city's package ready, with progress for another program to show."""
    from console.practice.prepare import prepare_practice

    def tell(stage: str, share: float) -> None:
        say(json.dumps({"stage": stage, "share": share}))

    prepare_practice(practice_folder(args), progress=tell)
    return 0


def command_serve(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from console.journal.errors import JournalError
    from console.process import die_with_parent
    from console.server.run import CannotServe, serve

    if args.die_with_parent:
        die_with_parent()
    host, _, port = args.listen.rpartition(":")
    if not (host and port.isdecimal()):
        raise Stop(f"--listen wants HOST:PORT, not {args.listen}")
    given = os.environ.get("TRELLIS_SECRET", "")
    secret = given or secrets.token_urlsafe(32)
    city = city_folder(args)

    def ready(where: Mapping[str, object]) -> None:
        say(json.dumps({**where, **({} if given else {"secret": secret})}))

    try:
        serve(
            city=city,
            db=journal_url(args, city),
            host=host,
            port=int(port),
            secret=secret,
            ready=ready,
        )
    except (CannotServe, JournalError) as error:
        raise stop_with(error.message) from error
    return 0


def command_simulate(args: argparse.Namespace) -> int:
    """Simulate the field until told to stop."""
    from console.city import CityError
    from console.process import die_with_parent

    if args.die_with_parent:
        die_with_parent()
    token = os.environ.get("TRELLIS_TOKEN")
    if not token:
        raise Stop("set TRELLIS_TOKEN to the server's secret (`main.py serve` prints it)")
    try:
        asyncio.run(_simulate(args, token, city_folder(args)))
    except CityError as error:
        raise stop_with(error.message) from error
    return 0


async def _simulate(args: argparse.Namespace, token: str, city: Path) -> None:
    from console.practice.field.run import open_shift, simulate

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows has no signals in its loop
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if args.opening:
        await open_shift(args.server, token, city, seed=args.seed, stop=stop)
    await simulate(
        args.server,
        token,
        city,
        rate_per_hour=args.rate,
        speed=args.speed,
        seed=args.seed,
        stop=stop,
        calm=args.calm,
    )


def command_verify(args: argparse.Namespace) -> int:
    """Check a journal; exit code 1 when something is wrong with it."""
    from console.i18n import text_of
    from console.journal.errors import JournalError
    from console.journal.verify import verify
    from console.practice.prepare import practice_package

    url = args.db or journal_url(args, practice_package(practice_folder(args)))
    try:
        verdict = verify(url)
    except JournalError as error:
        raise stop_with(error.message) from error
    for finding in verdict.findings:
        say(finding.message.in_language(terminal_language()))
    key = "server.verdict.sound" if verdict.is_sound else "server.verdict.faults"
    counts = {
        "events": verdict.events,
        "submissions": verdict.submissions,
        "faults": len(verdict.findings),
    }
    say(text_of(key, **counts).in_language(terminal_language()))
    return 0 if verdict.is_sound else 1


def command_run(args: argparse.Namespace) -> int:
    """Open the desk."""
    return 0


def command_shot(args: argparse.Namespace) -> int:
    """Make a picture of the real window."""
    return 0


if __name__ == "__main__":
    sys.exit(main())
