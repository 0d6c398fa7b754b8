"""A city's names without the process that spells them."""

from __future__ import annotations

from pathlib import Path

from console.city import City
from console.city.name_table import write_names
from console.city.names import NameIndex, open_names


def names_of(city: City, folder: Path) -> NameIndex:
    """The names of `city`, spelt now, in a file in `folder`."""
    path = folder / "names.arrow"
    write_names(city, path)
    return open_names(path)
