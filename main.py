"""Trellis: command line and composition root; the one place where parts are wired.

Each command imports only what it needs, so that `verify` on a server loads no Qt and `--help`
answers at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from console.arguments import build_parser
from console.model.text import Language, Text

if TYPE_CHECKING:
    from ssl import SSLContext

    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    from console.backstage import Access
    from widgets.bridge.account import Account


DESK_NAME = "01"
PRACTICE_ROLE = "duty_officer"


class Stop(Exception):  # noqa: N818 - not a fault of ours: something the user can mend
    """Ends the program with one clear sentence and exit code 1."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    given = list(sys.argv[1:] if argv is None else argv)
    args = build_parser().parse_args(given or ["run"])
    _start_logging(args)
    try:
        return int(COMMANDS[args.command](args))
    except Stop as stop:
        return _complain(str(stop))
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


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    print(sentence, flush=True)


def tell(sentence: Text) -> None:
    """Tell the person at the terminal, in their language."""
    say(sentence.in_language(terminal_language()))


def terminal_language() -> Language:
    """Chinese where the locale says so, else English."""
    settings = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return "zh" if next(filter(None, settings), "").startswith("zh") else "en"


def stop_with(message: Text) -> Stop:
    """The end of the program, in the language of the terminal."""
    return Stop(message.in_language(terminal_language()))


# ---------------------------------------------------------------- folders


def data_folder(args: argparse.Namespace) -> Path:
    """Where this user's journals, practice city and logs are."""
    if args.data is not None:
        return Path(args.data).absolute()
    from platformdirs import user_data_path

    return user_data_path("trellis", appauthor=False)


def practice_folder(args: argparse.Namespace) -> Path:
    """Where the practice city's package is kept."""
    return data_folder(args) / "practice"


def journal_url(args: argparse.Namespace, city: Path) -> str:
    """The journal asked for, or one a city in the data folder."""
    given: str | None = getattr(args, "db", None)
    return given or f"sqlite:///{data_folder(args) / 'journals' / city.name}.sqlite"


def stored_journal(args: argparse.Namespace) -> str:
    """The journal asked for, or the practice city's."""
    from console.practice.prepare import practice_package

    return journal_url(args, practice_package(practice_folder(args)))


def city_folder(args: argparse.Namespace) -> Path:
    """The city package asked for, or the practice city, made now if it is missing."""
    if args.city is not None:
        return Path(args.city).absolute()
    from console.intake.errors import IntakeError
    from console.practice.prepare import prepare_practice

    try:
        return prepare_practice(practice_folder(args), progress=terminal_progress())
    except IntakeError as error:
        raise stop_with(error.message) from error


def terminal_progress() -> Callable[[str, float], None]:
    """Progress on one line of the terminal; nothing where output goes to a file."""
    from console.i18n import text_of

    if not sys.stderr.isatty():
        return lambda _stage, _share: None

    def show(stage: str, share: float) -> None:
        end = "\n" if share >= 1 else ""
        words = text_of(stage).in_language(terminal_language())
        print(f"\r\033[K{round(100 * share):3d} %  {words}", end=end, file=sys.stderr, flush=True)

    return show


# ---------------------------------------------------------------- the commands


def command_import(args: argparse.Namespace) -> int:
    """Bring a file into a city package and print what became of it."""
    from console.intake.errors import IntakeError
    from console.intake.kinds import IMPORTERS, fields_of, import_streets

    importer = IMPORTERS[args.kind]
    if importer is import_streets:
        importer = partial(import_streets, progress=terminal_progress())
    try:
        report = importer(
            args.file,
            args.city.absolute(),
            args.crs,
            fields=fields_of(args.map) or None,
            encoding=args.encoding,
            layer=args.layer,
        )
    except IntakeError as error:
        raise stop_with(error.message) from error
    say(report.text(terminal_language()))
    return 0


def command_city_practice(args: argparse.Namespace) -> int:
    """Write a practice city's files."""
    from console.practice.city import generate

    tell = terminal_progress()
    files = generate(
        args.seed, args.out, lambda stage, share: tell(f"practice.stage.{stage}", share)
    )
    for path in (files.osm, files.grid, files.cameras, files.units):
        say(str(path))
    return 0


def command_city_prepare(args: argparse.Namespace) -> int:
    """Make the practice city's package ready, with progress for another program to show."""
    from console.practice.prepare import prepare_practice

    def tell(stage: str, share: float) -> None:
        say(json.dumps({"stage": stage, "share": share}))

    prepare_practice(practice_folder(args), progress=tell)
    return 0


def command_serve(args: argparse.Namespace) -> int:
    """Serve until told to stop."""
    from console.access.oidc import OidcFailed, read_config
    from console.i18n import text_of
    from console.journal.errors import JournalError
    from console.process import die_with_parent
    from console.server.run import CannotServe, serve
    from console.tls import TlsError

    if args.die_with_parent:
        die_with_parent()
    host, _, port = args.listen.rpartition(":")
    if not (host and port.isdecimal()):
        raise Stop(f"--listen wants HOST:PORT, not {args.listen}")
    given = os.environ.get("TRELLIS_SECRET", "")
    try:
        tls = _server_tls(args, host)
    except TlsError as error:
        raise stop_with(error.message) from error
    city = city_folder(args)

    def ready(where: Mapping[str, object]) -> None:
        say(json.dumps(where))
        if "setup_code" in where:
            first = text_of("access.cli.first", url=where["url"], code=where["setup_code"])
            say(first.in_language(terminal_language()))

    try:
        serve(
            city=city,
            db=journal_url(args, city),
            host=host,
            port=int(port),
            secret=given,
            ready=ready,
            tls=tls,
            heads=args.heads,
            data=data_folder(args),
            oidc=None if args.oidc is None else read_config(args.oidc),
        )
    except (CannotServe, JournalError) as error:
        raise stop_with(error.message) from error
    except OidcFailed as error:
        raise Stop(str(error)) from error
    return 0


def _server_tls(args: argparse.Namespace, host: str) -> SSLContext | None:
    """What the server shows its clients; None on loopback, or when told to do without."""
    from console.i18n import text_of
    from console.tls import TlsError, is_loopback, require_protection, server_context

    if (args.cert is None) != (args.key is None):
        raise TlsError(text_of("tls.error.cert_and_key"))
    require_protection(host, has_tls=args.cert is not None, insecure=args.insecure)
    if args.cert is not None:
        return server_context(args.cert, args.key)
    if not is_loopback(host):
        warning = text_of("tls.error.insecure", host=host)
        print(warning.in_language(terminal_language()), file=sys.stderr, flush=True)
    return None


def _trust_server(args: argparse.Namespace) -> None:
    """Ends the program when the server that `args` name is not to be trusted."""
    from console.i18n import text_of
    from console.tls import TlsError, check_server

    try:
        check_server(args.server, args.authority, insecure=args.insecure)
    except TlsError as error:
        raise stop_with(error.message) from error
    if args.insecure and not args.server.startswith("https:"):
        warning = text_of("tls.error.insecure", host=args.server)
        print(warning.in_language(terminal_language()), file=sys.stderr, flush=True)


def command_certs(args: argparse.Namespace) -> int:
    """Make an authority and a server certificate, or renew the certificate."""
    from datetime import UTC, datetime

    from console.clock import SystemClock
    from console.i18n import text_of
    from console.tls import TlsError, make_certificates

    try:
        made = make_certificates(args.out.absolute(), args.host, SystemClock())
    except TlsError as error:
        raise stop_with(error.message) from error
    until = datetime.fromtimestamp(made.valid_until / 1000, UTC).date().isoformat()
    what = "new_authority" if made.is_new_authority else "same_authority"
    hosts = ", ".join(made.hosts)
    for sentence in (
        text_of(f"tls.made.{what}", file=made.authority),
        text_of("tls.made.server", file=made.certificate, day=until, hosts=hosts),
        text_of("tls.made.serve_with", certificate=made.certificate, key_file=made.key),
    ):
        say(sentence.in_language(terminal_language()))
    return 0


def command_people(args: argparse.Namespace) -> int:
    """Keep the people who may sign in."""
    from console.access import StoreFailed
    from console.access.command_line import ByHand
    from console.clock import SystemClock
    from console.journal.errors import JournalError
    from console.model.decide import Refused
    from console.practice.prepare import practice_package
    from console.service import refusal_text

    if args.work == "setup":
        return _set_up(args)
    url = args.db or journal_url(args, practice_package(practice_folder(args)))
    try:
        for line in ByHand(url, SystemClock()).run(args, ask_password):
            say(line.in_language(terminal_language()))
    except (StoreFailed, JournalError) as error:
        raise stop_with(error.message) from error
    except Refused as refused:
        raise stop_with(refusal_text(refused)) from refused
    return 0


def _set_up(args: argparse.Namespace) -> int:
    """Make the first administrator of a running server."""
    from console.access.command_line import Refusal, set_up
    from console.i18n import text_of
    from console.tls import client_context

    _trust_server(args)
    trust = client_context(args.authority) if args.server.startswith("https:") else None
    body = {"code": args.code, "name": args.name, "full_name": args.full_name}
    try:
        person = set_up(args.server, {**body, "password": ask_password()}, trust)
    except Refusal as refusal:
        raise stop_with(refusal.message) from refusal
    say(text_of("access.cli.set_up", name=person["name"]).in_language(terminal_language()))
    return 0


def ask_password() -> str:
    """A new password: TRELLIS_PASSWORD where a script sets it, else asked for twice."""
    from getpass import getpass

    from console.i18n import text_of

    given = os.environ.get("TRELLIS_PASSWORD")
    if given:
        return given
    language = terminal_language()
    password = getpass(text_of("access.cli.ask").in_language(language))
    if getpass(text_of("access.cli.ask_again").in_language(language)) != password:
        raise stop_with(text_of("access.cli.differ"))
    return password


def command_simulate(args: argparse.Namespace) -> int:
    """Simulate the field until told to stop."""
    from console.city import CityError
    from console.practice.field.api import FieldError
    from console.process import die_with_parent

    if args.die_with_parent:
        die_with_parent()
    token = os.environ.get("TRELLIS_TOKEN")
    if not token:
        raise Stop("set TRELLIS_TOKEN to the secret (TRELLIS_SECRET) of the practice server")
    _trust_server(args)
    try:
        asyncio.run(_simulate(args, token, city_folder(args)))
    except (CityError, FieldError) as error:
        raise stop_with(error.message) from error
    return 0


async def _simulate(args: argparse.Namespace, token: str, city: Path) -> None:
    from console.practice.field.run import open_shift, simulate

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows has no signals in its loop
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if args.opening:
        await open_shift(
            args.server, token, city, seed=args.seed, stop=stop, authority=args.authority
        )
    await simulate(
        args.server,
        token,
        city,
        rate_per_hour=args.rate,
        speed=args.speed,
        seed=args.seed,
        stop=stop,
        calm=args.calm,
        authority=args.authority,
    )


def command_verify(args: argparse.Namespace) -> int:
    """Check a journal; exit code 1 when something is wrong with it."""
    from console.upkeep import check_journal

    with _stored_data():
        sound = check_journal(
            stored_journal(args), data_folder(args), args.heads, args.public_key, tell
        )
    return 0 if sound else 1


def command_audit(args: argparse.Namespace) -> int:
    """Print the public keys, or sign with a new one from now on."""
    from console.upkeep import public_keys_of, rotate_key

    with _stored_data():
        if args.rotate:
            rotate_key(stored_journal(args), data_folder(args), tell)
        else:
            say(public_keys_of(stored_journal(args), data_folder(args)))
    return 0


def command_backup(args: argparse.Namespace) -> int:
    """Back everything up into one file, while the server runs."""
    from console.upkeep import make_backup

    with _stored_data():
        make_backup(stored_journal(args), data_folder(args), args.out, tell)
    return 0


def command_restore(args: argparse.Namespace) -> int:
    """Put a backup back where nothing stands yet."""
    from console.upkeep import put_back

    with _stored_data():
        put_back(args.file, args.db or "", data_folder(args), tell)
    return 0


@contextmanager
def _stored_data() -> Iterator[None]:
    """What can be wrong with stored data, as one sentence."""
    from console.audit import AuditError
    from console.backup import BackupError
    from console.journal.errors import JournalError

    try:
        yield
    except (AuditError, BackupError, JournalError) as error:
        raise stop_with(error.message) from error


# ---------------------------------------------------------------- the desk


def outbox_of(base: Path, account: Account | None) -> Path:
    """Whose outbox it is: what one person asked for is never sent in another's name."""
    me = account.me if account is not None and not account.is_practice else None
    return base.with_name(f"{base.name}.{me.name}.outbox" if me else f"{base.name}.outbox")


class OpenDesk:
    """A desk with everything behind it: what `run`, `shot` and the end-to-end tests open.

    `access` is a server elsewhere, whose certificate `authority` must have signed (None: the
    system's authorities), and `account` who is signed in there; without one the desk brings its
    own, over `db`, and signs in by itself. `field` are the options of the simulated field, None
    for none.
    """

    def __init__(
        self,
        city_path: Path,
        data: Path,
        *,
        settings: QSettings,
        db: str,
        access: Access | None = None,
        account: Account | None = None,
        authority: Path | None = None,
        field: Sequence[str] | None = (),
        scenes: Path | None = None,
    ) -> None:
        from console.backstage import Backstage
        from console.city import open_city
        from console.clock import SystemClock
        from console.intake.plans import default_plans
        from console.practice.play import play_practice
        from console.session import LiveSession, Outbox
        from console.video import VideoPool
        from widgets.bridge.account import Account
        from widgets.bridge.session import SessionBridge
        from widgets.bridge.transport import QtTransport
        from widgets.bridge.video import VideoBridge
        from widgets.window import DeskWindow

        self.backstage = Backstage((sys.executable, str(Path(__file__).absolute())), data / "logs")
        self._outboxes = data / "outbox" / city_path.name
        outbox = Outbox(outbox_of(self._outboxes, account))
        city = open_city(city_path)
        self.access = access or self.backstage.start_server(city_path, db, data)
        if field is not None:
            self.backstage.start_field(self.access, city_path, field)
        self.practice_video = play_practice(city.cameras, scenes or data / "practice" / "scenes")
        self.account = account
        if access is None:
            self.account = Account(self.access.url, DESK_NAME, secret=self.access.token)
        transport = QtTransport(self.access.url, self.account or self.access.token, authority)
        self.session = LiveSession(transport, outbox, SystemClock())
        self._bridge = SessionBridge(self.session)
        self._pool = VideoPool()
        self.video = VideoBridge(self._pool)
        self.window = DeskWindow(
            city,
            self._bridge,
            self.video,
            default_plans(),
            SystemClock(),
            settings,
            name=DESK_NAME,
            account=self.account,
        )
        self._settings = settings
        self._at_desk = ""
        if self.account is not None:
            self.account.changed.connect(self._follow_account)
            self.account.lost.connect(self._sign_in_again)
            self.window.topbar.who.enrol_wanted.connect(self._enrol)
            self._follow_account()
            if self.account.is_practice:
                self.account.signin.practise(str(settings.value("practice/role", PRACTICE_ROLE)))
        self.session.start()

    def _sign_in_again(self) -> None:
        """Somebody was signed out from elsewhere: say so, and let them back in."""
        from widgets.signin.dialog import SignInDialog

        if self.account is not None:
            dialog = SignInDialog(self.account, self.window)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def _enrol(self) -> None:
        """Show the code that enrols a device."""
        from widgets.signin.enrol import EnrolDialog

        dialog = EnrolDialog(self.window.desk, self.window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _follow_account(self) -> None:
        """Whoever signs in here next does so with their own rights, over their own stream."""
        me = self.account.me if self.account is not None else None
        self.session.allow(frozenset() if me is None else me.requests)
        if me is None:
            return
        if self._at_desk and self._at_desk != me.name:
            if not self._hand_over():
                return
            self.session.reconnect()
        self._at_desk = me.name
        if self.account is not None and self.account.is_practice:
            self._settings.setValue("practice/role", me.role)

    def _hand_over(self) -> bool:
        """Give the next person their own outbox; where that fails, nobody is at the desk."""
        from console.i18n import language
        from console.session import Outbox, OutboxFailed

        if self.account is None or self.account.is_practice:
            return True
        try:
            self.session.hand_over(Outbox(outbox_of(self._outboxes, self.account)))
        except OutboxFailed as failed:
            self.window.desk.failed.emit(failed.message.in_language(language()))
            self.account.signin.sign_out()
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


def command_run(args: argparse.Namespace) -> int:
    """Open the desk and stay until it is closed."""
    _need_display()
    access = _server_elsewhere(args)
    app, settings = start_qt(args)
    account = _signed_in(args, access) if access is not None and not access.token else None
    city = args.city.absolute() if args.city else _practice_city(args)
    field = None if access or args.city else ["--rate", str(args.rate), "--opening"]
    with _ends_with_sentence():
        desk = OpenDesk(
            city,
            data_folder(args),
            settings=settings,
            db=journal_url(args, city),
            access=access,
            account=account,
            authority=args.authority,
            field=field,
        )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: app.quit())
    desk.window.show()
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

    if args.server is None:
        return None
    _trust_server(args)
    return Access(args.server.rstrip("/"), os.environ.get("TRELLIS_TOKEN", ""))


def _signed_in(args: argparse.Namespace, access: Access) -> Account:
    """Ask who is there, until somebody is signed in. Raises Stop when it is left."""
    from widgets.bridge.account import Account
    from widgets.signin.dialog import SignInDialog

    account = Account(access.url, DESK_NAME, authority=args.authority)
    if not SignInDialog(account).exec():
        account.close()
        raise Stop("nobody signed in")
    return account


def start_qt(
    args: argparse.Namespace, height_px: int | None = None
) -> tuple[QApplication, QSettings]:
    """The application in its language and look, and where it remembers what the user set.

    The look is that for the viewer's distance, or the one that fills a picture of `height_px`.
    """
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    from console.i18n import set_language
    from widgets.common.scaling import scale_for, scale_for_height
    from widgets.common.theme import install_theme
    from widgets.window.desk_window import USUAL_PITCH_MM, viewer_distance

    app = QApplication([sys.argv[0]])
    settings = QSettings(str(data_folder(args) / "desk.ini"), QSettings.Format.IniFormat)
    chosen = args.lang or settings.value("view/language")
    set_language("en" if chosen == "en" else "zh")
    for_viewer = scale_for(viewer_distance(settings), USUAL_PITCH_MM)
    install_theme(app, for_viewer if height_px is None else scale_for_height(height_px))
    return app, settings


def _practice_city(args: argparse.Namespace) -> Path:
    """The practice city's package; the first time a window shows how it is made."""
    from PySide6.QtCore import QEventLoop

    from console.practice.prepare import is_prepared, practice_package
    from widgets.preparing import PreparingWindow

    folder = practice_folder(args)
    if is_prepared(folder):
        return practice_package(folder)
    command = [sys.executable, str(Path(__file__).absolute()), "city", "prepare"]
    window = PreparingWindow([*command, "--data", str(data_folder(args))])
    loop = QEventLoop()
    window.finished.connect(loop.exit)
    window.show()
    if not loop.exec():
        raise Stop(window.complaint or "the practice city was not made; it starts anew next time")
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


def command_shot(args: argparse.Namespace) -> int:
    """Make a picture of the real window with real data, without a screen."""
    from tempfile import TemporaryDirectory

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
        app, settings = start_qt(args, int(height))
        desk = OpenDesk(
            city,
            args.data,
            settings=settings,
            db=journal_url(args, city),
            field=["--rate", "0", "--opening", "--calm", "--speed", "4"],
            scenes=shared / "practice" / "scenes",
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


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "run": command_run,
    "serve": command_serve,
    "import": command_import,
    "city_practice": command_city_practice,
    "city_prepare": command_city_prepare,
    "simulate": command_simulate,
    "shot": command_shot,
    "verify": command_verify,
    "audit": command_audit,
    "backup": command_backup,
    "restore": command_restore,
    "certs": command_certs,
    "people": command_people,
}

if __name__ == "__main__":
    sys.exit(main())
