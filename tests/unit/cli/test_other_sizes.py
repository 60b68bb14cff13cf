"""A film of another size is the same film: lengths follow the canvas's smaller side."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from vedc import ops
from vedc.cli import app
from vedc.edit import lengths
from vedc.edit.contents import Placement, Text
from vedc.edit.values import Keyframe, Keyframes
from vedc.errors import UsageError
from vedc.ops.core.lengths import scaled_params
from vedc.workspace.build import Build

SPEC = """\
version: 1
profile: {width: 1280, height: 720, fps: 25}
timeline:
  tracks:
    - id: ground
      clips:
        - generator: {op: checker, size: 80}
          duration: 2s
          effects: [{op: gaussian_blur, radius: 20}]
    - id: logo
      clips:
        - {image: logo.png, duration: 2s, fit: none, position: top-left, offset: [60, 40]}
    - id: title
      clips:
        - text: Spring in the valley
          duration: 2s
          size: 120
          max_width: 800
          stroke_width: 8
          stroke_color: "#204060"
          letter_spacing: 6
          background: "#ff000080"
          padding: 32
          shadow: {color: "#000000c0", offset: [12, 16], blur: 20}
          position: bottom
          offset: [20, -60]
outputs: [{path: frame.png, at: 1s}]
"""

Vedc = Callable[..., None]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    y, x = np.mgrid[0:200, 0:240]
    logo = np.stack([x, y, 255 - x, np.full_like(x, 255)], axis=-1).astype(np.uint8)
    Image.fromarray(logo).save(tmp_path / "logo.png")
    path = tmp_path / "film.vedc.yaml"
    path.write_text(SPEC)
    return path


@pytest.fixture
def vedc() -> Vedc:
    def call(*arguments: str) -> None:
        result = CliRunner().invoke(app, arguments)
        if result.exception:
            raise result.exception

    return call


def _picture(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


def _difference(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).mean())


@pytest.mark.slow
@pytest.mark.parametrize("scale", ["0.5", "50%", "2"])
def test_a_draft_is_the_film_scaled(vedc: Vedc, spec: Path, scale: str) -> None:
    vedc("render", "-q", str(spec))
    whole = _picture(spec.parent / "frame.png")
    vedc("render", "-q", str(spec), "--scale", scale)
    draft = _picture(spec.parent / "frame.png")
    by = Fraction(1, 2) if "%" in scale else Fraction(scale)
    assert draft.size == (1280 * by, 720 * by)
    if by > 1:
        whole, draft = draft, whole
    assert _difference(whole.resize(draft.size, Image.Resampling.BOX), draft) < 3


def test_an_output_of_another_shape_keeps_the_size_of_the_design(vedc: Vedc, spec: Path) -> None:
    """On an upright canvas and on a square one, lengths follow the smaller side."""
    outputs = (
        "{path: a.png, at: 1s}, {path: b.png, at: 1s, width: 720, height: 1280},"
        " {path: c.png, at: 1s, width: 360, height: 360}"
    )
    spec.write_text(SPEC.replace("{path: frame.png, at: 1s}", outputs))
    vedc("render", "-q", str(spec))
    wide, tall, small = (_picture(spec.parent / f"{name}.png") for name in "abc")
    logo = (64, 44, 264, 204)
    assert _difference(wide.crop(logo), tall.crop(logo)) == 0
    reduced = wide.crop(logo).resize((100, 80), Image.Resampling.BOX)
    assert _difference(reduced, small.crop((32, 22, 132, 102))) < 1


def test_every_length_of_the_model_is_known() -> None:
    """A new field of numbers is a length, or is named here as none."""
    no_lengths = {
        "color", "fill", "fill_start", "fill_end", "line_height", "stroke_color", "shadow",
        "background", "position", "anchor", "scale", "opacity", "params", "fonts", "spans",
    }  # fmt: skip
    known = {*lengths.OF_TEXT, *no_lengths}
    for model in (Text, Placement):
        for field in fields(model):  # type: ignore[arg-type]
            numeric = "float" in str(field.type) or "tuple" in str(field.type)
            assert field.name in known or not numeric, f"is {field.name} a length?"


def test_keyframes_and_pairs_of_ops_follow() -> None:
    moving = Keyframes((Keyframe(Fraction(0), 8.0), Keyframe(Fraction(9), 20.0)), (0.0, 500.0))
    half = scaled_params(ops.get("gaussian_blur"), [("radius", moving)], Fraction(1, 2))
    radius = dict(half)["radius"]
    assert isinstance(radius, Keyframes)
    assert [point.value for point in radius.points] == [4.0, 10.0]
    assert radius.limits == (0.0, 250.0)
    cells = scaled_params(ops.get("pixelate"), [("size", (16.0, 8.0))], Fraction(1, 2))
    assert dict(cells)["size"] == (8.0, 4.0)
    median = scaled_params(ops.get("median"), [("radius", 3)], Fraction(2))
    assert dict(median)["radius"] == 6
    least = scaled_params(ops.get("zebra"), [("size", 3.0)], Fraction(1, 4))
    assert dict(least)["size"] == 2.0, "the least that the op takes"


def test_fixes_are_in_pixels_of_the_profile(spec: Path) -> None:
    spec.write_text(SPEC.replace("offset: [20, -60]", "offset: [20, 140]"))
    reported = [
        [p.hint or "" for edit in Build(spec, draft=Fraction(by)).edits() for p in edit.warnings]
        for by in ("1", "1/2")
    ]
    numbers = [[int(n) for hint in hints for n in re.findall(r"-?\d+", hint)] for hints in reported]
    assert numbers[0] and np.allclose(*numbers, atol=2), "rounded to pixels of the draft"


@pytest.mark.parametrize("scale", ["0", "-1", "half", "9", "1/0"])
def test_scales_that_are_refused(vedc: Vedc, spec: Path, scale: str) -> None:
    with pytest.raises(UsageError, match=r"is not a number from 0\.01 to 8"):
        vedc("render", str(spec), "--scale", scale)
