"""The field page: what a phone shows, from `resources/field`, and the words it says.

A fixed list, read once at the start: no path from a request ever reaches a file system. The page's
words come from the same catalogue as the desk's, its types of incident from the same table.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import msgspec
from aiohttp import web

from console.i18n import LANGUAGES, catalogue

WORDS = "words.json"
RELEASE = "release.js"
INDEX = "index.html"
READ_AFTER_S = 1.0
"""After the start: to read the page and all that is said in both languages takes 50 ms."""
WORKER = "worker.js"

MEDIA: Final[Mapping[str, str]] = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}

_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in ("script", "style", "img", "connect", "manifest")),
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "Vary": "Accept-Encoding",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""`no-cache`: kept, but asked about each time, so that a phone never mixes two releases."""

_PREFIX = "field.page."
_SHARED = ("common.priority.", "common.source.grid_worker")
"""Sentences of the desk that the page says too."""


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file as it is sent."""

    body: bytes
    zipped: bytes
    media: str
    tag: str
    """Its entity tag: weak, for it stands for the zipped body too."""


def register(app: web.Application) -> None:
    """Serve the page at `/field`, and its files beneath; they are read soon, or when wanted."""
    app.cleanup_ctx.append(_read_soon)
    app.router.add_get("/field", get_page)
    app.router.add_get("/field/{name}", get_file)


async def _read_soon(_app: web.Application) -> AsyncIterator[None]:
    """Read the files once those who waited for the server have their answers."""

    async def read() -> None:
        await asyncio.sleep(READ_AFTER_S)
        await asyncio.to_thread(page_files)

    reading = asyncio.create_task(read())
    yield
    reading.cancel()
    with suppress(asyncio.CancelledError):
        await reading


async def get_page(request: web.Request) -> web.Response:
    """`GET /field`."""
    return _answer(request, await asyncio.to_thread(page_files), INDEX)


async def get_file(request: web.Request) -> web.Response:
    """`GET /field/{name}`: a file of the list, and no other."""
    return _answer(request, await asyncio.to_thread(page_files), request.match_info["name"])


def is_page(request: web.Request) -> bool:
    """Whether the router has found a part of the page, which anybody may have."""
    resource = request.match_info.route.resource
    return resource is not None and resource.canonical in ("/field", "/field/{name}")


def _answer(request: web.Request, page: Mapping[str, PageFile], name: str) -> web.Response:
    found = page.get(name)
    if found is None:
        raise web.HTTPNotFound
    headers = {**HEADERS, "ETag": found.tag}
    if name == WORKER:
        # By itself a worker in /field/ serves only what lies beneath, and the page is /field.
        headers["Service-Worker-Allowed"] = "/field"
    if found.tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    if zipped:
        headers["Content-Encoding"] = "gzip"
    body = found.zipped if zipped else found.body
    return web.Response(
        body=body, content_type=found.media, charset=_charset(found), headers=headers
    )


def _charset(found: PageFile) -> str | None:
    return "utf-8" if found.media.startswith("text/") else None


@cache
def page_files() -> Mapping[str, PageFile]:
    """Everything the page consists of, by name."""
    bodies = {entry.name: entry.read_bytes() for entry in _entries()}
    bodies[INDEX] = _with_words(bodies[INDEX].decode()).encode()
    bodies[WORDS] = msgspec.json.encode(words())
    release = hashlib.sha256(b"".join(name.encode() + bodies[name] for name in sorted(bodies)))
    names = sorted({"", *bodies} - {INDEX, WORKER})
    bodies[INDEX] = bodies[INDEX].replace(b"{{release}}", release.hexdigest()[:16].encode())
    bodies[RELEASE] = _release_script(release.hexdigest()[:16], names)
    return {name: _page_file(name, body) for name, body in bodies.items()}


def words() -> dict[str, object]:
    """What the page says, by language and key, and the types of incident by name."""
    # Imported here: what reads tables is not needed before somebody asks for the page.
    from console.intake.plans import default_plans  # noqa: PLC0415

    said = {language: _sentences(catalogue(language)) for language in LANGUAGES}
    types = [
        {"code": t.code, "priority": t.priority, "zh": t.name.zh, "en": t.name.en}
        for t in default_plans().types.values()
    ]
    return {"sentences": said, "types": types}


def _sentences(told: Mapping[str, str]) -> dict[str, str]:
    own = {k.removeprefix(_PREFIX): v for k, v in told.items() if k.startswith(_PREFIX)}
    return own | {k: v for k, v in told.items() if k.startswith(_SHARED)}


def _entries() -> list[Traversable]:
    folder = files("resources") / "field"
    return [e for e in folder.iterdir() if any(e.name.endswith(end) for end in MEDIA)]


def _with_words(html: str) -> str:
    """The page with `{{language key}}` replaced: what is said before, or without, any script."""
    return re.sub(r"{{(zh|en) ([\w.]+)}}", lambda m: catalogue(m[1])[m[2]], html)


def _release_script(release: str, names: list[str]) -> bytes:
    """What the service worker keeps: it is fetched anew when, and only when, anything changed."""
    listed = msgspec.json.encode(names).decode()
    return f'self.RELEASE = "{release}";\nself.FILES = {listed};\n'.encode()


def _page_file(name: str, body: bytes) -> PageFile:
    media = next(kind for end, kind in MEDIA.items() if name.endswith(end))
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
    return PageFile(body, gzip.compress(body, mtime=0), media, tag)
