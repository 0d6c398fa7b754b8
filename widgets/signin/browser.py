"""Sign-in by the organisation's provider, in the system's browser.

Authorization code with PKCE (RFC 7636) and a loopback redirect (RFC 8252): a port of this machine
is open while the browser is away, and takes one answer.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtNetwork import QHostAddress, QTcpServer, QTcpSocket

from console.i18n import tr
from widgets.bridge.account import Account

log = logging.getLogger(__name__)

PATIENCE_MS = 5 * 60_000
"""How long somebody may take at the provider's page."""
_HEAD_LIMIT = 16 * 1024


class Invitation(msgspec.Struct, frozen=True):
    """What the server says of the provider."""

    enabled: bool
    authorization_endpoint: str = ""
    client_id: str = ""
    scope: str = "openid"


class BrowserSignIn(QObject):
    """One trip to the browser at a time. `failed` when it came to nothing; success is a change of
    the account. `show` opens a URL; tests put their own in its place.
    """

    offered = Signal()
    """The server has a provider."""
    failed = Signal()

    def __init__(
        self,
        account: Account,
        show: Callable[[QUrl], bool] = QDesktopServices.openUrl,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._account = account
        self._show = show
        self._invitation = Invitation(False)
        self._verifier = self._nonce = self._state = ""
        self._server = QTcpServer(self)
        self._server.newConnection.connect(self._take)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PATIENCE_MS)
        self._timer.timeout.connect(self._fail)

    def ask(self) -> None:
        """Learn from the server whether there is a provider."""
        self._account.caller.get("/api/v1/oidc", "", self._invited)

    def start(self) -> None:
        """Open the provider's page."""
        self.stop()
        if not self._server.listen(QHostAddress(QHostAddress.SpecialAddress.LocalHost)):
            log.warning("no port for the browser's answer: %s", self._server.errorString())
            self.failed.emit()
            return
        self._verifier = secrets.token_urlsafe(48)
        self._nonce, self._state = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        self._timer.start()
        url = f"{self._invitation.authorization_endpoint}?{urlencode(self._query())}"
        if not self._show(QUrl(url)):
            self._fail()

    def stop(self) -> None:
        """Wait for no answer any more."""
        self._timer.stop()
        self._server.close()

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends the browser."""
        return f"http://127.0.0.1:{self._server.serverPort()}/signed-in"

    def _query(self) -> Mapping[str, str]:
        proof = hashlib.sha256(self._verifier.encode()).digest()
        return {
            "response_type": "code",
            "client_id": self._invitation.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": self._invitation.scope,
            "state": self._state,
            "nonce": self._nonce,
            "code_challenge": base64.urlsafe_b64encode(proof).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }

    def _invited(self, status: int, said: bytes) -> None:
        try:
            invitation = msgspec.json.decode(said, type=Invitation) if status == 200 else None
        except msgspec.DecodeError:
            invitation = None
        if invitation is not None and invitation.enabled:
            self._invitation = invitation
            self.offered.emit()

    def _take(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda s=socket: self._read(s))
            socket.disconnected.connect(socket.deleteLater)

    def _read(self, socket: QTcpSocket) -> None:
        head = bytes(socket.peek(_HEAD_LIMIT).data())
        if b"\r\n\r\n" not in head and len(head) < _HEAD_LIMIT:
            return
        socket.readAll()
        parts = head.split(b" ", 2)
        target = urlsplit(parts[1].decode("latin-1") if len(parts) == 3 else "")
        given = {name: values[0] for name, values in parse_qs(target.query).items()}
        ours = target.path == "/signed-in" and secrets.compare_digest(
            given.get("state", "").encode(), self._state.encode()
        )
        self._reply(socket, ours)
        if ours:
            self._redeem(given)

    def _reply(self, socket: QTcpSocket, ours: bool) -> None:
        """A page for the browser; others who come to the port learn nothing."""
        words = tr("signin.browser_done") if ours else ""
        body = f"<!doctype html><meta charset=utf-8><title>Trellis</title><p>{words}".encode()
        status = "200 OK" if ours else "404 Not Found"
        head = (
            f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        )
        socket.write(head.encode() + body)
        socket.disconnectFromHost()

    def _redeem(self, given: Mapping[str, str]) -> None:
        redirect_uri, code = self.redirect_uri, given.get("code", "")
        self.stop()
        if not code:
            log.warning("the provider said no: %s", given.get("error", "")[:80])
            self.failed.emit()
            return
        self._account.signin.with_code(
            {
                "code": code,
                "verifier": self._verifier,
                "redirect_uri": redirect_uri,
                "nonce": self._nonce,
            }
        )

    def _fail(self) -> None:
        self.stop()
        self.failed.emit()
