"""Captions made from speech: from the lock to the film, after every kind of edit."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from tests.media.speech.espeak import speak
from vedc.captions.lines import letters
from vedc.captions.spoken import SpokenWord
from vedc.captions.spoken_text import read_words, written
from vedc.cli import app
from vedc.decide.lock.lock_file import Lock
from vedc.decide.words import recognise
from vedc.decide.words.alignment import aligner
from vedc.edit.contents import Caption, Clip
from vedc.edit.model import Edit
from vedc.errors import LockError, MissingError, SpecError, UserError
from vedc.workspace.build import Build, Deciding

SAID = (
    "Good morning, everyone. The new laboratory will open in the next quarter, and the machines "
    "for it have been ordered. We fixed the problem that Doctor Smith found, because it came back "
    "every week. Thank you very much for your attention!"
)
FRAME = Fraction(1, 25)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of a voice, 64x48, with its script beside it."""
    pytest.importorskip("pocketsphinx", reason="needs vedc[align]")
    samples, rate, _ = speak(SAID)
    folder = tmp_path_factory.mktemp("talk")
    (folder / "talk.txt").write_text(f"ANNA: {SAID}\n")
    with av.open(str(folder / "talk.mkv"), "w") as out:
        video = out.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        sound = out.add_stream("pcm_s16le", rate=rate, layout="mono")
        for number in range(int(len(samples) / rate * 25) + 1):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), format="rgb24")
            frame.pts = number
            out.mux(video.encode(frame))
        out.mux(video.encode())
        block = av.AudioFrame.from_ndarray(samples[None].astype(np.int16), "s16", "mono")
        block.sample_rate, block.pts = rate, 0
        out.mux(sound.encode(block))
        out.mux(sound.encode())
    return folder


@pytest.fixture
def project(tmp_path: Path, talk: Path) -> Callable[..., Path]:
    """Makes a spec beside the talk, with the given clips and captions."""

    def make(clips: str, captions: str, name: str = "film.vedc.yaml", more: str = "") -> Path:
        for file in talk.iterdir():
            if not (tmp_path / file.name).exists():
                (tmp_path / file.name).symlink_to(file)
        spec = tmp_path / name
        spec.write_text(
            "version: 1\n"
            f"timeline: {{tracks: [{{id: main, clips: [{clips}]}}{more}]}}\n"
            f"captions: {captions}\n"
            "outputs: [{path: out.mkv}]\n"
        )
        return spec

    return make


def resolved(spec: Path, mode: Any = "decide") -> Edit:
    build = Build(spec, allow=[spec.parent, spec.parent.parent.parent])
    deciding = Deciding(build, mode)
    (edit,) = build.edits(deciding)
    deciding.save()
    return edit


def codes(spec: Path, mode: Any = "decide") -> list[str]:
    with pytest.raises(UserError) as caught:
        resolved(spec, mode)
    return [problem.code for problem in caught.value.problems]


def locked_words(spec: Path) -> list[SpokenWord]:
    (entry,) = Lock.load(spec.parent / "vedc.lock").entries(spec.name)
    return [
        word
        for item in entry.items
        for word in read_words(item.node["say"].text, item.node["times"].text)
    ]


def burned(edit: Edit) -> list[Caption]:
    found = [*edit.captions, *(c for track in edit.tracks for c in track.captions)]
    return sorted(found, key=lambda caption: caption.start)


CUT = (
    "{clip: talk.mkv, in: 0s, out: 6s}, {transition: dissolve, duration: 0.4s}, "
    "{clip: talk.mkv, in: 8s, out: 12s, speed: 1.25}, {clip: talk.mkv, in: 13s, out: 15s}"
)


def test_captions_follow_trims_speeds_and_transitions(project: Callable[..., Path]) -> None:
    spec = project(CUT, "{script: talk.txt, of: main, burn: true, style: karaoke, max_chars: 24}")
    edit = resolved(spec)
    words = locked_words(spec)
    assert [word.text for word in words] == SAID.split()
    found = burned(edit)
    shown: list[tuple[str, Fraction]] = []
    for caption in found:
        lines = caption.text.text.split("\n")
        assert len(lines) <= 2 and all(len(line) <= 24 for line in lines)
        assert letters(caption.text.text) <= 20 * (caption.end - caption.start + 1) * FRAME
        assert caption.highlight is not None
        for frame, at in caption.words:
            text = re.split(r"\s", caption.text.text[at:])[0]
            shown.append((text, (caption.start + frame) * FRAME))
    expected: list[tuple[str, Fraction]] = []
    for item in edit.tracks[0].items:
        assert isinstance(item.content, Clip)
        (part,) = item.content.time_map.parts(0, (item.end - item.start) * FRAME)
        assert part.end is not None
        high = part.source + (part.end - part.begin) * part.slope
        for word in words:
            if part.source <= (word.start + word.end) / 2 < high:
                at = max(word.start, part.source)
                expected.append((word.text, item.start * FRAME + (at - part.source) / part.slope))
    assert sorted(text for text, _ in shown) == sorted(text for text, _ in expected)
    for (text, at), (wanted, time) in zip(
        sorted(shown, key=lambda each: (each[1], each[0])),
        sorted(expected, key=lambda each: (each[1], each[0])),
        strict=True,
    ):
        assert text == wanted and abs(at - time) <= FRAME, (text, wanted, at, time)


def test_another_edit_asks_nothing_new(
    project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    captions = "{script: talk.txt, burn: true}"
    spec = project("{clip: talk.mkv}", captions)
    whole = burned(resolved(spec))
    lock = (spec.parent / "vedc.lock").read_text()

    def nothing(name: str) -> None:
        raise AssertionError("no engine is needed for what is in the lock")

    monkeypatch.setattr(aligner, "find_spec", nothing)
    project("{clip: talk.mkv, in: 2s, out: 7s}", captions)
    part = burned(resolved(spec, "locked"))
    assert (spec.parent / "vedc.lock").read_text() == lock
    assert len(part) < len(whole) and part[0].start < 25


def test_a_person_corrects_a_word_and_its_time_stays(project: Callable[..., Path]) -> None:
    spec = project("{clip: talk.mkv}", "{script: talk.txt, burn: true, style: karaoke}")
    before = burned(resolved(spec))
    place = spec.parent / "vedc.lock"
    lock = place.read_text()
    assert "say:" in lock and "who: ANNA" in lock
    place.write_text(lock.replace("Doctor Smith", "Dr._John Smythe"))
    after = burned(resolved(spec))
    assert "edited: true" in place.read_text()
    text = " ".join(caption.text.text for caption in after).replace("\n", " ")
    assert "that Dr. John Smythe found" in text
    times = [
        [caption.start + frame for caption in found for frame, _ in caption.words]
        for found in (before, after)
    ]
    assert times[0] == times[1]
    assert burned(resolved(spec, "locked")) == after


def test_wrong_lines_of_the_lock_are_told_with_their_place(project: Callable[..., Path]) -> None:
    spec = project("{clip: talk.mkv}", "{script: talk.txt, burn: true}")
    resolved(spec)
    place = spec.parent / "vedc.lock"
    place.write_text(place.read_text().replace("Doctor Smith", "Doctor John Smith"))
    with pytest.raises(SpecError) as caught:
        resolved(spec)
    (problem,) = caught.value.problems
    assert problem.code == "bad-words" and problem.location is not None
    assert problem.location.file.endswith("vedc.lock") and problem.location.line > 5
    assert "15 words and 14 times" in problem.message and "New_York" in problem.message


def test_without_a_lock_they_stay_open(project: Callable[..., Path]) -> None:
    spec = project("{clip: talk.mkv}", "{script: talk.txt, burn: true}")
    assert burned(resolved(spec, "kept")) == []
    with pytest.raises(LockError):
        resolved(spec, "locked")


def test_captions_that_players_draw_and_files_of_them(project: Callable[..., Path]) -> None:
    spec = project(CUT, "{script: talk.txt, language: en}")
    edit = resolved(spec)
    (stream,) = edit.caption_streams
    assert stream.language == "eng" and stream.cues and not any(c.words for c in stream.cues)
    told = CliRunner().invoke(app, ["words", str(spec), "--as", "srt", "-q"], catch_exceptions=True)
    if told.exception is None:  # media beside a spec may be links to another folder
        assert told.stdout.count("-->") == len(stream.cues)


@pytest.mark.parametrize(
    ("captions", "code"),
    [
        ("{script: talk.txt, of: other}", "unknown-track"),
        ("{script: none.txt}", "file-missing"),
        ("{script: talk.txt, language: de}", "conflict"),
        ("{script: talk.txt, from: speech}", "conflict"),
        ("{from: music}", "unknown-value"),
        ("{src: talk.srt, max_chars: 30}", "no-effect"),
        ("{script: talk.txt, encoding: utf-8}", "no-effect"),
        ("{script: talk.txt, max_chars: 5}", "out-of-range"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    project: Callable[..., Path], captions: str, code: str
) -> None:
    assert code in codes(project("{clip: talk.mkv}", captions))


def test_the_words_of_compositions_are_not_looked_for(project: Callable[..., Path]) -> None:
    spec = project("{composition: inner}", "{src: talk.srt}")
    (spec.parent / "talk.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    inner = "{clip: talk.mkv, captions: {script: talk.txt}}"
    text = spec.read_text() + f"compositions: {{inner: {{timeline: [{inner}]}}}}\n"
    spec.write_text(text)
    assert "no-decision" in codes(spec)
    assert "no-decision" in codes(project("{color: red, duration: 1s}", "{script: talk.txt}"))


def test_a_missing_engine_or_model_is_named_at_its_place(
    project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognise, "find_spec", lambda name: None)
    spec = project("{clip: talk.mkv}", "{from: speech}")
    with pytest.raises(MissingError) as caught:
        resolved(spec)
    (problem,) = caught.value.problems
    assert caught.value.exit_code == 4 and problem.code == "missing-extra"
    assert problem.hint is not None and "pip install 'vedc[speech]'" in problem.hint
    assert problem.location is not None and problem.location.line == 3
    monkeypatch.setattr(recognise, "find_spec", lambda name: object())
    assert codes(spec) == ["no-speech-model"]


def test_one_script_is_of_one_file(project: Callable[..., Path], talk: Path) -> None:
    spec = project("{clip: talk.mkv}, {clip: other.mkv}", "{script: talk.txt}")
    (spec.parent / "other.mkv").write_bytes((talk / "talk.mkv").read_bytes())
    assert "conflict" in codes(spec)


def test_lines_of_words_are_read_as_they_are_written() -> None:
    words = [
        SpokenWord("New York", Fraction(1), Fraction(3, 2)),
        SpokenWord("smoke", Fraction(3, 2), Fraction(2), 0.2),
    ]
    say, times = written(words)
    assert (say, times) == ("New_York smoke(?)", "1.00-1.50 1.50-2.00")
    read = read_words(say, times)
    assert [(w.text, w.start, w.end, w.certain) for w in read] == [
        (w.text, w.start, w.end, w.certain) for w in words
    ]
    assert [w.text for w in read_words("New_York -", times)] == ["New York"]
    for say, times, why in (
        ("one two", "1-2", "2 words and 1 time"),
        ("one", "1:2", "is not a time"),
        ("one", "2-1", "ends before"),
    ):
        with pytest.raises(ValueError, match=why):
            read_words(say, times)


def test_explain_says_what_is_said_at_a_time(
    project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = project("{clip: talk.mkv, in: 0.5s}", "{script: talk.txt}")
    monkeypatch.chdir(spec.parent)
    resolved(spec)
    word = next(word for word in locked_words(spec) if word.text == "laboratory")
    at = float((word.start + word.end) / 2) - 0.5
    line = [
        "explain",
        spec.name,
        "--at",
        f"{at:.2f}s",
        "--allow-path",
        str(spec.parent.parent.parent),
    ]
    told = CliRunner().invoke(app, line, catch_exceptions=False).stdout
    assert "The new [laboratory] will open" in told and "ANNA says in talk.mkv from" in told
    assert "vedc.lock:" in told and "found by" in told
    (said,) = json.loads(CliRunner().invoke(app, [*line, "--json"]).stdout)["words"]
    assert said["word"] == "laboratory" and said["speaker"] == "ANNA"
    assert said["start"] < 0.5 + at < said["end"]
    silent = CliRunner().invoke(app, [*line[:3], "0s", *line[4:]], catch_exceptions=False).stdout
    assert "laboratory" not in silent


class _Heard:
    """A stand-in for Whisper that recognises two words."""

    language = "en"

    def __init__(self, folder: Path, language: str, start: Fraction) -> None:
        self.start = start

    def push(self, voice: Any) -> None:
        pass

    def finish(self) -> tuple[SpokenWord, ...]:
        at = self.start + 1
        return (SpokenWord("Good", at, at + 1), SpokenWord("morning.", at + 1, at + 2))


def test_a_model_that_the_spec_names_is_pinned(
    project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognise, "find_spec", lambda name: object())
    monkeypatch.setattr(recognise, "engine", lambda folder: "stand-in")
    monkeypatch.setattr(recognise, "Recogniser", _Heard)
    spec = project("{clip: talk.mkv}", "{from: speech, model: models/w, burn: true}")
    folder = spec.parent / "models" / "w"
    folder.mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_text(name)
    (caption,) = burned(resolved(spec))
    assert caption.text.text == "Good morning."
    held = Lock.load(spec.parent / "vedc.lock").models
    assert [*held] == ["models/w"] and held["models/w"].startswith("sha256:")
    assert burned(resolved(spec, "locked")) == [caption]
    (folder / "config.json").write_text("another")
    for mode in ("decide", "locked", "kept"):
        with pytest.raises(LockError) as caught:
            resolved(spec, mode)
        (problem,) = caught.value.problems
        assert caught.value.exit_code == 5 and problem.code == "model-changed"
        assert "vedc lock --accept" in (problem.hint or "")
        assert problem.location is not None and problem.location.line == 3
    resolved(spec, "accept")
    assert Lock.load(spec.parent / "vedc.lock").models != held
    (folder / "config.json").unlink()
    assert codes(spec) == ["no-speech-model"]
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    assert burned(resolved(spec, "locked")) == [caption]  # the recognised words are in the lock
