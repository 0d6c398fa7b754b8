"""Locks between processes, ports that are open before anybody answers."""

from __future__ import annotations

import gc
import socket
from pathlib import Path

import pytest

from console.process import garbage_left_alone, lock_exclusively, open_ports


def test_a_file_is_locked_once(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("ab") as one, path.open("ab") as two:
        assert lock_exclusively(one)
        assert not lock_exclusively(two)
    with path.open("ab") as three:
        assert lock_exclusively(three)


def test_who_comes_before_anybody_answers_waits() -> None:
    (port,) = open_ports("127.0.0.1", 0)
    with port, socket.create_connection(port.getsockname(), timeout=5) as early:
        early.sendall(b"anybody there?")
        taken, _ = port.accept()
        with taken:
            assert taken.recv(99) == b"anybody there?"


def test_a_name_with_two_addresses_is_listened_at_both() -> None:
    opened = open_ports("", 0)
    families = {each.family for each in opened}
    for each in opened:
        each.close()
    assert len(families) == len(opened) >= 1


def test_a_port_that_is_taken_is_not_shared() -> None:
    (port,) = open_ports("127.0.0.1", 0)
    with port, pytest.raises(OSError, match="in use"):
        open_ports("127.0.0.1", port.getsockname()[1])


def test_garbage_is_looked_for_again_afterwards() -> None:
    with pytest.raises(ZeroDivisionError), garbage_left_alone():
        assert not gc.isenabled()
        raise ZeroDivisionError
    assert gc.isenabled()
