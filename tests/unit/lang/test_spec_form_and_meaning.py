"""Errors of form neither hide nor cause errors of meaning: one run reports them all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from tests.unit.lang import test_spec_schema as full
from vedc.color import Color
from vedc.edit.font_info import FontInfo
from vedc.edit.media_info import AudioInfo, MediaInfo, VideoInfo
from vedc.errors import MissingError, Problem, SpecError, UserError
from vedc.lang.files import failure
from vedc.lang.resolve.compile import check
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.questions import questions
from vedc.lang.validate import validate_tree
from vedc.lang.yaml.load import Document, load_text

folder = full.folder

TEN = Fraction(10)
SOUND = AudioInfo(48000, 2, "stereo", "aac", Fraction(0), TEN)
CUBE = "LUT_3D_SIZE 2\n" + "".join(f"{r} {g} {b}\n" for b in (0, 1) for g in (0, 1) for r in (0, 1))


def prober(path: Path) -> MediaInfo:
    """Ten seconds of each: picture of 1280x720 at 30, or of 853x480 at 24 in ``odd.mp4``."""
    width, height, rate = (853, 480, 24) if path.stem == "odd" else (1280, 720, 30)
    picture = VideoInfo(
        width, height, Fraction(1), 0, "yuv420p", "yuv420p", Fraction(rate), Color(), True,
        "h264", Fraction(1, 90000), rate * 10,
    )  # fmt: skip
    if path.suffix == ".flac":
        return MediaInfo(str(path), 1, 1, "audio", "flac", TEN, None, SOUND)
    if path.suffix == ".png":
        return MediaInfo(str(path), 1, 1, "image", "png", None, picture, None)
    return MediaInfo(str(path), 1, 1, "video", "mp4", TEN, picture, SOUND)


def fonts(path: Path) -> FontInfo:
    return FontInfo(str(path), "Plain", ((32, 126),))


def settle(document: Document, context: CheckContext) -> Document:
    """Asks what a spec leaves open, and leaves it open."""
    questions(document.root, context, joins=False)
    if context.problems:
        raise failure(context.problems)
    return document


Find = Callable[[str], tuple[Problem, ...]]


@pytest.fixture
def find(tmp_path: Path) -> Find:
    for name in ("a.mp4", "b.mp4", "odd.mp4", "song.flac", "pic.png", "font.ttf"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "look.cube").write_text(CUBE)

    def problems(text: str) -> tuple[Problem, ...]:
        context = CheckContext(tmp_path, prober, fonts)
        try:
            check(load_text(f"version: 1\n{text}", "s.yaml"), context, settle)
        except (SpecError, MissingError) as error:
            return error.problems
        return ()

    return problems


#: Mistakes, with § before the place of each problem, and their codes in this order.
BOTH = {
    "an unknown key on one item, an end beyond the file on the next": (
        "timeline: [{clip: a.mp4, §wibble: 1}, {clip: b.mp4, out: §12s}]",
        ["unknown-key", "out-beyond-end"],
    ),
    "both on one item": (
        "timeline: [{clip: a.mp4, §oppacity: 1, out: §12s}]",
        ["unknown-key", "out-beyond-end"],
    ),
    "a wrong value and an end beyond the file on one item": (
        "timeline: [{clip: a.mp4, opacity: §2, out: §12s}]",
        ["out-of-range", "out-beyond-end"],
    ),
    "an unknown key at the top, a transition that is too long": (
        "§wibble: 1\ntimeline: [{clip: a.mp4, out: 1s}, "
        "{transition: dissolve, duration: §2s}, {clip: b.mp4}]",
        ["unknown-key", "transition-too-long"],
    ),
    "in other tracks": (
        "timeline: {tracks: [{clips: [{clip: §5}]}, {clips: [{clip: a.mp4, in: §11s}]}, "
        "{§oops: 1, clips: [{image: pic.png, duration: 1s}, {clip: §no.mp4}]}]}",
        ["wrong-type", "in-beyond-end", "unknown-key", "file-missing"],
    ),
    "a track without clips, and the sound": (
        "timeline: {tracks: [§{id: x}, {clips: [{clip: a.mp4}]}]}\n"
        "audio: [{clip: song.flac, out: §11s}]",
        ["missing-key", "out-beyond-end"],
    ),
    "a file and a font that are missing, and a glyph": (
        "timeline: [{clip: §no.mp4, fit: §wide}, {text: Hi, font: §no.ttf, duration: 1s}, "
        "{text: §é, duration: 1s, align: §middle}]",
        ["file-missing", "unknown-value", "file-missing", "missing-glyph", "unknown-value"],
    ),
    "assets: one wrong in form, one missing, one not known": (
        "assets: {a: §[], b: §no.mp4}\ntimeline: [{clip: a}, {clip: b}, {clip: §c}]",
        ["wrong-type", "file-missing", "unknown-asset"],
    ),
    "outputs: one wrong in form, one in meaning": (
        "timeline: [{clip: a.mp4}]\n"
        "outputs: [{path: §5}, {path: a.mkv, codec: vp9, crf: §99}, {path: b.mp4, codec: §prores},"
        " {path: §a.mp4}]",
        ["wrong-type", "out-of-range", "wrong-container", "output-is-input"],
    ),
    "within one output": (
        "timeline: [{clip: a.mp4}]\noutputs: [{path: b.mp4, codec: §prores, dither: §no}]",
        ["wrong-container", "unknown-value"],
    ),
    "no sound output is left, and the timeline is checked": (
        "timeline: [{clip: a.mp4, out: §11s}]\noutputs: [{path: §5}]",
        ["out-beyond-end", "wrong-type"],
    ),
    "no timeline is left, and the rest is checked": (
        "timeline: §5\nassets: {a: §no.mp4}\noutputs: [{path: a.mp4, codec: §prores}]",
        ["wrong-type", "file-missing", "wrong-container"],
    ),
    "an op of a wrong name, keyframes in a wrong order in the next": (
        "timeline: [{clip: a.mp4, grade: [{op: §exposur}, {op: exposure, stops: {keyframes: "
        "[{time: 2s, value: 0}, {time: §1s, value: 1}]}}]}]",
        ["unknown-op", "keyframe-order"],
    ),
    "in the ops of an item whose length is not known": (
        "timeline: [{image: pic.png, duration: §soon, grade: [{op: curves, "
        "red: [[0.5, 0], §[0.2, 1]]}]}]",
        ["bad-time", "curve-order"],
    ),
    "one keyframe of several": (
        "timeline: [{clip: a.mp4, opacity: {keyframes: [{time: 0s, value: §2}, "
        "{time: §11s, value: 1}]}}]",
        ["out-of-range", "keyframe-beyond"],
    ),
    "a table that is missing in an op with another mistake": (
        "timeline: [{clip: a.mp4, grade: [{op: lut, src: §no.cube, strength: §5}]}]",
        ["file-missing", "out-of-range"],
    ),
    "files in what is of no use as a whole": (
        "timeline: [{clip: a.mp4}, {transition: {name: luma_wipe, src: §no.png, "
        "§softnes: 0.1}}, {clip: b.mp4}]",
        ["file-missing", "unknown-key"],
    ),
    "a transition that is wrong, another that is too long": (
        "timeline: [{clip: a.mp4}, {transition: §dissolv}, {clip: b.mp4, out: 1s}, "
        "{transition: fade, duration: §2s}, {clip: a.mp4}]",
        ["unknown-op", "transition-too-long"],
    ),
    "a transition in the wrong place, another of no name": (
        "timeline: [§{transition: fade}, {clip: a.mp4}, {transition: §5}, {clip: a.mp4}]",
        ["transition-first", "wrong-type"],
    ),
    "a broken expression and an error of meaning": (
        "timeline: [{clip: a.mp4, volume: '${{ §loud }}'}, {clip: b.mp4, out: §11s}]",
        ["expression-name", "out-beyond-end"],
    ),
    "a broken variable, a broken expression and errors of form and meaning": (
        "variables: {n: {type: integer, default: §x}, m: {type: integer, default: 12}}\n"
        "timeline: [{clip: a.mp4, in: '${{ n }}', fit: §wide}, "
        "{clip: b.mp4, out: §'${{ m }}'}, {clip: a.mp4, volume: '${{ §k }}'}]",
        ["variable-value", "unknown-value", "out-beyond-end", "expression-name"],
    ),
    "a conflict, and an end beyond the file": (
        "timeline: [{clip: a.mp4, out: 2s, §duration: 3s}, {clip: b.mp4, out: §11s}]",
        ["conflict", "out-beyond-end"],
    ),
    "an auto item of no method, and one of a file without picture": (
        "timeline: [{auto: {from: a.mp4, cut: {method: §magic}}}, "
        "{auto: {from: song.flac, cut: §{method: shots}}}]",
        ["unknown-value", "no-picture"],
    ),
    "questions that cannot be asked, and the timeline": (
        "timeline: [{auto: {from: song.flac, cut: §{method: shots}}}, {clip: a.mp4, out: §11s}]",
        ["no-picture", "out-beyond-end"],
    ),
}

#: Mistakes of form only: they may cause no other report.
ALONE = {
    "a length that is not known": (
        "timeline: [{clip: a.mp4, out: §x}, {transition: fade, duration: 9s}, {clip: b.mp4}, "
        "{clip: b.mp4, start: 12s}]"
    ),
    "a misspelt length": "timeline: [{image: pic.png, §duratoin: 3s}, {text: Hi, duration: 100%}]",
    "a key that may mean the length": "timeline: [{image: pic.png, §seconds: 3s}]",
    "a speed that is none": (
        "timeline: [{clip: a.mp4, speed: §0}, {transition: fade, duration: 12s}, "
        "{image: pic.png, duration: 20s}]"
    ),
    "an item of no kind between transitions": (
        "timeline: [{clip: a.mp4}, {transition: fade}, §{opacity: 1}, {transition: fade}, "
        "{clip: a.mp4}]"
    ),
    "a transition of no sort": (
        "timeline: [{clip: a.mp4}, {transition: {duration: §x, name: fade}}, {clip: a.mp4}]"
    ),
    "a start that is not known": (
        "timeline: [{clip: a.mp4}, {clip: b.mp4, start: §x}, {clip: a.mp4, start: 15s}]"
    ),
    "an unknown first clip, whose size and rate the canvas takes": (
        "timeline: [{clip: §5}, {clip: odd.mp4, out: 200f}, {image: pic.png, duration: 1f}, "
        "{text: Hi, duration: 30f, opacity: {keyframes: [{time: 29f, value: 1}]}}]\n"
        "outputs: [{path: x.mp4}]"
    ),
    "a profile of a wrong width": (
        "profile: {width: §wide, fps: 24}\ntimeline: [{clip: odd.mp4}]\noutputs: [{path: x.mp4}]"
    ),
    "a size beside the profile": "§width: 1280\ntimeline: [{clip: odd.mp4}]",
    "an output of a wrong width": (
        "timeline: [{clip: odd.mp4}]\noutputs: [{path: x.mp4, height: §tall, width: 1280}]"
    ),
    "an output without a codec": (
        "timeline: [{clip: a.mp4}]\noutputs: [{path: x.mkv, codec: §mpeg9, crf: 55, preset: p9}]"
    ),
    "an output without a sound codec": (
        "timeline: [{clip: a.mp4}]\n"
        "outputs: [{path: x.mp4, audio_codec: §mp9, audio_bitrate: 128k}]"
    ),
    "assets of another name": "§media: {talk: a.mp4}\ntimeline: [{clip: talk}]",
    "an asset that cannot be read": "assets: {talk: {§sorc: a.mp4}}\ntimeline: [{clip: talk}]",
    "assets that cannot be read": "assets: §[a.mp4]\ntimeline: [{clip: talk}]",
    "defaults that may give a length": (
        "defaults: {image: {duration: §x}}\ntimeline: [{image: pic.png}]"
    ),
    "defaults of another name": "§default: {image: {duration: 3s}}\ntimeline: [{image: pic.png}]",
    "defaults that are none": "defaults: §3\ntimeline: [{image: pic.png}]",
    "defaults of transitions": (
        "defaults: {transition: {duration: §x}}\n"
        "timeline: [{color: red, duration: 0.2s}, {transition: fade}, {clip: a.mp4}]"
    ),
    "a font that may have the glyph": "timeline: [{text: é, duration: 1s, font: §5}]",
    "variables of another name": (
        "§vars: {n: {type: integer, default: 3}}\ntimeline: [{clip: a.mp4, in: '${{ n }}'}]"
    ),
    "a variable that is wrong": (
        "variables: {n: {type: §int, default: 3}}\n"
        "timeline: [{clip: a.mp4, in: '${{ n + 1 }}'}, {text: 'x ${{ n }}', duration: 1s}]"
    ),
    "a file named by a broken expression": "timeline: [{clip: '${{ §file }}.mp4'}]",
    "an expression for a list of tracks": "timeline: {tracks: '${{ §tracks }}'}",
    "a track that is longer than the others": (
        "timeline: {tracks: [{clips: [{clip: a.mp4, out: 1s}]}, {§clip: [{clip: b.mp4}]}]}\n"
        "audio: [{clip: song.flac, start: 5s}]\noutputs: [{path: x.png, at: 5s}]"
    ),
    "a loop of a wrong value": (
        "timeline: [{color: red, duration: 60s}]\n"
        "audio: [{clip: song.flac, duration: 30s, loop: §often}]"
    ),
    "an audio item whose start is not known": (
        "timeline: [{color: red, duration: 5s}]\naudio: [{clip: song.flac, start: §x, in: 9s}]"
    ),
    "colours of a source": (
        "assets: {talk: {src: a.mp4, color: {transfer: §log9}}}\ntimeline: [{clip: talk}]"
    ),
    "an item beside an auto item": (
        "timeline: [{auto: {from: a.mp4, cut: {method: shots}}, §wibble: 1}, {clip: a.mp4}]"
    ),
    "what a chosen transition stands beside": (
        "timeline: [{clip: a.mp4}, {transition: auto}, {§clips: b.mp4}]"
    ),
}


def marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its marks, and their lines and columns (``version: 1`` is line 1)."""
    places, plain = [], ""
    for part in text.split("§")[:-1]:
        plain += part
        places.append((plain.count("\n") + 2, len(plain) - plain.rfind("\n")))
    return text.replace("§", ""), places


def at(problem: Problem) -> tuple[int, int]:
    assert problem.location is not None
    return problem.location.line, problem.location.column


@pytest.mark.parametrize("name", BOTH)
def test_form_and_meaning_are_reported_together(name: str, find: Find) -> None:
    text, codes = BOTH[name]
    plain, places = marked(text)
    found = find(plain)
    assert [p.code for p in found] == codes
    assert [at(p) for p in found] == places


@pytest.mark.parametrize("name", ALONE)
def test_an_error_of_form_causes_no_other(name: str, find: Find) -> None:
    plain, places = marked(ALONE[name])
    assert [at(p) for p in find(plain)] == places, find(plain)


def test_without_its_error_of_form_a_spec_has_the_same_problems(find: Find) -> None:
    """The places of the errors of meaning do not depend on what else is wrong."""
    wrong = "{clip: a.mp4, out: 12s}, {transition: fade, duration: 30s}, {clip: b.mp4}"
    alone = find(f"timeline: [{wrong}]")
    both = find(f"timeline: [{wrong}, {{color: red, duration: 1s, wibble: 1}}]")
    assert {(p.code, p.message, p.location) for p in alone} < {
        (p.code, p.message, p.location) for p in both
    }
    assert len(both) == len(alone) + 1


def problems_of(data: Any, folder: Path) -> tuple[set[Problem], set[Problem]]:
    """Every problem of a spec, and its problems of form."""
    document = load_text(json.dumps(data), "s.yaml")
    root = document.root
    if isinstance(root.value, dict):
        root = root.with_value({k: v for k, v in root.value.items() if k != "variables"})
    try:
        check(document, CheckContext(folder, full.prober, full.fonts))
    except UserError as error:
        return set(error.problems), set(validate_tree(root))
    return set(), set(validate_tree(root))


def single_mistakes() -> Iterator[Any]:
    """The full spec with one mistake."""
    for number, path in enumerate(full.paths(full.FULL)):
        if path[:1] == ("variables",) or not path:
            continue
        yield full.mutate(full.FULL, path, "delete", "", None)
        yield full.mutate(full.FULL, path, "replace", "", (None, [], {}, -1, "?")[number % 5])
        yield full.mutate(full.FULL, path, "add", ("wibble", "duratoin", "speed")[number % 3], 1)


@pytest.mark.slow
def test_one_mistake_in_a_sound_spec_is_all_that_is_reported(folder: Path) -> None:
    for data in single_mistakes():
        found, form = problems_of(data, folder)
        assert not form or found == form, data


@settings(max_examples=200, deadline=None)
@given(steps=full.STEPS)
@pytest.mark.slow
def test_any_error_of_form_is_reported_and_nothing_breaks(
    folder: Path, steps: list[tuple[int, str, str, Any]]
) -> None:
    data = full.mutated(steps)
    if not isinstance(data, dict) or data.get("variables") != full.FULL["variables"]:
        return
    found, form = problems_of(data, folder)
    assert found >= form
