"""The field page as it is served: a fixed list, strict headers, and words from the catalogue."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from console.i18n import catalogue
from console.intake.plans import default_plans
from console.server.field_page import HEADERS, MEDIA, RELEASE, WORKER, page_files, words
from tests.helpers.guarded import guarded, head
from tests.helpers.stream import running

FOLDER = Path(__file__).parents[3] / "resources" / "field"
SCRIPTS = sorted(FOLDER.glob("*.js"))


async def test_anybody_gets_every_file_with_its_headers() -> None:
    async with running() as server:
        for name, file in page_files().items():
            path = "/field" if name == "index.html" else f"/field/{name}"
            async with server.client.get(server.url + path) as answer:
                assert answer.status == 200, name
                assert answer.content_type == file.media
                assert await answer.read() == file.body
                for header, value in HEADERS.items():
                    assert answer.headers[header] == value, (name, header)
                assert ("Service-Worker-Allowed" in answer.headers) == (name == WORKER)
                assert "Set-Cookie" not in answer.headers


def test_the_policy_lets_nothing_in_but_our_own() -> None:
    rules = dict(rule.split(" ", 1) for rule in HEADERS["Content-Security-Policy"].split("; "))
    assert rules.pop("default-src") == "'none'"
    assert rules.pop("frame-ancestors") == rules.pop("base-uri") == "'none'"
    assert rules.pop("form-action") == "'none'"
    assert set(rules.values()) == {"'self'"}
    assert HEADERS["X-Content-Type-Options"] == "nosniff"
    assert HEADERS["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    [
        "/field/../pyproject.toml",
        "/field/..%2fstyles%2ftokens.json",
        "/field/%2e%2e/%2e%2e/pyproject.toml",
        "/field/..%5c..%5cpyproject.toml",
        "/field/%2fetc%2fpasswd",
        "/field//etc/passwd",
        "/field/app.js/",
        "/field/app.js%00.html",
        "/field/APP.JS",
        "/field/__init__.py",
        "/field/",
        "/field/field",
        "/Field",
    ],
)
async def test_no_path_leads_out_of_the_list(path: str) -> None:
    async with guarded() as server:
        raw = await server.connect()
        raw.say(head(path, "GET", more="Connection: close\r\n"))
        answer = await raw.answer()
        raw.close()
    assert int(answer.split()[1]) in (400, 404), answer[:200]
    assert b"root:" not in answer
    assert b"[project]" not in answer


async def test_the_page_is_no_way_round_the_token() -> None:
    async with running() as server:
        for path in ("/field/../api/v1/events", "/field/%2e%2e/api/v1/events", "/field/events"):
            url = URL(server.url + path, encoded=True)
            async with server.client.get(url) as answer:
                assert answer.status in (401, 404), path


async def test_a_file_that_did_not_change_is_not_sent_again() -> None:
    async with running() as server:
        url = f"{server.url}/field/app.js"
        async with server.client.get(url) as answer:
            tag = answer.headers["ETag"]
        for given, status in ((tag, 304), (f'"x", {tag}', 304), ('W/"other"', 200)):
            async with server.client.get(url, headers={"If-None-Match": given}) as answer:
                assert answer.status == status
                assert answer.headers["ETag"] == tag
                assert answer.headers["Cache-Control"] == "no-cache"


async def test_files_travel_zipped_where_that_is_taken() -> None:
    async with running() as server, aiohttp.ClientSession(auto_decompress=False) as plain:
        for accept, encoding in (("gzip, br", "gzip"), ("identity", None)):
            url = f"{server.url}/field/words.json"
            async with plain.get(url, headers={"Accept-Encoding": accept}) as answer:
                body = await answer.read()
                assert answer.headers.get("Content-Encoding") == encoding
        assert json.loads(body)["types"]
    file = page_files()["words.json"]
    assert gzip.decompress(file.zipped) == file.body


def test_the_release_changes_with_any_file_and_lists_what_the_phone_keeps() -> None:
    script = page_files()[RELEASE].body.decode()
    listed = json.loads(script.partition("self.FILES = ")[2].rstrip(";\n"))
    assert set(listed) == {"", *page_files()} - {"index.html", WORKER, RELEASE}


def test_every_file_is_known_and_every_module_is_there() -> None:
    assert {p.name for p in FOLDER.iterdir()} == page_files().keys() - {"words.json", RELEASE}
    assert all(p.suffix in MEDIA for p in FOLDER.iterdir())
    for script in SCRIPTS:
        for name in re.findall(r'from "\./([\w.-]+)"', script.read_text("utf-8")):
            assert name in page_files(), (script.name, name)


def test_what_the_page_refers_to_is_there() -> None:
    html = (FOLDER / "index.html").read_text("utf-8")
    named = re.findall(r'(?:href|src)="field/([^"]+)"', html)
    manifest = json.loads((FOLDER / "manifest.webmanifest").read_text("utf-8"))
    named += [icon["src"] for icon in manifest["icons"]]
    assert len(named) > 6
    assert set(named) <= page_files().keys()


def test_nothing_comes_from_elsewhere_and_nothing_is_inline() -> None:
    for path in FOLDER.iterdir():
        if path.suffix == ".png":
            continue
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", text), path.name
        assert "innerHTML" not in text
        assert not re.search(r"\bon\w+=\"|style=\"|<style|eval\(", text), path.name


# ---------------------------------------------------------------- words


def test_the_page_names_types_as_the_desk_does() -> None:
    told = words()["types"]
    assert isinstance(told, list)
    plans = default_plans().types.values()
    assert [(t["code"], t["zh"], t["en"], t["priority"]) for t in told] == [
        (t.code, t.name.zh, t.name.en, t.priority) for t in plans
    ]


def sentences() -> Mapping[str, Mapping[str, str]]:
    told = words()["sentences"]
    assert isinstance(told, dict)
    return told


def test_every_sentence_that_a_script_says_is_there_in_both_languages() -> None:
    zh, en = sentences()["zh"], sentences()["en"]
    assert zh.keys() == en.keys()
    for script in SCRIPTS:
        text = script.read_text("utf-8")
        for key in re.findall(r'\bsay(?:In)?\((?:\w+, )?"([\w.]+)"', text):
            assert key in zh, (script.name, key)
        for start in re.findall(r"\bsay\(`([\w.]+)\$", text):
            assert any(key.startswith(start) for key in zh), (script.name, start)


def test_placeholders_are_the_same_in_both_languages() -> None:
    for key, sentence in sentences()["zh"].items():
        other = sentences()["en"][key]
        assert set(re.findall(r"{(\w+)}", sentence)) >= set(re.findall(r"{(\w+)}", other)), key


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_speaks_for_itself(script: Path) -> None:
    code = re.sub(r"//.*|/\*[\s\S]*?\*/", "", script.read_text("utf-8"))
    assert not re.search(r"[\u3000-\u9fff]", code)
    # A sentence has blanks, begins with a capital or ends with a stop.
    said = re.findall(r'"([A-Z][a-z]+ [^"]*|[^"]* [a-z]+\.)"', code)
    assert not said


def test_the_html_says_its_few_words_in_both_languages() -> None:
    html = page_files()["index.html"].body.decode()
    assert "{{" not in html
    for language in ("zh", "en"):
        assert catalogue(language)["field.page.no_script"] in html


# ---------------------------------------------------------------- colours


def looks() -> dict[str, dict[str, str]]:
    """The variables of the light and the dark look."""
    css = (FOLDER / "style.css").read_text("utf-8")
    blocks = re.findall(r"color-scheme: (light|dark);([^}]*)}", css)
    found = [(name, dict(re.findall(r"--([\w-]+): (#\w{6})", body))) for name, body in blocks]
    assert [name for name, _ in found] == ["light", "dark", "dark"]
    assert found[1][1] == found[2][1], "the dark look stands twice, and must be one"
    return dict(found)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", ["light", "dark"])
def test_text_stands_out_from_what_it_stands_on(look: str) -> None:
    colours = looks()[look]
    inks = ("text-1", "text-2", "text-3", "p1", "p2", "p3", "p4", "free", "off", "bad", "warn")
    for ink in inks:
        for ground in ("window", "panel", "raised"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    assert contrast(colours["on-primary"], colours["primary"]) >= 4.5
    assert contrast(colours["on-primary"], colours["pressed"]) >= 4.5
    assert contrast(colours["text-1"], colours["selected"]) >= 4.5
    for band in ("p1", "p2", "p3", "p4"):
        assert contrast(colours["on-band"], colours[band]) >= 4.5, band
    for edge in ("control", "focus"):
        for ground in ("window", "panel", "raised"):
            assert contrast(colours[edge], colours[ground]) >= 3, (edge, ground)


def test_the_dark_look_is_the_desks() -> None:
    tokens = json.loads((FOLDER.parent / "styles" / "tokens.json").read_text("utf-8"))["colour"]
    names = {
        "window": "surface.window",
        "panel": "surface.panel",
        "raised": "surface.raised",
        "text-1": "text.1",
        "text-2": "text.2",
        "text-3": "text.3",
        "primary": "action.primary",
        "p1": "priority.1",
        "p2": "priority.2",
        "p3": "priority.3",
        "p4": "priority.4",
        "free": "status.free",
        "focus": "focus.ring",
    }
    dark = looks()["dark"]
    assert {n: dark[n] for n in names} == {n: tokens[t].lower() for n, t in names.items()}
