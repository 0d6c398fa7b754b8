"""What the command line accepts; `main.py` does it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from console import __version__
from console.model.desk_name import parse_desk_name

ROUTE_PROFILES = ("car", "siren", "moto", "foot")
"""`console.city.travel.USERS`, which loads numpy: `--help` answers at once."""

DEFAULT_LISTEN = "127.0.0.1:8790"


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
        _add_route,
        _add_city,
        _add_simulate,
        _add_shot,
        _add_verify,
        _add_audit,
        _add_backup,
        _add_restore,
        _add_certs,
        _add_people,
    ):
        add(commands, [shared])
    return parser


def _add_run(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    run = commands.add_parser("run", parents=parents, help="open the desk")
    run.add_argument(
        "--city", type=Path, metavar="DIR", help="city package (default: the practice city)"
    )
    run.add_argument("--server", metavar="URL", help="a server elsewhere, where you sign in")
    run.add_argument(
        "--desk",
        type=_desk_name,
        metavar="NAME",
        help="what this desk is called in the log and to others; kept (at first: 01, with --server "
        "the machine's name)",
    )
    _add_trust(run)
    run.add_argument("--db", metavar="URL", help="journal of the desk's own server")
    run.add_argument("--lang", choices=("zh", "en"), help="language of the desk")
    run.add_argument(
        "--rate", type=float, default=40.0, help="simulated incidents an hour (default 40)"
    )
    run.set_defaults(command="run")


def _desk_name(given: str) -> str:
    try:
        name = parse_desk_name(given)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    if not name:
        raise argparse.ArgumentTypeError("a desk needs a name")
    return name


def _add_serve(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser(
        "serve",
        parents=parents,
        help="the server alone",
        description="People sign in; the first start prints the code that makes the administrator. "
        "With TRELLIS_SECRET set it is a practice server, which that secret opens.",
    )
    serve.add_argument(
        "--city", type=Path, metavar="DIR", help="city package (default: the practice city)"
    )
    serve.add_argument("--db", metavar="URL", help="journal, sqlite:///FILE (default: in --data)")
    serve.add_argument(
        "--listen", default=DEFAULT_LISTEN, metavar="HOST:PORT", help=f"default {DEFAULT_LISTEN}"
    )
    serve.add_argument(
        "--cert", type=Path, metavar="FILE", help="TLS certificate (PEM), as `certs` makes it"
    )
    serve.add_argument("--key", type=Path, metavar="FILE", help="the certificate's key (PEM)")
    serve.add_argument(
        "--insecure", action="store_true", help="listen beyond this machine without TLS"
    )
    serve.add_argument(
        "--heads",
        type=Path,
        metavar="PLACE",
        help="write signed heads there too: a folder or file, best on another disk",
    )
    serve.add_argument(
        "--oidc", type=Path, metavar="FILE.toml", help="the organisation's own sign-in"
    )
    serve.add_argument(
        "--trusted-proxy",
        action="append",
        default=[],
        metavar="ADDRESS",
        help="a proxy, or a network of them, whose X-Forwarded-For is believed; may be repeated",
    )
    serve.add_argument(
        "--accept-clock",
        action="store_true",
        help="the machine's time is right, far as it is from when the server ran last",
    )
    serve.add_argument("--listen-fd", type=int, metavar="N", help=argparse.SUPPRESS)
    serve.add_argument("--die-with-parent", action="store_true", help=argparse.SUPPRESS)
    serve.set_defaults(command="serve")


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
    take.add_argument(
        "--time-zone",
        metavar="NAME",
        help="osm: the city's time zone (Asia/Shanghai), where its place leaves a doubt",
    )
    take.set_defaults(command="import")


def _add_route(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    route = commands.add_parser(
        "route",
        parents=parents,
        help="how long the way takes between two places of a city, and by which streets",
        description="The desk ranks units by the same times. Exit status 3: no way leads there. "
        "West of Greenwich: --from=-0.127,51.507.",
    )
    route.add_argument("--city", type=Path, required=True, metavar="DIR", help="city package")
    route.add_argument("--from", dest="start", required=True, metavar="LON,LAT", help="in degrees")
    route.add_argument("--to", dest="goal", required=True, metavar="LON,LAT", help="in degrees")
    route.add_argument(
        "--profile",
        choices=ROUTE_PROFILES,
        default=ROUTE_PROFILES[0],
        help="who goes (default car)",
    )
    route.add_argument("--json", action="store_true", help="for another program to read")
    route.set_defaults(command="route")


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
    practice.set_defaults(command="city_practice")
    prepare = kinds.add_parser(
        "prepare",
        parents=parents,
        help="make the practice city that `run` opens, with its progress as JSON lines",
    )
    prepare.set_defaults(command="city_prepare")


def _add_simulate(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    simulate = commands.add_parser(
        "simulate",
        parents=parents,
        help="simulated units and incidents",
        description="Talks to a practice server as phones do. TRELLIS_TOKEN holds its secret.",
    )
    simulate.add_argument("--server", required=True, metavar="URL")
    _add_trust(simulate)
    simulate.add_argument(
        "--city", type=Path, metavar="DIR", help="city package (default: the practice city)"
    )
    simulate.add_argument("--rate", type=float, default=40.0, help="incidents an hour (default 40)")
    simulate.add_argument(
        "--speed", type=float, default=1.0, help="how much faster than life (default 1)"
    )
    simulate.add_argument("--lang", choices=("zh", "en"), default="zh", help="what the units speak")
    simulate.add_argument(
        "--seed", type=int, help="same seed, same reports (default: others at every start)"
    )
    simulate.add_argument("--calm", action="store_true", help="nobody refuses, nobody falls silent")
    simulate.add_argument(
        "--opening", action="store_true", help="begin with a duty room in mid-shift"
    )
    simulate.add_argument("--die-with-parent", action="store_true", help=argparse.SUPPRESS)
    simulate.set_defaults(command="simulate")


def _add_shot(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    shot = commands.add_parser("shot", parents=parents, help="a picture of the real window")
    shot.add_argument("scene", metavar="SCENE", help="desk, incident, dispatched, video or sos")
    shot.add_argument(
        "--city", type=Path, metavar="DIR", help="city package (default: the practice city)"
    )
    shot.add_argument("--size", default="1920x1080", metavar="WxH")
    shot.add_argument("--lang", choices=("zh", "en"), default="zh")
    shot.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    shot.set_defaults(command="shot")


def _add_verify(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    verify = commands.add_parser(
        "verify", parents=parents, help="check a journal's order, keys, chain and signed heads"
    )
    verify.add_argument("--db", metavar="URL", help="journal (default: the practice city's)")
    verify.add_argument(
        "--heads",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="signed heads (default: those beside the journal); may be repeated",
    )
    verify.add_argument(
        "--public-key",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="public keys, or a folder of them (default: those beside the journal)",
    )
    verify.set_defaults(command="verify")


def _add_trust(command: argparse.ArgumentParser) -> None:
    """How a client knows its server."""
    command.add_argument(
        "--authority",
        type=Path,
        metavar="FILE",
        help="authority.pem that the https server's certificate must be signed by",
    )
    command.add_argument(
        "--insecure", action="store_true", help="talk http to a server on another machine"
    )


def _add_people(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    people = commands.add_parser("people", help="keep the people who may sign in")
    works = people.add_subparsers(metavar="WORK", required=True)

    def work(name: str, what: str, *names: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = works.add_parser(name, parents=parents, help=what)
        for positional in names:
            made.add_argument(positional, metavar=positional.upper())
        # No default: the practice city, which others fall back on, signs people in by itself.
        made.add_argument("--db", metavar="URL", required=True, help="journal of their server")
        made.set_defaults(command="people", work=name.replace("-", "_"), city=None)
        return made

    setup = works.add_parser(
        "setup", parents=parents, help="make the first administrator, by the printed code"
    )
    setup.add_argument("--server", required=True, metavar="URL")
    _add_trust(setup)
    setup.add_argument("--code", required=True, metavar="CODE")
    setup.add_argument("--name", required=True, metavar="NAME", help="to sign in with")
    setup.add_argument("--full-name", default="", metavar="WORDS", help="what others read")
    setup.set_defaults(command="people", work="setup")
    add = work("add", "take somebody in; the password is asked for", "name")
    add.add_argument("--full-name", default="", metavar="WORDS", help="what others read")
    add.add_argument("--role", required=True, metavar="ROLE")
    _add_area(add)
    work("list", "everybody, with role and area")
    _add_area(work("role", "give somebody another role or area", "name", "role"))
    work("disable", "nobody signs in by this name any more", "name")
    work("enable", "the name is good again, and unlocked", "name")
    work("password", "set a new password, which is asked for", "name")
    work("lost-device", "the devices of a unit are good no more", "unit")
    work("log", "the access log, as JSON lines")


def _add_area(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--area",
        action="append",
        default=[],
        metavar="CODE",
        help="6, 9, 12 or 15 digits of a cell's code; may be repeated (default: the whole city)",
    )


def _add_certs(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    certs = commands.add_parser(
        "certs",
        parents=parents,
        help="make a private authority and the server's certificate, or renew the certificate",
    )
    certs.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of the files")
    certs.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="name or address by which desks reach the server; may be repeated",
    )
    certs.set_defaults(command="certs")


def _add_audit(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    audit = commands.add_parser("audit", help="the keys that a journal's heads are signed with")
    kinds = audit.add_subparsers(metavar="ACTION", required=True)
    for name, rotate, words in (
        ("public-key", False, "print the public keys, for `verify --public-key` elsewhere"),
        ("rotate-key", True, "sign with a new key from now on; old heads stay valid"),
    ):
        action = kinds.add_parser(name, parents=parents, help=words)
        action.add_argument("--db", metavar="URL", help="journal (default: the practice city's)")
        action.set_defaults(command="audit", rotate=rotate)


def _add_backup(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    backup = commands.add_parser(
        "backup", parents=parents, help="everything a server stores into one file, while it runs"
    )
    backup.add_argument("--db", metavar="URL", help="journal (default: the practice city's)")
    backup.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new file")
    backup.set_defaults(command="backup")


def _add_restore(commands: Any, parents: list[argparse.ArgumentParser]) -> None:
    restore = commands.add_parser(
        "restore", parents=parents, help="put a backup back where nothing stands yet"
    )
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.add_argument("--db", metavar="URL", help="journal (default: its old name in --data)")
    restore.set_defaults(command="restore")
