"""Nothing is left untranslated: on the screen, and between code and catalogues.

The whole window is built in a language in which every sentence of the catalogue stands in ⟦…⟧;
letters outside of them, in what is shown, painted, pointed at or read aloud, came from nowhere.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from console import i18n
from console.i18n import catalogue
from console.model.command import Step
from console.model.requests import AcknowledgeSos, DeclareUnitStatus, EndSos
from console.model.text import Text
from console.model.unit import UnitStatus
from tests.helpers.desk_city import PLACE
from tests.helpers.desk_window import open_window
from tests.widgets.conftest import DeskRig
from widgets.bridge.fake_sound import FakeSoundOutput
from widgets.bridge.language import language_bridge
from widgets.common.theme import tokens
from widgets.window import DeskWindow

ROOT = Path(__file__).parents[2]
CODE = [p for top in ("console", "layers", "widgets") for p in (ROOT / top).rglob("*.py")]
CODE = [*(p for p in CODE if "model" not in p.parts), ROOT / "main.py"]  # its dots name facts
KEY_NAMES = {
    "Ctrl K",
    "Ctrl 0",
    "F9",
    "Enter",
    "Esc",
    "Tab",
    "Home",
    "N",
    "A",
    "V",
    "C",
    "M",
    "B",
    "F1",
    "F6",
    "W",
}
FIGURES = re.compile(r"\d[\d.,:]*\s?(km|m|h)\b|\d+\.\d+°[EWNS]|E-\d+-\d+")


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch, theme: object) -> Iterator[None]:
    """Every sentence of the catalogue stands in ⟦…⟧."""
    real = {language: catalogue(language) for language in ("zh", "en")}
    marked = {
        language: {key: f"⟦{value}⟧".replace("|", "⟧|⟦") for key, value in sentences.items()}
        for language, sentences in real.items()
    }
    monkeypatch.setattr(i18n, "catalogue", lambda language: marked[language])
    yield
    monkeypatch.undo()
    language_bridge().speak("zh")


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_everything_on_the_desk_is_from_the_catalogue(  # noqa: PLR0917
    language: Any,
    pseudo: None,
    rig: DeskRig,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    painted: set[str] = set()
    _watch_painting(monkeypatch, painted)
    language_bridge().speak(language)
    window = open_window(rig, tmp_path)
    qtbot.addWidget(window)
    window.show()
    for _ in _situations(rig, window, qtbot):
        window.grab()
        painted |= _said_by(window)
    window.shut_down()
    data = _data(rig)
    stray = {words for words in painted if _letters_outside(words, data)}
    assert not stray


@pytest.mark.qt_log_ignore("propagateSizeHints", extend=True)
def test_nothing_stays_in_the_old_language(
    pseudo: None, rig: DeskRig, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    language_bridge().speak("zh")
    window = open_window(rig, tmp_path)
    qtbot.addWidget(window)
    window.show()
    chinese = "".join(catalogue("zh").values())
    for _ in _situations(rig, window, qtbot):
        language_bridge().speak("en")
        painted: set[str] = set()
        with monkeypatch.context() as patch:
            _watch_painting(patch, painted)
            window.grab()
        said = painted | _said_by(window)
        left = {
            m for words in said for m in re.findall(r"⟦([^⟦⟧]*)⟧", words) if _is_only(m, chinese)
        }
        assert not left
        language_bridge().speak("zh")
    window.shut_down()


def _is_only(words: str, chinese: str) -> bool:
    """Whether words of a catalogue stand in the Chinese one and hold Chinese characters."""
    return words in chinese and bool(re.search(r"[\u4e00-\u9fff]", words)) and words != "中"


def _watch_painting(monkeypatch: pytest.MonkeyPatch, painted: set[str]) -> None:
    draw = QPainter.drawText

    def spy(painter: QPainter, *args: Any) -> Any:
        painted.update(arg for arg in args if isinstance(arg, str))
        return draw(painter, *args)

    monkeypatch.setattr(QPainter, "drawText", spy)


def _situations(rig: DeskRig, window: DeskWindow, qtbot: QtBot) -> Iterator[None]:
    """Brings the desk through what it can show."""
    yield
    incident_id = rig.report()
    other = rig.report("street_stall", priority=4, age_s=7500)
    window.desk.selection.select_incident(incident_id)
    qtbot.waitUntil(lambda: not window.incident.dispatching.is_ranking, timeout=5000)
    qtbot.waitUntil(lambda: bool(window.desk.selection.sightings), timeout=5000)
    yield
    window.incident.acts.more.click()
    window.incident.reject()
    yield
    window.incident.step_back()
    window.keys.open()
    yield
    window.keys.hide()
    rig.session.offline()
    window.incident.proceed()
    rig.wait_s(30)
    yield
    rig.session.online()
    rig.tell()
    commands = rig.incident(incident_id).command_ids
    rig.advance(commands[0], Step.SENT, Step.ACKNOWLEDGED, Step.EN_ROUTE, Step.ON_SCENE)
    rig.advance(commands[1], Step.REFUSED)
    yield
    rig.advance(commands[0], Step.DONE)
    window.incident.close_incident()
    window.queue.report()
    window.queue.form.submit()
    yield
    window.queue.form.close_form()
    rig.session.fix("P-1", *PLACE)
    for unit_id in ("P-1", "F-2", "G-2"):
        rig.session.act(DeclareUnitStatus(unit_id, UnitStatus.SOS), f"unit/{unit_id}")
    rig.tell()
    window.ringer.silence(True)
    yield
    rig.session.act(AcknowledgeSos("P-1", rig.clock.now_ms()), "unit/F-2")
    rig.session.act(EndSos("F-2", rig.clock.now_ms(), "⟦⟧"), "unit/P-1")
    rig.session.act(DeclareUnitStatus("G-2", UnitStatus.FREE), "unit/G-2")
    rig.tell()
    window.sos.cards["P-1"].end.click()
    window.ringer.use(FakeSoundOutput(is_there=False))
    yield
    window.sos.cards["P-1"].reason.close_form()
    window.queue.segments.parts[2].click()
    window.desk.selection.select_incident(other)
    yield


def _said_by(window: DeskWindow) -> set[str]:
    said = {window.windowTitle()}
    for widget in [window, *window.findChildren(QWidget)]:
        if widget.isVisible() or isinstance(widget, QMenu):
            said |= {widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()}
            said |= set(_texts_of(widget))
    return {words for words in said if words}


def _texts_of(widget: QWidget) -> Iterator[str]:
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    elif isinstance(widget, QLineEdit):
        yield widget.placeholderText()
    elif isinstance(widget, QComboBox):
        yield from (widget.itemText(row) for row in range(widget.count()))
    elif isinstance(widget, QMenu):
        yield from (action.text() for action in widget.actions())


def _data(rig: DeskRig) -> list[str]:
    """What is data and may stand there as it is, longest first."""
    city, plans = rig.desk.city, rig.desk.plans
    texts: list[Text] = [city.manifest.name, *city.units.name, *city.cameras.name]
    texts += [*city.cells.name, *city.cells.community, *city.places.name]
    bounds = (*city.units.xy.min(axis=0) - 2000, *city.units.xy.max(axis=0) + 2000)
    texts += city.basemap.levels[-1].labels(bounds).text
    for kind in plans.types.values():
        texts += [kind.name, kind.hint, *(want.why for want in kind.wants)]
    for incident in rig.session.picture.incidents.values():
        texts += [incident.address, incident.words]
    words = {w for text in texts for w in (text.zh, text.en) if w} | set(city.units.id)
    return sorted(words | KEY_NAMES, key=len, reverse=True)


def _letters_outside(words: str, data: list[str]) -> bool:
    if len(words) == 1 and any(words in known for known in data):
        return False  # the map sets names along a street letter by letter
    rest = words
    while (shorter := re.sub(r"⟦[^⟦⟧]*⟧", "", rest)) != rest:
        rest = shorter
    rest = re.sub(r"⟦.*?(…|$)", "", rest, flags=re.DOTALL)  # cut with … by its label
    for known in data:
        rest = rest.replace(known, "")
    rest = FIGURES.sub("", rest)
    if "…" in rest:
        return not any(known.startswith(rest.split("…")[0].strip()) for known in data)
    return any(character.isalpha() for character in rest)


def _patterns() -> Iterator[tuple[Path, str]]:
    """All strings in the code that look like a key, with `\\0` where something is put in."""
    areas = {key.split(".")[0] for key in catalogue("zh")}
    for path in CODE:
        tree = ast.parse(path.read_text("utf-8"))
        joined = (node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr))
        parts = {id(part) for node in joined for part in node.values}
        for node in ast.walk(tree):
            template = "" if id(node) in parts else _template(node)
            if re.fullmatch(r"[a-z_]+(\.[\w\0]+)+", template) and template.split(".")[0] in areas:
                yield path, template


def _template(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "\0" for part in node.values
        )
    return ""


def _regex(template: str) -> re.Pattern[str]:
    body = re.escape(template).replace("\0", r"[\w.]+")
    return re.compile(body + r"(\.(one|other))?$")


def test_both_languages_have_the_same_keys_and_placeholders() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert zh.keys() == en.keys()
    different = [key for key in zh if _fields(zh[key]) != _fields(en[key])]
    assert not different


def _fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


OWN_AREAS = (
    *("common", "topbar", "queue", "incident", "timeline", "event", "window", "map", "video"),
    "signin",
)


def test_every_key_in_the_code_is_in_the_catalogue() -> None:
    keys = list(catalogue("zh"))
    missing = [
        (path.name, template)
        for path, template in _patterns()
        if template.split(".")[0] in OWN_AREAS
        and template not in tokens()["colour"]
        and not any(_regex(template).match(key) for key in keys)
    ]
    assert not missing


def test_no_sentence_is_left_that_nothing_says() -> None:
    used = [_regex(template) for _, template in set(_patterns())]
    unused = [
        key
        for key in catalogue("zh")
        if key.split(".")[0] in OWN_AREAS and not any(pattern.match(key) for pattern in used)
    ]
    assert not unused


@pytest.mark.parametrize(
    ("words", "stray"),
    [
        ("⟦派遣 2 个单位⟧", False),
        ("⟦{head}: ⟦Note⟧⟧ · 1.2 km", False),
        ("F-2 · ⟦自己的⟧", False),
        ("Dispatch", True),
        ("⟦受理⟧ 好", True),
    ],
)
def test_the_search_finds_what_it_is_for(words: str, stray: bool) -> None:
    assert _letters_outside(words, ["F-2"]) is stray
