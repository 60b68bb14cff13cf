"""Transitions named after another program's, against that program: FFmpeg's xfade filter, run
through PyAV, and the shaders of gl-transitions, whose pictures ``tests.gl_pictures`` has drawn.

The pictures are photographs; the limit is a mean difference of one code.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.filters import xfade_frames
from tests.gl_pictures import COLUMNS, PROGRESS, RESULT, ROWS
from tests.ops_support import apply
from tests.oracles import record
from vedc import ops
from vedc.lang.keys.vocabulary import transition_presets

LIMIT = 1.0
with np.load(RESULT) as drawn:
    DRAWN = dict(drawn)
SHOWN = [DRAWN[key] for key in ("first", "second", "third")]

NAMES = sorted({*ops.names(), *transition_presets()})
GL = [name for name in NAMES if name.startswith("gl:")]
XFADE = [name for name in NAMES if name.startswith("xfade:")]

#: They depend on pseudo-random numbers that differ between machines, or on whole rows.
NO_XFADE = {"dissolve", "hblur", "hlwind", "hrwind", "vdwind", "vuwind"}


def seen(name: str, progress: float, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """vedc's picture, in codes."""
    target, params = transition_presets().get(name, (name, {}))
    op = ops.get(target)
    third = {p.name: opaque(SHOWN[2]) for p in op.params if p.kind == "picture"}
    values: dict[str, Any] = {**params, **third}
    made = apply(target, opaque(first), opaque(second), progress=progress, **values)
    return np.asarray(made[..., :3] * 255.0)


def opaque(picture: np.ndarray) -> np.ndarray:
    return np.dstack([picture / 255.0, np.ones(picture.shape[:2])])


@pytest.mark.parametrize("name", GL)
def test_gl(name: str) -> None:
    theirs = DRAWN[name.removeprefix("gl:")]
    worst = 0.0
    for progress, frame in zip(PROGRESS, theirs, strict=True):
        ours = np.round(np.clip(seen(name, progress, *SHOWN[:2]), 0, 255))[ROWS, COLUMNS]
        worst = max(worst, float(np.abs(ours - frame).mean()))
    record(
        transition_presets().get(name, (name, {}))[0], f"gl-transitions {name[3:]}", worst,
        "8-bit codes, mean",
    )  # fmt: skip
    assert worst <= LIMIT


def test_all_that_was_drawn_is_offered() -> None:
    assert {f"gl:{name}" for name in DRAWN} - {"gl:first", "gl:second", "gl:third"} == set(GL)


#: BT.709 at limited range: from R'G'B' in 0..255 to codes.
KR, KB = 0.2126, 0.0722
ROWS_OF_YCC = np.array(
    [
        np.array([KR, 1 - KR - KB, KB]) * 219 / 255,
        np.array([-KR, KR + KB - 1, 1 - KB]) / (2 - 2 * KB) * 224 / 255,
        np.array([1 - KR, KR + KB - 1, -KB]) / (2 - 2 * KR) * 224 / 255,
    ]
)
ZERO = np.array([16.0, 128.0, 128.0])


@pytest.mark.parametrize("name", XFADE)
def test_xfade(name: str) -> None:
    """On Y'CbCr, which it gets from video; ours is given the same codes as R'G'B'."""
    codes = [np.round(p @ ROWS_OF_YCC.T + ZERO).astype(np.uint8) for p in SHOWN[:2]]
    frames = xfade_frames(name.removeprefix("xfade:"), codes, "yuv444p", 4)
    first, second = ((c - ZERO) @ np.linalg.inv(ROWS_OF_YCC).T for c in codes)
    worst = 0.0
    for progress in PROGRESS:
        ours = seen(name, progress, first, second) @ ROWS_OF_YCC.T + ZERO
        ours = np.clip(np.round(ours), 0, 255)
        worst = max(worst, float(np.abs(ours - frames[round(progress * 4)]).mean()))
    record(
        transition_presets().get(name, (name, {}))[0], f"FFmpeg xfade={name[6:]}", worst,
        "8-bit codes, mean",
    )  # fmt: skip
    assert worst <= LIMIT
