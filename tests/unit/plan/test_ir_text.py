"""The graph's text form loses nothing, and refuses what is not a graph."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vedc.edit.values import Keyframe, Keyframes
from vedc.errors import InternalError
from vedc.ir.graph import node
from vedc.ir.image import Param
from vedc.ir.text import parse_graph, print_graph

COLOR = {"primaries": "bt709", "transfer": "bt709"}
floats = st.floats(allow_nan=False)
fractions = st.fractions(max_denominator=10**6)
keyframes = st.lists(
    st.tuples(fractions, floats, st.sampled_from(["linear", "ease-in-out", "step-end"])),
    min_size=1,
    max_size=4,
).map(lambda points: Keyframes(tuple(Keyframe(*p) for p in points)))
params = st.one_of(
    st.none(), st.booleans(), st.integers(), floats, fractions, st.text(), keyframes,
    st.lists(floats, min_size=1, max_size=4).map(tuple),
)  # fmt: skip


@given(params)
@example("every\u2028end\x85of a\u2029line\x1c")
def test_every_value_survives(value: Param) -> None:
    root = node(
        "solid", (), {"color": (0.0, 0.0, 0.0, 1.0), "width": 2, "height": 2, **COLOR, "x": value}
    )
    assert parse_graph(print_graph(root)) is root


def test_equal_to_python_is_not_equal_here() -> None:
    def made(value: Param) -> object:
        return node(
            "solid", (), {"color": (0.0,) * 4, "width": 2, "height": 2, **COLOR, "x": value}
        )

    different = [made(v) for v in (1, 1.0, True, Fraction(1), "1", 0.0, -0.0)]
    assert len({id(n) for n in different}) == len(different)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "%0 = solid(",
        '%0 = solid(color=(0.0, 0.0, 0.0, 1.0), width=2, height=2, primaries="bt709", '
        'transfer="bt709") : 3x2 display bt709/bt709',
        "%0 = decode() : 2x2 display bt709/bt709",
        "%0 = solid(color=?)",
    ],
)
def test_a_file_that_is_not_a_graph_is_refused(text: str) -> None:
    with pytest.raises(InternalError):
        parse_graph(text)
