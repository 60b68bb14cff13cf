"""``vedc model``: listed, described, added, exported and verified."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from safetensors.numpy import save_file

from tests import foreign
from tests.error.support import run
from vedc.decide.lock.lock_file import Lock
from vedc.models.clean import network
from vedc.nn.run import run as run_network
from vedc.workspace.models.pins import digest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "given").mkdir()
    notes = {"arch": "clean", "licence": "CC0", "made": "by hand"}
    save_file(network.initial(3), str(tmp_path / "given/mine.safetensors"), notes)
    return tmp_path


def reported(folder: Path, *words: str) -> Any:
    answer = run("model", *words, "--json", folder=folder)
    return json.loads(answer.out)


def test_ls_lists_what_vedc_has_and_what_lies_below(folder: Path) -> None:
    foreign.soft(folder / "given/soft.onnx")
    (folder / "given/broken.onnx").write_bytes(b"nothing")
    found = {each["name"]: each for each in reported(folder, "ls")}
    assert found["clean"]["arch"] == "clean" and found["clean"]["gmac_720p"] > 1
    assert found["given/mine.safetensors"]["licence"] == "CC0"
    assert found["given/soft.onnx"]["ops"] == {"Conv": 1}
    assert "not an ONNX file" in found["given/broken.onnx"]["problem"]
    text = run("model", "ls", folder=folder).out
    assert "given/broken.onnx" in text and "cannot be used" in text


def test_info_describes_the_weights(folder: Path) -> None:
    found = reported(folder, "info", "given/mine.safetensors")
    size = sum(int(np.prod(shape)) for shape in network.shapes().values())
    assert (
        found["parameters"] == size and found["window"] == [1, 1] and found["takes"] == ["strength"]
    )
    text = run("model", "info", "clean", folder=folder).out
    assert "Apache-2.0" in text and "GMAC for 1280x720" in text and "clean.md" in text
    assert f"{size:,} parameters" in text


def test_add_copies_and_pins(folder: Path) -> None:
    answer = run("model", "add", "given/mine.safetensors", folder=folder)
    assert answer.exit == 0 and "assets: {mine: {src: models/mine.safetensors}}" in answer.out
    copy = folder / "models/mine.safetensors"
    assert copy.read_bytes() == (folder / "given/mine.safetensors").read_bytes()
    pins = Lock.load(folder / "vedc.lock").models
    assert pins == {"models/mine.safetensors": digest(copy)}
    assert run("model", "add", "given/mine.safetensors", folder=folder).exit == 0  # the same file
    save_file(network.initial(4), str(folder / "given/mine.safetensors"), {"arch": "clean"})
    again = run("model", "add", "given/mine.safetensors", folder=folder)
    assert again.exit == 2 and "-y replaces it" in again.err
    assert run("model", "add", "-y", "given/mine.safetensors", folder=folder).exit == 0
    assert Lock.load(folder / "vedc.lock").models["models/mine.safetensors"] == digest(copy)


@pytest.mark.parametrize(
    ("words", "exit", "said"),
    [
        (("add", "none.safetensors"), 4, "no network or file"),
        (("add", "given/text.safetensors"), 1, "cannot be used"),
        (("add", "given/mine.safetensors", "--to", "../elsewhere"), 2, "outside this folder"),
        (("info", "claen"), 4, "did you mean 'clean'"),
        (("export", "clean", "-o", "x.onnx"), 2, "--set strength=NUMBER"),
        (("export", "clean", "-o", "x.onnx", "--set", "strength"), 2, "NAME=NUMBER"),
        (("ls", "nowhere"), 4, "no folder"),
    ],
)
def test_mistakes(folder: Path, words: tuple[str, ...], exit: int, said: str) -> None:
    (folder / "given/text.safetensors").write_text("no weights at all")
    answer = run("model", *words, folder=folder)
    flat = " ".join(answer.err.split())
    assert said in flat and "Traceback" not in answer.err
    assert answer.exit == exit, answer.err
    assert not (folder.parent / "elsewhere").exists()


def test_export_is_sound_onnx_of_any_size(folder: Path) -> None:
    """By the onnx package's checker, and by onnxruntime against the NumPy reference."""
    file = folder / "clean.onnx"
    words = ("export", "clean", "-o", "clean.onnx", "--set", "strength=0.08")
    assert run("model", *words, folder=folder).exit == 0
    model = onnx.load(str(file))
    onnx.checker.check_model(model, full_check=True)
    notes = {pair.key: pair.value for pair in model.metadata_props}
    assert notes["vedc.window"] == "3" and notes["vedc.strength"] == "0.08"
    held = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    random = np.random.default_rng(1)
    for height, width in ((160, 128), (136, 152)):
        layers = [random.random((3, height, width), np.float32) for _ in range(3)]
        wanted = run_network("clean", layers, {"strength": 0.08}, "numpy")
        (made,) = held.run(None, {"x": np.concatenate(layers)[None]})
        inner = (slice(None), slice(48, -48), slice(48, -48))
        # Beyond the edge the op repeats pixels, and the plain graph has zeros.
        assert np.abs(made[0] - wanted)[inner].max() < 1e-4
    assert run("model", *words, folder=folder).exit == 2  # it exists


@pytest.mark.slow
def test_verify_compares_digests_and_runtimes(folder: Path) -> None:
    foreign.soft(folder / "given/soft.onnx")
    found = {each["name"]: each for each in reported(folder, "verify", "--allow-models")}
    assert not any(each["problems"] for each in found.values())
    assert any("cv is within" in check for check in found["clean"]["checks"])
    assert any("ort is within" in check for check in found["clean"]["checks"])
    assert any("its card states" in check for check in found["clean"]["checks"])
    assert any("it runs" in check for check in found["given/soft.onnx"]["checks"])
    (unrun,) = reported(folder, "verify", "given/soft.onnx")
    assert any("--allow-models" in check for check in unrun["checks"])


def test_verify_says_what_is_wrong(folder: Path) -> None:
    run("model", "add", "given/mine.safetensors", folder=folder)
    save_file(network.initial(9), str(folder / "models/mine.safetensors"), {"arch": "clean"})
    answer = run("model", "verify", "models/mine.safetensors", folder=folder)
    assert answer.exit == 1 and "wrong: vedc.lock pins" in answer.out
    foreign.not_finite(folder / "log.onnx")
    answer = run("model", "verify", "log.onnx", "--allow-models", folder=folder)
    assert answer.exit == 1 and "not finite" in answer.out
