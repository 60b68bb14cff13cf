"""Weights as files of a spec: pinned in vedc.lock, refused when changed, replaced when missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from PIL import Image
from safetensors.numpy import save_file

from tests.error.support import run
from vedc.decide.lock.lock_file import Lock
from vedc.errors import LockError, MissingError, SpecError
from vedc.models.clean import network
from vedc.workspace.build import Build, Deciding, warnings_of
from vedc.workspace.deliver import deliver
from vedc.workspace.models.pins import digest

CALL = {"op": "clean", "asset": "mine", "strength": 0.1}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A picture, and weights under ``models/``."""
    ramp = np.linspace(0, 255, 64, dtype=np.uint8)
    Image.fromarray(np.tile(ramp[None, :, None], (48, 1, 3))).save(tmp_path / "ramp.png")
    (tmp_path / "models").mkdir()
    weights(tmp_path)
    return tmp_path


def weights(folder: Path, seed: int = 1) -> None:
    save_file(network.initial(seed), str(folder / "models/mine.safetensors"), {"arch": "clean"})


def spec(folder: Path, call: dict[str, Any] = CALL, **item: Any) -> Build:
    path = folder / "film.vedc.yaml"
    held = {
        "version": 1,
        "assets": {"mine": {"src": "models/mine.safetensors"}},
        "profile": {"width": 64, "height": 48, "fps": 25},
        "timeline": [{"image": "ramp.png", "duration": "2f", "effects": [call], **item}],
        "outputs": [{"path": "film.mkv", "codec": "ffv1", "pix_fmt": "gbrp10le"}],
    }
    path.write_text(yaml.safe_dump(held, sort_keys=False))
    return Build(path)


def vedc(*words: str) -> tuple[int, str]:
    answer = run(*words, folder=Path())
    return answer.exit, answer.out + answer.err


def test_lock_pins_the_file_and_names_what_runs_it(folder: Path) -> None:
    build = spec(folder)
    assert vedc("lock", str(build.spec))[0] == 0
    held = Lock.load(folder / "vedc.lock").models
    assert held["models/mine.safetensors"] == digest(folder / "models/mine.safetensors")
    assert held["nn"].startswith("cv ")
    assert vedc("lock", "--check", str(build.spec))[0] == 0


def test_a_file_without_a_digest_is_refused_under_locked(folder: Path) -> None:
    build = spec(folder)
    with pytest.raises(LockError) as caught:
        build.edits(Deciding(build, "locked"))
    assert [p.code for p in caught.value.problems] == ["not-pinned"]


def test_a_changed_file_is_refused_until_accepted(folder: Path) -> None:
    build = spec(folder)
    deliver(build, replace=True)
    old = digest(folder / "models/mine.safetensors")
    weights(folder, 2)
    new = digest(folder / "models/mine.safetensors")
    for command in ("validate", "render", "plan", "lock"):
        code, reported = vedc(command, str(build.spec), *(["-y"] if command == "render" else []))
        assert code == 5, (command, reported)
        flat = " ".join(reported.split())
        assert "model-changed" in flat and old in flat and new in flat
        assert "vedc lock --accept" in flat
    assert vedc("lock", "--accept", str(build.spec))[0] == 0
    assert Lock.load(folder / "vedc.lock").models["models/mine.safetensors"] == new
    assert vedc("render", "-y", str(build.spec))[0] == 0


def test_a_missing_file_is_an_error_with_both_fixes(folder: Path) -> None:
    build = spec(folder)
    deliver(build, replace=True)
    pin = digest(folder / "models/mine.safetensors")
    (folder / "models/mine.safetensors").unlink()
    with pytest.raises(MissingError) as caught:
        Build(folder / "film.vedc.yaml").edits()
    (problem,) = caught.value.problems
    assert problem.code == "weights-missing"
    assert "clean" in problem.message and pin in problem.message
    assert "models/mine.safetensors" in problem.message
    lines = (folder / "film.vedc.yaml").read_text().splitlines()
    assert problem.location is not None and problem.hint is not None
    assert "asset: mine" in lines[problem.location.line - 1]
    assert "put the file back" in problem.hint and "fallback:" in problem.hint
    assert vedc("validate", str(build.spec))[0] == 4


@pytest.mark.parametrize(
    ("fallback", "drawn"),
    [
        ("none", "nothing is done"),
        ("invert", "invert is drawn"),
        ({"op": "exposure", "stops": 1}, "exposure is drawn"),
    ],
)
def test_a_fallback_takes_the_place_of_a_missing_file(
    folder: Path, fallback: Any, drawn: str
) -> None:
    shutil.rmtree(folder / "models")
    build = spec(folder, CALL | {"fallback": fallback})
    deciding = Deciding(build)
    (edit,) = build.edits(deciding)
    (warning,) = warnings_of([edit], deciding)
    assert warning.code == "fallback-used" and drawn in warning.message
    code, reported = vedc("plan", str(build.spec))
    assert code == 0 and "fallback-used" in reported and drawn in reported
    answer = run("plan", "--json", str(build.spec), folder=folder)
    assert drawn in json.loads(answer.out)[0]["fallbacks"][0]
    deliver(build, replace=True)
    name = fallback if isinstance(fallback, str) else fallback["op"]
    calls = [call.op for call in edit.tracks[0].items[0].effects]
    assert calls == ([] if name == "none" else [name])


def test_a_fallback_is_drawn_within_the_mask_of_what_is_missing(folder: Path) -> None:
    shutil.rmtree(folder / "models")
    mask = {"op": "ellipse"}
    build = spec(folder, CALL | {"mask": mask, "fallback": "invert"})
    (call,) = build.edits()[0].tracks[0].items[0].effects
    assert call.op == "invert" and call.mask is not None and call.mask.op == "ellipse"


def test_while_the_file_is_there_a_fallback_changes_nothing(folder: Path) -> None:
    plain = spec(folder).edits()[0]
    given = spec(folder, CALL | {"fallback": "invert"}).edits()[0]
    assert given.tracks == plain.tracks and not given.warnings


def test_a_fallback_may_need_weights_that_are_missing_too(folder: Path) -> None:
    shutil.rmtree(folder / "models")
    inner = CALL | {"fallback": "invert"}
    build = spec(folder, CALL | {"fallback": inner})
    (call,) = build.edits()[0].tracks[0].items[0].effects
    assert call.op == "invert"
    with pytest.raises(MissingError):
        spec(folder, CALL | {"fallback": dict(CALL)}).edits()


def test_what_is_wrong_with_a_fallback_is_reported_where_it_is(folder: Path) -> None:
    for fallback, code in (("blurr", "unknown-op"), ({"op": "invert", "x": 1}, "unknown-key")):
        with pytest.raises(SpecError) as caught:
            spec(folder, CALL | {"fallback": fallback}).edits()
        assert {p.code for p in caught.value.problems} == {code}
    with pytest.raises(SpecError) as caught:
        spec(folder, {"op": "invert", "fallback": "sepia"}).edits()
    assert {p.code for p in caught.value.problems} == {"unknown-key"}


def test_a_runtime_other_than_the_locked_one_is_reported(folder: Path) -> None:
    build = spec(folder)
    deliver(build, replace=True)
    lock = folder / "vedc.lock"
    lock.write_text(lock.read_text().replace("nn: cv ", "nn: cv 0.1 "))
    code, reported = vedc("plan", str(build.spec))
    assert code == 0 and "nn-differs" in reported and "cv 0.1" in reported
    assert vedc("render", "-y", "--strict", str(build.spec))[0] == 3
    assert "nn: cv 0.1" in lock.read_text()  # a render does not rewrite it
    assert vedc("lock", str(build.spec))[0] == 0
    assert "nn: cv 0.1" not in lock.read_text()


def test_weights_of_another_version_are_refused(folder: Path) -> None:
    notes = {"arch": "clean", "version": "99"}
    save_file(network.initial(1), str(folder / "models/mine.safetensors"), notes)
    with pytest.raises(SpecError) as caught:
        spec(folder).edits()
    assert "version 99" in caught.value.problems[0].message
