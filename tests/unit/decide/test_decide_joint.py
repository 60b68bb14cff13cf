"""The pictures on both sides of a join, and the parameters that follow from them."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.unit.decide import deciding as d
from vedc.decide.analyses.result_cache import read_result, write_result
from vedc.decide.analyses.results import Beside, Event, Events
from vedc.decide.choose import score_weights
from vedc.decide.choose.analyzed_source import AnalyzedSource
from vedc.decide.choose.features import Features
from vedc.decide.choose.methods.transition_answer import answer_transition
from vedc.decide.choose.reasons import JoinQuestion
from vedc.decide.choose.transition_choice import (
    FEATURES,
    Side,
    TransitionChoice,
    boundary_features,
    choose_transition,
)
from vedc.decide.kept_files import KeptFiles, content_digest
from vedc.decide.transitions.beside import camera
from vedc.decide.transitions.fitted import fitted, goes_against
from vedc.decide.transitions.joint import MEASURES, Joint
from vedc.decide.transitions.matte import distances, matte, png
from vedc.decide.transitions.salience import blurred, spot
from vedc.errors import LockError
from vedc.kernels.temporal import flow
from vedc.lang.keys.auto import LEVELS, Join

RATE = Fraction(30)


def texture(seed: int = 1, soft: float = 2.0) -> Any:
    noise = np.random.default_rng(seed).normal(0, 1, (220, 380)).astype(np.float32)
    made = cv2.GaussianBlur(noise, (0, 0), soft)
    return np.clip(110 + 45 * made / made.std(), 0, 255).astype(np.uint8)


def window(picture: Any, x: int = 30, y: int = 20) -> Any:
    return picture[y : y + 180, x : x + 320]


def disc(x: float, y: float, radius: float, light: int = 240) -> Any:
    rows, columns = np.mgrid[0:180, 0:320]
    away = np.hypot(columns - x * 320, rows - y * 180)
    return np.where(away < radius * 180, light, 40).astype(np.uint8)


def joint(left: Beside | None = None, right: Beside | None = None) -> Joint:
    return Joint(left or d.beside(), right or d.beside())


def chosen(
    left: Beside, right: Beside, *names: str, level: str = "bold", **results: Any
) -> TransitionChoice:
    """The choice between 10 s clips of different files in which nothing else happens."""
    sides = []
    for name, seen in (("a.mp4", left), ("b.mp4", right)):
        info = d.media(name, 300)
        known = d.usual(info, measures=d.measures(300, motion=0.0)) | results
        footage = AnalyzedSource(d.source(info), RATE, known)
        sides.append(Side(Features(footage), 0, 300, seen))
    weights = score_weights.shipped("joining", FEATURES)
    return choose_transition(
        sides[0], sides[1], names or LEVELS[level], weights, RATE, 60, level=level
    )


# -- measures


@pytest.mark.parametrize(
    ("dx", "dy", "way"), [(6, 0, "right"), (-6, 0, "left"), (0, 5, "down"), (0, -5, "up")]
)
def test_the_camera_is_followed_in_all_directions(dx: int, dy: int, way: str) -> None:
    picture = texture()
    before, after = window(picture), window(picture, 30 - dx, 20 - dy)
    there, _ = flow.between(before, after)
    across, down, growth, follows, own = camera(before, there, 15.0).tolist()
    assert across == pytest.approx(dx / 320 * 15, abs=0.02)
    assert down == pytest.approx(dy / 320 * 15, abs=0.02)
    assert abs(growth) < 0.05 and follows > 0.9 and own < 0.05
    seen = d.beside(motion=(across, down, growth, follows, own))
    assert joint(seen, seen).way == way


def test_a_camera_that_comes_nearer_makes_the_picture_grow() -> None:
    picture = texture()
    matrix = np.array([[1.04, 0, -0.04 * 160], [0, 1.04, -0.04 * 90]])
    before = window(picture)
    after = cv2.warpAffine(before, matrix, (320, 180), borderMode=cv2.BORDER_REPLICATE)
    there, _ = flow.between(before, after)
    row = camera(before, there, 15.0)
    assert row[2] == pytest.approx(0.04 * 15, rel=0.15) and abs(row[0]) < 0.03
    assert joint(*[d.beside(motion=row)] * 2).measures()["push"][0] > 0.8


def test_measures_are_from_0_to_1_and_named() -> None:
    for side in (d.beside(), d.beside(texture()[:180, :320], motion=(2, -2, 3, 1, 1))):
        found = joint(side, d.beside(disc(0.5, 0.5, 0.2))).measures()
        assert set(found) == set(MEASURES)
        assert all(0 <= value <= 1 and words for value, words in found.values())


def test_sides_that_move_against_each_other_clash() -> None:
    found = joint(
        d.beside(motion=(0.4, 0, 0, 1, 0)), d.beside(motion=(-0.4, 0, 0, 1, 0))
    ).measures()
    assert found["clash"][0] == 1 and found["pan"][0] == 0 and found["sweep"][0] == 0


def test_a_moved_picture_morphs_and_another_one_does_not() -> None:
    picture = texture(soft=4.0)
    left = d.beside(window(picture))
    assert joint(left, d.beside(window(picture, 36, 22))).measures()["morphs"][0] > 0.9
    assert joint(left, d.beside(window(texture(2, 4.0)))).measures()["morphs"][0] == 0
    # Plain areas and noise in the dark agree with anything and prove nothing.
    assert joint(d.beside(), d.beside()).measures()["morphs"][0] == 0
    assert joint(left, d.beside(window(picture)[:, :180])).agreement == 0


@pytest.mark.parametrize(("x", "y"), [(0.3, 0.4), (0.65, 0.55)])
def test_a_disc_is_found_where_it_is(x: float, y: float) -> None:
    for light in (240, 5):
        seen = d.beside(disc(x, y, 0.2, light))
        found = spot(seen.luma, seen.thumb)
        assert (found.x, found.y) == (pytest.approx(x, abs=0.02), pytest.approx(y, abs=0.02))
        assert found.round > 0.8


def test_a_picture_without_a_round_thing_has_none() -> None:
    square = np.full((180, 320), 40, np.uint8)
    square[40:120, 60:240] = 230
    for luma in (square, texture()[:180, :320], np.full((180, 320), 90, np.uint8)):
        seen = d.beside(luma)
        assert spot(seen.luma, seen.thumb).round < 0.3


def test_what_is_out_of_focus_is_blurred_and_what_is_plain_is_not() -> None:
    sharp = texture(soft=1.0)[:180, :320]
    assert blurred(sharp) < 0.5 < blurred(cv2.GaussianBlur(sharp, (0, 0), 4.0))
    assert blurred(np.full((180, 320), 90, np.uint8)) == 0


# -- choices and their parameters


def test_fast_pans_are_whipped_and_slow_ones_slid_their_way() -> None:
    for speed, name in ((1.2, "whip_pan"), (0.25, "slide")):
        side = d.beside(motion=(0.0, speed, 0, 1, 0))
        found = chosen(side, side)
        assert (found.name, found.params) == (name, {"direction": "down"})
        assert any(r.name == "pan" and "down" in r.value for r in found.reasons)


def test_a_name_with_a_direction_keeps_it() -> None:
    side = d.beside(motion=(1.0, 0, 0, 1, 0))
    assert chosen(side, side, "whip_right", "whip_left").name == "whip_right"
    assert chosen(side, side, "whip_right").params == {}
    assert goes_against("whip_left", joint(side, side))
    assert not goes_against("whip_right", joint(side, side))


def test_an_edge_goes_along_with_what_moves() -> None:
    side = d.beside(motion=(0.35, 0.2, 0, 1, 0))
    found = fitted("wipe", joint(side))
    assert found.params["direction"] == "right" and found.params["angle"] == 30
    assert fitted("wipe", joint()).params == {}


def test_an_iris_opens_on_the_incoming_thing_and_closes_on_the_outgoing_one() -> None:
    plain, thing = d.beside(texture()[:180, :320]), d.beside(disc(0.3, 0.6, 0.2))
    opened = chosen(plain, thing, "iris", "dissolve")
    assert opened.name == "iris" and opened.params["mode"] == "open"
    assert opened.params["center"] == pytest.approx([0.3, 0.6], abs=0.02)
    closed = fitted("iris", joint(thing, plain)).params
    assert closed["mode"] == "close" and closed["center"] == opened.params["center"]


def test_colours_come_from_the_light() -> None:
    white = d.beside(np.full((180, 320), 200, np.uint8))
    assert fitted("dip", joint(white, white)).params == {"color": "white"}
    assert fitted("dip", joint(white)).params == {}
    sun = d.beside(thumb=np.full((27, 48, 3), (250, 150, 50), np.uint8))
    assert fitted("light_leak", joint(sun)).params == {"color": "#ff9933"}
    assert fitted("light_leak", joint()).params == {}


def test_a_jump_cut_is_morphed() -> None:
    picture = texture(soft=4.0)
    left, right = d.beside(window(picture)), d.beside(window(picture, 34, 21))
    found = chosen(left, right, level="subtle")
    assert found.name == "flow_morph" and found.params == {}
    assert any("is the same, moved" in r.value for r in found.reasons)


def test_levels_widen_the_choice_and_lower_the_bar() -> None:
    assert set(LEVELS["subtle"]) < set(LEVELS["lively"]) < set(LEVELS["bold"])
    side = d.beside(motion=(1.0, 0, 0, 1, 0))
    scores = {}
    for level in LEVELS:
        found = chosen(side, side, "whip_pan", level=level)
        (phrase,) = [p for p in found.instead if p.startswith("hard cut")]
        scores[level] = float(phrase.split("score ")[1])
    assert scores["subtle"] > scores["lively"] > scores["bold"]


def test_a_sound_at_the_cut_counts_and_the_beginning_of_a_file_does_not() -> None:
    info = d.media("a.mp4", 300)

    def hit(first: float, *times: float) -> float:
        events = Events(tuple(Event(Fraction(str(t)), 1.0) for t in (first, *times)))
        footage = AnalyzedSource(d.source(info), RATE, d.usual(info, onsets=events))
        left, right = Side(Features(footage), 0, 150), Side(Features(footage), 150, 300)
        return boundary_features(left, right)["hit"][0]

    assert hit(5.0) == 1 and 0 < hit(5.1) < 0.5 and hit(3.0) == 0
    footage = AnalyzedSource(
        d.source(info), RATE, d.usual(info, onsets=Events((Event(Fraction(0), 1.0),)))
    )
    sides = Side(Features(footage), 0, 300), Side(Features(footage), 0, 300)
    assert boundary_features(*sides)["hit"][0] == 0


# -- mattes


def test_distances_are_those_of_the_cheapest_way() -> None:
    cost = np.ones((9, 9))
    cost[:, 4] = 100.0
    cost[8, 4] = 1.0  # a gap in the wall
    found = distances(cost, [(0, 0)])
    assert found[0, 3] == 3 and found[3, 3] == pytest.approx(3 * np.sqrt(2))
    assert 8 < found[0, 8] < 25  # around the wall, not through it
    assert np.isfinite(found).all()


def test_a_matte_opens_where_the_eye_goes_and_spreads_evenly() -> None:
    right = d.beside(disc(0.25, 0.5, 0.2))
    made = matte(d.beside(texture()[:180, :320]), right)
    assert made.shape == (144, 256) and made.dtype == np.uint8
    assert made.min() == 0 and made.max() == 255
    assert made[72, 64] < 40 < 150 < made[72, 250]
    shares = np.histogram(made, bins=8, range=(0, 256))[0] / made.size
    assert shares.min() > 0.06 and shares.max() < 0.2
    assert np.array_equal(made, matte(d.beside(texture()[:180, :320]), right))


def test_a_matte_is_read_by_others_as_it_was_written() -> None:
    picture = texture()[:60, :80]
    read = Image.open(BytesIO(png(picture)))
    assert read.mode == "L" and np.array_equal(np.asarray(read), picture)
    assert png(picture) == png(picture.copy())


def test_a_chosen_luma_wipe_comes_with_its_matte(tmp_path: Path) -> None:
    own = tmp_path / "mine.json"
    own.write_text('{"name": "joining", "version": 1, "weights": {"luma.bias": 1}}')
    info = d.media("a.mp4", 1800)
    known = d.usual(info, beside=d.beside(texture()[:180, :320]))
    sources = [d.source(info, Fraction(a), Fraction(b)) for a, b in ((0, 10), (50, 60))]
    asked = JoinQuestion(sources[0], sources[1], Join(("luma_wipe",), None, str(own)), RATE)
    (choice,) = answer_transition(asked, d.Found(a=known), KeptFiles(tmp_path))
    item = choice.item["transition"]
    path = tmp_path / item["src"]
    assert item["name"] == "luma_wipe" and path.stem == content_digest(path.read_bytes())
    (again,) = answer_transition(asked, d.Found(a=known), KeptFiles(tmp_path))
    assert again.item == choice.item


def test_kept_files_are_missed_watched_and_tidied(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path)
    name = files.keep(b"picture", "png", "do something else")
    item = {"transition": {"name": "luma_wipe", "src": name}, "duration": "9f"}
    assert files.missing(item) is None and files.changed(item) is None
    (tmp_path / name).write_bytes(b"another")
    assert files.changed(item) == name
    (tmp_path / "vedc.lock.d" / "mine.png").write_bytes(b"mine")
    files.tidy("")
    assert files.missing(item) == name
    assert [p.name for p in (tmp_path / "vedc.lock.d").iterdir()] == ["mine.png"]
    (tmp_path / "vedc.lock.d" / "mine.png").unlink()
    files.tidy("")
    assert not (tmp_path / "vedc.lock.d").exists()
    (tmp_path / "vedc.lock.d").write_text("in the way")
    with pytest.raises(LockError, match=r"cannot be written.*\n?"):
        files.keep(b"picture", "png", "do something else")


def test_what_is_seen_is_cached_as_it_was() -> None:
    seen = d.beside(texture()[:180, :320], motion=(0.1, 0.2, 0.3, 0.4, 0.5))
    back = read_result(write_result("key", seen), "key", Beside)
    assert isinstance(back, Beside)
    for one, other in (
        (seen.luma, back.luma),
        (seen.thumb, back.thumb),
        (seen.motion, back.motion),
    ):
        assert np.array_equal(one, other) and one.dtype == other.dtype
