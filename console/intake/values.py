"""Values out of cells of text. A cell that makes no sense raises `RowError` with its reason."""

from __future__ import annotations

import math
import re

from console.i18n import text_of
from console.model.text import Text

_CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_YES = frozenset(
    {
        "1",
        "true",
        "yes",
        "y",
        "on",
        "online",
        "active",
        "是",
        "有",
        "在线",
        "正常",
        "启用",
        "在用",
        "开",
    }
)
_NO = frozenset(
    {
        "0",
        "false",
        "no",
        "n",
        "off",
        "offline",
        "inactive",
        "否",
        "无",
        "离线",
        "断线",
        "异常",
        "故障",
        "停用",
        "关",
    }
)
_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*://\S+\Z", re.IGNORECASE)


class RowError(Exception):
    """One row that cannot be taken; `reason` goes into the report."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


def has_chinese(text: str) -> bool:
    """Whether any character is a Chinese one."""
    return _CHINESE.search(text) is not None


def number(text: str, column: str) -> float:
    """A finite number; NaN where the cell is empty. Raises RowError."""
    if not text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        raise RowError(text_of("intake.row.number", column=column)) from None
    if not math.isfinite(value):
        raise RowError(text_of("intake.row.number", column=column))
    return value


def number_between(text: str, column: str, least: float, most: float) -> float:
    """A number of that range, ends included; NaN where the cell is empty. Raises RowError."""
    value = number(text, column)
    if value < least or value > most:
        limits = {"column": column, "least": f"{least:g}", "most": f"{most:g}"}
        raise RowError(text_of("intake.row.range", **limits))
    return value


def count(text: str, column: str) -> int:
    """A whole number from 0; 0 where the cell is empty. Raises RowError."""
    value = number(text, column)
    if math.isnan(value):
        return 0
    if value < 0 or value != int(value) or value > 2**31 - 1:
        raise RowError(text_of("intake.row.count", column=column))
    return int(value)


def yes_or_no(text: str, column: str, otherwise: bool) -> bool:
    """是/否, yes/no, 1/0, online/offline; `otherwise` where the cell is empty. Raises RowError."""
    folded = text.casefold()
    if not folded:
        return otherwise
    if folded not in _YES | _NO:
        raise RowError(text_of("intake.row.yes_no", column=column, value=text[:20]))
    return folded in _YES


def stream_url(text: str, column: str) -> str:
    """An address with its scheme (rtsp://...), or "". Raises RowError."""
    if text and not _SCHEME.match(text):
        raise RowError(text_of("intake.row.stream", column=column))
    return text
