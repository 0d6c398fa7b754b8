"""Work off the GUI thread: results come back here, overtaken ones not at all."""

from __future__ import annotations

import threading
from functools import partial

from PySide6.QtCore import QObject, QThreadPool
from pytestqt.qtbot import QtBot

from widgets.bridge.worker import Background, run_in_background


def test_work_runs_elsewhere_and_its_result_comes_here(qtbot: QtBot) -> None:
    threads: list[int] = []
    run_in_background(threading.get_ident, lambda worked: threads.extend((worked, here())))
    qtbot.waitUntil(lambda: bool(threads))
    assert threads[0] != here()
    assert threads[1] == here()


def here() -> int:
    return threading.get_ident()


def test_an_error_goes_to_whoever_asked(qtbot: QtBot) -> None:
    errors: list[Exception] = []
    done: list[object] = []
    run_in_background(lambda: 1 // 0, done.append, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], ZeroDivisionError)
    assert not done


def test_overtaken_work_is_dropped(qtbot: QtBot) -> None:
    background, gate = Background(), threading.Event()
    done: list[object] = []
    background.run(lambda: gate.wait(5) and "old", done.append)
    qtbot.wait(20)
    background.run(lambda: "new", done.append)
    qtbot.waitUntil(lambda: bool(done))
    gate.set()
    QThreadPool.globalInstance().waitForDone(5000)
    qtbot.wait(20)
    assert done == ["new"]


def test_forgotten_work_is_dropped(qtbot: QtBot) -> None:
    background = Background()
    done: list[str] = []
    background.run(lambda: "old", done.append)
    background.forget()
    QThreadPool.globalInstance().waitForDone(5000)
    qtbot.wait(20)
    assert not done


def test_nothing_is_called_after_the_owner_is_gone(qtbot: QtBot) -> None:
    owner, gate = QObject(), threading.Event()
    done: list[bool] = []
    run_in_background(lambda: gate.wait(5), done.append, owner=owner)
    owner.deleteLater()
    qtbot.wait(20)
    gate.set()
    QThreadPool.globalInstance().waitForDone(5000)
    qtbot.wait(20)
    assert not done


def test_of_a_quick_succession_only_the_last_is_done(qtbot: QtBot) -> None:
    background = Background(settle_ms=20)
    begun: list[int] = []
    done: list[int] = []

    def begin(number: int) -> int:
        begun.append(number)
        return number

    for number in range(5):
        background.run(partial(begin, number), done.append)
    qtbot.waitUntil(lambda: bool(done))
    assert begun == done == [4]


def test_d9_results_that_come_at_once_do_not_take_the_desk_along(qtbot: QtBot) -> None:
    """What carried a result was deleted while its thread was still sending through it."""
    done: list[int] = []

    def came(number: int) -> bool:
        return done[-1:] == [number]

    for number in range(400):
        owner = QObject()
        run_in_background(partial(int, number), done.append, owner=owner)
        qtbot.waitUntil(partial(came, number), timeout=5000)
        del owner
    assert done == list(range(400))
