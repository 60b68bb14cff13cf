"""Both engines on speech with known word times."""

from __future__ import annotations

import json
import sys
import time
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.bench.measure import MEDIA
from tests.media.speech.espeak import speak, starts_of, write_wav
from tests.media.speech.spoken_texts import READ, TALKS, said
from tests.media.speech.whisper_base import lacking, whisper_base
from vedc.captions.spoken import Words
from vedc.cli import app
from vedc.decide.analyses import decode_sound
from vedc.decide.words import recognise
from vedc.decide.words.voiced import voiced
from vedc.errors import RenderError, UserError
from vedc.workspace.analyses import open_media, runner_for
from vedc.workspace.speech.words import find_words

NEAR = Fraction(12, 100)


@pytest.fixture
def aligner() -> None:
    pytest.importorskip("pocketsphinx", reason="needs vedc[align]")


def heard(file: Path, tmp_path: Path, script: str) -> Words:
    text = tmp_path / "script.txt"
    text.write_text(script)
    return find_words(runner_for(file, tmp_path / "cache"), open_media(file), text)


@pytest.mark.usefixtures("aligner")
@pytest.mark.parametrize("voice", ["en-us", "en-gb"])
def test_words_of_a_script_begin_where_they_are_spoken(tmp_path: Path, voice: str) -> None:
    """The ground truth is the synthesiser's own word times."""
    errors: list[Fraction] = []
    for number, talk in enumerate(TALKS):
        text = said(talk)
        samples, rate, told = speak(text, speed=135 + 15 * number, voice=voice)
        pause = np.zeros(rate // 2, np.int16)  # it begins after half a second
        file = write_wav(tmp_path / f"{voice}{number}.wav", np.concatenate([pause, samples]), rate)
        words = heard(file, tmp_path, talk).words
        assert [word.text for word in words] == text.split()
        truth = starts_of(text, told)
        assert len(truth) >= 0.8 * len(words)
        errors += [abs(words[n].start - (t + Fraction(1, 2))) for n, t in truth.items()]
        for before, word in pairwise(words):
            assert before.start < before.end <= word.start
        # a word ends where the next word or a pause begins: so ends are as accurate as starts
    near = sum(error <= NEAR for error in errors)
    print(f"{voice}: {near} of {len(errors)} within 0.12 s", sorted(errors)[-4:], file=sys.stderr)
    assert near >= 0.9 * len(errors)


@pytest.mark.usefixtures("aligner")
def test_who_speaks_is_what_the_script_says(tmp_path: Path) -> None:
    samples, rate, _ = speak("We fixed it. Thank you.")
    file = write_wav(tmp_path / "a.wav", samples, rate)
    words = heard(file, tmp_path, "ANNA: We fixed it.\nBEN: Thank you.")
    assert [w.speaker for w in words] == ["ANNA"] * 3 + ["BEN"] * 2


@pytest.mark.usefixtures("aligner")
def test_what_is_not_said_is_uncertain(tmp_path: Path) -> None:
    script = READ["speech_1"].split()
    false = {3: "banana", 10: "elephant", 20: "umbrella", 28: "justice"}
    for number, word in false.items():
        script[number] = word
    words = heard(MEDIA / "audio" / "speech_1.ogg", tmp_path, " ".join(script)).words
    assert {n for n in false if not words[n].certain} == set(false)
    others = [n for n in range(len(words)) if all(abs(n - f) > 1 for f in false)]
    assert sum(words[n].certain for n in others) >= len(others) - 1


@pytest.mark.usefixtures("aligner")
@pytest.mark.parametrize("name", READ)
def test_recordings_are_aligned_faster_than_they_play(tmp_path: Path, name: str) -> None:
    file = MEDIA / "audio" / f"{name}.ogg"
    begin = time.process_time()
    words = heard(file, tmp_path, READ[name])
    spent = time.process_time() - begin
    duration = open_media(file).duration
    assert duration is not None
    print(f"{name}: {spent / float(duration):.3f} of real time", file=sys.stderr)
    assert len(words) == len(READ[name].split())
    assert sum(word.certain for word in words) >= 0.9 * len(words)


def test_a_result_is_kept_by_content(tmp_path: Path, aligner: None) -> None:
    file = MEDIA / "audio" / "speech_1.ogg"
    script = tmp_path / "s.txt"
    script.write_text(READ["speech_1"])
    first = runner_for(file, tmp_path / "cache")
    one = find_words(first, open_media(file), script)
    again = runner_for(file, tmp_path / "cache")
    assert find_words(again, open_media(file), script) == one
    assert first.made == ["words"] and again.made == []
    script.write_text(READ["speech_1"].replace("gown", "coat"))
    find_words(again, open_media(file), script)
    assert again.made == ["words"]


@pytest.mark.usefixtures("aligner")
@pytest.mark.parametrize("place", range(4))
def test_a_sentence_that_nobody_says_is_left_out(tmp_path: Path, place: int) -> None:
    said_ones = ["We fixed it last week.", "Thank you for coming.", "The door was open again."]
    samples, rate, _ = speak(" ".join(said_ones))
    file = write_wav(tmp_path / "a.wav", samples, rate)
    script = [*said_ones]
    script.insert(place, "Nobody has spoken this in the whole of the recording.")
    words = heard(file, tmp_path, " ".join(script)).words
    assert [word.text for word in words] == " ".join(said_ones).split()
    told = CliRunner().invoke(app, ["words", str(file), "--script", str(tmp_path / "script.txt")])
    assert told.exit_code == 0 and "warning[script-not-said]" in told.stderr
    assert 'not said in a.wav: "Nobody has spoken this in' in told.stderr.replace("\n", " ")


@pytest.mark.usefixtures("aligner")
def test_what_is_said_without_a_script_does_not_lose_the_rest(tmp_path: Path) -> None:
    text = said(TALKS[0])
    samples, rate, told = speak(text)
    file = write_wav(tmp_path / "a.wav", samples, rate)
    starts = starts_of(text, told)
    sentences = [n + 1 for n, word in enumerate(text.split()) if word.endswith((".", "?", "!"))]
    low, high = sentences[1:3]
    words = heard(file, tmp_path, " ".join(text.split()[:low] + text.split()[high:])).words
    numbers = [*range(low), *range(high, len(text.split()))]
    errors = [abs(w.start - starts[n]) for n, w in zip(numbers, words, strict=True) if n in starts]
    assert sum(error <= NEAR for error in errors) >= 0.85 * len(errors)


def test_a_script_of_something_else_is_refused(tmp_path: Path, aligner: None) -> None:
    samples, rate, _ = speak("Short.")
    file = write_wav(tmp_path / "a.wav", samples, rate)
    with pytest.raises(UserError) as caught:
        heard(file, tmp_path, TALKS[0] * 3)
    assert caught.value.problems[0].code == "script-unlike-speech"
    assert isinstance(caught.value, RenderError)


@pytest.mark.parametrize(("name", "other"), [("speech_1", "speech_2"), ("speech_2", "speech_1")])
def test_a_script_of_another_recording_is_warned_of(
    tmp_path: Path, aligner: None, name: str, other: str
) -> None:
    script = tmp_path / "script.txt"
    script.write_text(READ[other])
    file, cache = MEDIA / "audio" / f"{name}.ogg", ("--cache", str(tmp_path / "cache"))
    told = CliRunner().invoke(app, ["words", str(file), "--script", str(script), *cache])
    assert "[script-unlike-speech]: only" in told.stderr.replace("\n", " "), told.stderr
    script.write_text(READ[name])
    told = CliRunner().invoke(app, ["words", str(file), "--script", str(script), *cache])
    assert "script-" not in told.stderr


# Recognition


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of Whisper base."""
    if why := lacking():
        pytest.skip(why)
    return whisper_base(tmp_path_factory.mktemp("whisper-base"))


def test_long_stretches_without_a_voice_are_taken_out() -> None:
    """Twenty seconds of faint noise before, between and after two halves of a recording."""
    file = MEDIA / "audio" / "speech_1.ogg"
    said = np.concatenate([block.voice for block in decode_sound.blocks(str(file))])
    faint = np.random.default_rng(1).normal(0, 1e-3, 20 * 16000).astype(np.float32)
    half = len(said) // 2
    whole = np.concatenate([faint, said[:half], faint, said[half:], faint])
    found = voiced(whole)
    (a, b, at), (c, d, then) = found.parts
    assert np.array_equal(found.sound, np.concatenate([whole[a:b], whole[c:d]]))
    assert (at, then) == (0, b - a) and len(found.sound) < len(said) + 3 * 16000
    assert abs(a - 20 * 16000) < 16000 and abs(c - (40 * 16000 + half)) < 16000
    assert found.placed(1.0, 1.5) == pytest.approx((a / 16000 + 1, a / 16000 + 1.5))
    join = then / 16000
    assert found.placed(join + 1, join + 2) == pytest.approx((c / 16000 + 1, c / 16000 + 2))
    assert found.placed(join - 0.1, join + 0.2) == pytest.approx((c / 16000, c / 16000 + 0.2))
    assert np.array_equal(voiced(said).sound, said)  # its pauses are short
    nothing = voiced(faint)
    assert nothing.parts == () and len(nothing.sound) == 0


@pytest.mark.slow
def test_nothing_is_recognised_where_nobody_speaks(tmp_path: Path, whisper: Path) -> None:
    """A sentence, 22 s of room noise, and the word that it announces."""
    file = MEDIA / "video" / "talk.mp4"
    media = open_media(file)
    found = find_words(runner_for(file, tmp_path / "cache"), media, None, whisper, "en").words
    assert not [word for word in found if 17.5 < word.start < 39.5]
    assert [word.plain for word in found if word.start > 39] == ["banana"]
    assert media.duration is not None and found[-1].end <= media.duration


@pytest.mark.slow
@pytest.mark.parametrize("name", READ)
def test_both_engines_agree_on_recordings(
    tmp_path: Path, name: str, whisper: Path, aligner: None
) -> None:
    """Nobody marked the words of these recordings by hand; but one engine uses a network's
    attention to a spectrum, with a resolution of about 0.2 s, the other aligns phonemes, and they
    share nothing."""
    file = MEDIA / "audio" / f"{name}.ogg"
    aligned = heard(file, tmp_path, READ[name]).words
    begin = time.process_time()
    found = find_words(runner_for(file, tmp_path / "cache"), open_media(file), None, whisper, "en")
    print(f"{name}: {time.process_time() - begin:.1f} s", file=sys.stderr)
    a, b = [w.plain for w in aligned], [w.plain for w in found]
    blocks = SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()
    pairs = [(aligned[m.a + i], found.words[m.b + i]) for m in blocks for i in range(m.size)]
    assert len(pairs) >= 0.8 * len(a)
    edges = [abs(x.start - y.start) for x, y in pairs] + [abs(x.end - y.end) for x, y in pairs]
    near = sum(edge <= NEAR for edge in edges)
    print(f"{name}: {near} of {len(edges)} edges within 0.12 s", file=sys.stderr)
    assert near >= 0.8 * len(edges)


# Commands


def vedc(*arguments: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if result.exception and not isinstance(result.exception, (SystemExit, UserError)):
        raise result.exception
    if isinstance(result.exception, UserError):
        assert result.exception.exit_code == code, result.exception
        problem = result.exception.problems[0]
        return f"{problem.code}: {problem.message}; {problem.hint}"
    assert result.exit_code == code, result.output
    return result.stdout


def test_words_and_find(tmp_path: Path, aligner: None) -> None:
    file, script = MEDIA / "audio" / "speech_1.ogg", tmp_path / "s.txt"
    script.write_text(READ["speech_1"])
    options = ("--script", script, "--cache", tmp_path / "cache", "-q")
    told = json.loads(vedc("words", file, *options, "--json"))
    assert told["engine"].startswith("pocketsphinx") and told["language"] == "en"
    assert len(told["words"]) == 46 and len(told["phrases"]) == 3
    assert set(told["words"][0]) == {"text", "start", "end", "probability", "speaker"}
    packed = vedc("words", file, *options, "--as", "phrases").splitlines()
    assert packed[1].startswith("[00:00:00.4") and packed[1].endswith("on Miss Tilney today?")
    assert vedc("words", file, *options, "--as", "srt").startswith("1\n00:00:00,4")
    found = json.loads(vedc("find", "calling on miss tilly", file, *options, "--json"))
    (hit,) = found["hits"]
    assert hit["text"] == "calling on Miss Tilney" and 4 <= hit["start"] + 0.1 <= 4.2
    assert json.loads(vedc("find", "purple elephants", file, *options, "--json"))["hits"] == []


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = MEDIA / "audio" / "speech_1.ogg"
    monkeypatch.setattr("vedc.decide.words.alignment.aligner.find_spec", lambda name: None)
    monkeypatch.setattr(recognise, "find_spec", lambda name: None)
    Path("s.txt").write_text("hello")
    told = vedc("words", file, "--script", "s.txt", "-q", code=4)
    assert "missing-extra" in told and "pip install 'vedc[align]'" in told
    assert "pip install 'vedc[speech]'" in vedc("words", file, "-q", code=4)
    monkeypatch.setattr(recognise, "find_spec", lambda name: object())
    told = vedc("words", file, "-q", code=4)
    assert "no-speech-model" in told and "vedc model add FOLDER" in told
    Path("empty").mkdir()
    told = vedc("words", file, "--model", "empty", "-q", code=4)
    assert "lacks model.bin" in told


def test_wrong_options_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = MEDIA / "audio" / "speech_1.ogg"
    Path("s.txt").write_text("hello")
    Path("none.txt").write_text("[music]")
    assert "bad-options" in vedc("words", file, "--script", "s.txt", "--model", "m", code=2)
    assert "in English" in vedc("words", file, "--script", "s.txt", "--language", "de", code=2)
    assert "no-such-file" in vedc("words", file, "--script", "t.txt", code=4)
    assert "empty-script" in vedc("words", file, "--script", "none.txt", code=2)
    assert "two forms" in vedc("words", file, "--json", "--as", "srt", code=2)
    assert "no words to find" in vedc("find", "...", file, code=2)
    silent = MEDIA / "video" / "one-by-one-person-detection.mp4"
    assert "no-sound" in vedc("words", silent, "--script", "s.txt", code=1)


def test_a_speech_model_is_added_and_pinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "down" / "whisper-x"
    source.mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt", "other.txt"):
        (source / name).write_text(name)
    told = vedc("model", "add", source)
    assert "sha256:" in told
    copy = tmp_path / "models" / "whisper-x"
    assert sorted(p.name for p in copy.iterdir()) == [
        "config.json",
        "model.bin",
        "tokenizer.json",
        "vocabulary.txt",
    ]
    assert "models/whisper-x: sha256:" in Path("vedc.lock").read_text().replace('"', "")
    monkeypatch.setattr(recognise, "find_spec", lambda name: object())
    (copy / "config.json").write_text("changed")
    file = MEDIA / "audio" / "speech_1.ogg"
    assert "model-changed" in vedc("words", file, "-q", code=5)
    assert "output-exists" in vedc("model", "add", source, code=2)
    vedc("model", "add", source, "-y")
    assert (copy / "config.json").read_text() == "config.json"
    Path("models/notes").mkdir()
    assert "is no speech model" in vedc("model", "add", tmp_path / "models" / "notes", code=4)
