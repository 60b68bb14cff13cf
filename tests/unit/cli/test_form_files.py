"""``vedc fmt`` on files as editors leave them."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from vedc.cli import app

SPEC = "version: 1\ntimeline:\n- {color: red,  duration: 1s} # é\noutputs: [{path: a.mp4}]\n"
MADE = "version: 1\ntimeline:\n  - {color: red, duration: 1s} # é\noutputs: [{path: a.mp4}]\n"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_line_ends_byte_order_mark_and_permissions_stay(
    tmp_path: Path, ends: str, mark: bytes
) -> None:
    file = tmp_path / "edit.vedc.yaml"
    file.write_bytes(mark + SPEC.replace("\n", ends).encode())
    file.chmod(0o640)
    link = tmp_path / "link.vedc.yaml"
    link.symlink_to(file)
    assert CliRunner().invoke(app, ["fmt", str(link)]).exit_code == 0
    assert file.read_bytes() == mark + MADE.replace("\n", ends).encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640 and link.is_symlink()
    assert CliRunner().invoke(app, ["fmt", "--check", str(file)]).exit_code == 0
