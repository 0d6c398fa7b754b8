"""Who is signed in at this desk, as Qt sees it: calls over QNetworkAccessManager, one signal."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl, Signal
from PySide6.QtNetwork import (
    QNetworkAccessManager,
    QNetworkProxy,
    QNetworkReply,
    QNetworkRequest,
    QSslError,
)

from console.session import DeskTokens, Failure, Me, SignIn
from console.session.signin import Replied
from widgets.bridge.calls import call_request
from widgets.bridge.trust import tls_reason, trust_in

log = logging.getLogger(__name__)

TIMEOUT_MS = 10_000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class QtCaller(QObject):
    """`console.session.signin.Caller` to the server at `url`, trusting as the transport does.

    Raises TlsError when `authority` cannot be read.
    """

    def __init__(
        self, url: str, authority: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._url = url.rstrip("/")
        self._trust = trust_in(authority)
        self._manager = QNetworkAccessManager(self)
        if QUrl(url).host() in _LOOPBACK:
            self._manager.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))
        self._replies: set[QNetworkReply] = set()
        self._closed = False

    def call(self, path: str, body: bytes, bearer: str, replied: Replied) -> None:
        """POST `body`."""
        request = self._request(path, bearer)
        request.setHeader(QNetworkRequest.KnownHeaders.ContentTypeHeader, "application/json")
        self._follow(self._manager.post(request, body), replied)

    def get(self, path: str, bearer: str, replied: Replied) -> None:
        """GET."""
        self._follow(self._manager.get(self._request(path, bearer)), replied)

    def later(self, delay_s: float, call: Callable[[], None]) -> None:
        """Make `call` after `delay_s` seconds, unless closed by then."""
        QTimer.singleShot(round(delay_s * 1000), self, lambda: None if self._closed else call())

    def close(self) -> None:
        """Let go of everything; no call comes after this."""
        self._closed = True
        for reply in tuple(self._replies):
            reply.abort()

    def _request(self, path: str, bearer: str) -> QNetworkRequest:
        return call_request(self._url + path, self._trust, TIMEOUT_MS, bearer)

    def _follow(self, reply: QNetworkReply, replied: Replied) -> None:
        self._replies.add(reply)
        reply.sslErrors.connect(self._distrust)
        reply.finished.connect(lambda: self._finished(reply, replied))

    def _finished(self, reply: QNetworkReply, replied: Replied) -> None:
        self._replies.discard(reply)
        status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
        body = reply.readAll().data() if reply.isOpen() else b""
        reply.deleteLater()
        if not self._closed:
            replied(int(status or 0), bytes(body))

    def _distrust(self, errors: list[QSslError]) -> None:
        log.warning("a call was not made: %s", tls_reason(errors, QUrl(self._url).host()))


class Account(QObject):
    """`console.session.SignIn` with a signal. `changed` comes when who is signed in, or what they
    may do, or why they are not, is another; `lost` when somebody was signed out from elsewhere.

    `secret` is that of a practice server, "" elsewhere; `known_by` what servers know this desk by.
    Raises TlsError.
    """

    changed = Signal()
    lost = Signal()

    def __init__(
        self,
        url: str,
        desk: str,
        *,
        secret: str = "",
        authority: Path | None = None,
        known_by: DeskTokens | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.url = url
        self.caller = QtCaller(url, authority, self)
        self.signin = SignIn(self.caller, desk, secret, url, known_by)
        self.signin.changed = self._tell
        self._was_in = False

    @property
    def token(self) -> str:
        """The access token, "" while nobody is signed in."""
        return self.signin.token

    @property
    def me(self) -> Me | None:
        """The person at this desk."""
        return self.signin.me

    @property
    def failure(self) -> Failure | None:
        """Why nobody is signed in, if there is a reason."""
        return self.signin.failure

    @property
    def is_practice(self) -> bool:
        """Whether people sign in by themselves here."""
        return self.signin.is_practice

    def doubt(self) -> None:
        """The server did not take the token."""
        self.signin.doubt()

    def close(self) -> None:
        """Call nobody any more."""
        self.caller.close()

    def _tell(self) -> None:
        was_in, self._was_in = self._was_in, self.signin.state == "in"
        self.changed.emit()
        if was_in and self.signin.state == "out" and not self.is_practice:
            self.lost.emit()
