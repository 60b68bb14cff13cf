"""Fusion: its result for a graph, and what is kept out of a kernel."""

from __future__ import annotations

from array import array
from fractions import Fraction

import pytest

from vedc.edit.values import Keyframe, Keyframes
from vedc.expr.nodes import walk
from vedc.ir.graph import Node, node
from vedc.ir.image import Param
from vedc.ops.shared.cube import Cube
from vedc.plan.executable import ComputedPiece, CopiedPiece, FetchRef, Kernel, Rect
from vedc.plan.fusion.fuse import fuse

COLOR = {"primaries": "bt709", "transfer": "bt709"}
MOVING = Keyframes((Keyframe(Fraction(0), 0.0), Keyframe(Fraction(9), 1.0)))


def source(name: str = "a", width: int = 64, height: int = 36, format: str = "yuv420p") -> Node:
    params: dict[str, Param] = {
        "digest": name, "start": Fraction(1), "step": Fraction(1, 30), "width": width,
        "height": height, "format": format, **COLOR, "matrix": "bt709", "range": "limited",
    }  # fmt: skip
    return node("source", (), params)


def decode(*args: object, **kwargs: object) -> Node:
    return node("decode", (source(*args, **kwargs),))  # type: ignore[arg-type]


def encode(picture: Node, format: str = "yuv420p") -> Node:
    return node("encode", (picture,), {"matrix": "bt709", "range": "limited", "format": format})


def exposure(picture: Node, stops: Param = 0.5) -> Node:
    linear = node("exposure", (node("to_linear", (picture,)),), {"stops": stops})
    return node("to_display", (linear,), {"transfer": "bt709"})


def saturation(picture: Node) -> Node:
    return node("saturation", (picture,), {"amount": 1.2})


def vignette(picture: Node) -> Node:
    return node("vignette", (picture,), {"amount": 0.5, "size": 0.5, "softness": 0.5})


def piece(root: Node) -> ComputedPiece:
    fused = fuse(root, lambda digest: pytest.fail("no table is read"))
    assert isinstance(fused, ComputedPiece)
    return fused


def kernel(root: Node) -> Kernel:
    return piece(root).last


def test_an_untouched_source_is_copied() -> None:
    fused = fuse(source(), lambda digest: pytest.fail("no table is read"))
    assert isinstance(fused, CopiedPiece)
    assert [f.rect for f in fused.fetches] == [Rect(0, 0, 64, 36)]


def test_two_clips_with_other_numbers_share_a_kernel() -> None:
    first, second = (
        kernel(encode(exposure(decode(), 0.5))),
        kernel(encode(exposure(decode(), -2.0))),
    )
    assert first.program.digest() == second.program.digest()
    assert [v.at(0) for v in first.values] != [v.at(0) for v in second.values]


def test_a_keyframed_value_compiles_nothing() -> None:
    """However it moves, the program is the same."""
    other = Keyframes((Keyframe(Fraction(2), -3.0), Keyframe(Fraction(7), 0.25, "ease-in")))
    ten = decode(format="yuv420p10le")
    moving, moved = (
        kernel(encode(exposure(ten, stops), "yuv420p10le")) for stops in (MOVING, other)
    )
    assert moving.program.digest() == moved.program.digest()
    assert moving.values != moved.values


def test_values_that_make_parts_vanish_are_literals() -> None:
    def graded(power: float) -> Kernel:
        params = {"slope": (1.2,) * 3, "offset": (0.0,) * 3, "power": (power,) * 3,
                  "saturation": 1.0, "src": "", "id": ""}  # fmt: skip
        picture = node("cdl", (decode(format="yuv420p10le"),), params)
        return kernel(encode(picture, "yuv420p10le"))

    def powers(made: Kernel) -> int:
        return len([e for e in walk(made.program.roots) if e.op == "pow"])

    assert powers(graded(1.0)) == 0
    assert powers(graded(1.1)) == 3
    assert graded(1.0).program.params < graded(1.1).program.params


def test_a_still_grade_of_8_bit_footage_is_remembered() -> None:
    fused = kernel(encode(exposure(decode())))
    assert len(fused.program.memos) == 1
    assert [fused.uniforms[i] for i in fused.memos[0].params]
    assert fused.memos[0].tables == ()
    assert not [e for e in walk(fused.program.roots) if e.op == "pow"]
    assert len(kernel(encode(vignette(exposure(decode())))).program.memos) == 1


@pytest.mark.parametrize(
    "root",
    [
        encode(exposure(decode(), MOVING)),
        encode(exposure(decode(format="yuv420p10le"))),
        encode(exposure(decode(format="yuva420p"))),
        encode(exposure(decode()), "yuv420p10le"),
        encode(saturation(decode())),
        encode(exposure(vignette(exposure(decode(), -6.0)), 6.0)),
        encode(exposure(exposure(decode()), MOVING)),
    ],
    ids=[
        "it moves",
        "ten bits in",
        "alpha",
        "ten bits out",
        "cheaper than the table",
        "graded again",
        "moved again",
    ],
)
def test_what_is_not_remembered(root: Node) -> None:
    assert kernel(root).program.memos == ()


def test_a_memo_names_every_table_that_it_reads() -> None:
    cube = Cube(3, 2, (0.0,) * 3, (1.0,) * 3, array("f", [0.0] * 24))

    def looked_up(name: str) -> Node:
        params = {"src": "cube", "strength": 1.0, "interpolation": "tetrahedral", "id": "",
                  "input": "auto", "output": "auto"}  # fmt: skip
        return node("lut", (decode(name),), params)

    mixed = node("dissolve", (looked_up("a"), looked_up("b")), {"progress": MOVING})
    fused = fuse(encode(mixed), lambda digest: cube)
    assert isinstance(fused, ComputedPiece)
    assert [memo.tables for memo in fused.last.memos] == [(0,), (0,)]


def test_one_source_twice_is_fetched_once() -> None:
    picture = decode()
    mixed = node("dissolve", (exposure(picture), picture), {"progress": MOVING})
    assert len(piece(encode(mixed)).fetches) == 1


def test_a_placed_picture_is_a_leaf_that_does_not_cover() -> None:
    inset = node("place", (decode("b", 32, 18),), {"x": 3, "y": -5, "width": 64, "height": 36})
    fused = piece(encode(node("over", (decode(), inset))))
    assert [isinstance(i, FetchRef) and i.covers for i in fused.last.inputs] == [True, False]
    assert fused.fetches[1].rect == Rect(3, -5, 32, 18)
    assert [e for e in walk(fused.last.program.roots) if e.op == "cover"]


def test_dynamic_values_follow_their_keyframes() -> None:
    fused = kernel(encode(exposure(decode(), MOVING)))
    assert [v.at(0) for v in fused.values] == [0.0]
    assert [v.at(9) for v in fused.values] == [1.0]


def test_the_ops_are_named() -> None:
    fused = kernel(encode(saturation(exposure(decode()))))
    assert fused.program.title == "exposure saturation"


def test_what_is_remembered_are_samples_where_only_sums_stand_above() -> None:
    """Nothing is left of the matrix to R'G'B' and back; a blend mode needs the colours."""
    mixed = node("dissolve", (exposure(decode("a")), exposure(decode("b"))), {"progress": MOVING})
    roots = kernel(encode(mixed)).program.roots
    memos = [[e.attr[1] for e in walk([r]) if e.op == "memo"] for r in roots]  # type: ignore[index]
    assert memos == [[0, 0], [1, 1], [2, 2]]
    bent = node("multiply", (exposure(decode("a")), exposure(decode("b"))))
    roots = kernel(encode(bent)).program.roots
    assert len([e for e in walk(roots[:1]) if e.op == "memo"]) == 6
