"""Strips: the positions of their elements on the common time axis."""

from __future__ import annotations

import json
import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from vedc.captions.spoken import SpokenWord
from vedc.cli import app
from vedc.decide.analyses.results import Curves, Span, Spans
from vedc.errors import UserError
from vedc.report.sheets.strip import EDGE, WIDTH, columns_of, data, drawn, times_of
from vedc.review.strip.seen import ShownShot, Strip, strip_of


def made() -> Strip:
    """Ten seconds from 5 s: sound except from 9 to 10 s, two words, two shots that meet at 12 s."""
    rms = np.full(2000, -20.0, np.float32)
    rms[900:1000] = -90.0
    level = Curves({"rms": rms, "peak": rms + 6}, Fraction(100))
    words = [
        SpokenWord("early", Fraction(1), Fraction(2)),
        SpokenWord("sure", Fraction(6), Fraction(7)),
        SpokenWord("doubtful", Fraction(8), Fraction(9), 0.1),
    ]
    shots = [
        ShownShot(Fraction(0), Fraction(12), "start"),
        ShownShot(Fraction(12), Fraction(20), "cut"),
    ]
    pauses = Spans((Span(Fraction(2), Fraction(3)), Span(Fraction(9), Fraction(10), 0.8)))
    span = Fraction(5), Fraction(15)
    return strip_of("talk", span, Fraction(25), (level, pauses), words, shots)


def test_what_lies_outside_is_left_out() -> None:
    told = data(made())
    assert (told["start"], told["end"]) == (5.0, 15.0)
    assert [word["text"] for word in told["words"]] == ["sure", "doubtful"]
    assert [(cut["time"], cut["score"], cut["why"]) for cut in told["cuts"]] == [
        (9.5, 0.9, "pause"),
        (12.0, 1.0, "shot"),
    ]
    assert len(told["shots"]) == 2


def columns(picture: Any, color: tuple[int, int, int]) -> Any:
    return np.flatnonzero((np.abs(picture.astype(int) - color).sum(axis=2) < 6).any(axis=0))


def test_everything_stands_at_its_time() -> None:
    picture = np.asarray(drawn(made(), []))
    assert picture.shape[1] == WIDTH

    def column(time: float) -> float:
        return EDGE + (time - 5) / 10 * (WIDTH - 2 * EDGE)

    pause = columns(picture, (0x00, 0x9E, 0x73))
    assert len(pause) == 3 and abs(pause.mean() - column(9.5)) <= 1
    loud = columns(picture[:230], (0x56, 0xB4, 0xE9))
    tall = [
        x
        for x in loud
        if (np.abs(picture[100:230, x] - (0x56, 0xB4, 0xE9)).sum(axis=1) < 6).sum() > 10
    ]
    silent = [x for x in range(EDGE, WIDTH - EDGE) if x not in set(tall)]
    assert abs(min(silent) - column(9)) <= 2 and abs(max(silent) - column(10)) <= 2


def test_pictures_fill_the_width_evenly() -> None:
    count, width, height = columns_of(16 / 9)
    assert count * width <= WIDTH - 2 * EDGE < (count + 1) * width
    assert abs(width / height - 16 / 9) < 0.05
    assert times_of(made(), 5) == [6, 8, 10, 12, 14]


def test_the_command_draws_sound_alone(tmp_path: Path) -> None:
    tone = (np.sin(np.arange(48_000) * 0.05) * 9000).astype("<i2")
    tone[20_000:40_000] = 0
    with wave.open(str(tmp_path / "a.wav"), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(16_000)
        out.writeframes(tone.tobytes())
    line = ["strip", str(tmp_path / "a.wav"), "-o", str(tmp_path / "s.png"), "--json"]
    line += ["--cache", str(tmp_path / "c"), "--from", "0.5s"]
    told = json.loads(CliRunner().invoke(app, line, catch_exceptions=False).stdout)
    (cut,) = told["cuts"]
    assert cut["why"] == "pause" and abs(cut["time"] - 30_000 / 16_000) < 0.05
    with Image.open(tmp_path / "s.png") as drawn_strip:
        assert drawn_strip.width == WIDTH
    assert told["words"] == [] and "--script FILE" in told["unheard"]
    plain = CliRunner().invoke(app, [*(x for x in line if x != "--json"), "-y"])
    (note,) = [row for row in plain.stderr.splitlines() if row.startswith("note:")]
    assert note.startswith("note: no words are shown: ") and "--script FILE" in note
    for wrong, code in (
        ([*line], "output-exists"),
        ([*line, "-y", "--to", "0.2s"], "bad-time"),
        ([*line[:3], str(tmp_path / "s.gif")], "bad-picture"),
    ):
        result = CliRunner().invoke(app, wrong)
        assert isinstance(result.exception, UserError)
        assert result.exception.problems[0].code == code


def test_a_film_has_the_words_of_its_captions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("film.vedc.yaml").write_text(
        "version: 1\n"
        "profile: {width: 64, height: 48, fps: 10}\n"
        "timeline: [{color: red, duration: 1s}, {color: blue, duration: 1s}]\n"
        "captions: [{start: 0.5s, end: 1.5s, text: Hello}]\n"
        "outputs: [{path: a.mp4}]\n"
    )
    line = ["strip", "film.vedc.yaml", "-o", "s.png", "--json"]
    told = json.loads(CliRunner().invoke(app, line, catch_exceptions=False).stdout)
    assert [(w["text"], w["start"], w["end"]) for w in told["words"]] == [("Hello", 0.5, 1.5)]
    assert [cut["time"] for cut in told["cuts"] if cut["why"] == "shot"] == [1.0]
    with Image.open("s.png") as drawn_strip:
        picture = np.asarray(drawn_strip).astype(int)
    middle = picture[_row(picture)]
    assert middle[100][0] > 200 > middle[100][2] and middle[WIDTH - 100][2] > 200


def _row(picture: Any) -> int:
    """A row of the filmstrip: the one with the most red."""
    red = (picture[..., 0] > 200) & (picture[..., 1] < 60) & (picture[..., 2] < 60)
    return int(red.sum(axis=1).argmax())
