"""The session's transport over Qt: QWebSocket for the stream, QNetworkAccessManager for posts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, QUrl, Signal
from PySide6.QtNetwork import (
    QAbstractSocket,
    QNetworkAccessManager,
    QNetworkProxy,
    QNetworkReply,
    QNetworkRequest,
    QSslConfiguration,
    QSslError,
)
from PySide6.QtWebSockets import QWebSocket

from console.clock import monotonic_s
from console.session import Credentials, FixedToken, Receiver
from console.session.transport import DISTRUST, Answered, Trouble
from widgets.bridge.calls import call_request
from widgets.bridge.trust import tls_reason, tls_trouble, trust_in

log = logging.getLogger(__name__)

POST_TIMEOUT_MS = 8000
PING_EVERY_MS = 2000
UNAUTHORIZED = 401
SIGNED_OUT = "signed out"
"""What the server says when it closes a socket because the rights behind it ended or changed."""

_NO_SOCKET = "processHandshake"
_WHO_ARE_YOU = (f": {UNAUTHORIZED}", "WWW-Authenticate")
"""What Qt says of an answer that opens no socket, and of one with 401, with a challenge or not."""

_Error = QAbstractSocket.SocketError
_TROUBLES: dict[QAbstractSocket.SocketError, Trouble] = {
    _Error.ConnectionRefusedError: "refused",
    _Error.HostNotFoundError: "unknown_host",
    _Error.NetworkError: "unreachable",
    _Error.SocketTimeoutError: "unreachable",
    _Error.ProxyConnectionTimeoutError: "unreachable",
    _Error.SslHandshakeFailedError: "no_tls",
    _Error.SslInternalError: "no_tls",
}

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class QtTransport(QObject):
    """`console.session.Transport` to the server at `url`, opened by `credentials` (or a token).

    An https server must show a certificate signed by `authority` (a PEM file) and by no other;
    None trusts the system's authorities. What is wrong with a certificate is never passed over.
    Raises TlsError when `authority` cannot be read. Lives on the GUI thread and never waits: Qt's
    sockets work beside it.
    """

    _wanted = Signal(object)

    def __init__(
        self,
        url: str,
        credentials: Credentials | str,
        authority: Path | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._url = url.rstrip("/")
        self._credentials: Credentials = (
            FixedToken(credentials) if isinstance(credentials, str) else credentials
        )
        self._trust = trust_in(authority)
        self._manager = QNetworkAccessManager(self)
        if QUrl(url).host() in _LOOPBACK:
            self._manager.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))
        self._wanted.connect(self._call, Qt.ConnectionType.QueuedConnection)
        self._stream: _Stream | None = None
        self._replies: set[QNetworkReply] = set()
        self._closed = False

    def open(self, after: int, receiver: Receiver) -> None:
        """Open the stream from the cursor `after`."""
        if self._stream is not None:
            raise RuntimeError("a stream is open or opening already")
        if not self._credentials.token:
            trouble: Trouble = "" if self._credentials.is_practice else "signed_out"
            self.later(0, lambda: receiver.closed("nobody is signed in", trouble))
            return
        address = self._url.replace("http", "ws", 1) + f"/api/v1/stream?after={after}"
        self._stream = _Stream(receiver, self._ended, self)
        self._stream.open(self._request(address), self._manager.proxy(), self._trust)

    def drop(self) -> None:
        """Give the stream up; `closed` follows from the event loop."""
        if self._stream is not None:
            QTimer.singleShot(0, self._stream, self._stream.abort)

    def post(self, body: bytes, answered: Answered) -> None:
        """Post a submission."""
        if not self._credentials.token:
            self.later(0, lambda: answered(0, b""))
            return
        request = self._call_request("/api/v1/requests")
        request.setHeader(QNetworkRequest.KnownHeaders.ContentTypeHeader, "application/json")
        self._await(self._manager.post(request, body), answered)

    def fetch(self, path: str, answered: Answered) -> None:
        """Get what lies at `path`."""
        if not self._credentials.token:
            self.later(0, lambda: answered(0, b""))
            return
        self._await(self._manager.get(self._call_request(path)), answered)

    def _await(self, reply: QNetworkReply, answered: Answered) -> None:
        self._replies.add(reply)
        reply.sslErrors.connect(self._distrust)
        reply.finished.connect(lambda: self._finished(reply, answered))

    def call(self, call: Callable[[], None]) -> None:
        """Make `call` on the GUI thread, unless closed by then; from any thread."""
        self._wanted.emit(call)

    def later(self, delay_s: float, call: Callable[[], None]) -> None:
        """Make `call` after `delay_s` seconds, unless closed by then."""
        QTimer.singleShot(round(delay_s * 1000), self, lambda: self._call(call))

    def close(self) -> None:
        """Let go of everything; no call comes after this."""
        self._closed = True
        if self._stream is not None:
            self._stream.silence()
            self._stream = None
        for reply in tuple(self._replies):
            reply.abort()

    def _call_request(self, path: str) -> QNetworkRequest:
        token = self._credentials.token
        return call_request(self._url + path, self._trust, POST_TIMEOUT_MS, token)

    def _request(self, address: str) -> QNetworkRequest:
        request = QNetworkRequest(QUrl(address))
        request.setSslConfiguration(self._trust)
        request.setRawHeader(b"Authorization", b"Bearer " + self._credentials.token.encode())
        return request

    def _finished(self, reply: QNetworkReply, answered: Answered) -> None:
        self._replies.discard(reply)
        status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
        body = reply.readAll().data() if reply.isOpen() else b""
        reply.deleteLater()
        if self._closed:
            return
        if status == UNAUTHORIZED:
            self._credentials.doubt()
        answered(int(status or 0), bytes(body))

    def _distrust(self, errors: list[QSslError]) -> None:
        log.warning("a call was not made: %s", tls_reason(errors, QUrl(self._url).host()))

    def _call(self, call: Callable[[], None]) -> None:
        if not self._closed:
            call()

    def _ended(self, trouble: Trouble) -> None:
        self._stream = None
        if trouble == "signed_out":
            self._credentials.doubt()


class _Stream(QObject):
    """One WebSocket from opening to end; tells its end once, by whichever way Qt reports it."""

    def __init__(
        self, receiver: Receiver, ended: Callable[[Trouble], None], parent: QObject | None
    ) -> None:
        super().__init__(parent)
        self._receiver: Receiver | None = receiver
        self._tell_end = ended
        self._reason = "closed by the server"
        self._trouble: Trouble = ""
        self._pinged_s = 0.0
        self._socket = QWebSocket(parent=self)
        self._socket.connected.connect(self._opened)
        self._socket.binaryMessageReceived.connect(self._frame)
        self._socket.errorOccurred.connect(self._failed)
        self._socket.sslErrors.connect(self._distrust)
        self._socket.stateChanged.connect(self._state)
        self._socket.pong.connect(self._pong)
        self._pings = QTimer(self)
        self._pings.setInterval(PING_EVERY_MS)
        self._pings.timeout.connect(self._ping)

    def open(
        self, request: QNetworkRequest, proxy: QNetworkProxy, trust: QSslConfiguration
    ) -> None:
        """Start connecting."""
        self._socket.setProxy(proxy)
        self._socket.setSslConfiguration(trust)
        self._socket.open(request)

    def abort(self) -> None:
        """End the connection now."""
        self._reason = "given up"
        self._socket.abort()
        self._end()

    def silence(self) -> None:
        """End the connection and tell nobody."""
        self._receiver = None
        self._socket.abort()
        self._pings.stop()
        self.deleteLater()

    def _opened(self) -> None:
        self._pings.start()
        self._ping()
        if self._receiver is not None:
            self._receiver.opened()

    def _frame(self, data: object) -> None:
        if self._receiver is not None:
            self._receiver.frame(bytes(data))  # type: ignore[call-overload]  # a QByteArray

    def _distrust(self, errors: list[QSslError]) -> None:
        self._trouble = tls_trouble(errors)
        self._reason = tls_reason(errors, self._socket.requestUrl().host())
        log.warning("the stream was not opened: %s", self._reason)

    def _failed(self, error: QAbstractSocket.SocketError) -> None:
        if self._trouble not in DISTRUST:
            self._reason = self._socket.errorString()
            self._trouble = self._trouble_of(error)
        if self._socket.state() == QAbstractSocket.SocketState.UnconnectedState:
            self._end()

    def _trouble_of(self, error: QAbstractSocket.SocketError) -> Trouble:
        """What Qt's error means."""
        if any(words in self._reason for words in _WHO_ARE_YOU):
            return "signed_out"
        # For an answer that opens no socket Qt has only words, and the error of a refused one.
        if _NO_SOCKET in self._reason:
            return "faulty"
        return _TROUBLES.get(error, "")

    def _state(self, state: QAbstractSocket.SocketState) -> None:
        if state == QAbstractSocket.SocketState.UnconnectedState:
            # An error's text comes after the change of state.
            QTimer.singleShot(0, self, self._end)

    def _ping(self) -> None:
        self._pinged_s = monotonic_s()
        self._socket.ping()

    def _pong(self, _elapsed_ms: int, _payload: object) -> None:
        if self._receiver is not None:
            self._receiver.latency((monotonic_s() - self._pinged_s) * 1000)

    def _end(self) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is None:
            return
        self._pings.stop()
        self._reason = self._socket.closeReason() or self._reason
        if self._reason == SIGNED_OUT:
            self._trouble = "signed_out"
        self._tell_end(self._trouble)
        self.deleteLater()
        receiver.closed(self._reason, self._trouble)
