"""Filters in a row: in step, whatever the rate and the blocks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from vedc.audio.signal.chain import Chain
from vedc.plan.settings import Curve, Point, SoundFilter

DENOISE = SoundFilter("afftdn", "noise_reduction=12:noise_floor=-50")
EQ = SoundFilter("equalizer", "frequency=1000:width_type=q:width=1:gain=3:precision=f64")


@pytest.mark.parametrize("rate", [8000, 44100, 96000])
@pytest.mark.parametrize("size", [7777, 100])
def test_what_comes_out_is_late_by_the_latency(rate: int, size: int) -> None:
    sound = np.random.default_rng(0).normal(0, 1e-4, (2, 2 * rate)).astype(np.float32)
    sound[:, rate] = 0.9
    chain = Chain([DENOISE, EQ], rate, "stereo")
    blocks = [sound[:, at : at + size] for at in range(0, sound.shape[1], size)]
    made = [chain.process(block) for block in blocks]
    assert [each.shape for each in made] == [block.shape for block in blocks]
    assert int(np.abs(np.concatenate(made, axis=1)[0]).argmax()) == rate + chain.latency


def test_filters_without_a_latency_do_not_depend_on_the_blocks() -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, (2, 48000)).astype(np.float32)
    squeeze = SoundFilter("acompressor", "threshold=0.1:ratio=4")
    whole = Chain([squeeze, EQ], 48000, "stereo").process(sound)
    chain = Chain([squeeze, EQ], 48000, "stereo")
    assert chain.latency == 0
    parts = [chain.process(sound[:, at : at + 7001]) for at in range(0, 48000, 7001)]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, atol=1e-7)


def test_a_moving_parameter_counts_from_the_first_sample() -> None:
    curve = Curve((Point(Fraction(0), -12.0), Point(Fraction(48000), 12.0)), (-40, 40), 240)
    moving = SoundFilter("volume", "volume=0dB:eval=once", (("volume", curve, True),))
    ones = np.full((1, 48000 + 2000), 0.1, np.float32)
    made = Chain([moving], 48000, "mono", at=-2000).process(ones)[0, 2000:]
    wanted = 0.1 * 10 ** ((-12 + 24 * np.arange(48000) / 48000) / 20)
    assert np.abs(20 * np.log10(made / wanted)).max() < 0.3
