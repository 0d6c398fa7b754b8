"""`certs`, and what `serve` and `simulate` refuse to do in the clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from main import main


def test_certs_makes_the_files_and_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    folder = tmp_path / "certificates"
    assert main(["certs", "--out", str(folder), "--host", "trellis.example"]) == 0
    said = capsys.readouterr().out
    for part in ("A new authority", "trellis.example, localhost", f"--key {folder}/server.key"):
        assert part in said
    assert main(["certs", "--out", str(folder)]) == 0
    assert "stays as it is" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (["serve", "--listen", "0.0.0.0:0"], "--insecure"),
        (["serve", "--listen", "127.0.0.1:0", "--cert", "a.pem"], "belong together"),
        (["serve", "--listen", "0.0.0.0:0", "--cert", "a.pem", "--key", "b"], "a.pem"),
        (["simulate", "--server", "http://192.0.2.1:8790"], "--insecure"),
        (["simulate", "--server", "https://127.0.0.1:1", "--authority", "none.pem"], "none.pem"),
    ],
)
def test_what_is_refused(
    command: list[str],
    why: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.setenv("TRELLIS_TOKEN", "a-token-of-a-desk")
    assert main(command) == 1
    assert why in capsys.readouterr().err
