"""``vedc train clean`` from footage to a film that uses its weights: tiny, to the end."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.error.support import run
from vedc.train.clean import figures, training

pytest.importorskip("torch")


def footage(folder: Path, height: int = 256, width: int = 288) -> None:
    """Pictures of soft shapes, enough for three parts."""
    clips = folder / "clips"
    clips.mkdir()
    y, x = np.mgrid[:height, :width] / 256
    for number in range(12):
        waves = [np.sin((3 + number + c) * x + (2 + c) * y * number) for c in range(3)]
        picture = np.uint8((0.5 + 0.4 * np.stack(waves, -1)) * 255)
        Image.fromarray(picture).save(clips / f"picture{number}.png")


@pytest.mark.slow
def test_trained_weights_are_used_by_a_film(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    footage(tmp_path)
    # The measurements do not matter here, and take most of the time.
    monkeypatch.setattr(figures, "STRENGTHS", (1.0,))
    monkeypatch.setattr(figures, "_SIDE", 64)
    monkeypatch.setattr(training, "_VALIDATED", 2)
    command = ("train", "clean", "--clips", "clips", "-o", "trained", "--steps", "2")
    answer = run(*command, folder=tmp_path)
    assert answer.exit == 0, answer.err
    weights, card = tmp_path / "trained/clean.safetensors", tmp_path / "trained/clean.md"
    assert weights.is_file() and "vedc train clean --clips clips" in card.read_text()
    assert run("model", "verify", "trained/clean.safetensors", folder=tmp_path).exit == 0
    (tmp_path / "film.vedc.yaml").write_text(
        "version: 1\n"
        "profile: {width: 64, height: 48, fps: 25}\n"
        "timeline:\n"
        "  - image: clips/picture1.png\n"
        "    duration: 2f\n"
        "    effects: [{op: clean, src: trained/clean.safetensors, strength: 0.1}]\n"
        "outputs: [{path: film.mkv}]\n"
    )
    assert run("render", "film.vedc.yaml", folder=tmp_path).exit == 0
    assert (tmp_path / "film.mkv").stat().st_size > 0


def test_pictures_that_are_too_small_are_refused(tmp_path: Path) -> None:
    footage(tmp_path, 160, 200)
    command = ("train", "clean", "--clips", "clips", "-o", "trained", "--steps", "2")
    answer = run(*command, folder=tmp_path)
    assert answer.exit == 4 and "at least 240 pixels" in " ".join(answer.err.split())
