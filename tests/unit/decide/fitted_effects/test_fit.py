"""Effects and grade of pairs that are known, together."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.unit.decide.fitted_effects.test_statistics import lettered, picture
from tests.unit.decide.grades.test_space import TYPED
from vedc.decide.arrays import Floats
from vedc.decide.fitted_effects.draw import drawn
from vedc.decide.fitted_effects.fit import fit
from vedc.decide.fitted_effects.kinds import VIGNETTE, in_order, written
from vedc.decide.grades import tables
from vedc.decide.grades.shot import Step

GRADE = TYPED["punchy"]


def edited(frame: Floats, steps: list[Step]) -> Floats:
    shown = np.clip(tables.graded(GRADE, frame), 0, 1)
    return np.rint(np.clip(drawn(steps, shown), 0, 1) * 255) / 255


def psnr(first: Floats, second: Floats) -> float:
    return float(-10 * np.log10(np.square(first - second).mean()))


def test_a_grade_alone_has_no_effects() -> None:
    raw = [picture(1), picture(2)]
    found = fit(raw, [edited(p, []) for p in raw])
    assert found.effects == () and found.left < found.untouched
    assert len(found.grade.projection.steps) > 0


@pytest.mark.slow
def test_effects_and_grade_render_a_later_frame() -> None:
    steps: list[Step] = [
        {"op": "gaussian_blur", "radius": 2.0},
        {"op": "vignette", "amount": 0.6, "size": 0.35, "softness": 0.6},
    ]
    raw = [picture(seed) for seed in (1, 2, 3)]
    found = fit(raw, [edited(p, steps) for p in raw])
    got = {each.step["op"]: each for each in found.effects}
    assert set(got) == {"gaussian_blur", "vignette"}
    assert got["gaussian_blur"].step["radius"] == pytest.approx(2.0, abs=0.15)
    vignette = got["vignette"].step
    assert vignette["amount"] == pytest.approx(0.6, abs=0.1)
    assert all(each.share > 0.03 for each in found.effects)
    later = picture(4)
    again = np.clip(drawn(found.steps, tables.apply(found.grade.table, later)), 0, 1)
    assert psnr(again, edited(later, steps)) > 38
    assert len(found.correlations.names) == len(found.correlations.with_grade) > 0
    assert np.allclose(np.diag(found.correlations.matrix), 1)


@pytest.mark.slow
def test_shifted_channels_are_no_grade() -> None:
    """On one colour with a little text a grade that mixes channels can imitate much of a shift."""
    raw = [lettered(seed) for seed in (1, 2, 3)]
    step = {"op": "rgb_shift", "red": [-4.0, 0.0], "blue": [4.0, 0.0]}
    edit = [np.rint(np.clip(drawn([step], page), 0, 1) * 255) / 255 for page in raw]
    (found,) = fit(raw, edit).steps
    assert found["op"] == "rgb_shift"
    assert found["red"] == pytest.approx([-4.0, 0.0], abs=0.3)
    assert found["blue"] == pytest.approx([4.0, 0.0], abs=0.3)


@pytest.mark.slow
@pytest.mark.parametrize("side", [9, 14])
def test_cells_are_found_beneath_scan_lines(side: int) -> None:
    """Lines hide where cells meet above each other."""
    steps: list[Step] = [
        {"op": "pixelate", "size": [side, side]},
        {"op": "scan_lines", "amount": 0.4, "spacing": 4.3},
    ]
    raw = [picture(seed) for seed in (1, 2, 3)]
    found = fit(raw, [edited(p, steps) for p in raw])
    assert [step["op"] for step in found.steps] == ["pixelate", "scan_lines"]
    assert found.steps[0]["size"] == pytest.approx([side, side], abs=0.5)
    assert found.steps[1]["spacing"] == pytest.approx(4.3, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("tail", [5.0, 6.0])
def test_the_tail_of_another_blur_is_no_glow(tail: float) -> None:
    """Kernels of other programs are no bells: this one is two of them."""
    raw = [picture(seed) for seed in (1, 2, 3)]
    edit = []
    for frame in raw:
        shown = np.clip(tables.graded(GRADE, frame), 0, 1)
        near, far = (cv2.GaussianBlur(shown, (0, 0), radius) for radius in (3.6, tail))
        edit.append(np.rint((0.8 * near + 0.2 * far) * 255) / 255)
    assert {step["op"] for step in fit(raw, edit).steps} == {"gaussian_blur"}


def test_bars_are_no_effect() -> None:
    raw = [picture(1), picture(2)]
    edit = [edited(p, []) for p in raw]
    for frame in edit:
        frame[:12] = frame[-12:] = 0.0
    found = fit(raw, edit)
    assert found.bars == (12, 12, 0, 0) and found.effects == ()


def test_values_survive_being_fitted_and_written() -> None:
    step = {"op": "vignette", "amount": 0.51239, "size": 0.4, "softness": 0.5}
    inner = VIGNETTE.inner(step, 1000)
    assert VIGNETTE.step(inner, 1000) == pytest.approx({**step})
    assert written(step)["amount"] == 0.512
    grain = {"op": "film_grain", "amount": 0.1}
    assert [s["op"] for s in in_order([grain, step])] == ["vignette", "film_grain"]
