"""Trellis: command line and composition root; the one place where parts are wired.

Each command imports only what it needs, so that `verify` on a server loads no Qt and `--help`
answers at once.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from console.commands.arguments import build_parser
from console.commands.places import data_folder, journal_url, practice_folder
from console.commands.terminal import Stop, say, stop_with
from console.process import garbage_left_alone

if TYPE_CHECKING:
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    from console.backstage import Access
    from widgets.bridge.account import Account
    from widgets.common.scaling import ScreenRoom
    from widgets.starting import StartingWindow
    from widgets.window import DeskWindow


OWN_DESK = "01"
"""What a desk with a server of its own is called at first: it is the only one there."""

SOUND_AFTER_MS = 1500
"""So long after the window is there: its first second is for what is to be seen."""

PRACTICE_ROLE = "duty_officer"

log = logging.getLogger(__name__)


COMMANDS = {
    "import": "console.commands.city:import_file",
    "route": "console.commands.route:route",
    "city_practice": "console.commands.city:city_practice",
    "city_prepare": "console.commands.city:city_prepare",
    "serve": "console.commands.serving:serve_city",
    "certs": "console.commands.serving:certs",
    "people": "console.commands.people:keep_people",
    "simulate": "console.commands.field:simulate_field",
    "verify": "console.commands.stored:verify",
    "audit": "console.commands.stored:audit",
    "backup": "console.commands.stored:backup",
    "restore": "console.commands.stored:restore",
    "run": "main:run",
    "shot": "main:shot",
}
"""Where each command is done: a module, loaded only then, and its function."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    args = build_parser().parse_args(given or ["run"])
    _start_logging(args)
    try:
        module, _, function = COMMANDS[args.command].partition(":")
        with garbage_left_alone():
            loaded = import_module(module)
        return int(getattr(loaded, function)(args))
    except Stop as stop:
        return _complain(str(stop), stop.status)
    except KeyboardInterrupt:
        return _complain("stopped", code=130)
    except OSError as error:
        return _complain(": ".join(str(p) for p in (error.filename, error.strerror or error) if p))


def _start_logging(args: argparse.Namespace) -> None:
    """A server's log is read by programs, all others by people."""
    level = logging.INFO if args.verbose else logging.WARNING
    if args.command == "serve":
        from console.server.logging import log_as_json

        log_as_json(sys.stderr, level)
    else:
        logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def _complain(sentence: str, code: int = 1) -> int:
    print(f"trellis: {sentence}", file=sys.stderr)
    return code


def desk_name(args: argparse.Namespace, settings: QSettings) -> str:
    """What this desk is called: as it was said now or ever before, else after its machine."""
    from platform import node

    from console.model.desk_name import desk_name_of_host, parse_desk_name

    if args.desk is not None:
        settings.setValue("desk/name", args.desk)
    try:
        kept = parse_desk_name(str(settings.value("desk/name", "")))
    except ValueError as error:
        log.warning("desk.ini: %s", error)
        kept = ""
    return kept or (desk_name_of_host(node()) if args.server else "") or OWN_DESK


def outbox_of(base: Path, account: Account | None) -> Path:
    """Whose outbox it is: what one person asked for is never sent in another's name."""
    me = account.me if account is not None and not account.is_practice else None
    return base.with_name(f"{base.name}.{me.name}.outbox" if me else f"{base.name}.outbox")


class OpenDesk:
    """A desk with everything behind it: what `run`, `shot` and the end-to-end tests open.

    `access` is a server elsewhere, whose certificate `authority` must have signed (None: the
    system's authorities), and `account` who is signed in there; without one the desk brings its
    own, over `db`, and signs in by itself. `name` is what the desk is called. `field` are the
    options of the simulated field, None for none. `room` is what the screen has room for, None to
    ask the screen. `begin` is told each stage of the start (of `widgets.starting.STAGES`).
    """

    def __init__(
        self,
        city_path: Path,
        data: Path,
        *,
        settings: QSettings,
        db: str,
        name: str = OWN_DESK,
        access: Access | None = None,
        account: Account | None = None,
        authority: Path | None = None,
        field: Sequence[str] | None = (),
        scenes: Path | None = None,
        room: ScreenRoom | None = None,
        begin: Callable[[str], None] = lambda _stage: None,
    ) -> None:
        begin("program")
        from console.backstage import Backstage
        from console.city import open_city
        from console.clock import SystemClock
        from console.i18n import language
        from console.intake.plans import default_plans
        from console.practice.play import play_practice
        from console.session import LiveSession, Outbox
        from console.session.backoff import LONGEST_OWN_S, LONGEST_S, Backoff
        from console.session.link import OWN_STARTING_S, STARTING_S
        from console.video import VideoPool
        from widgets.bridge.account import Account
        from widgets.bridge.session import SessionBridge
        from widgets.bridge.transport import QtTransport
        from widgets.bridge.video import VideoBridge
        from widgets.window import DeskWindow

        begin("city")
        self.backstage = Backstage((sys.executable, str(Path(__file__).absolute())), data / "logs")
        self._outboxes = data / "outbox" / city_path.name
        outbox = Outbox(outbox_of(self._outboxes, account))
        city = open_city(city_path)
        begin("server")
        self.access = access or self.backstage.start_server(city_path, db, data)
        if field is not None:
            self.backstage.start_field(self.access, city_path, ["--lang", language(), *field])
        self.practice_video = play_practice(city.cameras, scenes or data / "practice" / "scenes")
        self.account = account
        if access is None:
            self.account = Account(self.access.url, name, secret=self.access.token)
        transport = QtTransport(self.access.url, self.account or self.access.token, authority)
        longest_s = LONGEST_OWN_S if access is None else LONGEST_S
        self.session = LiveSession(
            transport,
            outbox,
            SystemClock(),
            make_backoff=lambda: Backoff(longest_s=longest_s),
            starting_s=OWN_STARTING_S if access is None else STARTING_S,
        )
        begin("window")
        self._bridge = SessionBridge(self.session)
        self._pool = VideoPool()
        self.video = VideoBridge(self._pool)
        self.window = DeskWindow(
            city,
            self._bridge,
            self.video,
            default_plans(),
            self.session.clock,
            settings,
            name=name,
            account=self.account,
            room=room,
        )
        self._settings = settings
        self._seated: tuple[str, str, tuple[str, ...]] | None = None
        if self.account is not None:
            self.account.changed.connect(self._follow_account)
            self.window.desk.enrol_wanted.connect(self._enrol)
            self._follow_account()
            if self.account.is_practice:
                self.account.signin.practise(str(settings.value("practice/role", PRACTICE_ROLE)))
        self.session.start()

    def _enrol(self) -> None:
        """Show the code that enrols a device."""
        from widgets.signin.enrol import EnrolDialog

        dialog = EnrolDialog(self.window.desk, self.window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _follow_account(self) -> None:
        """Whoever signs in here next does so with their own rights, over their own stream."""
        me = self.account.me if self.account is not None else None
        self.session.allow(
            frozenset() if me is None else me.requests, None if me is None else me.reads
        )
        if me is None:
            return
        seated = (me.name, me.role, me.areas)
        if self._seated is not None and self._seated != seated:
            if self._seated[0] != me.name and not self._hand_over():
                return
            self.session.start_over()
        else:
            self.session.retry_now()
        self._seated = seated
        if self.account is not None and self.account.is_practice:
            self._settings.setValue("practice/role", me.role)

    def _hand_over(self) -> bool:
        """Give the next person their own outbox; where that fails, nobody is at the desk."""
        from console.session import Outbox, OutboxFailed
        from widgets.bridge.language import spoken

        if self.account is None or self.account.is_practice:
            return True
        try:
            self.session.hand_over(Outbox(outbox_of(self._outboxes, self.account)))
        except OutboxFailed as failed:
            self.account.signin.sign_out()
            if self.window.cover is not None:
                self.window.cover.form.complain(spoken(failed.message))
            return False
        return True

    def close(self) -> None:
        """Let go of everything, the window first, the server last."""
        self.window.close()
        self.window.shut_down()
        self.session.close()
        if self.account is not None:
            self.account.close()
        self._pool.shutdown()
        if self.practice_video is not None:
            self.practice_video.stop()
        self.backstage.stop()


def _be_heard(window: DeskWindow) -> None:
    """Give the alarms the system's sound; to ask for it may take a while."""
    from PySide6.QtCore import QLoggingCategory

    from widgets.bridge.sound import NoSoundOutput

    # What it looks for and does not find is not for who reads the desk's log.
    QLoggingCategory.setFilterRules("qt.multimedia.*=false")
    try:
        from widgets.bridge.qt_sound import QtSoundOutput
    except ImportError as error:
        log.warning("there is no sound: %s", error)
        window.ringer.use(NoSoundOutput())
        return
    output = QtSoundOutput(window)
    output.changed.connect(window.ringer.changed)
    window.ringer.use(output)


def run(args: argparse.Namespace) -> int:
    """Open the desk and stay until it is closed."""
    # What lies there is nobody else's; what is saved elsewhere has the usual rights.
    data_folder(args).mkdir(mode=0o700, parents=True, exist_ok=True)
    _need_display()
    access = _server_elsewhere(args)
    app, settings = start_qt(args)
    from PySide6.QtCore import QTimer

    from widgets.starting import StartingWindow

    starting = StartingWindow()
    starting.show_now()
    name = desk_name(args, settings)
    log.info("this is desk %s", name)
    account = None
    if access is not None and not access.token:
        account = _signed_in(args, access, name, starting)
    city = args.city.absolute() if args.city else _practice_city(args, starting)
    field = None if access or args.city else ["--rate", str(args.rate), "--opening"]
    with _ends_with_sentence():
        desk = OpenDesk(
            city,
            data_folder(args),
            settings=settings,
            db=journal_url(args, city),
            name=name,
            access=access,
            account=account,
            authority=args.authority,
            field=field,
            begin=starting.show_stage,
        )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: app.quit())
    desk.window.open_on_screen()
    starting.close()
    QTimer.singleShot(SOUND_AFTER_MS, desk.window, lambda: _be_heard(desk.window))
    code = app.exec()
    desk.close()
    return int(code)


def _need_display() -> None:
    screens = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in screens):
        raise Stop(
            "there is no display here to open the desk on; `make pictures` draws it into files"
        )


def _server_elsewhere(args: argparse.Namespace) -> Access | None:
    from console.backstage import Access
    from console.commands.trust import trust_server

    if args.server is None:
        return None
    trust_server(args)
    return Access(args.server.rstrip("/"), os.environ.get("TRELLIS_TOKEN", ""))


def _signed_in(
    args: argparse.Namespace, access: Access, name: str, starting: StartingWindow
) -> Account:
    """Ask who is there, until somebody is signed in. Raises Stop when it is left."""
    from console.session import DeskTokens
    from widgets.bridge.account import Account
    from widgets.signin.dialog import SignInDialog

    known_by = DeskTokens(data_folder(args) / "desk-tokens.json")
    account = Account(access.url, name, authority=args.authority, known_by=known_by)
    dialog = SignInDialog(account)
    starting.hide()
    if not dialog.exec():
        account.close()
        raise Stop("nobody signed in")
    starting.show_now()
    return account


def start_qt(
    args: argparse.Namespace, picture_px: tuple[int, int] | None = None
) -> tuple[QApplication, QSettings]:
    """The application in its language and look, and where it remembers what the user set.

    The look is that for the viewer's distance, or the one that fills a picture of `picture_px`.
    """
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    from console.i18n import set_language
    from widgets.common.scaling import scale_for_size
    from widgets.common.screen import room_of, viewer_distance
    from widgets.common.theme import install_theme

    app = QApplication([sys.argv[0]])
    settings = QSettings(str(data_folder(args) / "desk.ini"), QSettings.Format.IniFormat)
    chosen = args.lang or settings.value("view/language")
    set_language("en" if chosen == "en" else "zh")
    for_viewer = room_of(app.primaryScreen()).scale(viewer_distance(settings))
    install_theme(app, for_viewer if picture_px is None else scale_for_size(*picture_px))
    return app, settings


def _practice_city(args: argparse.Namespace, starting: StartingWindow) -> Path:
    """The practice city's package; the first time a window shows how it is made."""
    from PySide6.QtCore import QEventLoop

    from console.practice.package import is_prepared, practice_package
    from widgets.preparing import PreparingWindow

    folder = practice_folder(args)
    if is_prepared(folder):
        return practice_package(folder)
    command = [sys.executable, str(Path(__file__).absolute()), "city", "prepare"]
    window = PreparingWindow([*command, "--data", str(data_folder(args))])
    loop = QEventLoop()
    window.finished.connect(loop.exit)
    window.show_now()
    starting.hide()
    if not loop.exec():
        raise Stop(window.complaint or "the practice city was not made; it starts anew next time")
    starting.show_now()
    return practice_package(folder)


@contextmanager
def _ends_with_sentence() -> Iterator[None]:
    """What can keep a desk from opening, as one sentence."""
    from console.city import CityError
    from console.session import OutboxFailed

    try:
        yield
    except (CityError, OutboxFailed) as error:
        raise stop_with(error.message) from error


def shot(args: argparse.Namespace) -> int:
    """Make a picture of the real window with real data, without a screen."""
    from tempfile import TemporaryDirectory

    from console.commands.chosen_city import city_folder
    from widgets.common.scaling import room_for_window
    from widgets.pictures import SCENES, PictureFailed, take_picture

    width, _, height = args.size.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise Stop(f"--size wants WIDTHxHEIGHT, not {args.size}")
    if args.scene not in SCENES:
        raise Stop(f"there is no scene {args.scene}; there are {', '.join(SCENES)}")
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    city = city_folder(args)
    with TemporaryDirectory(prefix="trellis-shot-") as scratch:
        shared = data_folder(args)
        args.data = Path(scratch)
        app, settings = start_qt(args, (int(width), int(height)))
        desk = OpenDesk(
            city,
            args.data,
            settings=settings,
            db=journal_url(args, city),
            field=["--seed", "1", "--rate", "0", "--opening", "--calm", "--speed", "4"],
            scenes=shared / "practice" / "scenes",
            room=room_for_window((int(width), int(height))),
        )
        try:
            take_picture(desk.window, args.scene, (int(width), int(height)), args.out)
        except PictureFailed as failed:
            raise Stop(str(failed)) from failed
        finally:
            desk.close()
            app.processEvents()
    say(str(args.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
