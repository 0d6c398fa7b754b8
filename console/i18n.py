"""What the console says, in Chinese and English, looked up by key.

Catalogues are TOML files, one an area, at `resources/translations/<language>/<area>.toml`; a key is
`area.name` or `area.table.name`. Placeholders are `{name}`, as in `str.format`.

    KeyError
     └── UnknownKey    the key stands in no catalogue
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from console.model.text import LANGUAGES, Language, Text


class UnknownKey(KeyError):  # noqa: N818 - a KeyError by another name
    """A key that stands in no catalogue: a mistake in the code, found by the tests."""


_current: Language = "zh"


def language() -> Language:
    """The language the console speaks now."""
    return _current


def set_language(chosen: Language) -> None:
    """Speak `chosen` from now on; what is on the screen must be asked to translate itself anew."""
    global _current  # noqa: PLW0603 - one screen, one language
    _current = chosen


def tr(key: str, **args: Any) -> str:
    """The sentence at `key` in the present language, with `args` put in.

    Raises UnknownKey; a placeholder without its argument raises KeyError.
    """
    return _say(key, _current, args)


def text_of(key: str, **args: Any) -> Text:
    """The sentence at `key` in both languages. A `Text` argument is put in by language."""
    return Text(_say(key, "zh", args), _say(key, "en", args))


def _say(key: str, chosen: Language, args: Mapping[str, Any]) -> str:
    sentence = catalogue(chosen).get(key)
    if sentence is None:
        raise UnknownKey(key)
    if not args:
        return sentence
    spoken = {k: v.in_language(chosen) if isinstance(v, Text) else v for k, v in args.items()}
    return sentence.format(**spoken)


@cache
def catalogue(chosen: Language) -> Mapping[str, str]:
    """All sentences of one language, by key."""
    folder = files("resources") / "translations" / chosen
    sentences: dict[str, str] = {}
    for entry in sorted(folder.iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".toml"):
            area = entry.name.removesuffix(".toml")
            sentences.update(_flatten(area, tomllib.loads(entry.read_text("utf-8"))))
    return sentences


def _flatten(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, Mapping):
            yield from _flatten(key, value)
        else:
            yield key, str(value)


__all__ = [
    "LANGUAGES",
    "Language",
    "UnknownKey",
    "catalogue",
    "language",
    "set_language",
    "text_of",
    "tr",
]
