"""Films of damaged sources: what the commands say, now and from the store, and --strict."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.media.zoo.pictures import sizes
from tests.media.zoo.video import wiped


def render(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "vedc", "render", "edit.vedc.yaml", *options],
        cwd=folder,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    wiped(tmp_path / "clip.mov", (20, 21, 22, 40), "prores_ks", pix_fmt="yuv422p10le")
    write(tmp_path, "")
    return tmp_path


def write(folder: Path, keys: str) -> None:
    (folder / "edit.vedc.yaml").write_text(
        f"version: 1\ntimeline:\n  - {{clip: clip.mov, out: 1.5s{keys}}}\n"
        f"  - {{clip: clip.mov, in: 1s}}\n"
    )


def test_damage_is_reported_once_with_times_and_count(folder: Path) -> None:
    """Frames 20, 21 and 22 last from 0.80 s to 0.92 s, frame 40 from 1.60 s to 1.64 s."""
    for _ in range(2):  # rendered, then from the store
        done = render(folder, "-y")
        assert done.returncode == 0
        assert done.stderr.count("damaged from") == 1
        assert "edit.vedc.yaml:3:5: warning[damage-concealed]" in done.stderr
        reported = "damaged from 0.80 s to 0.92 s, 1.60 s to 1.64 s: 4 frames are concealed"
        assert reported in done.stderr
    (output,) = json.loads(render(folder, "-y", "--json").stdout)
    assert [warning["code"] for warning in output["warnings"]] == ["damage-concealed"]
    (folder / "edit.vedc.yaml").write_text(
        "version: 1\ntimeline: [{clip: clip.mov, in: 1s, out: 1.5s}]\n"
    )
    assert "damage" not in render(folder, "-y").stderr


def test_strict_and_on_damage_refuse_it(folder: Path) -> None:
    for _ in range(2):
        done = render(folder, "--strict")
        assert done.returncode == 1 and "error[damage-concealed]" in done.stderr
        assert not (folder / "edit.mp4").exists()
    write(folder, ", on_damage: error")
    done = render(folder)
    assert done.returncode == 1 and not (folder / "edit.mp4").exists()
    assert "edit.vedc.yaml:3:5: error[damaged-media]" in done.stderr
    assert "is damaged at 0.80 s" in done.stderr
    write(folder, ", on_damage: conceal")
    assert render(folder).returncode == 0


def test_a_change_of_size_is_reported(tmp_path: Path) -> None:
    """Four frames of each size, the second from 0.16 s on."""
    sizes(tmp_path / "clip.h264", (96, 64), (192, 128))
    spec = tmp_path / "edit.vedc.yaml"
    spec.write_text("version: 1\ntimeline: [{clip: clip.h264}]\n")
    reported = "changes its size, first shown at 0.16 s: scaled to 96x64"
    for _ in range(2):  # rendered, then from the store
        done = render(tmp_path, "-y")
        assert done.returncode == 0
        assert "edit.vedc.yaml:2:12: warning[size-changes]" in done.stderr
        assert done.stderr.count(reported) == 1
    assert render(tmp_path, "-y", "--strict").returncode == 1
    spec.write_text("version: 1\ntimeline: [{clip: clip.h264, out: 0.16s}]\n")
    assert "size" not in render(tmp_path, "-y").stderr
