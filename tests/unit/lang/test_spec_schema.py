"""The JSON Schema, the reference and the checks: fresh, valid, and of one mind."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.paths import ROOT
from tests.schemas import fresh_files, language_schema, language_validator, remembering
from vedc import ops
from vedc.color import Color
from vedc.edit.font_info import FontInfo
from vedc.edit.media_info import AudioInfo, MediaInfo, VideoInfo
from vedc.errors import UserError
from vedc.lang.form.expand import expand
from vedc.lang.keys.parts import TRANSITION_CALL
from vedc.lang.resolve.compile import resolve_all
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.validate import validate, validate_tree
from vedc.lang.yaml.load import Document, load_text
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.ops.transition.presets import PRESETS, spelled

FULL: dict[str, Any] = {
    "version": 1,
    "profile": {"width": 1920, "height": 1080, "fps": "30000/1001", "color": "bt709",
                "sample_rate": 48000, "channels": 2},
    "variables": {"headline": {"type": "string", "default": "Spring", "maxLength": 60}},
    "defaults": {"text": {"font": "a.ttf", "size": 64}, "transition": {"duration": "1s"},
                 "clip": {"fit": "cover", "volume": "-3dB"}, "audio": {"fade_in": 1}},
    "assets": {"talk": {"src": "talk.mp4", "color": {"range": "full", "matrix": "bt709"}},
               "look": "teal.cube"},
    "timeline": {
        "tracks": [
            {"id": "main", "opacity": 0.5, "mute": False, "effects": [{"op": "vignette"}],
             "blend_mode": "multiply", "blend_space": "linear", "clips": [
                 {"clip": "talk", "in": "00:00:03.5", "out": 12, "enabled": True, "mute": True,
                  "grade": [{"op": "exposure", "stops": 0.3},
                            {"op": "cdl", "slope": [1.02, 1, 0.97], "power": 1.05},
                            {"op": "lut", "asset": "look", "strength": {"keyframes": [
                                {"time": "0s", "value": 0},
                                {"time": "50%", "value": 1, "easing": "ease-in"}]}}],
                  "volume": "50%", "fade_in": "250ms",
                  "fade_out": {"duration": "10f", "curve": "exp"}},
                 {"transition": {"name": "wipe", "direction": "left", "duration": "0.5s"},
                  "easing": "ease-out"},
                 {"image": "a.png", "duration": "3s", "fit": "contain", "scale": 0.5,
                  "position": "top-right", "anchor": [0, 1], "offset": [4, -4]},
                 {"transition": "dissolve", "duration": "15f"},
                 {"gap": 1.5},
                 {"color": "#ffb000cc", "duration": "1:02.5", "metadata": {"x": [None]}},
             ]},
            {"clips": [{"text": "Hi", "start": "1s", "duration": "100%", "color": "gold",
                        "align": "left", "stroke_width": 2, "stroke_color": "#000",
                        "background": "#0008", "padding": 8, "max_width": 300,
                        "opacity": {"keyframes": [{"time": 0, "value": 1}]}}]},
        ],
        "effects": [{"op": "contrast", "amount": 1.2}],
    },
    "audio": [{"clip": "theme.flac", "in": "10%", "loop": True, "volume": "-14 dB", "id": "x",
               "duck": {"under": ["main"], "by": "6dB", "attack": "0.2s", "threshold": "-40dB"}}],
    "master": {"volume": {"keyframes": [{"time": 0, "value": "0%"}]}, "pan": 0.1},
    "outputs": [{"path": "a.mp4", "codec": "h264", "crf": 18, "preset": "medium"},
                {"path": "b.webm", "bitrate": "2.5M", "audio_codec": "none", "fps": 25},
                {"path": "c.png", "at": "5s"}],
}  # fmt: skip

#: Values that a person might put anywhere, right or wrong.
VALUES = [
    None, True, False, 0, 1, -1, 3, 0.5, 1.0, 2.5, 64, 10**7, "", "talk", "no", "3s", "250ms",
    "90f", "1.5f", "50%", "-1s", "1x", "1:02.5", "00:01:02:15", "1:75", "00:00:00", "#fff",
    "#ffb000", "#ffb00", "gold", "goldd", "transparent", "center", "top-left", "middle", "cover",
    "contain-blur", "linear", "ease", "-6dB", "6", "+3.5 dB", "30000/1001", "25", "0/1", "5M",
    "medium", "dissolve", "wipe", "exposure", "cdl", "h264", "h265", "none", "yuv420p", "png",
    [], [1, 2], [1, 2, 3], ["a", 1], [0.5, 0.5], {}, {"keyframes": []}, {"src": "a.mp4"},
    {"keyframes": [{"time": 0, "value": 1}]}, {"keyframes": [{"time": "1s", "value": [1, 1, 1]}]},
    {"clip": "a.mp4"}, {"op": "exposure"}, {"op": "lut"}, {"op": "lut", "src": "x.cube"},
    {"name": "dissolve"}, {"name": "wipe", "softness": 0.5, "duration": 1},
    [{"clip": "a.mp4"}, {"transition": "fade"}, {"text": "x", "color": "red"}],
    [{"op": "saturation", "amount": 2}], {"tracks": [{"clips": [{"gap": 1}]}]},
]  # fmt: skip
KEYS = [
    "version", "clip", "image", "text", "color", "gap", "transition", "in", "out", "start",
    "duration", "opacity", "oppacity", "position", "fit", "grade", "effects", "volume", "fade_in",
    "loop", "speed", "auto", "mute", "enabled", "metadata", "op", "name", "src", "asset", "stops",
    "slope", "keyframes", "time", "value", "easing", "path", "codec", "crf", "bitrate", "at",
    "tracks", "clips", "id", "size", "font", "timeline", "assets", "outputs", "direction",
]  # fmt: skip


FILES = ["specs/edit.schema.json", "specs/ops.md", "specs/reference.md", "vedc/ops/core/index.py"]


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(value, dict):
        found += [p for key, child in value.items() for p in paths(child, (*path, key))]
    elif isinstance(value, list):
        found += [p for i, child in enumerate(value) for p in paths(child, (*path, i))]
    return found


def mutate(data: Any, path: tuple[Any, ...], how: str, key: str, value: Any) -> Any:
    data = copy.deepcopy(data)
    if not path:
        if isinstance(data, dict) and how == "add":
            data[key] = value
        return data
    holder = data
    for step in path[:-1]:
        holder = holder[step]
    target = holder[path[-1]]
    if how == "delete":
        del holder[path[-1]]
    elif how == "add" and isinstance(target, dict):
        target[key] = copy.deepcopy(value)
    elif how == "add" and isinstance(target, list):
        target.append(copy.deepcopy(value))
    else:
        holder[path[-1]] = copy.deepcopy(value)
    return data


def ours(data: Any) -> list[str]:
    return [p.headline() for p in validate_tree(SpecNode.of(data))]


def _headline(error: jsonschema.ValidationError) -> str:
    return f"{list(error.absolute_path)}: {error.message[:200]}"


def theirs(data: Any) -> list[str]:
    return [_headline(e) for e in language_validator().iter_errors(data)]


def agree(data: Any) -> None:
    mine = ours(data)
    assert bool(mine) != language_validator().is_valid(data), (mine, theirs(data), data)


@pytest.mark.slow
def test_the_schema_is_draft_07_and_stays_with_what_editors_read() -> None:
    schema = language_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    text = fresh_files()["specs/edit.schema.json"]
    for newer in ("$defs", "unevaluated", "dependentRequired", "dependentSchemas", "prefixItems"):
        assert newer not in text
    for definition in schema["definitions"].values():
        assert "oneOf" not in json.dumps(definition)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.slow
def test_generated_files_are_fresh(name: str) -> None:
    stored = (ROOT / name).read_text(encoding="utf-8")
    assert fresh_files().keys() == set(FILES)
    assert stored == fresh_files()[name], f"{name} is stale: run `make docs`"


def test_every_definition_and_every_key_of_it_is_described() -> None:
    schema = language_schema()
    records = [schema, *(d for d in schema["definitions"].values() if "properties" in d)]
    assert {"clip", "grade_exposure", "transition_wipe"} <= schema["definitions"].keys()
    for record in records:
        for key, value in record["properties"].items():
            if "$ref" in value:
                value = schema["definitions"][value["$ref"].rpartition("/")[2]]
            assert value.get("description"), key


def test_a_full_spec_is_valid() -> None:
    assert ours(FULL) == []
    assert theirs(FULL) == []


@pytest.mark.parametrize("start", range(8))
@pytest.mark.slow
def test_verdicts_agree_when_one_value_is_replaced_or_removed(start: int) -> None:
    for number, path in enumerate(paths(FULL)[start::8]):
        agree(mutate(FULL, path, "delete", "", None))
        for value in VALUES[(start + number) % 8 :: 8]:
            agree(mutate(FULL, path, "replace", "", value))


STEPS = st.lists(
    st.tuples(
        st.integers(0, 10**6),
        st.sampled_from(["add", "replace", "delete"]),
        st.sampled_from(KEYS),
        st.sampled_from(VALUES),
    ),
    min_size=1,
    max_size=3,
)


def mutated(steps: list[tuple[int, str, str, Any]]) -> Any:
    data = FULL
    for pick, how, key, value in steps:
        known = paths(data)
        data = mutate(data, known[pick % len(known)], how, key, value)
    return data


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(STEPS)
def test_verdicts_agree_on_mutated_specs(steps: list[tuple[int, str, str, Any]]) -> None:
    agree(mutated(steps))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    for name in ("talk.mp4", "a.mp4", "theme.flac", "a.png", "a.ttf", "logo.png", "talk"):
        (folder / name).write_bytes(b"x")
    points = "".join(f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))
    for name in ("teal.cube", "x.cube"):
        (folder / name).write_text(f"LUT_3D_SIZE 2\n{points}")
    return folder


def prober(path: Path) -> MediaInfo:
    second = Fraction(20)
    sound = AudioInfo(48000, 2, "stereo", "aac", Fraction(0), second)
    rate = Fraction(24000, 1001)
    picture = VideoInfo(
        64, 48, Fraction(4, 3), 90, "yuv420p", "yuv420p", rate, Color(), True, "h264", rate, 480
    )
    if path.suffix == ".flac":
        return MediaInfo(str(path), 1, 1, "audio", "flac", second, None, sound)
    if path.suffix == ".png":
        return MediaInfo(str(path), 1, 1, "image", "png", None, picture, None)
    return MediaInfo(str(path), 1, 1, "video", "mp4", second, picture, sound)


def fonts(path: Path) -> FontInfo:
    return FontInfo(str(path), "Plain", ((32, 126),))


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(steps=STEPS)
def test_what_is_valid_has_one_canonical_form_and_resolves_or_says_why(
    folder: Path, steps: list[tuple[int, str, str, Any]]
) -> None:
    data = mutated(steps)
    if ours(data) or "${{" in json.dumps(data):
        return
    once = expand(Document("s.yaml", folder / "s.yaml", SpecNode.of(data)))
    assert validate(once) == ()
    assert expand(once).data == once.data
    with suppress(UserError):  # anything else is a bug
        resolve_all(once, CheckContext(folder, prober, fonts))


def test_the_full_spec_resolves(folder: Path) -> None:
    document = expand(Document("s.yaml", folder / "s.yaml", SpecNode.of(FULL)))
    film, web, poster = resolve_all(document, CheckContext(folder, prober, fonts))
    assert film.duration > 0
    assert (film.output.codec, web.output.codec, poster.output.codec) == ("h264", "vp9", "png")


def test_expressions_may_stand_for_values_in_an_editor() -> None:
    data = mutate(FULL, ("profile", "width"), "replace", "", "${{ w }}")
    data = mutate(data, ("timeline", "tracks", 0, "opacity"), "replace", "", "${{ o }}")
    data = mutate(data, ("timeline", "tracks", 0, "clips", 5, "color"), "replace", "", "${{ c }}")
    assert theirs(data) == []


#: A spec with § before each mistake, and the codes in order of place.
CASES = [
    ("version: §2\ntimeline: []", "unknown-version"),
    ("§timeline: [{clip: a.mp4}]", "missing-key"),
    ("version: 1\ntimeline: §[]", "empty-timeline"),
    ("version: 1\ntimeline:§", "empty-timeline"),
    ("version: 1\ntimeline: {tracks: [{clips: §[]}]}", "empty-track"),
    ("version: 1\ntimeline: [{clip: a.mp4, §oppacity: 1}]", "unknown-key"),
    ("version: 1\ntimeline: [{clip: a.mp4, opacity: §3}]", "out-of-range"),
    ("version: 1\ntimeline: [{clip: a.mp4, opacity: §'0.5'}]", "wrong-type"),
    ("version: 1\ntimeline: [{clip: a.mp4, §match: 2}]", "unknown-key"),
    ("version: 1\ntimeline: [{composition: §{}}]", "missing-key"),
    ("version: 1\ntimeline: [{auto: §{from: a.mp4}}]", "missing-key"),
    ("version: 1\ntimeline: [{auto: {from: a.mp4, cut: §loud}}]", "unknown-value"),
    ("version: 1\ntimeline: [{auto: {from: a.mp4, cut: shots, grade: §bal}}]", "unknown-decision"),
    ("version: 1\ntimeline: [{auto: {from: a.mp4, cut: {keep: §speach}}}]", "unknown-measure"),
    ("version: 1\ntimeline: [{clip: a.mp4}, {transition: auto, §duration: 1s}]", "unknown-key"),
    ("version: 1\ntimeline: [{clip: a.mp4, blend_mode: §scren}]", "unknown-op"),
    ("version: 1\ntimeline: [{clip: a.mp4, blend_space: §log}]", "unknown-value"),
    ("version: 1\ntimeline: [{clip: a.mp4, fit: §fill}]", "unknown-value"),
    ("version: 1\ntimeline: [{clip: a.mp4, §image: b.png}]", "two-kinds"),
    ("version: 1\ntimeline: [§{duration: 3s}]", "missing-key"),
    ("version: 1\ntimeline: [{§txt: hi}]", "unknown-key"),
    ("version: 1\ntimeline: [§beach.mp4]", "wrong-type"),
    ("version: 1\ntimeline: [{clip: a.mp4, out: 3s, §duration: 1s}]", "conflict"),
    ("version: 1\ntimeline: [{clip: a.mp4, out: §3sec}]", "bad-time"),
    ("version: 1\ntimeline: [{gap: §50%}]", "bad-time"),
    ("version: 1\ntimeline: [{clip: a.mp4, volume: §-6}]", "wrong-type"),
    ("version: 1\ntimeline: [{clip: a.mp4, volume: {keyframes: §[]}}]", "empty-keyframes"),
    ("version: 1\ntimeline: [{clip: a.mp4, volume: {keyframes: [{time: 0, value: §1}]}}]",
     "wrong-type"),
    ("version: 1\ntimeline: [{clip: a.mp4, pan: §-2}]", "out-of-range"),
    ("version: 1\ntimeline: [{clip: a.mp4}]\nmaster: {§opacity: 1}", "unknown-key"),
    ("version: 1\ntimeline: [{color: §goldd}]", "bad-color"),
    ("version: 1\ntimeline: [{text: §2024}]", "wrong-type"),
    ("version: 1\ntimeline: [{clip: a.mp4, mute: §no}]", "wrong-type"),
    ("version: 1\ntimeline: [{clip: a.mp4, grade: [{op: §expossure}]}]", "unknown-op"),
    ("version: 1\ntimeline: [{clip: a.mp4, grade: [{op: §dissolve}]}]", "wrong-kind-of-op"),
    ("version: 1\ntimeline: [{clip: a.mp4, grade: [{op: §halo}]}]", "wrong-kind-of-op"),
    ("version: 1\ntimeline: [{clip: a.mp4, grade: [§exposure]}]", "wrong-type"),
    ("version: 1\ntimeline: [{clip: a.mp4, grade: [§{stops: 1}]}]", "missing-key"),
    ("version: 1\ntimeline: [{clip: a.mp4, grade: [§{op: lut, strength: 1}]}]", "missing-key"),
    ("version: 1\ntimeline: [{clip: a.mp4, grade: [{op: cdl, slope: §[1, 2]}]}]", "wrong-type"),
    ("version: 1\ntimeline: [{clip: a.mp4, grade: [{op: cdl, slope: [1, §x, 1]}]}]", "wrong-type"),
    ("version: 1\ntimeline: [{transition: §disolve}]", "unknown-op"),
    ("version: 1\ntimeline: [{transition: {name: wipe, duration: 1}, §duration: 1}]", "conflict"),
    ("version: 1\ntimeline: [{clip: a.mp4}]\nprofile: {fps: §fast}", "bad-rate"),
    ("version: 1\ntimeline: [{clip: a.mp4}]\nprofile: {width: §1080.5}", "wrong-type"),
    ("version: 1\ntimeline: [{clip: a.mp4}]\noutputs: §{path: a.mp4}", "wrong-type"),
    ("version: 1\ntimeline: [{clip: a.mp4}]\noutputs: §[]", "no-outputs"),
    ("version: 1\ntimeline: [{clip: a.mp4}]\n§output: a.mp4", "unknown-key"),
    ("version: 1\ntimeline: [{clip: a.mp4}]\noutputs: [{path: a.mp4, codec: §h265}]",
     "unknown-value"),
    ("version: 1\ntimeline: [{clip: a.mp4}]\nassets: {a: {src: x, color: {transfer: §log9}}}",
     "unknown-value"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "code"), CASES, ids=range(len(CASES)))
def test_a_mistake_is_reported_at_its_place(marked: str, code: str) -> None:
    before = marked.partition("§")[0]
    line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
    problems = validate(load_text(marked.replace("§", ""), "s.yaml"))
    assert [p.code for p in problems] == [code], problems
    place = problems[0].location
    assert place is not None
    assert (place.line, place.column) == (line, column)


def test_all_mistakes_are_reported_at_once_in_order_of_place() -> None:
    text = """\
version: 1
profile: {width: wide}
timeline:
  - {clip: a.mp4, opacity: 2, colour: red}
  - {transition: wype}
outputs: [{path: a.mp4, crf: x}]
"""
    problems = validate(load_text(text, "s.yaml"))
    assert [p.code for p in problems] == [
        "wrong-type", "out-of-range", "unknown-key", "unknown-op", "wrong-type",
    ]  # fmt: skip
    assert [p.location.line for p in problems if p.location] == [2, 4, 4, 5, 6]


def test_messages_speak_of_the_edit() -> None:
    text = "version: 1\ntimeline: [{clip: a.mp4, oppacity: 1, opacity: 3, grade: [{op: lutt}]}]"
    problems = validate(load_text(text, "s.yaml"))
    assert [p.message for p in problems] == [
        "'oppacity' is not a key of clip; did you mean 'opacity'?",
        "opacity must be a number from 0 to 1, not 3",
        "'lutt' is not a grade op; did you mean 'lut'?",
    ]


@pytest.mark.slow
def test_every_spelling_of_a_transition_is_accepted_and_no_other_name() -> None:
    shared: dict[str, Any] = {}
    rule = TRANSITION_CALL.schema(shared)
    validator = remembering({"allOf": [rule], "definitions": shared})

    def verdict(data: Any) -> bool:
        problems = Problems()
        TRANSITION_CALL.check(SpecNode.of(data), "transition", problems)
        assert validator.is_valid(data) != bool(problems), data
        return not problems

    for number, name in enumerate(sorted({*PRESETS, *ops.names()})):
        meant = spelled(name)
        known = meant in PRESETS or ops.get(meant).kind == "transition"
        shouted = f" {name.upper().replace('_', ' ')}-"
        apart = "_".join(name.swapcase())
        for spelling in (name, (shouted, apart)[number % 2]):
            assert verdict(spelling) <= known
            if number % 8 == 0:
                verdict({"name": spelling, "duration": "1s"})
                assert not verdict({"name": spelling, "no_parameter": 1})
        if number % 4 == 0:
            assert not verdict(f"{name}x")
    assert verdict("Gl:Polka-Dots CURTAIN") and verdict({"name": "WIPE", "direction": "up"})
    assert not verdict({"name": "W i p e", "direction": "inwards"})


@pytest.mark.parametrize(
    ("rest", "valid"),
    [
        ("audio: [{clip: a.wav}]\noutputs: [{path: show.mp3}, {path: b.WAV}]", True),
        ("audio: [{clip: a.wav}]\noutputs: [{path: show.mka, codec: none}]", True),
        ("audio: [{clip: a.wav}]\noutputs: [{path: show.mp3}, {path: show.mp4}]", False),
        ("audio: [{clip: a.wav}]\noutputs: [{path: show.mp3, codec: h264}]", False),
        ("audio: [{clip: a.wav}]", False),
        ("audio: []\noutputs: [{path: show.mp3}]", False),
        ("outputs: [{path: show.mp3}]", False),
        ("audio: [{clip: a.wav}]\noutputs: [{path: a.mp3}]\ntimeline: {tracks: []}", False),
    ],
)
def test_what_needs_no_timeline(rest: str, valid: bool) -> None:
    document = load_text(f"version: 1\n{rest}\n")
    assert (validate(document) == ()) is valid
    assert language_validator().is_valid(document.root.plain()) is valid
