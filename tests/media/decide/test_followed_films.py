"""``effects: [{auto: strokes}]`` on a film whose camera is known: the lock, and the strokes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
import yaml

from tests.media.decide.test_flared_films import at_frames, frames, vedc
from tests.media.make import write_numbered

WIDE, HIGH = 320, 180
PAN = 14
"""Frames of a pan; eight from a tripod follow."""
STEP = 6
"""Pixels of the pan, from frame to frame."""


def drawn(*levels: int) -> list[Any]:
    """Grey papers with small marks, wide enough for the pan."""
    random = np.random.default_rng(7)
    papers = []
    for level in levels:
        paper = np.full((HIGH, WIDE + PAN * STEP, 3), level, np.uint8)
        for x, y in zip(
            random.integers(4, paper.shape[1] - 4, 150),
            random.integers(4, HIGH - 4, 150),
            strict=True,
        ):
            cv2.circle(paper, (int(x), int(y)), 2, (40, 40, 40), -1, cv2.LINE_AA)
        papers.append(paper)
    return papers


def write(path: Path) -> None:
    """A pan over one paper, then another one that stands still. Lossless."""
    papers = drawn(150, 70)
    with av.open(str(path), "w") as film:
        stream = film.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDE, HIGH, "bgr0"
        for n in range(PAN + 8):
            left = STEP * n if n < PAN else 0
            shown = papers[n >= PAN][:, left : left + WIDE]
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(shown), format="rgb24")
            film.mux(stream.encode(frame))
        film.mux(stream.encode())


@dataclass
class Project:
    folder: Path

    def spec(self, name: str, effects: str, item: str = "", clip: str = "pan.mkv") -> str:
        path = self.folder / f"{name}.vedc.yaml"
        path.write_text(
            f"version: 1\nprofile: {{width: {WIDE}, height: {HIGH}, fps: 25}}\n"
            f"timeline:\n  - {{clip: {clip}{item}, effects: {effects}}}\n"
            f"outputs: [{{path: {name}.mkv, codec: ffv1, pix_fmt: yuv444p}}]\n"
        )
        return str(path)

    def items(self, spec: str) -> list[dict[str, Any]]:
        vedc("lock", spec, "-q")
        lock = yaml.safe_load((self.folder / "vedc.lock").read_text())
        (entry,) = lock["specs"][Path(spec).name]
        found: list[dict[str, Any]] = entry["items"]
        return found

    def effects(self, spec: str) -> Any:
        made = yaml.safe_load(vedc("config", "--decided", spec))
        return made["timeline"]["tracks"][0]["clips"][0]["effects"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("followed")
    write(folder / "pan.mkv")
    return Project(folder)


def test_the_canvas_follows_the_pan_and_stands_still_on_the_tripod(project: Project) -> None:
    spec = project.spec("two", "[{auto: {strokes: {strokes: 1, color: mix}}}]")
    moving, standing = project.items(spec)
    (step,) = moving["item"]
    assert (step["op"], step["painting"], step["strokes"]) == ("style", "starry_night", 1)
    assert step["color"] == "mix" and (step["scale"], step["angle"]) == (1.0, 0.0)
    x = at_frames(step["position"], PAN)[:, 0] * WIDE
    np.testing.assert_allclose(x, WIDE / 2 - STEP * np.arange(PAN), atol=0.3)
    speed = STEP * 25 / HIGH
    assert f"pans {speed:.2g} of the height per second" in moving["for"][0]
    (step,) = standing["item"]
    assert step["position"] == [0.5, 0.5] and "tripod" in standing["for"][0]
    reported = vedc("explain", spec, "--at", "00:00:00:04")
    assert "strokes of main[1] 00:00:00:00-00:00:00:14" in reported


def test_footage_of_a_phone_on_its_side_is_followed_as_it_is_displayed(project: Project) -> None:
    """PQ, 10 bits, pixels that are not square, turned by a display matrix."""
    (paper,) = drawn(150)
    pictures = []
    for n in range(PAN):
        left = STEP * n
        shown = cv2.resize(paper[:, left : left + WIDE], (WIDE, HIGH // 2))
        turned = np.ascontiguousarray(np.rot90(shown))
        frame = av.VideoFrame.from_ndarray(turned, format="rgb24").reformat(format="yuv420p10le")
        frame.pts = n
        pictures.append(frame)
    write_numbered(
        project.folder / "phone.mp4", PAN, Fraction(25), width=HIGH // 2, height=WIDE, rotation=90,
        sar=Fraction(2), pictures=pictures, color=(9, 9, 16, 1), pix_fmt="yuv420p10le",
        codec="libx264", options={"qp": "8"},
    )  # fmt: skip
    spec = project.spec("turned", "[{auto: strokes}]", clip="phone.mp4")
    ((step,),) = (item["item"] for item in project.items(spec))
    place = at_frames(step["position"], PAN)
    np.testing.assert_allclose(place[:, 0] * WIDE, WIDE / 2 - STEP * np.arange(PAN), atol=0.4)
    np.testing.assert_allclose(place[:, 1] * HIGH, HIGH / 2, atol=0.4)
    assert (step["scale"], step["angle"]) == (1.0, 0.0)


def test_a_clip_played_backwards_has_the_path_backwards(project: Project) -> None:
    spec = project.spec("back", "[{auto: strokes}]", f", out: {PAN}f, speed: -1")
    project.items(spec)
    (step,) = project.effects(spec)
    x = at_frames(step["position"], PAN)[:, 0] * WIDE
    np.testing.assert_allclose(x, WIDE / 2 - STEP * np.arange(PAN)[::-1], atol=0.3)


def test_in_a_crop_that_moves_the_strokes_stand_still(project: Project) -> None:
    points = ((0, "[0, 0, 0.5, 0.5]"), (0.4, "[0.25, 0, 0.25, 0.5]"))
    moving = ", ".join(f"{{time: {time}s, value: {value}}}" for time, value in points)
    spec = project.spec(
        "cropped", "[{auto: strokes}]", f", out: {PAN}f, crop: {{keyframes: [{moving}]}}"
    )
    (item,) = project.items(spec)
    assert item["item"][0]["position"] == [0.5, 0.5]
    assert "moving crop" in item["against"][0]


@pytest.mark.parametrize("item", ["", ", crop: {x: 40px, y: 20px, width: 240px, height: 135px}"])
def test_the_strokes_move_with_what_is_painted(project: Project, item: str) -> None:
    """Between two frames of the pan, the painting differs by a shift; with a canvas that stands
    still, the strokes differ as well."""
    item = f", out: {PAN}f{item}"
    style = "{op: style, strokes: 1, detail: 0}"
    films = []
    for name, effects in (
        ("with", "[{auto: {strokes: {strokes: 1, detail: 0}}}]"),
        ("without", f"[{style}]"),
    ):
        spec = project.spec(name, effects, item)
        vedc("render", spec, "-y", "-q")
        films.append([frame.astype(float) for frame in frames(project.folder / f"{name}.mkv")])
    across = round(STEP * (WIDE / 240 if "crop" in item else 1))
    first, last, inner = 4, 10, slice(30, -30)
    shift = across * (last - first)

    def change(film: list[Any]) -> float:
        one, other = film[first][inner, 40 + shift : -40], film[last][inner, 40 : -40 - shift]
        return float(np.abs(one - other).mean())

    followed, standing = map(change, films)
    assert followed < 0.5 * standing


def test_the_film_of_the_lock_matches_the_steps_typed_by_hand(project: Project) -> None:
    decided = project.spec("decided", "[{auto: strokes}]", f", out: {PAN}f")
    vedc("lock", decided, "-q")
    typed = project.spec("typed", json.dumps(project.effects(decided)), f", out: {PAN}f")
    vedc("render", decided, "-y", "-q", "--locked")
    vedc("render", typed, "-y", "-q")
    for one, other in zip(
        *(frames(project.folder / f"{n}.mkv") for n in ("decided", "typed")), strict=True
    ):
        np.testing.assert_array_equal(one, other)
