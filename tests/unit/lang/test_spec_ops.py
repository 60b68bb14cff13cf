"""Ops in specs: every kind of parameter, masks, generators, blends, presets of transitions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.schemas import remembering
from tests.unit.ops.declared import declared
from vedc.color import Color
from vedc.edit.contents import Generated
from vedc.edit.font_info import FontInfo
from vedc.edit.media_info import MediaInfo, VideoInfo
from vedc.edit.model import Edit
from vedc.edit.values import Keyframes, OpCall
from vedc.errors import UserError
from vedc.lang.docs.generate import edit_schema
from vedc.lang.keys import vocabulary
from vedc.lang.keys.catalogue import entries, example
from vedc.lang.resolve.compile import canonical, check
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.validate import validate
from vedc.lang.yaml.load import load_text


@pytest.fixture(autouse=True)
def _ops(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    presets = {
        "from_right": ("by_picture", {"direction": "right"}),
        "blotches": ("by_picture", {"src": "blotches.png", "softness": 0.5}),
    }
    known = vocabulary.transition_presets()
    monkeypatch.setattr("vedc.lang.keys.catalogue.transition_presets", lambda: known | presets)
    monkeypatch.setattr("vedc.lang.keys.parts.TRANSITION_CALL.presets", lambda: known | presets)
    with declared():
        yield


def prober(path: Path) -> MediaInfo:
    still = path.suffix == ".png"
    picture = VideoInfo(
        64, 36, Fraction(1), 0, "yuv420p", "yuv420p", Fraction(25), Color(), True, "h264",
        Fraction(1, 25), 250,
    )  # fmt: skip
    length = None if still else Fraction(10)
    kind: Any = "image" if still else "video"
    return MediaInfo(str(path), 1, 1, kind, "x", length, picture, None)


def fonts(path: Path) -> FontInfo:
    return FontInfo(str(path), "Plain", ((32, 126),))


Run = Callable[..., Edit]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    for name in ("a.mp4", "b.mp4", "one.png", "two.png", "blotches.png"):
        (tmp_path / name).write_bytes(b"x")

    def run_it(timeline: str, rest: str = "") -> Edit:
        document = load_text(f"version: 1\ntimeline: {timeline}\n{rest}", "s.yaml")
        return check(document, CheckContext(tmp_path, prober, fonts))[0]

    return run_it


def graded(run: Run, call: str) -> OpCall:
    (made,) = run(f"[{{clip: a.mp4, grade: [{call}]}}]").tracks[0].items[0].grade
    return made


def reported(run: Run, timeline: str, rest: str = "") -> list[tuple[str, str]]:
    with pytest.raises(UserError) as caught:
        run(timeline, rest)
    return [(p.code, p.message) for p in caught.value.problems]


def long(text: str) -> Any:
    return canonical(load_text(f"version: 1\n{text}", "s.yaml")).data


# Parameters


def test_defaults_are_filled_in_flat_and_typed(run: Run) -> None:
    params = dict(graded(run, "{op: every_kind}").params)
    assert params == {
        "amount": 1.0, "count": 3, "gain": (1.0, 1.0, 1.0), "center": (0.5, 0.5),
        "tint": (0.0, 0.0, 0.0), "mode": "soft", "clip": False, "shape": (0.0, 0.0, 1.0, 1.0),
        "knots": (0.1, 0.2, 0.3, 0.4), "label": "none",
    }  # fmt: skip
    assert (type(params["amount"]), type(params["count"])) == (float, int)


def test_values_are_read_as_their_kind_says(run: Run) -> None:
    call = graded(
        run,
        '{op: every_kind, amount: 2, count: 5.0, gain: 2, center: [0, 1], tint: "#ff0000", '
        "mode: hard, clip: true, shape: [[0, 0], [0.5, 1], [1, 1]], knots: [[7, -8]], label: hi}",
    )
    assert [v for _, v in call.params] == [
        2.0, 5, (2.0, 2.0, 2.0), (0.0, 1.0), (1.0, 0.0, 0.0), "hard", True,
        (0.0, 0.0, 0.5, 1.0, 1.0, 1.0), (7.0, -8.0), "hi",
    ]  # fmt: skip
    assert type(dict(call.params)["count"]) is int


@pytest.mark.parametrize(
    ("param", "first", "last", "value"),
    [
        ("amount", "0", "2", 2.0),
        ("gain", "1", "[1, 2, 3]", (1.0, 2.0, 3.0)),
        ("center", "[0, 0]", "[1, 0.5]", (1.0, 0.5)),
        ("tint", "black", "white", (1.0, 1.0, 1.0)),
    ],
)
def test_numbers_and_colours_move(
    run: Run, param: str, first: str, last: str, value: object
) -> None:
    points = f"[{{time: 0s, value: {first}}}, {{time: 1s, value: {last}, easing: ease-in}}]"
    call = graded(run, f"{{op: every_kind, {param}: {{keyframes: {points}}}}}")
    moving = dict(call.params)[param]
    assert isinstance(moving, Keyframes)
    assert [(p.frame, p.easing) for p in moving.points] == [(0, "linear"), (25, "ease-in")]
    assert moving.points[-1].value == value


@pytest.mark.parametrize(
    ("param", "code", "message"),
    [
        ("count: 2.5", "wrong-type", "count must be an integer from 1 to 9, not 2.5"),
        ("center: [0, 2]", "out-of-range", "y of center must be a number from 0 to 1, not 2"),
        ("center: 0.5", "wrong-type", "center must be [x, y], each a number from 0 to 1"),
        ("shape: [[0, 0]]", "wrong-type", "shape must be a list of at least 2 points"),
        ("shape: [[0, 0], [1]]", "wrong-type", "point 2 of shape must be [x, y]"),
        ("shape: [[0, 0], [1, 1.5]]", "out-of-range", "y of point 2 of shape must be"),
        ("shape: [[0, 0], [0.5, 1], [0.5, 0]]", "curve-order", "x = 0.5 does not follow 0.5"),
        ("knots: []", "wrong-type", "knots must be a list of points"),
        ("label: 7", "wrong-type", "label must be text, not 7"),
        ("mode: soft-ish", "unknown-value", "mode must be one of soft, hard"),
        ("count: {keyframes: [{time: 0, value: 1}]}", "not-animated", "count cannot move"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_reported(run: Run, param: str, code: str, message: str) -> None:
    ((found, text),) = reported(run, f"[{{clip: a.mp4, grade: [{{op: every_kind, {param}}}]}}]")
    assert (found, message in text) == (code, True), text


# Files


def test_pictures_are_found_and_may_be_assets(run: Run, tmp_path: Path) -> None:
    call = graded(run, "{op: two_pictures, src: one.png, other: two.png}")
    assert dict(call.params) == {
        "src": str(tmp_path / "one.png"), "other": str(tmp_path / "two.png"),
    }  # fmt: skip
    edit = run(
        "[{clip: a.mp4, grade: [{op: two_pictures, asset: x, other: x}]}]",
        "assets: {x: one.png}",
    )
    assert {v for _, v in edit.tracks[0].items[0].grade[0].params} == {str(tmp_path / "one.png")}


def test_the_long_form_names_pictures_as_assets() -> None:
    data = long(
        "timeline: [{clip: a.mp4, mask: {op: drawn, src: m.png}, effects: "
        "[{op: twice, mask: {op: drawn, src: n.png}}, "
        "{op: two_pictures, src: p.png, other: q.png}]}]"
    )
    item = data["timeline"]["tracks"][0]["clips"][0]
    assert item["mask"] == {"op": "drawn", "asset": "m.png"}
    assert item["effects"] == [
        {"op": "twice", "mask": {"op": "drawn", "asset": "n.png"}},
        {"op": "two_pictures", "asset": "p.png", "other": "q.png"},
    ]
    assert data["assets"] == {f"{n}.png": {"src": f"{n}.png"} for n in "anmpq" if n != "a"} | {
        "a.mp4": {"src": "a.mp4"}
    }


@pytest.mark.parametrize(
    ("call", "code", "message"),
    [
        ("src: gone.png, other: one.png", "file-missing", "no file 'gone.png'"),
        ("src: a.mp4, other: one.png", "not-an-image", "is a video file, not a still picture"),
        ("src: one.png, other: nothing", "unknown-asset", "no asset 'nothing'"),
        ("other: one.png", "missing-key", "two_pictures needs 'src' or 'asset'"),
        ("src: one.png", "missing-key", "two_pictures needs 'other'"),
        ("src: one.png, asset: x, other: one.png", "conflict", "'src' and 'asset'"),
        ("src: ../one.png, other: one.png", "outside-root", "outside the spec's folder"),
    ],
)
def test_a_wrong_picture_is_reported(run: Run, call: str, code: str, message: str) -> None:
    timeline = f"[{{clip: a.mp4, grade: [{{op: two_pictures, {call}}}]}}]"
    found = reported(run, timeline)
    assert code in {c for c, _ in found}
    assert any(message in text for _, text in found), found


# Masks, effects, blends


def test_grades_and_effects_may_have_masks(run: Run) -> None:
    edit = run(
        "[{clip: a.mp4, grade: [{op: every_kind, mask: {op: left_half, edge: 0.2, invert: true}}],"
        " effects: [{op: half_clear}, {op: twice, mask: {op: left_half}}, {op: exposure}]}]"
    )
    item = edit.tracks[0].items[0]
    mask = item.grade[0].mask
    assert mask is not None
    assert (mask.op, dict(mask.params)) == ("left_half", {"edge": 0.2, "invert": True})
    assert [c.op for c in item.effects] == ["half_clear", "twice", "exposure"]
    assert [c.mask.op if c.mask else None for c in item.effects] == [None, "left_half", None]


def test_items_and_tracks_have_masks_and_blends(run: Run) -> None:
    edit = run(
        "{tracks: [{clips: [{clip: a.mp4}], mask: {op: drawn, src: one.png}, "
        "blend_mode: normal, blend_space: linear}, "
        "{clips: [{color: red, duration: 1s, blend_mode: color-dodge, mask: {op: left_half}}]}]}"
    )
    below, above = edit.tracks
    assert below.mask is not None
    assert (below.mask.op, below.blend, below.blend_space) == ("drawn", "normal", "linear")
    item = above.items[0]
    assert item.mask is not None
    assert (item.mask.op, item.blend, item.blend_space) == ("left_half", "color_dodge", "display")
    assert (above.mask, above.blend, above.blend_space) == (None, "normal", "display")


def test_every_blend_mode_is_an_op_of_that_kind() -> None:
    from vedc import ops

    for word, name in vocabulary.blend_modes().items():
        assert ops.get(name).kind == "blend", word


@pytest.mark.parametrize(
    ("timeline", "code", "message"),
    [
        ("[{clip: a.mp4, grade: [{op: twice}]}]", "wrong-kind-of-op", "twice is a stencil"),
        ("[{clip: a.mp4, effects: [{op: left_half}]}]", "wrong-kind-of-op", "left_half is a mask"),
        ("[{clip: a.mp4, mask: {op: twice}}]", "wrong-kind-of-op", "not a mask"),
        ("[{clip: a.mp4, mask: left_half}]", "wrong-type", "mask must be a mapping such as {op:"),
        ("[{clip: a.mp4, mask: {op: left_half, mask: {op: left_half}}}]", "unknown-key", "'mask'"),
        ("[{clip: a.mp4, blend_mode: multipl}]", "unknown-op", "did you mean 'multiply'?"),
        ("[{generator: plain_gray, duration: 1s}]", "unknown-op", "did you mean 'plain_grey'?"),
        ("[{generator: twice, duration: 1s}]", "wrong-kind-of-op", "not a generator"),
        ("[{generator: plain_grey}]", "no-duration", "a generator has no length of its own"),
    ],
)
def test_an_op_in_the_wrong_place_is_reported(
    run: Run, timeline: str, code: str, message: str
) -> None:
    ((found, text),) = reported(run, timeline)
    assert (found, message in text) == (code, True), text


# Generators


def test_generators_are_items(run: Run) -> None:
    edit = run(
        "[{generator: plain_grey, duration: 1s, opacity: 0.5}, "
        "{generator: {op: plain_grey, level: {keyframes: [{time: 0, value: 0}]}}, duration: 2s, "
        "grade: [{op: exposure, stops: 1}]}]"
    )
    first, second = edit.tracks[0].items
    assert isinstance(first.content, Generated)
    assert first.content.call.params == (("level", 0.5),)
    assert (first.frame.opacity, first.frame.fit) == (0.5, "stretch")
    assert first.name == "main[1] plain_grey"
    assert isinstance(second.content, Generated)
    assert isinstance(second.content.call.params[0][1], Keyframes)
    assert (second.start, second.end) == (30, 90)


def test_a_generators_name_alone_is_short_for_a_call() -> None:
    data = long("defaults: {generator: {duration: 2s}}\ntimeline: [{generator: plain_grey}]")
    (item,) = data["timeline"]["tracks"][0]["clips"]
    assert item == {"generator": {"op": "plain_grey"}, "duration": "2s"}


# Transitions


def test_a_preset_becomes_its_op_and_what_is_given_wins() -> None:
    data = long(
        "timeline: [{clip: a.mp4}, {transition: blotches}, {clip: b.mp4}, "
        "{transition: {name: blotches, softness: 0.25, src: own.png, duration: 1s}}, "
        "{clip: c.mp4}]"
    )
    _, short, _, own, _ = data["timeline"]["tracks"][0]["clips"]
    assert short["transition"] == {
        "name": "by_picture", "duration": "0.5s", "asset": "blotches.png", "softness": 0.5,
    }  # fmt: skip
    assert own["transition"] == {
        "name": "by_picture", "duration": "1s", "asset": "own.png", "softness": 0.25,
    }  # fmt: skip


def test_a_transitions_picture_is_found(run: Run, tmp_path: Path) -> None:
    edit = run("[{clip: a.mp4}, {transition: blotches}, {clip: b.mp4}]")
    (made,) = edit.tracks[0].transitions
    assert made.name == "by_picture"
    assert dict(made.params) == {
        "src": str(tmp_path / "blotches.png"), "softness": 0.5, "direction": "left",
    }  # fmt: skip


def test_a_transition_without_what_it_needs_is_reported(run: Run) -> None:
    found = reported(run, "[{clip: a.mp4}, {transition: from_right}, {clip: b.mp4}]")
    assert found == [("missing-key", "from_right needs 'src' or 'asset'")]
    near = reported(run, "[{clip: a.mp4}, {transition: blotchs}, {clip: b.mp4}]")
    assert near == [("unknown-op", "'blotchs' is not a transition; did you mean 'blotches'?")]


# Output


def test_dither_is_carried(run: Run) -> None:
    assert run("[{clip: a.mp4}]").output.dither == "auto"
    edit = run("[{clip: a.mp4}]", "outputs: [{path: x.mp4, dither: ordered}]")
    assert edit.output.dither == "ordered"


# Everything that is declared


@pytest.mark.slow
def test_every_example_is_a_valid_spec_by_the_checks_and_by_the_schema() -> None:
    validator = remembering(edit_schema())
    known = entries()
    assert len(known) > 50
    shapes = set()
    for entry in known:
        lines = "".join(f"  {line}\n" for line in example(entry).splitlines())
        document = load_text(f"version: 1\ntimeline:\n{lines}", entry.name)
        assert validate(document) == (), entry.name
        # The schema has one definition for all names of an op that need the same of its keys, and
        # test_spec_schema tries every name on it: one example of each is enough here.
        needed = {p.name for p in entry.op.params if p.required} - entry.given.keys()
        if (shape := (entry.op.name, frozenset(needed))) not in shapes:
            shapes.add(shape)
            errors = [e.message for e in validator.iter_errors(document.data)]
            assert errors == [], entry.name
        assert validate(canonical(document)) == (), entry.name


@pytest.mark.slow
def test_a_short_call_that_lacks_something_is_wrong_by_the_schema_too() -> None:
    validator = remembering(edit_schema())

    def accepted(transition: str) -> bool:
        items = [{"clip": "a.mp4"}, {"transition": transition}, {"clip": "b.mp4"}]
        return validator.is_valid({"version": 1, "timeline": items})

    assert accepted("blotches")
    assert not accepted("from_right")
    assert accepted("dissolve")
