"""Answers to `auto` on real clips: to the frame, and as somebody would cut them."""

from __future__ import annotations

import itertools
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.bench.measure import MEDIA
from tests.unit.decide.deciding import question, ranges
from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.runner import AnalysisRunner
from vedc.decide.choose.methods.auto_answer import answer
from vedc.decide.choose.reasons import Question, Source
from vedc.lang.keys.auto import Join
from vedc.media.probe import probe

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not MEDIA.is_dir(), reason=f"no real clips: {MEDIA} is not there"),
]

TOYS = ("frog", "crystal", "elf", "pig", "monster")


@pytest.fixture(scope="module")
def analyst(tmp_path_factory: pytest.TempPathFactory) -> AnalysisRunner:
    return AnalysisRunner(tmp_path_factory.mktemp("results"), lambda path: path, threads=1)


def clip(name: str) -> Source:
    kind, suffix = ("audio", "ogg") if name == "vibe_ace" else ("video", "mp4")
    info = probe(MEDIA / kind / f"{name}.{suffix}")
    length = info.clip_length
    assert length is not None
    if info.video is not None:
        length = Fraction(round(length * info.video.rate)) / info.video.rate
    return Source(Path(info.path).stem, info, Fraction(0), length)


def frames(found: Any, rate: Fraction) -> Fraction:
    return sum((b - a for _, a, b in ranges(found, rate)), Fraction(0)) * rate


def test_a_talk_without_its_pauses_clips_no_word(analyst: AnalysisRunner) -> None:
    talk = clip("talk")
    (speech,) = analyst(AnalysisRequest.of("speech", talk.media))
    for method in ("silence", "speech"):
        kept = ranges(answer(question(talk, method=method), analyst))
        assert 0.3 < sum(b - a for _, a, b in kept) / talk.end < 0.6
        for span in speech:
            assert any(a <= span.start and span.end <= b for _, a, b in kept), span


def test_the_best_of_a_talk_is_cut_in_pauses(analyst: AnalysisRunner) -> None:
    talk = clip("talk")
    (speech,) = analyst(AnalysisRequest.of("speech", talk.media))
    found = answer(question(talk, method="speech", duration=12), analyst)
    assert frames(found, Fraction(30)) == 360
    frame = Fraction(1, 30)
    for edge in (edge for _, a, b in ranges(found) for edge in (a, b)):
        assert not any(s.start + frame < edge < s.end - frame for s in speech), float(edge)


def test_a_film_of_toys_shows_several_of_them(analyst: AnalysisRunner) -> None:
    toys = [clip(name) for name in TOYS]
    found = answer(question(*toys, duration=12), analyst)
    assert frames(found, Fraction(30)) == 360
    assert len({name for name, _, _ in ranges(found)}) >= 3
    joined = answer(question(*toys, duration=12, join=Join(("dissolve",))), analyst)
    overlap = sum(int(c.item["duration"][:-1]) for c in joined if "duration" in c.item)
    assert frames(joined, Fraction(30)) - overlap == 360


def test_toys_to_music_change_on_its_beats(analyst: AnalysisRunner) -> None:
    toys, music = [clip(name) for name in TOYS], clip("vibe_ace")
    asked = question(*toys, method="beats", duration=12, keep="best", music=music)
    found = ranges(answer(asked, analyst))
    (heard,) = analyst(AnalysisRequest.of("beats", music.media))
    on = {int(e.time * 30 + Fraction(1, 2)) for e in heard.events}
    ends = list(itertools.accumulate((b - a) * 30 for _, a, b in found))
    assert ends[-1] == 360 and set(ends[:-1]) <= on and len(ends) > 4
    assert len({name for name, _, _ in found}) >= 4


def test_highlights_of_a_fixed_camera_are_where_people_move(analyst: AnalysisRunner) -> None:
    room = clip("one-by-one-person-detection")
    (measures,) = analyst(AnalysisRequest.of("measures", room.media))
    motion = measures["motion"].values
    found = answer(question(room, rate=10, method="highlights", duration=10), analyst)
    assert frames(found, Fraction(10)) == 100
    shown = [motion[int(a * 10) : int(b * 10)].mean() for _, a, b in ranges(found, 10)]
    assert sum(shown) / len(shown) > 2 * motion.mean()


def test_deciding_twice_is_the_same(analyst: AnalysisRunner, tmp_path: Path) -> None:
    asked: Question = question(clip("frog"), clip("pig"), duration=5, join=Join(("dip",)))
    other = AnalysisRunner(tmp_path, lambda path: path, threads=1)
    assert answer(asked, analyst) == answer(asked, other)
