"""Training the shot network from a folder of footage to weights that are found good to use."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("optuna")

from vedc.decide.analyses.results import HeldThumbs
from vedc.decide.shots import detect_network
from vedc.models import network_weights
from vedc.models.cuts import network
from vedc.train.cuts import evaluate
from vedc.train.cuts.settings import Settings, TrainingProgress
from vedc.train.cuts.training import train


def clip(path: Path, seed: int) -> None:
    """Sixty frames of soft noise that pans."""
    path.parent.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    wide = cv2.resize(rng.integers(0, 256, (8, 20, 3), dtype=np.uint8), (300, 108))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 192, 108, "yuv420p"
        for i in range(60):
            picture = np.ascontiguousarray(wide[:, i : i + 192])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


@pytest.mark.slow
def test_footage_becomes_weights_with_a_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed, name in enumerate(("harbour", "market", "meadow")):
        clip(tmp_path / "clips" / name / "take.mp4", seed)
    quick = {"network", "classical"}
    monkeypatch.setattr(
        evaluate,
        "DETECTORS",
        {k: v for k, v in evaluate.DETECTORS.items() if k in quick},
    )
    settings = Settings(
        steps=4, batch=2, frames=40, check=2, searches=3, half=False,
        short=(2, 60), validated=(2, 80), tested=(3, 80),
    )  # fmt: skip
    reported: list[TrainingProgress] = []
    file = train(tmp_path / "clips", tmp_path / "out", settings, progress=reported.append)

    read = network_weights.load(file, network.shapes())
    assert detect_network.Thresholds.of(read.notes)
    assert (
        detect_network.detect(HeldThumbs(np.zeros((20, 27, 48, 3), np.uint8), Fraction(25)), file)
        == []
    )
    card = file.with_suffix(".md").read_text()
    for part in ("harbour", "market", "meadow", read.digest, "| cut@0 |", "network - classical"):
        assert part in card, part
    assert {t.stage for t in reported} >= {"footage", "validate", "thresholds", "test"}
    parts = [line.split("|")[3].strip() for line in card.splitlines() if "take.mp4" in line]
    assert sorted(parts) == ["test", "train", "validation"]

    before = read.arrays["out.weight"].copy()
    again = train(tmp_path / "clips", tmp_path / "out", settings)  # it has nothing left to do
    assert (network_weights.load(again, network.shapes()).arrays["out.weight"] == before).all()
