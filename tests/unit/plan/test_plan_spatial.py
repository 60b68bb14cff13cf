"""Chains: where fusion stops, what becomes a layer, and how places are counted."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.parity.ops.chain_reference import draw
from tests.unit.plan.test_plan_fuse import COLOR, decode, encode
from vedc import ops
from vedc.edit.values import Keyframe, Keyframes, OpCall, ParamValue
from vedc.execute.devices.layers import arguments
from vedc.ir.graph import Node, node
from vedc.ir.lower.ops import OpLowering
from vedc.plan.executable import (
    ComputedPiece,
    FilterStep,
    Kernel,
    LayerRef,
    StillSource,
    VideoSource,
)
from vedc.plan.fusion.fuse import fuse, fuse_timed

LOOK = OpLowering(10, Fraction(25), lambda path: path)


def call(name: str, **given: Any) -> OpCall:
    values: list[tuple[str, ParamValue]] = []
    for param in ops.get(name).params:
        value = given.get(param.name, param.default)
        if param.kind == "picture":
            value = given.get(param.name, "still.png")
        values.append((param.name, value))
    return OpCall(name, tuple(values))


def chain(*calls: OpCall, rect: Any = None) -> ComputedPiece:
    fused = fuse(encode(LOOK.apply(decode(), calls, 0, rect)), lambda digest: pytest.fail("table"))
    assert isinstance(fused, ComputedPiece)
    return fused


def kinds(made: ComputedPiece) -> list[str]:
    return [s.filter.name if isinstance(s, FilterStep) else s.program.out.name for s in made.steps]


def test_colour_and_place_alone_are_one_kernel() -> None:
    assert kinds(chain(call("exposure", stops=0.5), call("vignette", amount=0.4))) == ["yuv420p"]


def test_a_move_reads_a_layer() -> None:
    made = chain(call("transform", position=(3.5, 0.0)))
    assert kinds(made) == ["opaque layer", "yuv420p"]
    assert made.last.inputs == (LayerRef(0, 64, 36, False),)
    assert [leaf.sampled for leaf in made.last.program.leaves] == [True]


def test_grades_stay_with_what_they_stand_beside() -> None:
    move = call("transform", position=(3.5, 0.0))
    made = chain(call("exposure", stops=0.5), move, call("saturation", amount=1.3))
    first = made.steps[0]
    assert isinstance(first, Kernel)
    assert first.program.title == "exposure"
    assert made.last.program.title == "transform saturation"


def test_two_moves_are_one_sampling() -> None:
    made = chain(call("transform", position=(3.5, 0.0)), call("transform", rotation=10.0))
    assert kinds(made) == ["opaque layer", "yuv420p"]


def test_a_move_whose_surroundings_are_not_clear_ends_the_sampling() -> None:
    made = chain(
        call("transform", position=(3.5, 0.0)), call("transform", rotation=9.0, edge="mirror")
    )
    assert kinds(made) == ["opaque layer", "layer", "yuv420p"]


def test_smaller_needs_a_pyramid_and_larger_does_not() -> None:
    assert kinds(chain(call("zoom", amount=2.0))) == ["opaque layer", "yuv420p"]
    assert kinds(chain(call("zoom", amount=0.4))) == ["opaque layer", "pyramid", "yuv420p"]
    # By less than half an octave: no smaller copy of it is looked at.
    assert kinds(chain(call("zoom", amount=0.71))) == ["opaque layer", "yuv420p"]


@pytest.mark.parametrize(("last", "pyramid"), [(1.5, False), (0.71, False), (0.7, True)])
def test_a_moving_zoom_is_looked_at_in_every_frame(last: float, pyramid: bool) -> None:
    moving = Keyframes((Keyframe(Fraction(0), 1.0), Keyframe(Fraction(9), last, "ease-in-out")))
    assert ("pyramid" in kinds(chain(call("zoom", amount=moving)))) == pyramid


def test_a_stencil_filters_the_layer_and_fuses_with_what_follows() -> None:
    made = chain(call("median", radius=4), call("saturation", amount=1.3))
    assert kinds(made) == ["opaque layer", "median", "yuv420p"]
    assert isinstance(made.steps[1], FilterStep)
    assert made.steps[1].source == LayerRef(0, 64, 36, False)


def test_a_layer_is_made_once_however_many_look_at_it() -> None:
    matte = call("ellipse", radius=(0.3, 0.3))
    cleaned = OpCall("median", call("median", radius=4).params, matte)
    made = chain(cleaned)
    assert kinds(made) == ["opaque layer", "median", "yuv420p"]
    assert kinds(chain(cleaned, call("median", radius=2))).count("median") == 2


def test_a_filter_that_moves_gets_its_value_of_the_frame() -> None:
    moving = Keyframes((Keyframe(Fraction(0), 1.0), Keyframe(Fraction(10), 11.0)))
    made = chain(call("gaussian_blur", radius=moving))
    step = next(s for s in made.steps if isinstance(s, FilterStep))
    assert step.at(0)["radius"] == 1.0
    assert step.at(5)["radius"] == 6.0


def test_a_picture_parameter_is_fetched() -> None:
    made = chain(call("displace", amount=(5.0, 5.0)))
    assert {type(f.source) for f in made.fetches} == {VideoSource, StillSource}


def test_places_count_from_the_items_own_corner() -> None:
    near = chain(call("vignette", amount=0.4), rect=(10.0, 5.0, 20.0, 12.0)).last
    whole = chain(call("vignette", amount=0.4)).last
    assert near.program.digest() != whole.program.digest()


def test_a_trail_reads_earlier_frames() -> None:
    def earlier(ago: int) -> Node:
        source = decode().inputs[0]
        moved = source.replace(params={"start": source.fraction("start") - ago * Fraction(1, 30)})
        return node("decode", (moved,))

    trail = call("motion_trail", decay=0.5, frames=3)
    picture = LOOK.apply(earlier(0), (call("saturation", amount=1.2), trail), 0, None, earlier)
    fused, starts = fuse_timed(encode(picture), lambda digest: pytest.fail("table"))
    assert isinstance(fused, ComputedPiece)
    assert sorted(starts) == [1 - Fraction(3, 30), 1 - Fraction(2, 30), 1 - Fraction(1, 30), 1]
    assert kinds(fused) == ["yuv420p"]


def test_a_filter_counts_from_the_items_corner_as_well() -> None:
    turned = call("zoom_blur", amount=0.2, center=(0.5, 0.25))
    made = chain(turned, rect=(8.0, 4.0, 32.0, 16.0))
    step = next(s for s in made.steps if isinstance(s, FilterStep))
    assert arguments(step, 0)["center"] == ((8 + 16) / 64, (4 + 4) / 36)
    whole = next(s for s in chain(turned).steps if isinstance(s, FilterStep))
    assert arguments(whole, 0)["center"] == (0.5, 0.25)


def test_what_two_steps_need_is_computed_once() -> None:
    glow = call("halo", threshold=0.5, radius=4.0, amount=0.5)
    made = chain(call("zoom", amount=1.5), call("saturation", amount=1.3), glow)
    assert kinds(made) == ["opaque layer", "layer", "layer", "gaussian", "yuv420p"]
    assert "zoom" not in made.last.program.title
    plain = chain(call("saturation", amount=1.3), glow)
    assert kinds(plain) == ["layer", "gaussian", "yuv420p"]


def test_layers_of_stills_stand_still() -> None:
    params = {"digest": "a.jpg", "width": 64, "height": 36, **COLOR}
    still = node("still", (), params)
    moving = Keyframes((Keyframe(Fraction(0), 1.0), Keyframe(Fraction(9), 2.0)))

    def steady(picture: Node, zoom: OpCall) -> list[int]:
        shown = LOOK.apply(picture, (call("gaussian_blur", radius=3.0), zoom), 0)
        made = fuse(encode(shown), lambda digest: pytest.fail("table"))
        assert isinstance(made, ComputedPiece)
        return [i for i, layer in enumerate(made.layers) if layer.constant]

    assert steady(still, call("zoom", amount=moving)) == [0, 1, 2]
    assert steady(decode(), call("zoom", amount=moving)) == []


@pytest.mark.parametrize("scale", [1.0, 0.5], ids=["as large", "smaller, from a pyramid"])
@pytest.mark.parametrize("edge", ["clamp", "mirror", "repeat"])
def test_what_lies_beyond_an_item_is_the_items_own(edge: str, scale: float) -> None:
    """A red item on a blue canvas: no blue comes in at the item's edges, and it stays within."""
    rect = (16.0, 8.0, 32.0, 16.0)
    red, blue = (
        node("solid", (), {"color": rgba, "width": w, "height": h, **COLOR})
        for rgba, w, h in (((1.0, 0.0, 0.0, 1.0), 32, 16), ((0.0, 0.0, 1.0, 1.0), 64, 36))
    )
    placed = node("place", (red,), {"x": 16, "y": 8, "width": 64, "height": 36})
    move = call("transform", position=(9.5, 4.0), scale=(scale, scale), edge=edge)
    shown = LOOK.apply(placed, (move,), 0, rect)
    fused = fuse(encode(node("over", (blue, shown)), "gbrap"), lambda digest: pytest.fail("table"))
    assert isinstance(fused, ComputedPiece)
    _, b, r, _ = draw(fused, 0, [], lambda digest: pytest.fail("table"))
    inside = np.zeros((36, 64), bool)
    inside[8:24, 16:48] = True
    # Smaller pictures mix the item's rim with its surroundings.
    assert (r[inside] >= (235 if scale == 1.0 else 120)).all()
    assert (b[~inside] == 235).all()
