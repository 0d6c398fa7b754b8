"""Keys are made once, kept closed, rotated, and old public ones stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.audit import AuditError, KeyRing, read_public_keys


def test_made_at_first_and_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "j.audit"
    key_id, _ = KeyRing(folder).current
    assert (folder / "private.pem").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert KeyRing(folder).current[0] == key_id
    assert list(read_public_keys(folder / "public")) == [key_id]
    assert not list(tmp_path.rglob("*.new"))


def test_rotated_while_somebody_else_signs(tmp_path: Path) -> None:
    signing, console = KeyRing(tmp_path), KeyRing(tmp_path)
    old = signing.current[0]
    new = console.rotate()
    assert new != old
    assert signing.current[0] == new
    assert set(read_public_keys(signing.public_folder)) == {old, new}
    assert list(read_public_keys(signing.public_file)) == [new]


def test_one_file_may_hold_all_keys(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path)
    ring.rotate()
    together = tmp_path / "trusted"
    together.write_bytes(b"".join(f.read_bytes() for f in ring.public_folder.glob("*.pem")))
    assert len(read_public_keys(together)) == 2


def test_a_key_open_to_others_is_not_used(tmp_path: Path) -> None:
    KeyRing(tmp_path)
    (tmp_path / "private.pem").chmod(0o644)
    with pytest.raises(AuditError, match="rotate"):
        KeyRing(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_key_that_is_none(tmp_path: Path, content: bytes) -> None:
    KeyRing(tmp_path)
    (tmp_path / "private.pem").write_bytes(content)
    with pytest.raises(AuditError, match="no usable"):
        KeyRing(tmp_path)


def test_public_keys_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(AuditError, match="no public key"):
        read_public_keys(tmp_path)
    with pytest.raises(AuditError, match="no public key"):
        read_public_keys(tmp_path / "none.pem")
    file = tmp_path / "bad.pem"
    file.write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    with pytest.raises(AuditError, match="no usable"):
        read_public_keys(file)
