"""The dialog, by keyboard, against a real server; the browser's way; the square of a device."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.helpers.backend import Backend
from tests.helpers.people import PASSWORD
from tests.widgets.conftest import DeskRig
from widgets.bridge.account import Account
from widgets.bridge.language import language_bridge
from widgets.common.theme import install_theme
from widgets.signin.browser import BrowserSignIn
from widgets.signin.dialog import SignInDialog
from widgets.signin.enrol import EnrolDialog, QrSquare
from widgets.signin.form import SignInForm


@pytest.fixture
def backend() -> Iterator[Backend]:
    made = Backend()
    yield made
    made.close()


@pytest.fixture
def account(backend: Backend, qtbot: QtBot) -> Iterator[Account]:
    made = Account(backend.server.url, "03")
    yield made
    made.close()


@pytest.fixture
def dialog(account: Account, theme: object, qtbot: QtBot) -> SignInDialog:
    made = SignInDialog(account)
    qtbot.addWidget(made)
    made.show()
    return made


@pytest.fixture
def form(dialog: SignInDialog) -> SignInForm:
    return dialog.form


def type_in(form: SignInForm, name: str, password: str) -> None:
    form.name.clear()
    QTest.keyClicks(form.name, name)
    QTest.keyClick(form.name, Qt.Key.Key_Return)
    QTest.keyClicks(form.password, password)
    QTest.keyClick(form.password, Qt.Key.Key_Return)


def test_name_enter_password_enter(
    dialog: SignInDialog, form: SignInForm, account: Account, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(dialog.accepted, timeout=5000):
        type_in(form, "lin", PASSWORD)
    assert account.me is not None
    assert (account.me.full_name, account.me.role) == ("Lin", "duty_officer")
    assert form.password.text() == ""


def test_what_is_missing_or_wrong_is_said_and_a_lock_counted_down(
    form: SignInForm, backend: Backend, qtbot: QtBot
) -> None:
    form.submit()
    assert form.problem.text() == "请填写登录名和口令。"
    type_in(form, "lin", "wrong wrong")
    qtbot.waitUntil(lambda: "不正确" in form.problem.text(), timeout=5000)
    assert form.password.text() == ""
    backend.do(lambda: [backend.server.gate.lockout.failed("lin", "127.0.0.1") for _ in range(4)])
    type_in(form, "lin", PASSWORD)
    qtbot.waitUntil(lambda: form.come_in.text() == "30 秒后可重试", timeout=5000)
    assert "锁定" in form.problem.text()
    assert not form.come_in.isEnabled()
    form._count_down()
    assert form.come_in.text() == "29 秒后可重试"
    form._wait_s = 1
    form._count_down()
    assert form.come_in.isEnabled()
    assert form.come_in.text() == "登录"


def test_escape_leaves(dialog: SignInDialog, form: SignInForm, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(form.name, Qt.Key.Key_Escape)


def test_both_languages(form: SignInForm, qtbot: QtBot) -> None:
    form.language.click()
    assert (form.come_in.text(), form.title.text()) == ("Sign in", "Sign in at this desk")
    form.language.click()
    assert form.come_in.text() == "登录"


def test_no_server_at_all_is_said(theme: object, qtbot: QtBot) -> None:
    account = Account("http://127.0.0.1:9", "03")
    dialog = SignInDialog(account)
    qtbot.addWidget(dialog)
    dialog.show()
    type_in(dialog.form, "lin", PASSWORD)
    qtbot.waitUntil(lambda: "没有应答" in dialog.form.problem.text(), timeout=5000)
    account.close()


def test_whoever_is_signed_out_from_elsewhere_is_told(
    account: Account, backend: Backend, qtbot: QtBot
) -> None:
    account.signin.with_password("lin", PASSWORD)
    qtbot.waitUntil(lambda: account.me is not None, timeout=5000)
    backend.do(lambda: backend.server.gate.sessions.revoke_person("lin", "test"))
    with qtbot.waitSignal(account.lost, timeout=5000):
        account.doubt()
    assert account.failure is not None
    assert account.failure.error == "signed_out"


def test_the_browsers_way(account: Account, theme: object, qtbot: QtBot) -> None:
    shown: list[QUrl] = []

    def browse(url: QUrl) -> bool:
        shown.append(url)
        threading.Thread(target=lambda: asyncio.run(visit(url.toString()))).start()
        return True

    browser = BrowserSignIn(account, browse)
    with qtbot.waitSignal(browser.offered, timeout=5000):
        browser.ask()
    browser.start()
    qtbot.waitUntil(lambda: account.me is not None, timeout=8000)
    assert account.me is not None
    assert (account.me.name, account.me.role) == ("zhou", "supervisor")
    query = parse_qs(urlsplit(shown[0].toString()).query)
    assert query["redirect_uri"][0].startswith("http://127.0.0.1:")
    assert not browser._server.isListening()


async def visit(url: str) -> None:
    """What a browser does."""
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        await answer.read()


def test_a_stranger_at_the_port_is_sent_away(account: Account, theme: object, qtbot: QtBot) -> None:
    browser = BrowserSignIn(account, lambda _url: True)
    with qtbot.waitSignal(browser.offered, timeout=5000):
        browser.ask()
    browser.start()
    said: list[int] = []

    async def stray() -> None:
        async with aiohttp.ClientSession() as client:
            for query in ("", "?code=x", "?code=x&state=wrong"):
                async with client.get(browser.redirect_uri + query) as answer:
                    said.append(answer.status)

    thread = threading.Thread(target=lambda: asyncio.run(stray()))
    thread.start()
    qtbot.waitUntil(lambda: len(said) == 3, timeout=8000)
    thread.join()
    assert said == [404, 404, 404]
    assert browser._server.isListening()
    with qtbot.waitSignal(browser.failed):
        browser._timer.timeout.emit()
    assert not browser._server.isListening()


def test_the_square_is_what_segno_says(theme: object, qtbot: QtBot) -> None:
    square = QrSquare()
    qtbot.addWidget(square)
    square.resize(square.sizeHint())
    square.show_text("http://127.0.0.1:8790/field#enrol=ABCD-EFGH-JKMN")
    image: QImage = square.grab().toImage()
    count = len(square.modules) + 8
    side = image.width() // count
    left = (image.width() - side * len(square.modules)) // 2
    for y, row in enumerate(square.modules):
        for x, dark in enumerate(row):
            colour = image.pixelColor(left + x * side + side // 2, left + y * side + side // 2)
            assert (colour.lightness() < 128) == bool(dark)


def test_a_code_for_a_device(
    rig: DeskRig, backend: Backend, account: Account, qtbot: QtBot, qapp: QApplication
) -> None:
    account.signin.with_password("lin", PASSWORD)
    qtbot.waitUntil(lambda: account.me is not None, timeout=5000)
    rig.desk.account = account
    dialog = EnrolDialog(rig.desk)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.unit.count() == len(rig.desk.city.units)
    dialog.ask()
    qtbot.waitUntil(lambda: bool(dialog.remark.text()), timeout=5000)
    assert dialog.code.text() == "", "this server's roster has other units"
    body = b'{"code":"ABCD-EFGH-JKMN","unit_id":"u","ends_at":%d}' % (rig.clock.now_ms() + 60_000)
    dialog._replied(200, body)
    assert dialog.code.text() == "ABCD-EFGH-JKMN"
    assert dialog.square.modules
    for language in ("en", "zh"):
        for scale in (1.0, 2.0):
            install_theme(qapp, scale)
            language_bridge().speak(language)
            dialog._replied(200, body)
            qtbot.wait(1)
            assert dialog.square.size() == dialog.square.sizeHint(), "cut off, no phone reads it"
            assert dialog.leave.geometry().bottom() < dialog.height()
    install_theme(qapp, 1.0)
    assert f"{account.url}/field" in dialog.advice.text(), "no phone reaches this machine's own"
    rig.clock.advance(60_000)
    dialog._tick()
    assert dialog.code.text() == ""
    assert "过期" in dialog.remark.text()
