"""Values out of cells of text. A cell that makes no sense raises `RowError` with its reason."""

from __future__ import annotations

import math
import re
from urllib.parse import quote

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
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[\w.\-]+)(:\d+)?([/?#]|\Z)")
_RAW_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_RAW = re.compile(r"[\s#/?@\[\]\"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*://\S.*\Z", re.IGNORECASE)


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
    """An address with its scheme (rtsp://...), or "". What must not stand raw in its user and
    password is percent-encoded, for the camera shall get it as it was meant. Raises RowError.
    """
    if text and not _SCHEME.match(text):
        raise RowError(text_of("intake.row.stream", column=column))
    scheme, _, rest = text.partition("://")
    login = _login_of(rest)
    if not login:
        return text
    host = rest[len(login) + 1 :]
    if not _HOST.match(host):
        found = " ".join(raw_in_login(text))
        raise RowError(text_of("intake.row.login", column=column, characters=found))
    user, colon, password = login.partition(":")
    return f"{scheme}://{_escaped(user)}{colon}{_escaped(password)}@{host}"


def raw_in_login(text: str) -> list[str]:
    """The characters that stand raw in an address's user and password and must not."""
    login = _login_of(text.partition("://")[2])
    raw = (*_RAW.findall(login), *(c for c in login if not c.isascii()))
    return list(dict.fromkeys(raw))


def _login_of(rest: str) -> str:
    """User and password of an address after its scheme, whatever stands in them; "" for none."""
    head = rest.partition("/")[0]
    login = (head if "@" in head else rest).rpartition("@")[0]
    before = re.split(r"[/?#]", login)[0]
    is_raw = before != login
    user, colon, begun = before.partition(":")
    if is_raw and (not user or not colon or begun.isdecimal() or user.startswith("[")):
        return ""  # the address of a host, and an @ in its path or query
    return login


def _escaped(text: str) -> str:
    return _RAW_PERCENT.sub("%25", quote(text, safe="!$&'()*+,;=:%"))
