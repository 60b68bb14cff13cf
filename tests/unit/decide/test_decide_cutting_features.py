"""Named features against values worked out by hand, and weights with their mistakes."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.unit.decide import deciding as d
from vedc.decide.choose import score_weights
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.feature_catalogue import CUTS, FEATURES, PIECES, phrase
from vedc.decide.choose.features import Features
from vedc.decide.choose.time_text import short_time, source_time
from vedc.edit.times import parse_time
from vedc.errors import MissingError, SourceLocation, SpecError

FRAMES = 300


def features(*ends: int, begin: int = 0, **results: Any) -> Features:
    info = d.media(frames=FRAMES)
    found = d.usual(info, *ends, **results)
    return Features(AnalyzedSource(d.source(info, Fraction(begin, 30)), Fraction(30), found))


def value(found: Features, name: str, place: int, side: str = "in") -> float:
    raw = (found.ins if side == "in" else found.outs)[name]
    assert raw.shape == (found.footage.count + 1,)
    return float(FEATURES[name].value(raw)[place])


def piece(found: Features, name: str, start: int, end: int) -> float:
    shot = (np.array([0]), np.array([FRAMES]))
    raw = found.pieces(np.array([start]), np.array([end]), shot)[name]
    return float(FEATURES[name].value(raw)[0])


def test_cuts_in_speech_and_in_pauses() -> None:
    found = features(speech=d.spans((2, 4), ("4.5", 8)))
    assert value(found, "in_word", 90) == 1  # a second from either end
    assert value(found, "in_word", 63) == pytest.approx(0.5 + 0.1 / 0.6)
    assert [value(found, "in_word", place) for place in (0, 60, 120, 128, 240, 300)] == [0] * 6
    assert value(found, "pause", 90) == 0
    assert value(found, "pause", 120) == 0
    assert value(found, "pause", 123) == pytest.approx(0.1 / 0.25)
    assert value(found, "pause", 0) == 1
    silent = features()  # without speech neither counts
    assert np.isnan(silent.ins["in_word"]).all() and value(silent, "pause", 50) == 0


def test_cuts_on_and_off_the_beat() -> None:
    found = features(beats=d.beats(1, 2, 3))
    assert value(found, "beat", 60) == 1
    assert value(found, "beat", 62) == pytest.approx(1 - (2 / 30) / 0.12)
    assert value(found, "beat", 75) == 0
    assert phrase("beat", 0.08) == "0.08 s off the beat" and phrase("beat", 0.0) == "on the beat"


def test_cuts_where_motion_rests_and_pictures_are_sharp() -> None:
    motion = np.full(FRAMES, 0.5)
    motion[150] = 0.1
    sharp = np.full(FRAMES, 0.8)
    sharp[200:203] = 0.4
    found = features(measures=d.measures(FRAMES, motion=motion, sharpness=sharp))
    assert value(found, "still", 150) == 1
    assert value(found, "still", 145) == 0
    assert value(found, "still", 30) == 1  # nothing changes around it
    assert value(found, "blur", 201) == 1
    assert value(found, "blur", 100) == 0


def test_cuts_in_a_dip_of_the_sound() -> None:
    rms = np.full(1000, -20.0)
    rms[495:510] = -30
    found = features(level=d.level(10, rms))
    assert value(found, "quiet", 150) == 0.5
    assert value(found, "quiet", 100) == 0


def test_cuts_at_and_near_shot_boundaries() -> None:
    found = features(100, 200, 300)
    assert [value(found, "boundary", p) for p in (0, 99, 100, 101, 200, 300)] == [0, 0, 1, 0, 1, 0]
    # A piece that begins shortly before a boundary shows a flash of the shot before it...
    assert value(found, "stub", 97, "in") == pytest.approx(1 - 0.1 / 0.5)
    assert value(found, "stub", 103, "out") == pytest.approx(1 - 0.1 / 0.5)
    # ...and one that begins shortly after it does not; nor do those at the ends of the source.
    assert [value(found, "stub", p, "in") for p in (100, 103, 0, 295)] == [0] * 4
    assert [value(found, "stub", p, "out") for p in (100, 97, 300, 3)] == [0] * 4


def test_places_count_from_where_the_stretch_begins() -> None:
    found = features(100, 200, 300, begin=50, speech=d.spans((2, 4)))
    assert found.footage.count == 250
    assert value(found, "boundary", 50) == 1
    assert value(found, "in_word", 10) == 0 and value(found, "in_word", 40) == 1


def test_pieces_are_measured_by_their_means() -> None:
    half = np.repeat([0.0, 1.0], 150)
    found = features(
        measures=d.measures(FRAMES, sharpness=half, colorfulness=half, motion=0.1, brightness=half),
        speech=d.spans((0, 5)),
    )
    assert piece(found, "sharpness", 0, 300) == pytest.approx(0.5)
    assert piece(found, "sharpness", 150, 300) == 1
    assert piece(found, "colour", 120, 180) == pytest.approx(0.5 / 0.6)
    assert piece(found, "motion", 0, 60) == pytest.approx(0.5)
    assert piece(found, "exposure", 0, 100) == piece(found, "exposure", 200, 300) == 0
    assert piece(found, "speech", 120, 180) == pytest.approx(0.5)
    assert piece(found, "whole", 0, 150) == 0.5
    lengths = [piece(found, "length", 0, n) for n in (30, 75, 150, 300)]
    assert lengths == pytest.approx([0, 1, 1, np.log2(1.2) / np.log2(2.4)])
    shaky = features(measures=d.measures(FRAMES, shake=0.175, contrast=0.125, novelty=0.1))
    halves = [piece(shaky, name, 0, 300) for name in ("shake", "contrast", "novelty")]
    assert halves == pytest.approx([0.5, 0.5, 0.25])
    assert piece(features(), "shake", 0, 100) == 0


def test_what_stands_out() -> None:
    motion = np.full(FRAMES, 0.02)
    motion[120:180] = 0.6
    found = features(measures=d.measures(FRAMES, motion=motion))
    assert piece(found, "peak", 120, 180) > 0.5 > piece(found, "peak", 0, 60)


def test_every_feature_has_a_range_words_and_a_weight() -> None:
    weights = score_weights.shipped("cutting", FEATURES)
    assert set(weights.values) == set(FEATURES) == {*CUTS, *PIECES}
    assert all(weights.why[name] for name in weights.values)
    raw = np.array([-1e6, -1, 0, 0.1, 0.5, 1, 5, 1e6, np.inf, np.nan])
    for feature in FEATURES.values():
        scaled = feature.value(raw)
        assert scaled.min() >= 0 and scaled.max() <= 1 and scaled[-1] == 0
        assert feature.say(0.3) and feature.doc.endswith(".")


# -- weights


def weights_file(tmp_path: Path, **changes: Any) -> Path:
    data = {"name": "cutting", "version": 1, "weights": {"beat": 0.5}} | changes
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(data))
    return path


def load(path: Path) -> score_weights.ScoreWeights:
    return score_weights.load_weights(
        path, "cutting", FEATURES, SourceLocation("trip.vedc.yaml", 4, 9)
    )


def test_weights_are_read(tmp_path: Path) -> None:
    found = load(weights_file(tmp_path, weights={"beat": {"weight": 2, "why": "so"}, "blur": -1}))
    assert (found["beat"], found["blur"], found["still"], found.why["beat"]) == (2, -1, 0, "so")
    sealed = weights_file(tmp_path, digest=score_weights.digest_of("cutting", 1, {"beat": 0.5}))
    assert load(sealed).digest == json.loads(sealed.read_text())["digest"]


@pytest.mark.parametrize(
    ("changes", "reported"),
    [
        ({"weights": {"beats": 1}}, "cutting has no feature 'beats'"),
        (
            {"weights": {"beat": "much"}},
            'weight of beat must be a number from -100 to 100, not "',
        ),
        ({"weights": {"beat": None}}, "not null"),
        ({"weights": {"beat": True}}, "not true"),
        ({"weights": {"beat": float("nan")}}, "not NaN"),
        ({"weights": {"beat": 1e9}}, "not 1000000000.0"),
        ({"weights": {"beat": {"weight": 1, "because": ""}}}, "'because'"),
        ({"weights": [1]}, "it must be an object"),
        ({"name": "joining"}, "for 'joining'"),
        ({"version": 0}, "its version"),
        ({"extra": 1}, "'extra'"),
        ({"digest": "0" * 64}, "digest does not match"),
    ],
)
def test_mistakes_in_weights_are_reported(
    tmp_path: Path, changes: dict[str, Any], reported: str
) -> None:
    with pytest.raises(SpecError) as error:
        load(weights_file(tmp_path, **changes))
    text = str(error.value)
    assert text.startswith("trip.vedc.yaml:4:9: error[bad-weights]") and reported in text, text


def test_weights_that_cannot_be_read_are_reported(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no-weights"):
        load(tmp_path / "none.json")
    path = tmp_path / "mine.json"
    for content in (b"{", b"\xff\xfe", b"[" * 100_000):
        path.write_bytes(content)
        with pytest.raises(SpecError, match="bad-weights"):
            load(path)


def test_shipped_weights_carry_a_digest_that_fits(tmp_path: Path) -> None:
    for name in ("cutting", "joining"):
        path = Path(score_weights.__file__).parents[2] / "models" / "cutting" / f"{name}.json"
        data = json.loads(path.read_text())
        values = {key: float(entry["weight"]) for key, entry in data["weights"].items()}
        assert data["digest"] == score_weights.digest_of(name, data["version"], values)


def test_reasons_add_up_exactly() -> None:
    rng = np.random.default_rng(2)
    weights = score_weights.shipped("cutting", FEATURES)
    for _ in range(50):
        reported = [(name, name, float(rng.random()), "") for name in FEATURES]
        found = score_weights.reasons(weights, reported)
        score = score_weights.total(reason.points for reason in found)
        assert score == sum(round(reason.points * 100) for reason in found) / 100
        exact = sum(weights[name] * v for name, _, v, _ in reported)
        assert abs(score - exact) <= 0.005 * len(reported) + 1e-9
        assert all(reason.points for reason in found)


# -- times as text


@pytest.mark.parametrize(
    "rate", ["30", "30000/1001", "24000/1001", "25", "12.5", "60000/1001", "10", "15"]
)
def test_times_read_back_exactly(rate: str) -> None:
    exact = Fraction(rate)
    info = d.media(frames=10_000, rate=exact)
    for frame in (0, 1, 29, 30, 59, 60, 1799, 1800, 9999):
        text = source_time(frame / exact, info)
        assert parse_time(text).seconds(exact) == frame / exact
    between = Fraction(1, 3) / exact
    assert parse_time(source_time(between, info)).seconds(exact) == between


def test_timecode_matches_editors() -> None:
    assert source_time(Fraction(3600), d.media(rate=Fraction(30))) == "01:00:00:00"
    assert source_time(312 / Fraction(25, 2), d.media(rate=Fraction(25, 2))) == "312f"
    assert source_time(Fraction(5, 2), d.song()) == "2.5s"
    assert short_time(Fraction(124, 10)) == "12.4 s" and short_time(Fraction(2, 25)) == "0.08 s"
