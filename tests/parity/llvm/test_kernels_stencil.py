"""The stencil kernels: CPU and Triton code against the definition of each."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.parity.llvm.kernel_cases import CASES, LARGE_CASES, layer, module, named
from vedc.kernels import gaussian

SHAPES = [(3, 41, 67), (4, 9, 7), (4, 1, 1)]


@pytest.mark.parametrize("case", CASES + LARGE_CASES, ids=named)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_cpu_is_the_reference(
    shape: tuple[int, int, int], case: tuple[str, dict[str, Any]]
) -> None:
    kernel, arguments = case
    seen = layer(*shape)
    before = seen.copy()
    made = module(kernel).cpu(seen, **arguments)
    assert made.dtype == np.float32 and made.shape == seen.shape
    np.testing.assert_array_equal(seen, before)
    wanted = module(kernel).reference(seen.astype(np.float64), **arguments)
    np.testing.assert_allclose(made, wanted, rtol=0, atol=module(kernel).TOLERANCE)


@pytest.fixture
def threads() -> Iterator[None]:
    before = cv2.getNumThreads()
    yield
    cv2.setNumThreads(before)


@pytest.mark.usefixtures("threads")
@pytest.mark.parametrize("kernel", sorted({kernel for kernel, _ in CASES}))
def test_the_number_of_threads_changes_no_bit(kernel: str) -> None:
    """On a picture large enough for OpenCV to share the work out."""
    arguments = next(a for k, a in reversed(CASES) if k == kernel)
    seen = layer(3, 400, 500)
    made = []
    for count in (1, 2, 5):
        cv2.setNumThreads(count)
        made.append(module(kernel).cpu(seen, **arguments))
    np.testing.assert_array_equal(made[0], made[1])
    np.testing.assert_array_equal(made[0], made[2])


@pytest.mark.parametrize("case", CASES + LARGE_CASES, ids=named)
def test_a_constant_stays(case: tuple[str, dict[str, Any]]) -> None:
    """Blurs keep the light, up to the edges."""
    kernel, arguments = case
    arguments = {name: value for name, value in arguments.items() if name != "relief"}
    seen = np.full((4, 30, 45), 0.625, np.float32)
    made = module(kernel).cpu(seen, **arguments)
    tolerance = module("median").TOLERANCE if kernel == "median" else 2e-6
    np.testing.assert_allclose(made, 0.625, rtol=0, atol=tolerance)


@pytest.mark.parametrize("sigma", [5.0, 5.3, 8.0, 10.0, 12.0, 25.0, 47.0, 200.0])
def test_a_reduced_gaussian_keeps_its_width(sigma: float) -> None:
    """The spread of a point: its mean place and its variance, and the promised error."""
    size = int(2 * np.ceil(5 * sigma)) + 64
    middle = size // 2 - 1
    step = np.zeros((3, 1, size), np.float32)
    step[:, :, middle:] = 1.0
    made = gaussian.cpu(step, sigma=sigma)[0, 0].astype(np.float64)
    spread, place = np.diff(made), np.arange(size - 1) + 1 - middle
    assert np.sum(spread * place) == pytest.approx(0.0, abs=0.02)
    assert np.sum(spread * place**2) == pytest.approx(sigma**2, rel=5e-3)
    wanted = gaussian.reference(step.astype(np.float64), sigma=sigma)[0, 0]
    assert np.abs(made - wanted).max() < 1.5e-4


def test_triton_code_in_the_interpreter() -> None:
    """Every kernel's GPU code, on a small picture, in a separate process."""
    pytest.importorskip("triton")
    done = subprocess.run(
        [sys.executable, "-m", "tests.parity.llvm.kernel_cases"],
        env=os.environ | {"TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [r["case"] for r in rows] == [named(c) for c in CASES]
    for r in rows:
        assert r["difference"] <= module(r["kernel"]).TOLERANCE, r


_COMPILE = """
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from vedc.kernels import jit

constants = {"STEP": 2, "BLOCK": 512, "LARGEST": True, "CHANNELS": 4}
floats = {"xx", "xy", "x0", "yx", "yy", "y0", "near", "alike", "scale"}
floats |= {"stretch", "flat", "cell", "half"}
own = {"even_sectors": {"radius": "fp32"}, "line_mean": {"length": "fp32"}}  # whole elsewhere
pointers = {n: "*fp32" for n in ("source", "target", "weights", "turned")}
pointers |= {n: "*fp32" for n in ("ways", "along", "places")}
pointers |= {n: "*i32" for n in ("dy", "dx", "widths")}
for name, kernel in vars(jit).items():
    if not isinstance(kernel, triton.runtime.jit.JITFunction):
        continue
    # Triton makes a whole number that is 1 a constant: what then becomes of the code?
    sizes = {"rows", "columns", "high", "wide"}
    for ones in (set(), sizes | {"radius", "patch", "search", "taps", "inner"}):
        given = {n: constants[n] for n in kernel.arg_names if n in constants}
        fixed = own.get(name, {})
        given |= {n: 1 for n in kernel.arg_names if n in ones - set(fixed)}
        types = {
            n: "constexpr" if n in given else pointers.get(n, "fp32" if n in floats else "i32")
            for n in kernel.arg_names
        } | fixed
        made = triton.compile(ASTSource(kernel, types, given), target=GPUTarget("cuda", 90, 32))
        print(name, ".target sm_90" in made.asm["ptx"])
"""


def test_triton_code_compiles_for_a_gpu(tmp_path: Path) -> None:
    """To PTX, which takes no GPU. The interpreter accepts what a compiler does not."""
    pytest.importorskip("triton")
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    environment["TRITON_CACHE_DIR"] = str(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", _COMPILE], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    made = dict(line.split() for line in done.stdout.splitlines())
    assert len(made) == 10 and set(made.values()) == {"True"}


@pytest.mark.parametrize("case", CASES + LARGE_CASES, ids=named)
def test_an_opaque_picture_needs_no_alpha(case: tuple[str, dict[str, Any]]) -> None:
    """With an alpha plane of ones the colours are the same as without, and it stays ones."""
    kernel, arguments = case
    seen = layer(3, 25, 33)
    covered = np.concatenate([seen, np.ones((1, 25, 33), np.float32)])
    for compute, exact in ((module(kernel).reference, 1e-12), (module(kernel).cpu, 2e-6)):
        dtype = np.float64 if exact < 1e-9 else np.float32
        alone = compute(seen.astype(dtype), **arguments)
        together = compute(covered.astype(dtype), **arguments)
        np.testing.assert_allclose(together[:3], alone, rtol=0, atol=exact)
        np.testing.assert_allclose(together[3], 1.0, rtol=0, atol=exact)
