"""Files with one part that cannot be played: the other is used where it is all that is needed."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
import yaml

from tests.media.zoo.video import renamed
from vedc.errors import UserError
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver


def spec(folder: Path, **keys: object) -> Build:
    path = folder / "edit.vedc.yaml"
    output = {"path": "film.mkv", "codec": "ffv1", "audio_codec": "flac"}
    profile = {"width": 32, "height": 32, "fps": 25}
    path.write_text(yaml.safe_dump({"version": 1, "profile": profile, "outputs": [output], **keys}))
    return Build(path)


COLOR = [{"color": "red", "duration": "1s"}]


def test_a_picture_without_a_decoder_does_not_block_its_sound(tmp_path: Path) -> None:
    renamed(tmp_path / "a.mov", b"m2v1")
    build = spec(tmp_path, timeline=COLOR, audio=[{"clip": "a.mov"}])
    (report,) = deliver(build)
    assert report.warnings == []
    with av.open(report.target) as film:
        peak = max(abs(frame.to_ndarray().astype(float)).max() for frame in film.decode(audio=0))
    assert peak > 1000
    with pytest.raises(UserError) as caught:
        spec(tmp_path, timeline=[{"clip": "a.mov"}]).edits()
    (problem,) = caught.value.problems
    assert problem.code == "unsupported-codec" and problem.hint and problem.location


def test_a_sound_without_a_decoder_is_reported_unless_it_is_muted(tmp_path: Path) -> None:
    renamed(tmp_path / "a.mov", b"sowt")
    (edit,) = spec(tmp_path, timeline=[{"clip": "a.mov"}]).edits()
    (warning,) = edit.warnings
    assert warning.code == "unsupported-codec" and "sound" in warning.message
    (edit,) = spec(tmp_path, timeline=[{"clip": "a.mov", "mute": True}]).edits()
    assert edit.warnings == ()
    with pytest.raises(UserError) as caught:
        spec(tmp_path, timeline=COLOR, audio=[{"clip": "a.mov"}]).edits()
    (problem,) = caught.value.problems
    assert problem.code == "unsupported-codec" and problem.hint and problem.location
