"""The city that a command works on."""

from __future__ import annotations

import argparse
from pathlib import Path

from console.commands.places import practice_folder
from console.commands.terminal import stop_with, terminal_progress
from console.intake.errors import IntakeError
from console.practice.prepare import prepare_practice


def city_folder(args: argparse.Namespace) -> Path:
    """The city package asked for, or the practice city, made now if it is missing."""
    if args.city is not None:
        return Path(args.city).absolute()
    try:
        return prepare_practice(practice_folder(args), progress=terminal_progress())
    except IntakeError as error:
        raise stop_with(error.message) from error
