"""Rows of filters in generated code against their definitions, on every width of vectors."""

from __future__ import annotations

import ctypes

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.parity.llvm.llvm_support import targets
from vedc.codegen.filters.row_state import Kind
from vedc.codegen.filters.rows import Rows, convolved, doubled, halved, of_array
from vedc.codegen.llvm.host import Host
from vedc.kernels import correlate, gaussian

#: Rows shorter than a block of vectors, of a block and a bit, and of several.
SHAPES = [(5, 67), (9, 200), (9, 7), (1, 1), (14, 1100)]
KINDS: dict[Kind, tuple[type, int]] = {
    "u8": (np.uint8, 255),
    "u16": (np.uint16, 1023),
    "f32": (np.float32, 1),
}


def samples(kind: Kind, shape: tuple[int, int]) -> NDArray[np.generic]:
    dtype, peak = KINDS[kind]
    made: NDArray[np.generic] = (np.random.default_rng(0).random(shape) * peak).astype(dtype)
    return made


@pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.lanes} lanes")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_convolved(shape: tuple[int, int], kind: Kind, target: Host) -> None:
    """Separate weights down and along, which reach beyond the edges."""
    seen, peak = samples(kind, shape), KINDS[kind][1]
    bells = np.ones(1), np.array([0.5, -0.25, 0.75]), gaussian.weights(4.0)
    for down, along in zip(bells, (*bells[1:], bells[0]), strict=True):
        made = convolved(of_array(seen), down, along, target).whole()
        whole = correlate.along(seen[np.newaxis].astype(np.float64), down, 1)
        wanted = correlate.along(whole, along, 2)[0]
        np.testing.assert_allclose(made, wanted, rtol=0, atol=2e-6 * peak)


@pytest.mark.parametrize("target", targets(), ids=lambda t: f"{t.lanes} lanes")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_halved_and_doubled(shape: tuple[int, int], kind: Kind, target: Host) -> None:
    """As OpenCV's pyramid of a picture with a border."""
    seen, peak = samples(kind, shape), KINDS[kind][1]
    (rows, columns), before = shape, 12
    around = (before, before + rows % 2, before, before + columns % 2)
    bordered = cv2.copyMakeBorder(seen.astype(np.float32), *around, cv2.BORDER_REPLICATE)
    wanted = cv2.pyrDown(bordered, borderType=cv2.BORDER_REPLICATE)
    made = halved(of_array(seen), before, *wanted.shape[::-1], target).whole()
    np.testing.assert_allclose(made, wanted, rtol=0, atol=1e-6 * peak)
    up = cv2.pyrUp(made)[before : before + rows, before : before + columns]
    back = doubled(of_array(made), before, columns, rows, target).whole()
    np.testing.assert_allclose(back, up, rtol=0, atol=1e-6 * peak)


def by_row(rows: Rows, number: int) -> NDArray[np.float32]:
    """One row, as a kernel asks for it."""
    state = rows.opened()
    make = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)(state.entry)
    at = make(state.address, number)
    assert at is not None
    found = np.ctypeslib.as_array((ctypes.c_float * rows.columns).from_address(at))
    return found.copy()


def test_a_row_alone_matches_the_whole() -> None:
    """To the bit, whichever rows were asked for before."""
    seen = samples("u8", (40, 90))
    bell = gaussian.weights(2.0)
    for rows in (
        convolved(of_array(seen), bell, bell),
        halved(of_array(seen), 4, 50, 24),
        gaussian.rows(of_array(seen), sigma=9.0),
    ):
        whole = rows.whole()
        for number in (7, 0, len(whole) - 1):
            np.testing.assert_array_equal(by_row(rows, number), whole[number])


def test_planes_are_read_as_they_lie() -> None:
    """Rows further apart than they are long, and from below to above, as decoders give them."""
    held = samples("u8", (20, 90))
    bell = gaussian.weights(1.5)
    part = held[3:17, 5:85]
    wanted = convolved(of_array(part.copy()), bell, bell).whole()
    np.testing.assert_array_equal(convolved(of_array(part), bell, bell).whole(), wanted)
    upwards = part[::-1]
    made = convolved(of_array(upwards), bell, bell).whole()
    np.testing.assert_allclose(made, wanted[::-1], rtol=0, atol=1e-4)


@pytest.mark.parametrize("coarse", [(0, 0), (1, 1), (1, 0)], ids=str)
@pytest.mark.parametrize("sigma", [0.0, 0.3, 1.5, 6.0, 11.0, 40.0])
def test_a_plane_is_blurred_in_its_own_samples(sigma: float, coarse: tuple[int, int]) -> None:
    """The definition, by codes of 0..255, each way for itself."""
    seen = samples("u8", (37, 67))
    made = gaussian.rows(of_array(seen), sigma=sigma, coarse=coarse).whole()
    wanted = gaussian.reference(seen[np.newaxis].astype(np.float64), sigma=sigma, coarse=coarse)[0]
    np.testing.assert_allclose(made, wanted, rtol=0, atol=255 * gaussian.TOLERANCE)
