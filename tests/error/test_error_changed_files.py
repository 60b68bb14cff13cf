"""Files that change while a film is rendered: nothing wrong is stored or written."""

from __future__ import annotations

import os
import wave
from pathlib import Path

import pytest
import yaml
from PIL import Image

from tests.media.zoo import ENTRIES
from vedc.errors import RenderError
from vedc.execute.progress import Silent
from vedc.execute.store import Store
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

SPEC = """\
version: 1
profile: {width: 32, height: 32, fps: 10}
timeline: [{image: still.png, duration: 1s, grade: [{op: lut, src: look.cube}]}]
audio: [{clip: tone.wav}]
outputs: [{path: film.mkv}]
"""


class Changing(Silent):
    """Rewrites a file of the spec when ``stage`` begins, with the same size and mtime."""

    def __init__(self, file: Path, stage_name: str, data: bytes) -> None:
        self.file, self.stage_name, self.data = file, stage_name, data

    def stage(self, name: str) -> None:
        if name == self.stage_name:
            before = self.file.stat()
            self.file.write_bytes(self.data)
            os.utime(self.file, ns=(before.st_atime_ns, before.st_mtime_ns))


def project(folder: Path) -> Build:
    (folder / "edit.yaml").write_text(SPEC)
    Image.new("RGB", (32, 32), (200, 10, 10)).save(folder / "still.png")
    (folder / "look.cube").write_text("LUT_1D_SIZE 2\n0 0 0\n1 1 1\n")
    with wave.open(str(folder / "tone.wav"), "wb") as file:
        file.setparams((1, 2, 48000, 0, "NONE", ""))
        file.writeframes(bytes(96000))
    return Build(folder / "edit.yaml")


@pytest.mark.parametrize("name", ["still.png", "look.cube", "tone.wav"])
def test_a_file_that_changes_during_a_render(tmp_path: Path, name: str) -> None:
    build = project(tmp_path)
    file = tmp_path / name
    whole = file.read_bytes()
    other = whole[:-2] + bytes([whole[-2] ^ 1]) + whole[-1:]
    with pytest.raises(RenderError, match="media-changed") as caught:
        deliver(build, progress=Changing(file, "render", other))
    assert name in caught.value.problems[0].message
    assert not (tmp_path / "film.mkv").exists()
    assert all(entry.kind == "audio" for entry in Store(build.folder).ls())
    file.write_bytes(whole)
    (summary,) = deliver(build)
    assert summary.frames == 10 and (tmp_path / "film.mkv").exists()


def test_a_file_that_is_written_again_with_the_same_bytes(tmp_path: Path) -> None:
    build = project(tmp_path)
    file = tmp_path / "still.png"
    deliver(build, progress=Changing(file, "render", file.read_bytes()))
    assert (tmp_path / "film.mkv").exists()


@pytest.mark.parametrize("name", ["a.svg", "16.png", "a.pfm", "a.psd", "even.gif", "even.png"])
def test_pictures_of_other_kinds_that_change(tmp_path: Path, name: str) -> None:
    entry = next(entry for entry in ENTRIES if entry.name == name)
    entry.make(tmp_path / name)
    (tmp_path / "edit.yaml").write_text(yaml.safe_dump(entry.spec()))
    whole = (tmp_path / name).read_bytes()
    other = whole.replace(b"200,40,30", b"200,40,31") if name == "a.svg" else whole[:-1] + b"\1"
    assert other != whole and len(other) == len(whole)
    with pytest.raises(RenderError, match="media-changed") as caught:
        deliver(Build(tmp_path / "edit.yaml"), progress=Changing(tmp_path / name, "render", other))
    assert name in caught.value.problems[0].message
    assert not (tmp_path / "film.mkv").exists()
