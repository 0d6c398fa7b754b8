"""Which text encoding a file is in: decided by strict decoding, refused in doubt, never guessed.

Catalogues come as UTF-8 (with or without byte order mark), as GBK/GB18030 from Chinese
spreadsheets, and as UTF-16 from "Unicode text" exports. Reading one as another gives mojibake
without any error in three cases, and each is looked for by name:

- UTF-8 with a few damaged bytes is *valid* GB18030;
- Latin-1 ("Zürich") is *valid* GB18030, but of characters that Chinese text hardly uses;
- a short GBK text may be *valid* UTF-8 (of Cyrillic, Greek or accented letters).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from console.i18n import text_of
from console.intake.errors import IntakeError

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_RUN_OF_TWO = re.compile(r"[^\x00-\x7f]{2}")
_LEAST_COMMON_SHARE = 0.8  # Chinese text: over 0.98; Latin-1 read as GB18030: 0 to 0.3


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's text and the encoding it was in (Python's name of it)."""

    text: str
    encoding: str


def decode(data: bytes, encoding: str | None = None) -> Decoded:
    """The text in `data`; `encoding` is the user's word and is then the only one tried.

    Raises IntakeError when no encoding, or more than one, explains the bytes.
    """
    if data.startswith(_WORKBOOKS):
        raise IntakeError(text_of("intake.encoding.workbook"))
    if encoding is not None:
        return _by_name(data, encoding)
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    if marked is not None:
        return _by_name(data, marked)
    return _utf16_unmarked(data) if b"\0" in data else _utf8_or_chinese(data)


def _by_name(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding).removeprefix("\ufeff"), encoding)
    except LookupError:
        raise IntakeError(text_of("intake.encoding.unknown", name=encoding)) from None
    except UnicodeDecodeError as error:
        place = {"name": encoding, "byte": error.start, "line": _line_of(data, error.start)}
        raise IntakeError(text_of("intake.encoding.damaged", **place)) from None


def _line_of(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _utf16_unmarked(data: bytes) -> Decoded:
    """UTF-16 without its mark: commas, digits and line ends have their zero byte on one side."""
    low_first = data[1::2].count(0) > data[0::2].count(0)
    decoded = _by_name(data, "utf-16-le" if low_first else "utf-16-be")
    if "\0" in decoded.text:
        raise IntakeError(text_of("intake.encoding.binary"))
    return decoded


def _utf8_or_chinese(data: bytes) -> Decoded:
    utf8, chinese = _strict(data, "utf-8"), _strict(data, "gb18030")
    if utf8 is not None:
        _refuse_ambiguous(utf8, chinese)
        return Decoded(utf8, "utf-8")
    _refuse_damaged_utf8(data)
    if chinese is None or _common_share(chinese) < _LEAST_COMMON_SHARE:
        raise IntakeError(text_of("intake.encoding.none"))
    return Decoded(chinese, "gb18030")


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _refuse_ambiguous(utf8: str, chinese: str | None) -> None:
    """Two-byte UTF-8 letters in a row that are common Chinese as well: nobody can tell."""
    two_byte_only = all(c < "\u0800" for c in _NOT_ASCII.findall(utf8))
    if chinese is None or not two_byte_only or not _RUN_OF_TWO.search(chinese):
        return
    if _common_share(chinese) == 1:
        shown = {"utf8": _glimpse(utf8), "chinese": _glimpse(chinese)}
        raise IntakeError(text_of("intake.encoding.ambiguous", **shown))


def _glimpse(text: str) -> str:
    return "".join(_NOT_ASCII.findall(text)[:8])


def _refuse_damaged_utf8(data: bytes) -> None:
    """Bytes that are UTF-8 but for a few are a damaged UTF-8 file, not a Chinese one."""
    lenient = data.decode("utf-8", errors="replace")
    broken = lenient.count("\ufffd")
    sound = len(_NOT_ASCII.findall(lenient)) - broken
    if sound > 3 * broken:
        _by_name(data, "utf-8")


def _common_share(text: str) -> float:
    """The share of the characters beyond ASCII that stand in GB 2312, the everyday set."""
    wide = _NOT_ASCII.findall(text)
    return sum(map(_in_gb2312, wide)) / len(wide) if wide else 1.0


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
