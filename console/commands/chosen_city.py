"""The city that a command works on."""

from __future__ import annotations

import argparse
from pathlib import Path

from console.commands.places import practice_folder
from console.commands.terminal import stop_with, terminal_progress
from console.intake.errors import IntakeError
from console.practice.package import is_prepared, practice_package


def city_folder(args: argparse.Namespace) -> Path:
    """The city package asked for, or the practice city, made now if it is missing."""
    if args.city is not None:
        return Path(args.city).absolute()
    folder = practice_folder(args)
    return practice_package(folder) if is_prepared(folder) else _prepared(folder)


def _prepared(folder: Path) -> Path:
    # Imported here: the generator and the importers take half a second, at every server's start.
    from console.practice.prepare import prepare_practice  # noqa: PLC0415

    try:
        return prepare_practice(folder, progress=terminal_progress())
    except IntakeError as error:
        raise stop_with(error.message) from error
