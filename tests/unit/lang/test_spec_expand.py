"""Expansion: its result, and later errors that still point at the user's text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedc.edit import colors
from vedc.lang.expr.interpolate import interpolate
from vedc.lang.expr.variables import Variables
from vedc.lang.form.expand import expand
from vedc.lang.schema.quantities import Volume
from vedc.lang.yaml.dump import to_yaml
from vedc.lang.yaml.load import Document, load_text
from vedc.lang.yaml.tree import Problems, SpecNode


def canonical(text: str) -> Document:
    return expand(load_text(text, "s.yaml"))


def test_places_follow_what_is_moved() -> None:
    text = """\
version: 1
timeline:
  - {clip: beach.mp4, grade: [{op: lut, src: a.cube}]}
  - {transition: dissolve, duration: 2s}
defaults: {clip: {fit: cover}}
"""
    made = canonical(text)
    clips = ("timeline", "tracks", 0, "clips")
    places = {
        (*clips, 0, "clip"): (3, 12),
        (*clips, 0, "grade", 0, "asset"): (3, 46),
        (*clips, 0, "fit"): (5, 24),
        (*clips, 1, "transition", "name"): (4, 18),
        (*clips, 1, "transition", "duration"): (4, 38),
        ("assets", "beach.mp4", "src"): (3, 12),
        ("assets", "a.cube", "src"): (3, 46),
    }
    for path, expected in places.items():
        node = made.root
        for step in path:
            node = node.entries[step] if isinstance(step, str) else node.items[step]
        place = node.location
        assert place is not None
        assert (place.line, place.column) == expected, path


def test_an_id_that_looks_like_another_file_is_kept_apart() -> None:
    made = canonical(
        "version: 1\nassets: {a.cube: other.cube}\n"
        "timeline: [{clip: x.mp4, grade: [{op: lut, src: a.cube}, {op: lut, asset: a.cube}]}]"
    )
    assets = made.data["assets"]
    first, second = made.data["timeline"]["tracks"][0]["clips"][0]["grade"]
    assert assets[first["asset"]]["src"] == "a.cube"
    assert assets[second["asset"]]["src"] == "other.cube"


def test_a_word_that_is_no_path_is_left_for_the_checks() -> None:
    made = canonical("version: 1\ntimeline: [{clip: tlak}]")
    assert "assets" not in made.data


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("{path: a.mp4}", {"codec": "h264", "pix_fmt": "yuv420p", "audio_codec": "aac"}),
        ("{path: a.webm}", {"codec": "vp9", "audio_codec": "opus"}),
        ("{path: a.mov, codec: prores}", {"pix_fmt": "yuv422p10le", "audio_codec": "pcm_s24le"}),
        ("{path: a.mov, codec: prores, preset: 4444}", {"pix_fmt": "yuv444p10le"}),
        ("{path: a.png}", {"codec": "png", "at": "0s"}),
    ],
)
def test_outputs_are_completed(output: str, expected: dict[str, Any]) -> None:
    made = canonical(f"version: 1\ntimeline: [{{clip: a.mp4}}]\noutputs: [{output}]")
    assert expected.items() <= made.data["outputs"][0].items()


@pytest.mark.parametrize(
    ("written", "made"),
    [("#FB0", "#ffbb00"), ("#fb08", "#ffbb0088"), ("#FFB000ff", "#ffb000"), ("red", "#ff0000"),
     ("transparent", "#00000000"), ("#ffb0", "#ffffbb00"), ("fb0", None), ("#ffb00", None)],
)  # fmt: skip
def test_colours(written: str, made: str | None) -> None:
    assert colors.canonical(written) == made


def test_named_colours_match_css() -> None:
    from PIL import ImageColor

    for name, value in colors.NAMES.items():
        if name != "transparent":
            assert ImageColor.getrgb(name) == ImageColor.getrgb(value)
    assert len(colors.NAMES) == len(ImageColor.colormap) + 1


@pytest.mark.parametrize(
    ("text", "decibels"), [("-6dB", -6.0), ("50%", -6.0206), ("100%", 0.0), ("200 %", 6.0206)]
)
def test_volumes(text: str, decibels: float) -> None:
    assert Volume.decibels(text) == pytest.approx(decibels, abs=1e-4)


def test_silence() -> None:
    assert Volume.decibels("0%") == float("-inf")


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"])),
    st.sampled_from(["no", "1e3", "0o17", "0x1F", "12:30:45", "010", "1_000", "~", ".5", "a: b",
                     "# x", "- x", "${{ x }}", "$${{ x", "two\nlines", "tail \n", "\n", "é漢🎬"]),
)  # fmt: skip
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner),
    max_leaves=12,
)


@given(DATA)
def test_printed_yaml_reads_back_as_the_same_data(value: Any) -> None:
    data = {"metadata": value}
    text = to_yaml(Document("s.yaml", None, SpecNode.of(data)))
    again = interpolate(load_text(text), Variables({}), Problems()).plain()
    assert again == data
    assert repr(again) == repr(data)
