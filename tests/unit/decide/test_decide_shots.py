"""Boundaries read off curves, shots made of them, and weights that are what they should be."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file

from vedc.decide.analyses.results import HeldThumbs
from vedc.decide.shots import detect_network, shots
from vedc.decide.shots.boundary import Boundary
from vedc.decide.shots.detect_network import Thresholds
from vedc.errors import MissingError, UsageError, UserError
from vedc.models import network_weights
from vedc.models.cuts import network
from vedc.models.cuts.network import CUT, END, GRADUAL, START

RATE = Fraction(25)


def held(frames: np.ndarray) -> HeldThumbs:
    return HeldThumbs(frames, RATE)


def film(frames: int) -> np.ndarray:
    """Shots of 40 frames that pan over soft noise."""
    rng = np.random.default_rng(3)
    shown = []
    for _ in range(-(-frames // 40)):
        wide = cv2.resize(rng.integers(0, 256, (5, 12, 3), dtype=np.uint8), (100, 27))
        shown += [wide[:, i : i + 48] for i in range(40)]
    return np.stack(shown[:frames])


def curves(frames: int) -> np.ndarray:
    return np.zeros((frames, network.OUTPUTS), np.float32)


def put(into: np.ndarray, kind: str, start: int, end: int, sure: float = 0.9) -> None:
    column = network.TYPE.start + network.KINDS.index(kind)
    if kind == "cut":
        into[start, [CUT, column]] = sure
    else:
        into[start:end, GRADUAL] = into[start:end, column] = sure
        into[start, START] = into[end - 1, END] = sure


def reported(found: list[Boundary]) -> list[tuple[str, int, int]]:
    return [(b.kind, b.start, b.end) for b in found]


def test_a_cut_is_one_frame_even_where_its_neighbours_are_likely_too() -> None:
    c = curves(60)
    c[19:22, CUT] = 0.7, 0.9, 0.8
    assert reported(detect_network.boundaries(c, Thresholds())) == [("cut", 20, 20)]
    c[20:22, CUT] = 0.9  # of equals the first
    assert reported(detect_network.boundaries(c, Thresholds())) == [("cut", 20, 20)]


def test_below_their_thresholds_there_is_nothing() -> None:
    c = curves(60)
    put(c, "cut", 10, 10, 0.6)
    put(c, "wipe", 30, 40, 0.6)
    assert len(detect_network.boundaries(c, Thresholds())) == 2
    assert detect_network.boundaries(c, Thresholds(cut=0.65, gradual=0.65)) == []


def test_ends_of_a_run_move_to_the_likeliest_first_and_last_frame() -> None:
    c = curves(80)
    put(c, "dissolve", 30, 50)
    c[28:30, GRADUAL] = c[50:52, GRADUAL] = 0.4
    assert reported(detect_network.boundaries(c, Thresholds(inside=0.3))) == [("dissolve", 30, 50)]
    c[:, [START, END]] = 0  # nothing is likely: the run's own ends
    assert reported(detect_network.boundaries(c, Thresholds(inside=0.3))) == [("dissolve", 28, 52)]


def test_a_fade_that_begins_with_a_cut_is_one_boundary() -> None:
    c = curves(80)
    put(c, "fade", 30, 50)
    put(c, "cut", 29, 29, 0.99)
    assert reported(detect_network.boundaries(c, Thresholds())) == [("fade", 30, 50)]


def test_the_surer_of_two_that_claim_the_same_frames_stays() -> None:
    c = curves(80)
    put(c, "slide", 30, 50, 0.8)
    put(c, "cut", 40, 40, 0.95)
    assert reported(detect_network.boundaries(c, Thresholds())) == [("cut", 40, 40)]
    put(c, "slide", 30, 50, 0.99)
    c[40, CUT] = 0.95
    assert reported(detect_network.boundaries(c, Thresholds())) == [("slide", 30, 50)]


def test_the_first_frame_of_a_film_is_no_cut() -> None:
    c = curves(30)
    put(c, "cut", 0, 0)
    assert detect_network.boundaries(c, Thresholds()) == []


def test_thresholds_survive_being_noted() -> None:
    limits = Thresholds(0.1, 0.7, 0.3333333, 0.25, 5)
    assert Thresholds.of(limits.notes()) == limits
    assert Thresholds.of({}) == Thresholds()


@st.composite
def found_in(draw: st.DrawFn) -> tuple[int, list[Boundary]]:
    frames = draw(st.integers(0, 120))
    at, out = 0, []
    for _ in range(draw(st.integers(0, 8))):
        at += draw(st.integers(0, 20))
        long = draw(st.sampled_from([0, 0, 1, 2, 9, 30]))
        out.append(Boundary("dissolve" if long else "cut", at, at + long, 0.5))
        at += long
    return frames, out


@given(found_in())
@settings(max_examples=60, deadline=None)
def test_every_frame_is_in_exactly_one_shot_whatever_was_found(
    case: tuple[int, list[Boundary]],
) -> None:
    frames, found = case
    made = shots.made(found, held(np.zeros((frames, 27, 48, 3), np.uint8)), "network")
    inside = [i for shot in made.shots for i in range(shot.start, shot.end)]
    assert inside == list(range(frames))
    for shot in made.shots:
        assert shot.start <= shot.frame < shot.end
    if frames:
        assert made.shots[0].boundary == "start" and made.shots[0].score == 1.0


def test_shots_meet_in_the_middle_of_a_transition_and_show_none_of_it() -> None:
    thumbs = np.zeros((100, 27, 48, 3), np.uint8)
    found = [Boundary("cut", 20, 20, 0.8), Boundary("wipe", 40, 60, 0.7)]
    made = shots.made(found, held(thumbs), "classical").shots
    assert [(s.start, s.end, s.boundary, s.boundary_range) for s in made] == [
        (0, 20, "start", (0, 0)),
        (20, 50, "cut", (20, 20)),
        (50, 100, "wipe", (40, 60)),
    ]
    assert 20 <= made[1].frame < 40 and 60 <= made[2].frame < 100
    assert [s.score for s in made] == [1.0, 0.8, 0.7]


def test_the_key_frame_is_sharp_and_like_its_shot() -> None:
    rng = np.random.default_rng(2)
    sharp = cv2.resize(rng.integers(0, 256, (9, 16, 3), dtype=np.uint8), (48, 27))
    thumbs = np.stack([sharp] * 60)
    thumbs[:31] = cv2.blur(sharp, (9, 9))  # out of focus, then in focus
    assert shots.made([], held(thumbs), "network").shots[0].frame >= 31
    thumbs = np.stack([sharp] * 60)
    thumbs[28:33] = 255  # a flash where the middle is
    assert not 28 <= shots.made([], held(thumbs), "network").shots[0].frame < 33


def test_detectors_are_named() -> None:
    assert shots.detector_of({}) == shots.detector_of({"detector": "best"}) == shots.BEST
    assert shots.detector_of({"detector": "transnet"}) == "transnet"
    with pytest.raises(UsageError, match="no shot detector 'magic'"):
        shots.detector_of({"detector": "magic"})


def stored(folder: Path, **arrays: np.ndarray) -> Path:
    file = folder / "cuts.safetensors"
    save_file(
        arrays or {"a": np.arange(6, dtype=np.float32).reshape(2, 3)}, str(file), {"cut": "0.6"}
    )
    known = hashlib.sha256(file.read_bytes()).hexdigest()
    file.with_suffix(".md").write_text(f"---\ndigest: sha256:{known}\n---\n# A card\n")
    return file


def test_weights_are_read_with_their_notes_and_digest(tmp_path: Path) -> None:
    file = stored(tmp_path)
    read = network_weights.load(file, {"a": (2, 3)})
    assert (read.arrays["a"] == np.arange(6).reshape(2, 3)).all()
    assert read.notes["cut"] == "0.6"
    assert (
        read.digest == hashlib.sha256(file.read_bytes()).hexdigest() == network_weights.digest(file)
    )


def test_weights_of_another_digest_are_refused_with_both(tmp_path: Path) -> None:
    file = stored(tmp_path)
    before = network_weights.digest(file)
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    with pytest.raises(UserError) as caught:
        network_weights.load(file, {"a": (2, 3)})
    (problem,) = caught.value.problems
    assert problem.code == "wrong-weights" and problem.hint
    for part in (str(file), before, hashlib.sha256(data).hexdigest()):
        assert part in problem.message


def test_weights_that_are_missing_or_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no-weights"):
        network_weights.digest(tmp_path / "cuts.safetensors")
    file = stored(tmp_path)
    with pytest.raises(UserError, match="bad-weights"):
        network_weights.load(file, {"a": (2, 4)})
    file.with_suffix(".md").unlink()
    with pytest.raises(MissingError, match="no-card"):
        network_weights.digest(file)


def test_the_shipped_weights_are_what_their_card_says() -> None:
    found = network_weights.load(network_weights.shipped("cuts"), network.shapes())
    assert found.digest == detect_network.digest()
    assert sum(a.size for a in found.arrays.values()) <= 500_000


@pytest.mark.slow
@pytest.mark.parametrize("piece", [100, 333])
def test_curves_do_not_depend_on_where_pieces_lie(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrays = network_weights.load(network_weights.shipped("cuts"), network.shapes()).arrays
    thumbs = held(film(detect_network.WINDOW + detect_network.MEMORY + 300))
    usual = detect_network.curves(thumbs, arrays)
    monkeypatch.setattr(detect_network, "WINDOW", piece)
    np.testing.assert_allclose(detect_network.curves(thumbs, arrays), usual, atol=5e-3)


@pytest.mark.slow
def test_a_longer_film_around_it_does_not_change_what_is_found() -> None:
    long = film(detect_network.WINDOW * 3)
    start, end = 357, 1457
    whole = [
        b for b in detect_network.detect(held(long)) if start + 150 <= b.start and b.end < end - 150
    ]
    part = [
        b for b in detect_network.detect(held(long[start:end])) if b.start >= 150 and b.end < 950
    ]
    moved = [(b.kind, b.start - start, b.end - start) for b in whole]
    assert len(moved) >= 18 and reported(part) == moved


def test_the_network_finds_cuts_on_the_frame_and_ignores_a_flash() -> None:
    """Pictures of soft noise that pan: 4 shots; one frame of the second is lit by a flash."""
    rng = np.random.default_rng(4)
    parts = []
    for _ in range(4):
        wide = cv2.resize(rng.integers(0, 200, (6, 14, 3), dtype=np.uint8), (120, 27))
        parts += [wide[:, i : i + 48] for i in range(45)]
    thumbs = np.stack(parts)
    thumbs[70] = 255 - (255 - thumbs[70]) // 3
    found = detect_network.detect(held(thumbs))
    assert reported(found) == [("cut", i, i) for i in (45, 90, 135)]
    later = detect_network.detect(held(np.concatenate([film(80)[:77], thumbs])))
    assert reported(later) == [("cut", i, i) for i in (40, 77, 122, 167, 212)]
