"""Parts of alignment whose right answers are known beforehand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest
import yaml

from vedc.color import CANVAS_COLORS
from vedc.decide.align.alignment import AlignedSegment, Alignment, Box, Origin, align
from vedc.decide.align.best_path import Candidate, Segment, best_path, fit_map, merge_candidates
from vedc.decide.align.frame_map import FrameMap
from vedc.decide.align.framing import gradients, locate, refine_box
from vedc.decide.align.matcher import Matcher, _tone_curve
from vedc.decide.align.pictures import Pictures, active_area
from vedc.decide.align.to_spec import as_spec
from vedc.decide.analyses.results import BoundaryKind
from vedc.decide.arrays import Byte
from vedc.edit.media_info import MediaInfo, VideoInfo
from vedc.errors import UserError
from vedc.lang.resolve.compile import canonical
from vedc.lang.yaml.load import load


def _media(width: int = 128, height: int = 72, rate: int = 25, path: str = "a.mp4") -> MediaInfo:
    video = VideoInfo(
        width, height, Fraction(1), 0, "yuv420p", "yuv420p", Fraction(rate), CANVAS_COLORS["bt709"],
        True, "h264", Fraction(1, 1000), None,
    )  # fmt: skip
    return MediaInfo(path, 1, 1, "video", "mov,mp4", Fraction(20), video)


def _scene(count: int, seed: int = 1, step: float = 1.5) -> Byte:
    """A camera that moves over a wide picture of spots: (count, 72, 128)."""
    rng = np.random.default_rng(seed)
    wide = rng.integers(0, 256, (60, 400)).astype(np.float32)
    wide = cv2.GaussianBlur(cv2.resize(wide, (1600, 240)), (0, 0), 2.5)
    wide = (wide - wide.min()) / np.ptp(wide) * 230 + 10
    rows = np.arange(72, dtype=np.float32)[:, None] + np.zeros((1, 128), np.float32)
    columns = np.arange(128, dtype=np.float32)[None] + np.zeros((72, 1), np.float32)
    frames = [
        cv2.remap(wide, columns + np.float32(k * step), rows + 20, cv2.INTER_LINEAR)
        for k in range(count)
    ]
    return np.stack(frames).astype(np.uint8)


def _cropped(frames: Byte, box: Box) -> Byte:
    """A film's view of frames under a crop, by a different library function from vedc's."""
    height, width = frames.shape[1:]
    x = (np.arange(width) + 0.5) / width * box.width * width + box.x * width - 0.5
    y = (np.arange(height) + 0.5) / height * box.height * height + box.y * height - 0.5
    columns, rows = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    return np.stack([cv2.remap(f, columns, rows, cv2.INTER_CUBIC) for f in frames])


def test_a_crop_is_found_and_made_exact() -> None:
    raw = Pictures(_scene(3), _media())
    for box in (Box(0.07, 0.02, 0.9, 0.9), Box(0.0, 0.05, 0.8, 0.8), Box()):
        film = Pictures(_cropped(raw.frames, box), _media())
        parts = film.parts([0, 1, 2], Box(), film.grid(Box()))
        found, score = locate(parts[1], raw, 1, [(1.0, 1.0)])
        assert found.distance(box) < 0.012 and score > 0.9
        exact = refine_box(found, gradients(parts), raw, [0, 1, 2])
        assert exact.distance(box) < 0.004


def test_bars_are_found_and_a_dark_side_is_no_bar() -> None:
    frames = _scene(8)
    barred = frames.copy()
    barred[:, :9] = barred[:, -9:] = 0
    assert active_area(Pictures(barred, _media())).distance(Box(0, 9 / 72, 1, 54 / 72)) < 1e-9
    dark = frames.copy()
    dark[:, :, :30] = 0
    assert active_area(Pictures(dark, _media())) == Box()


def test_tone_curve_is_the_grade() -> None:
    rng = np.random.default_rng(5)
    raw = rng.integers(20, 236, (4, 3000)).astype(np.float32)

    def grade(codes: np.ndarray) -> np.ndarray:
        return 255 * (codes / 255) ** 1.4 * 0.9 + 12

    film = grade(raw) + rng.normal(0, 3, raw.shape).astype(np.float32)
    codes = np.arange(30, 226)
    assert np.abs(_tone_curve(raw, film)[codes] - grade(codes)).max() < 3
    assert (np.diff(_tone_curve(raw, film)) >= 0).all()


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.0, 1.25, 2.0])
def test_a_line_is_fitted_to_place_and_speed(speed: float) -> None:
    frames = _scene(160, step=0.7)
    shown = np.floor(30 + speed * np.arange(40)).astype(int)
    film = np.clip(frames[shown] * 0.8 + 20, 0, 255).astype(np.uint8)
    matcher = Matcher(Pictures(film, _media()), Box(), Pictures(frames, _media()), Box())
    matcher.fit([(k, int(i)) for k, i in enumerate(shown)], move=False)
    start = FrameMap(0, 0, 32.2, speed * 1.02)
    mapping, _ = fit_map(matcher, 0, 40, start)
    assert np.abs(mapping.frames(np.arange(40)) - shown).max() <= 1
    assert mapping.slope == pytest.approx(speed)


def test_the_course_finds_where_one_line_ends_and_another_begins() -> None:
    class Told:
        noise = 1.0

        def residual(self, film: np.ndarray, raw: np.ndarray) -> np.ndarray:
            wrong = raw != np.where(film < 23, film + 100, film + 300)
            return np.where(wrong, 30.0, 0.5).astype(np.float32)

    candidates = merge_candidates(
        [
            Candidate(FrameMap(0, 0, 100.5, 1.0), 0, 60),
            Candidate(FrameMap(0, 10, 110.5, 1.0), 10, 40),
            Candidate(FrameMap(0, 0, 300.5, 1.0), 0, 60),
        ]
    )
    assert len(candidates) == 2, "two that say the same are one"
    segments = best_path([Told()], candidates, 60, np.full(60, 40.0, np.float32))
    assert [(r.start, r.end) for r in segments] == [(0, 23), (23, 60)]
    cheap = np.where(np.arange(60) >= 50, 0.0, 40.0).astype(np.float32)
    segments = best_path([Told()], candidates[:1], 60, cheap)
    assert segments[-1] == Segment(50, 60, None) or segments[-1].map is None


def _alignment() -> Alignment:
    film, raw, other = (
        _media(640, 360),
        _media(1280, 720, path="in/one two.mp4"),
        _media(640, 480, 30, path="in/3.mp4"),
    )
    still = AlignedSegment(
        100, 110, "still", None, Fraction(0), Fraction(1), Box(), "cut", (100, 100), 1.0
    )
    clip = replace(still, origin="raw", confidence=0.97)
    segments = (
        replace(clip, start=0, end=50, source=0, begin=Fraction(41, 100), boundary="start",
                boundary_range=(0, 0)),
        replace(clip, start=50, end=100, source=1, begin=Fraction(2), boundary="dissolve",
                boundary_range=(44, 56), speed=Fraction(2)),
        still,
        replace(clip, start=110, end=150, source=0, begin=Fraction(10), boundary_range=(110, 110),
                crop=Box(0.07, 0.02, 0.9, 0.9)),
    )  # fmt: skip
    return Alignment(film, (raw, other), Fraction(25), 150, Box(), segments)


def test_the_spec_gives_clips_gaps_and_transitions() -> None:
    text = as_spec(_alignment())
    spec = yaml.safe_load(text)
    first, fade, second, gap, last = spec["timeline"]
    # A clip is seen for all of a transition: 6 frames longer on each side of it.
    assert (first["in"], first["out"]) == ("10f", "66f")
    assert fade == {"transition": {"name": "dissolve", "duration": "12f"}}
    assert float(second["in"][:-1]) == pytest.approx(2 - 2 * 6 / 25, abs=1e-3)
    assert second["duration"] == "56f" and gap == {"gap": "10f"}
    assert second["speed"] == 2
    assert last["scale"] == pytest.approx(1 / 0.9, abs=1e-3)
    assert last["anchor"] == pytest.approx([0.52, 0.47], abs=1e-3)
    # 56 + 56 - 12 + 10 + 40: the film's length.
    assert "0.97" in text
    assert spec["assets"]["one-two"]["src"] == "in/one two.mp4"


def test_what_runs_backwards_begins_with_the_frame_that_was_found() -> None:
    alignment = _alignment()
    first = alignment.segments[0]
    back = replace(first, begin=Fraction(100, 25), speed=Fraction(-5, 4))
    (item,) = yaml.safe_load(as_spec(replace(alignment, segments=(back,))))["timeline"]
    assert (item["duration"], item["speed"]) == ("50f", -1.25)
    # Frame 100 is the last to begin before the end of the range.
    end = float(item["in"][:-1]) + 50 / 25 * 1.25
    assert 100 / 25 < end < 101 / 25


@pytest.mark.parametrize("kind", get_args(BoundaryKind))
@pytest.mark.parametrize("origin", get_args(Origin))
def test_every_boundary_is_written_as_something_the_language_accepts(
    kind: BoundaryKind, origin: Origin, tmp_path: Path
) -> None:
    alignment = _alignment()
    first, second, gap, last = alignment.segments
    extent = (50, 50) if kind in ("start", "cut") else (44, 56)
    second = replace(second, boundary=kind, boundary_range=extent, origin=origin)
    if origin != "raw":
        second = replace(second, source=None, speed=Fraction(1))
    path = tmp_path / "aligned.vedc.yaml"
    path.write_text(as_spec(replace(alignment, segments=(first, second, gap, last))))
    timeline = canonical(load(path)).data["timeline"]["tracks"][0]["clips"]
    transitions = [item["transition"] for item in timeline if "transition" in item]
    expected = origin == "raw" and kind not in ("start", "cut")
    named = {"fade": "dip"}.get(kind, kind)
    assert [t["name"] for t in transitions] == ([named] if expected else [])


def test_frames_are_found_by_their_stretch() -> None:
    found = _alignment()
    assert found.frame_of(0) == (0, 10) and found.frame_of(49) == (0, 59)
    assert found.frame_of(60) == (1, 60 + 24) and found.frame_of(105) is None


def test_what_has_no_picture_is_refused() -> None:
    sound = replace(_media(), video=None, kind="audio")
    with pytest.raises(UserError) as caught:
        align(_media(), [sound])
    assert caught.value.problems[0].code == "no-picture"
    with pytest.raises(UserError) as caught:
        align(_media(), [])
    assert caught.value.problems[0].code == "no-raw"
