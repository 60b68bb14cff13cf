"""Plane space: which filters are given a decoder's planes, and what that is worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.plan.test_plan_fuse import COLOR, decode, encode, exposure, piece, source
from tests.unit.plan.test_plan_spatial import LOOK, call
from vedc.edit.values import OpCall
from vedc.expr.nodes import walk
from vedc.ir.graph import Node, node
from vedc.kernels import gaussian
from vedc.plan.describe import describe_step
from vedc.plan.executable import ComputedPiece, FetchRef, FilterStep, Kernel, LayerRef

BLUR = call("gaussian_blur", radius=4.0)


def drawn(picture: Node, *calls: OpCall, format: str = "yuv420p") -> ComputedPiece:
    return piece(encode(LOOK.apply(picture, calls, 0), format))


def planes(made: ComputedPiece) -> list[str]:
    return [step.planes for step in made.steps if isinstance(step, FilterStep)]


def channels_read(kernel: Kernel) -> list[set[int]]:
    """The channels of its inputs that each root depends on."""
    loads = (
        (e.attr[1] for e in walk([root]) if e.op == "load" and isinstance(e.attr, tuple))
        for root in kernel.program.roots
    )
    return [set(channels) for channels in loads]


@pytest.mark.parametrize("format", ["yuv420p", "yuv422p10le", "gbrp"])
def test_a_blur_is_given_the_decoders_planes(format: str) -> None:
    made = drawn(decode(format=format), BLUR)
    step, last = made.steps
    assert isinstance(step, FilterStep)
    assert step.source == FetchRef(0, format, covers=True)
    (read,) = last.inputs if isinstance(last, Kernel) else ()
    assert isinstance(read, LayerRef)
    assert (read.planes, read.format.floating, read.format.depth) == (format, True, 32)
    assert [leaf.streamed for leaf in made.last.program.leaves] == [True]
    assert made.buffers == ()  # nothing is ever whole in memory


@pytest.mark.parametrize("op", [BLUR, call("sharpen", amount=0.7)], ids=["blur", "sharpen"])
def test_no_matrix_is_left_between_planes_of_a_kind(op: OpCall) -> None:
    """R'G'B' exists only in the ops' terms: each plane is made from itself."""
    made = drawn(decode(), op)
    assert channels_read(made.last) == [{0}, {1}, {2}]
    assert made.last.program.plane_by_plane()
    graded = drawn(decode(), op, call("exposure", stops=0.5))
    assert not graded.last.program.plane_by_plane()


def test_what_follows_may_be_anything() -> None:
    assert planes(drawn(decode(), BLUR, call("exposure", stops=0.5))) == ["yuv420p"]


@pytest.mark.parametrize(
    "picture",
    [
        exposure(decode()),
        decode(format="yuva420p"),
        decode(format="nv12"),
        node("still", (), {"digest": "a.jpg", "width": 64, "height": 36, **COLOR}),
        node("decode", (source().replace(params={"matrix": "ictcp", "transfer": "smpte2084"}),)),
    ],
    ids=["not linear", "alpha", "interleaved", "still", "no matrix"],
)
def test_what_else_is_filtered_as_rgb(picture: Node) -> None:
    if picture.type.transfer != "bt709":
        picture = node("relabel", (picture,), {"primaries": "bt709", "transfer": "bt709"})
    assert planes(drawn(picture, BLUR)) == [""]


@pytest.mark.parametrize(
    ("format", "film", "used"),
    [
        ("yuv420p", "yuv420p10le", True),
        ("yuv422p", "yuv420p", True),
        ("yuv444p", "gbrp", True),
        ("gbrp", "yuv444p", True),
        ("yuv420p", "yuv422p", False),
        ("yuv420p", "yuv444p", False),
        ("yuv422p", "gbrp", False),
    ],
)
def test_a_film_of_more_chroma_is_filtered_as_rgb(format: str, film: str, used: bool) -> None:
    """Its pictures would show the blocks of chroma that has been blurred."""
    made = drawn(decode(format=format), BLUR, format=film)
    assert planes(made) == [format if used else ""]


def test_what_is_prepared_is_filtered_as_rgb() -> None:
    assert planes(drawn(decode(), call("halo"))) == [""]


def test_only_the_first_of_two_blurs_finds_planes() -> None:
    assert planes(drawn(decode(), BLUR, call("sharpen"))) == ["yuv420p", ""]


def test_the_plan_says_so() -> None:
    step = describe_step(drawn(decode(), BLUR).steps[0])
    assert step["planes"] == "yuv420p"
    assert "in plane space: yuv420p as it is decoded, plane by plane" in step["reason"]


# ---------------------------------------------------------------- why


_Y, _X = np.mgrid[0:160, 0:192]
#: Chroma of full size.
FULL = 128 + 60 * np.sin(_X / 5 + _Y / 9) * np.cos(_Y / 7) + 30 * (np.hypot(_X - 90, _Y - 80) < 25)


def _sub(chroma: NDArray[Any]) -> NDArray[Any]:
    """4:2:0 with samples at the left of their blocks, as H.264 and HEVC have it."""
    padded = np.pad(chroma, ((0, 0), (1, 1)), mode="edge")
    across = (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:])[:, ::2] / 4
    return np.asarray((across[0::2] + across[1::2]) / 2)


def _blurred(plane: NDArray[Any], sigma: float) -> NDArray[Any]:
    return gaussian.reference(plane[np.newaxis], sigma=sigma)[0]


def error(made: NDArray[Any], truth: NDArray[Any]) -> float:
    inside = (made - truth)[12:-12, 12:-12]  # unknown beyond the edges
    return float(np.sqrt(np.mean(inside**2)))


@pytest.mark.parametrize("sigma", [1.0, 1.5, 3.0, 8.0])
def test_chroma_in_its_own_size_is_nearer_to_the_truth(sigma: float) -> None:
    """Than repeated over its block, blurred, and averaged: that is also blurred by the block.

    The truth is full-size chroma, blurred before half of it is dropped.
    """
    truth, given = _sub(_blurred(FULL, sigma)), _sub(FULL)
    plane = gaussian.reference(given[np.newaxis], sigma=sigma, coarse=(1, 1))[0]
    repeated = _blurred(given.repeat(2, 0).repeat(2, 1), sigma)
    averaged = repeated.reshape(80, 2, 96, 2).mean(axis=(1, 3))

    assert error(plane, truth) < 0.5 * error(averaged, truth)


@pytest.mark.parametrize("sigma", [1.0, 1.5, 3.0, 8.0])
def test_in_full_size_repeated_chroma_is_nearer(sigma: float) -> None:
    """If it is repeated before it is blurred, not after."""
    given, truth = _sub(FULL), _blurred(FULL, sigma)
    plane = gaussian.reference(given[np.newaxis], sigma=sigma, coarse=(1, 1))[0]
    repeated = _blurred(given.repeat(2, 0).repeat(2, 1), sigma)
    assert error(repeated, truth) < 0.8 * error(plane.repeat(2, 0).repeat(2, 1), truth)
