"""Cities: importing files into them, making practice cities."""

from __future__ import annotations

import argparse
import json
from functools import partial

from console.commands.places import practice_folder
from console.commands.terminal import say, stop_with, terminal_language, terminal_progress
from console.i18n import text_of
from console.intake.errors import IntakeError
from console.intake.kinds import IMPORTERS, fields_of, import_streets
from console.intake.rows import Options
from console.practice.city import generate
from console.practice.prepare import prepare_practice


def import_file(args: argparse.Namespace) -> int:
    """Bring a file into a city package and print what became of it."""
    importer = IMPORTERS[args.kind]
    if importer is import_streets:
        zone = args.time_zone or ""
        importer = partial(import_streets, progress=terminal_progress(), time_zone=zone)
    elif args.time_zone:
        raise stop_with(text_of("osm.zone_with_streets"))
    try:
        options = Options(args.crs, fields_of(args.map) or None, args.encoding, args.layer)
        report = importer(args.file, args.city.absolute(), options)
    except IntakeError as error:
        raise stop_with(error.message) from error
    say(report.text(terminal_language()))
    return 0


def city_practice(args: argparse.Namespace) -> int:
    """Write a practice city's files."""
    tell = terminal_progress()
    files = generate(
        args.seed, args.out, lambda stage, share: tell(f"practice.stage.{stage}", share)
    )
    for path in (files.osm, files.grid, files.cameras, files.units):
        say(str(path))
    return 0


def city_prepare(args: argparse.Namespace) -> int:
    """Make the practice city's package ready, with progress for another program to show."""

    def tell(stage: str, share: float) -> None:
        say(json.dumps({"stage": stage, "share": share}))

    prepare_practice(practice_folder(args), progress=tell)
    return 0
