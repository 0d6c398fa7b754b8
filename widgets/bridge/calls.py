"""How a call to the server is made, whoever makes it."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtNetwork import QNetworkRequest, QSslConfiguration


def call_request(
    address: str, trust: QSslConfiguration, timeout_ms: int, bearer: str = ""
) -> QNetworkRequest:
    """A request to `address`, given up after `timeout_ms`, on a connection of its own.

    Minutes may lie between two calls. A connection that was kept so long is often dead when it is
    needed (the server closed it, a firewall forgot it), and what is sent into it gets no answer
    until the time is out: a dispatch would wait for eight seconds. A fresh one costs milliseconds.
    """
    request = QNetworkRequest(QUrl(address))
    request.setSslConfiguration(trust)
    request.setTransferTimeout(timeout_ms)
    request.setRawHeader(b"Connection", b"close")
    if bearer:
        request.setRawHeader(b"Authorization", b"Bearer " + bearer.encode())
    return request
