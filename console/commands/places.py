"""Where things are: the data folder, the practice city, the journal."""

from __future__ import annotations

import argparse
from pathlib import Path

from platformdirs import user_data_path

from console.practice.package import practice_package


def data_folder(args: argparse.Namespace) -> Path:
    """Where this user's journals, practice city and logs are."""
    if args.data is not None:
        return Path(args.data).absolute()
    return user_data_path("trellis", appauthor=False)


def practice_folder(args: argparse.Namespace) -> Path:
    """Where the practice city's package is kept."""
    return data_folder(args) / "practice"


def journal_url(args: argparse.Namespace, city: Path) -> str:
    """The journal asked for, or one a city in the data folder."""
    given: str | None = getattr(args, "db", None)
    return given or f"sqlite:///{data_folder(args) / 'journals' / city.name}.sqlite"


def stored_journal(args: argparse.Namespace) -> str:
    """The journal asked for, or the practice city's."""
    return journal_url(args, practice_package(practice_folder(args)))
