"""Cuts by words: which words are removed, which stay whole, how joins sound. The words are known
here, so no engine is needed except where one is tested."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from typer.testing import CliRunner

from tests.media.speech.espeak import speak
from tests.media.speech.judged import judged
from tests.media.speech.talks import talk as talk_of
from vedc.captions.spoken import SpokenWord
from vedc.cli import app
from vedc.decide.lock.lock_file import Lock
from vedc.decide.lock.resolve_lock import Mode
from vedc.decide.words import recognise, sources
from vedc.decide.words import words as analysis
from vedc.decide.words.alignment import aligner, sections
from vedc.decide.words.alignment.script import read_script
from vedc.edit.contents import Clip
from vedc.edit.model import Edit
from vedc.errors import LockError, MissingError, Problem, UserError
from vedc.workspace.build import Build, Deciding

RATE, FPS = 16_000, 25
#: Words with their times in hundredths of a second; those outside the script are in brackets.
SAID = (
    ("we", 40, 60), ("fixed", 66, 100), ("[um]", 120, 150), ("[we]", 160, 180),
    ("[fixed]", 184, 210), ("we", 222, 240), ("fixed", 246, 280), ("this.", 286, 320),
    ("Thank", 480, 510), ("you,", 514, 540), ("you", 560, 570), ("know", 574, 600),
    ("everyone.", 610, 670), ("Thank", 690, 720), ("you.", 724, 760),
)  # fmt: skip
LENGTH = 8


def spoken() -> list[SpokenWord]:
    return [
        SpokenWord(t.strip("[]"), Fraction(a, 100), Fraction(b, 100), 0.9, aside=t[0] == "[")
        for t, a, b in SAID
    ]


class Known:
    """A stand-in for the aligner that knows the words."""

    words: Sequence[SpokenWord] = ()
    heard = 0
    asides: tuple[bool, ...] = ()

    def __init__(self, script: Any, start: Fraction, file: str, asides: bool = False) -> None:
        Known.heard += 1
        Known.asides = (*Known.asides, asides)

    def push(self, voice: Any) -> None:
        pass

    def finish(self) -> tuple[SpokenWord, ...]:
        return tuple(word for word in self.words if not word.aside or self.asides[-1])


@pytest.fixture(autouse=True)
def known(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.get_closest_marker("slow"):  # with an engine
        return
    monkeypatch.setattr(Known, "words", spoken())
    monkeypatch.setattr(Known, "heard", 0)
    monkeypatch.setattr(Known, "asides", ())
    monkeypatch.setattr(analysis.aligner, "Aligner", Known)
    monkeypatch.setattr(sources, "need_pocketsphinx", lambda: None)


def sound(said: Sequence[SpokenWord]) -> np.ndarray[Any, Any]:
    """A tone for each word, each with a different pitch, in a room with a little noise."""
    samples = np.random.default_rng(1).normal(0, 4, LENGTH * RATE)
    for number, word in enumerate(said):
        first, end = int(word.start * RATE), int(word.end * RATE)
        times = np.arange(end - first) / RATE
        edge = np.minimum(1, np.minimum(times, times[::-1]) / 0.005)
        samples[first:end] += 6000 * edge * np.sin(2 * np.pi * (200 + 40 * number) * times)
    return samples.astype(np.int16)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of tones, 64x48, whose frames show their number as a level of grey."""
    folder = tmp_path_factory.mktemp("talk")
    samples = sound(spoken())
    with av.open(str(folder / "talk.mkv"), "w") as out:
        video = out.add_stream("ffv1", rate=FPS)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = out.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for number in range(LENGTH * FPS):
            frame = av.VideoFrame(64, 48, "yuv420p")
            for plane, value in zip(frame.planes, (16 + number, 128, 128), strict=True):
                plane.update(bytes([value]) * plane.buffer_size)
            frame.pts = number
            out.mux(video.encode(frame))
        out.mux(video.encode())
        block = av.AudioFrame.from_ndarray(samples[None], "s16", "mono")
        block.sample_rate, block.pts = RATE, 0
        out.mux(audio.encode(block))
        out.mux(audio.encode())
    (folder / "talk.txt").write_text("We fixed this. Thank you, you know, everyone. Thank you.\n")
    return folder


@pytest.fixture
def project(tmp_path: Path, talk: Path) -> Callable[..., Path]:
    def make(clips: str, more: str = "") -> Path:
        for file in talk.iterdir():
            if not (tmp_path / file.name).exists():
                shutil.copy(file, tmp_path)
        spec = tmp_path / "film.vedc.yaml"
        spec.write_text(
            f"version: 1\ntimeline: {{tracks: [{{id: main, clips: [{clips}]}}]}}\n{more}"
            "outputs: [{path: out.mkv, codec: ffv1, audio_codec: flac}]\n"
        )
        return spec

    return make


def cut(settings: str) -> str:
    return f"{{auto: {{from: talk.mkv, cut: {{script: talk.txt, {settings}}}}}}}"


def build_of(spec: Path) -> Build:
    return Build(spec, allow=[spec.parent])


def resolved(spec: Path, mode: Any = "decide") -> Edit:
    build = build_of(spec)
    deciding = Deciding(build, mode)
    (edit,) = build.edits(deciding)
    deciding.save()
    return edit


def problems(spec: Path, mode: Any = "decide") -> list[Problem]:
    with pytest.raises(UserError) as caught:
        resolved(spec, mode)
    return list(caught.value.problems)


def ranges(edit: Edit) -> list[tuple[float, float]]:
    """The ranges of the talk that the film shows, in seconds."""
    found = []
    for item in edit.tracks[0].items:
        assert isinstance(item.content, Clip)
        low, high = item.content.time_map.source_range(0, Fraction(item.end - item.start, FPS))
        found.append((float(low), float(high)))
    return found


def kept(edit: Edit) -> str:
    """The words that the film keeps; those that it keeps only in part are in capitals."""
    shown = ranges(edit)
    found = []
    for text, a, b in SAID:
        share = sum(max(0.0, min(b / 100, h) - max(a / 100, w)) for w, h in shown) / ((b - a) / 100)
        if share > 0.9999:
            found.append(text)
        elif share > 0.0001:
            found.append(text.upper())
    return " ".join(found)


WHOLE = "we fixed [um] [we] [fixed] we fixed this. Thank you, you know everyone. Thank you."


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ("method: words", "we fixed this. Thank you, you know everyone. Thank you."),
        ("remove: UM", "we fixed [we] [fixed] we fixed this. Thank you, you know everyone. "
         "Thank you."),
        ("remove: [uh], repeats: true", "we fixed this. Thank you, you know everyone. Thank you."),
        ("unscripted: true", "we fixed we fixed this. Thank you, you know everyone. Thank you."),
        ("remove: ['You know', um]",
         "we fixed [we] [fixed] we fixed this. Thank you, everyone. Thank you."),
        ("pause: 0.3s", WHOLE),
        ("keep: {said: thank you}", "Thank you, Thank you."),
        ("keep: {said: [we fixed this, everyone]}", "we fixed this. everyone."),
        ("keep: {not: {said: thank you}}",
         "we fixed [um] [we] [fixed] we fixed this. you know everyone."),
        ("remove: um, keep: {or: [{said: this}, {said: know everyone}]}", "this. know everyone."),
        ("keep: {said: know, margin: 0.2s}", "you know everyone."),
        ("method: silence, margin: 0s, keep: {said: fixed this}", "fixed this."),
    ],
)  # fmt: skip
def test_what_stays(project: Callable[..., Path], settings: str, left: str) -> None:
    assert kept(resolved(project(cut(settings)))) == left


def test_pauses_are_shortened_and_nothing_else(project: Callable[..., Path]) -> None:
    edit = resolved(project(cut("pause: 0.3s")))
    shown = ranges(edit)
    assert kept(edit) == WHOLE
    assert sum(high - low for low, high in shown) == pytest.approx(8 - 0.1 - 1.3 - 0.1, abs=0.09)
    (entry,) = [
        e for e in Lock.load(entry_file(project)).entries("film.vedc.yaml") if e.asks == "auto"
    ]
    told = [why for item in entry.items for why in item.removed]
    assert any("pause of 1.60 s at 0:03.20 shortened to 0.30 s" in why for why in told), told


def entry_file(project: Callable[..., Path]) -> Path:
    return project(cut("pause: 0.3s")).parent / "vedc.lock"


def test_reasons_are_told(project: Callable[..., Path]) -> None:
    spec = project(cut("remove: um, repeats: true, pause: 0.4s"))
    resolved(spec)
    lock = (spec.parent / "vedc.lock").read_text()
    assert 'filler \\"um\\" at 0:01.20 to 0:01.50' in lock
    assert 'repeat of \\"we fixed\\" at' in lock and "pause of 1.60 s" in lock
    told = CliRunner().invoke(app, ["explain", str(spec), "--at", "2.5"])
    assert told.exit_code == 0 and "taken out before it" in told.stdout, told.output
    told = CliRunner().invoke(app, ["explain", str(spec), "--at", "0.2"])
    line = told.stdout.partition("“")[2].partition("”")[0].lower()
    assert "fixed" in line and "um" not in re.findall(r"\w+", line), told.stdout


def test_the_film_is_in_step_and_its_joins_are_silent(project: Callable[..., Path]) -> None:
    spec = project(cut("method: words, remove: um, repeats: true, pause: 0.3s"))
    edit = resolved(spec)
    result = CliRunner().invoke(app, ["render", str(spec), "-q"])
    assert result.exit_code == 0, result.output
    samples, luma = decoded(spec.parent / "out.mkv")
    source = sound(spoken()).astype(float)
    joins, at = [], 0.0
    for low, high in ranges(edit):
        frames = round((high - low) * FPS)
        first = round(at * FPS)
        assert luma[first : first + frames] == [16 + round(low * FPS) + n for n in range(frames)]
        inner = slice(round((at + 0.04) * RATE), round((at + high - low - 0.04) * RATE))
        of = source[round((low + 0.04) * RATE) :][: inner.stop - inner.start]
        off = np.sqrt(np.square(samples[inner] - of).mean() / np.square(of).mean())
        assert off < 0.01, "the sound is not that of the picture"
        joins.append(at)
        at += high - low
    for join in joins[1:]:
        around = samples[int((join - 0.005) * RATE) : int((join + 0.005) * RATE)] / 32768
        assert 20 * np.log10(np.sqrt(np.square(around).mean()) + 1e-9) < -57


def decoded(file: Path) -> tuple[np.ndarray[Any, Any], list[int]]:
    with av.open(str(file)) as film:
        luma = [int(np.frombuffer(f.planes[0], np.uint8)[0]) for f in film.decode(video=0)]
    with av.open(str(file)) as film:
        resampler = av.AudioResampler("s16", "mono", RATE)
        blocks = [b.to_ndarray()[0] for f in film.decode(audio=0) for b in resampler.resample(f)]
    return np.concatenate(blocks).astype(float), luma


def test_clips_between_words(project: Callable[..., Path]) -> None:
    clip = "{clip: talk.mkv, script: talk.txt, from_words: 'You know', to_words: Everyone!}"
    edit = resolved(project(clip))
    assert kept(edit) == "you know everyone."
    sounds = edit.tracks[0].items[0].sound
    assert sounds.fade_in is not None and sounds.fade_in.duration == Fraction(3, 100)
    nth = "{clip: talk.mkv, script: talk.txt, from_words: {said: thank you, nth: 2}}"
    assert kept(resolved(project(nth))) == "Thank you."
    until = "{clip: talk.mkv, script: talk.txt, in: 2.2s, to_words: this, fade_out: 1s}"
    edit = resolved(project(until))
    assert kept(edit) == "we fixed this."
    assert edit.tracks[0].items[0].sound.fade_out.duration == 1  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("clip", "code", "message", "hint"),
    [
        ("from_words: we fixed that", "not-said", "not said in talk.mkv",
         '"we fixed this." at 0:02.22'),
        ("from_words: thank you", "said-often", "2 times in talk.mkv: 0:04.80, 0:06.90", "nth: 1"),
        ("from_words: {said: thank you, nth: 3}", "not-said", "only 2 times", "at most 2"),
        ("from_words: everyone, to_words: we", "not-said", 'not said after "everyone." at 0:06.10',
         "it is said before"),
        ("from_words: '...'", "not-said", "has no words", "write what is said"),
        ("from_words: thank you, in: 2s", "conflict", "", ""),
        ("to_words: thank you, duration: 2s", "conflict", "", ""),
        ("in: 2s", "no-effect", "'script' has no effect here", ""),
    ],
)  # fmt: skip
def test_what_is_not_said_is_told_with_a_cure(
    project: Callable[..., Path], clip: str, code: str, message: str, hint: str
) -> None:
    (problem,) = problems(project(f"{{clip: talk.mkv, script: talk.txt, {clip}}}"))
    assert problem.code == code and message in problem.message
    assert hint in (problem.hint or "")
    assert problem.location is not None and problem.location.line == 2


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ("keep: {said: next quarter}", "not-said"),
        ("method: speech, remove: um", "no-effect"),
        ("method: shots, min_shot: 1s", "no-effect"),
        ("method: words, duration: 2s", "no-effect"),
        ("method: words, keep: best", "conflict"),
        ("keep: said", "bad-condition"),
        ("method: words, language: de", "conflict"),
        ("method: words, remove: []", "empty-list"),
        ("remove: [we, fixed, this, thank, you, know, everyone, um]", "nothing-kept"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    project: Callable[..., Path], settings: str, code: str
) -> None:
    assert code in [problem.code for problem in problems(project(cut(settings)))]


def test_unscripted_needs_a_script(project: Callable[..., Path]) -> None:
    item = "{auto: {from: talk.mkv, cut: {unscripted: true}}}"
    assert "missing-key" in [p.code for p in problems(project(item))]


def test_the_lock_has_the_words_and_hears_nothing_again(project: Callable[..., Path]) -> None:
    item = cut("remove: um, repeats: true")
    spec = project(item, "captions: {script: talk.txt, burn: true}\n")
    before = resolved(spec)
    assert Known.heard == 1 and Known.asides == (True,)
    entries = Lock.load(spec.parent / "vedc.lock").entries(spec.name)
    assert [entry.asks for entry in entries] == ["words", "auto"]
    captions = " ".join(c.text.text for t in before.tracks for c in t.captions)
    assert "um" not in captions.split() and "everyone" in captions
    locked = resolved(spec, "locked")
    assert Known.heard == 1 and ranges(locked) == ranges(before)


def test_where_nothing_could_be_looked_for_a_warning_says_so(
    project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Known, "unsearched", ((Fraction(5), Fraction(7)),), raising=False)
    spec = project(cut("remove: um"), "captions: {script: talk.txt}\n")
    modes: tuple[Mode, ...] = ("decide", "locked")
    for mode in modes:
        deciding = Deciding(build := build_of(spec), mode)
        build.edits(deciding)
        deciding.save()
        (warning,) = [p for p in deciding.warnings if p.code == "words-unsearched"]
        assert "in talk.mkv could not be looked for at 0:04.80 to 0:07.60" in warning.message
        assert warning.location is not None and warning.location.line == 2
    lock = spec.parent / "vedc.lock"
    assert lock.read_text().count("unsearched: true") == 2
    lock.write_text(lock.read_text().replace("unsearched: true", "unsearched: 7"))
    assert [p.code for p in problems(spec)] == ["wrong-type", "wrong-type"]


@pytest.mark.slow
def test_a_section_without_a_path_has_the_words_of_the_outline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("pocketsphinx", reason="needs vedc[align]")
    samples, rate, _ = speak("We fixed it last week. Thank you for coming.")
    resampler = av.AudioResampler("flt", "mono", 16_000)
    block = av.AudioFrame.from_ndarray(samples[None], "s16", "mono")
    block.sample_rate = rate
    voice = np.concatenate(
        [b.to_ndarray()[0] for b in [*resampler.resample(block), *resampler.resample(None)]]
    )
    script = read_script("We fixed it last week. Thank you for coming.")
    found = aligner.Aligner(script, Fraction(10), "a.wav", asides=True)
    monkeypatch.setattr(aligner.asides, "path", lambda *_: None)
    found.push(voice)
    assert [w.text for w in found.finish()] == [w.text for w in script]
    assert found.unsearched == ((Fraction(10), 10 + Fraction(len(voice) // 160, 100)),)


def test_a_sentence_that_nobody_says_is_warned_of(project: Callable[..., Path]) -> None:
    spec = project(cut("remove: um"))
    script = spec.parent / "talk.txt"
    script.write_text(script.read_text() + "And this concludes the talk.\n")
    modes: tuple[Mode, ...] = ("decide", "locked")
    for mode in modes:
        deciding = Deciding(build := build_of(spec), mode)
        build.edits(deciding)
        deciding.save()
        (warning,) = [p for p in deciding.warnings if p.code == "script-not-said"]
        assert 'not said in talk.mkv: "And this concludes the talk."' in warning.message
        assert warning.location is not None and warning.location.line == 2


def test_a_corrected_word_is_cut_by_at_its_time(project: Callable[..., Path]) -> None:
    spec = project(cut("remove: ladies"))
    whole = kept(resolved(spec))
    assert "everyone." in whole
    lock = spec.parent / "vedc.lock"
    lock.write_text(lock.read_text().replace("everyone.", "Ladies."))
    edit = resolved(spec)
    assert "everyone." not in kept(edit) and Known.heard == 1
    assert "edited: true" in lock.read_text()


def test_without_a_lock_the_cut_stays_open(project: Callable[..., Path]) -> None:
    spec = project(cut("remove: um"))
    resolved(spec, "kept")
    with pytest.raises(LockError):
        resolved(spec, "locked")
    clip = project("{clip: talk.mkv, script: talk.txt, from_words: everyone}")
    resolved(clip, "kept")


def test_compositions_have_no_words(project: Callable[..., Path]) -> None:
    inner = "{clip: talk.mkv, script: talk.txt, from_words: everyone}"
    spec = project("{composition: inner}", f"compositions: {{inner: {{timeline: [{inner}]}}}}\n")
    assert "no-decision" in [p.code for p in problems(spec)]


def test_a_missing_engine_ends_with_the_line_that_installs_it(
    project: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "need_pocketsphinx", aligner.need_pocketsphinx)
    monkeypatch.setattr(aligner, "find_spec", lambda name: None)
    monkeypatch.setattr(recognise, "find_spec", lambda name: None)
    for item, extra in (
        (cut("remove: um"), "vedc[align]"),
        ("{auto: {from: talk.mkv, cut: {remove: um}}}", "vedc[speech]"),
        ("{clip: talk.mkv, to_words: everyone}", "vedc[speech]"),
    ):
        spec = project(item)
        with pytest.raises(MissingError) as caught:
            resolved(spec)
        (problem,) = caught.value.problems
        assert caught.value.exit_code == 4 and problem.code == "missing-extra"
        assert f"pip install '{extra}'" in (problem.hint or "")
        assert problem.location is not None and problem.location.line == 2


# With an engine


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "section"), [(0, None), (2, 700)])
def test_what_is_planted_in_a_talk_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, section: int | None
) -> None:
    """``python -m tests.bench words`` does this with forty talks. The second talk here is searched
    in sections of seven seconds."""
    pytest.importorskip("pocketsphinx", reason="needs vedc[align]")
    if section is not None:
        monkeypatch.setattr(sections, "_WHOLE", section)
        monkeypatch.setattr(sections, "_LONGEST", section)
        monkeypatch.setattr(sections, "_SHORTEST", section // 2)
    found = judged(talk_of(seed), tmp_path)
    assert not found.clipped
    assert sum(found.gone.values()) == sum(found.planted.values()), found.missed
    assert max(found.joins) < -57 and found.off < 0.01
