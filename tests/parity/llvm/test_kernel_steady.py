"""The filter of `steady`: three implementations, and what it does to flicker, motion and noise."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import cv2
import numpy as np
import pytest

from vedc.kernels.temporal import steady

Array = np.ndarray[Any, np.dtype[np.float32]]


def pattern(rows: int, columns: int) -> Array:
    """Smooth texture (3, rows, columns), 0.1..0.9."""
    made = np.random.default_rng(rows).random((rows, columns, 3)).astype(np.float32)
    made = cv2.GaussianBlur(made, (0, 0), 2.0)
    made = (made - made.min()) / (made.max() - made.min())
    return np.ascontiguousarray(made.transpose(2, 0, 1)) * np.float32(0.8) + np.float32(0.1)


def panned(channels: int = 3, noise: float = 0.02) -> list[Array]:
    """Seven frames of texture that moves a pixel a frame."""
    seen, random = pattern(110, 130), np.random.default_rng(3)
    frames = []
    for k in range(7):
        frame = seen[:, 8:98, 5 + k : 105 + k]
        frame = np.clip(frame + random.normal(0, noise, frame.shape), 0, 1)
        if channels == 4:
            alpha = np.full((1, *frame.shape[1:]), 0.8)
            frame = np.concatenate([frame * alpha, alpha])
        frames.append(np.ascontiguousarray(frame, np.float32))
    return frames


@pytest.mark.parametrize("over", [0, 1, 3])
@pytest.mark.parametrize("channels", [3, 4])
def test_cpu_is_the_reference(channels: int, over: int) -> None:
    frames = panned(channels)
    before = [frame.copy() for frame in frames]
    made = steady.cpu(frames, over=over, strength=0.7)
    np.testing.assert_array_equal(frames, before)
    assert made.dtype == np.float32
    wanted = steady.reference([f.astype(np.float64) for f in frames], over=over, strength=0.7)
    np.testing.assert_allclose(made, wanted, rtol=0, atol=steady.TOLERANCE)


@pytest.mark.parametrize("size", [(1, 1), (9, 7), (31, 80)])
def test_pictures_without_a_flow(size: tuple[int, int]) -> None:
    frames = [np.full((3, *size), 0.4 + 0.01 * k, np.float32) for k in range(7)]
    made = steady.cpu(frames, over=3, strength=1.0)
    np.testing.assert_allclose(made, frames[3], rtol=0, atol=1e-3)


def test_over_none_is_the_frame() -> None:
    frames = panned()
    np.testing.assert_allclose(steady.cpu(frames, over=0, strength=1.0), frames[3], atol=1e-6)


def test_flicker_of_moving_texture_goes() -> None:
    """Brightness that jumps by a tenth, on a pan: less than a quarter of it stays."""
    rng = np.random.default_rng(0)
    still = panned(noise=0.0)
    jumps = rng.uniform(0.9, 1.1, 7)
    jumps[3] = 1.1
    frames = [np.float32(f * j) for f, j in zip(still, jumps, strict=True)]
    made = steady.cpu(frames, over=3, strength=1.0)
    inner = np.s_[:, 10:-10, 10:-10]
    before = np.abs(frames[3] - np.mean(jumps) * still[3])[inner].mean()
    after = np.abs(made - np.mean(jumps) * still[3])[inner].mean()
    assert after < 0.25 * before


def test_what_passes_leaves_no_ghost() -> None:
    """A bright square that is at another place in every frame is only where the frame has it."""
    frames = []
    for k in range(7):
        frame = np.full((3, 90, 160), 0.2, np.float32) + pattern(90, 160) * np.float32(0.2)
        frame[:, 30:60, 4 + 20 * k : 24 + 20 * k] = 0.9
        frames.append(frame)
    made = steady.cpu(frames, over=3, strength=1.0)
    assert np.abs(made - frames[3]).max() < 0.1
    ghosts = np.abs(made - frames[3])[:, 35:55, :60].max()
    assert ghosts < 0.05


def test_noise_falls_and_edges_stay() -> None:
    frames, clean = panned(noise=0.05), panned(noise=0.0)[3]
    made = steady.cpu(frames, over=3, strength=1.0)
    inner = np.s_[:, 10:-10, 10:-10]
    assert (made - clean)[inner].std() < 0.6 * (frames[3] - clean)[inner].std()


def test_the_number_of_threads_changes_no_bit() -> None:
    frames, before = [cv2.resize(f.transpose(1, 2, 0), (640, 400)) for f in panned()], None
    layers = [np.ascontiguousarray(f.transpose(2, 0, 1)) for f in frames]
    was = cv2.getNumThreads()
    try:
        for count in (1, 3):
            cv2.setNumThreads(count)
            made = steady.cpu(layers, over=2, strength=0.8)
            assert before is None or np.array_equal(made, before)
            before = made
    finally:
        cv2.setNumThreads(was)


def test_torch_and_triton_are_the_reference() -> None:
    """In the interpreter, in a separate process."""
    pytest.importorskip("triton")
    code = (
        "import json, numpy as np, torch\n"
        "from tests.parity.llvm.test_kernel_steady import panned\n"
        "from tests.interpreter import patch_once_a_launch\n"
        "from vedc.kernels.temporal import steady\n"
        "patch_once_a_launch()\n"
        "offs = []\n"
        "for channels in (3, 4):\n"
        "    f = [np.ascontiguousarray(x[:, :48, :56]) for x in panned(channels)]\n"
        "    got = steady.gpu([torch.from_numpy(x) for x in f], over=1, strength=0.7).numpy()\n"
        "    want = steady.reference([x.astype(float) for x in f], over=1, strength=0.7)\n"
        "    offs.append(float(np.abs(got - want).max()))\n"
        "print(json.dumps(offs))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert max(json.loads(done.stdout)) < steady.TOLERANCE
