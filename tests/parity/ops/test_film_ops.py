"""Ops from the spec to the film's samples, against the float64 reference.

The reference runs the program that the plan was fused to, on the sources' decoded samples. The
meaning of programs is tested elsewhere, for every op; here nothing between the spec and the
file may change it: code generation, tables of remembered colours, bands, frames, encoder.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.media.moving import samples
from tests.parity.ops.chain_reference import draw
from tests.parity.ops.films import (
    BT601,
    BT709,
    Array,
    build,
    distance,
    noise,
    planes_of,
    smooth,
    write_source,
)
from vedc.codegen.reference.run_program import LeafArrays
from vedc.color import FORMATS
from vedc.execute.devices.cpu import BAND_ROWS
from vedc.media.delivery import Delivery
from vedc.media.reader import VideoReader
from vedc.plan.executable import ComputedPiece, Fetch, VideoSource
from vedc.plan.plan import Piece, Plan
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver
from vedc.workspace.planning import fuse_plan, plan_edit

FRAMES = 8
WIDTH, HEIGHT = 72, 50

#: For each grade a plain setting and a harsh one.
GRADES: dict[str, list[dict[str, Any]]] = {
    "exposure": [{"stops": 0.7}, {"stops": -6}, {"stops": 10}],
    "contrast": [{"amount": 1.3}, {"amount": 10, "pivot": 0.5}, {"amount": 0.05}],
    "saturation": [{"amount": 1.4}, {"amount": 0}, {"amount": 4}],
    "cdl": [
        {"slope": [1.1, 0.9, 1.2], "offset": [0.02, -0.03, 0.05], "power": [0.8, 1.3, 1.1],
         "saturation": 0.7},
        {"slope": 10, "offset": -1, "power": 0.1, "saturation": 4},
    ],
    "lift_gamma_gain": [
        {"lift": [0.1, -0.05, 0], "gamma": [1.2, 0.9, 1], "gain": [1.1, 1, 0.9]},
        {"lift": -1, "gamma": 10, "gain": 10},
    ],
    "lut": [
        {"asset": "look"},
        {"asset": "look", "strength": 0.4, "interpolation": "nearest"},
        {"asset": "curve"},
    ],
    "vignette": [{"amount": 0.8}, {"amount": -1, "size": 0, "softness": 0.01}],
}  # fmt: skip

TRANSITIONS: dict[str, list[dict[str, Any]]] = {
    "dissolve": [{}],
    "wipe": [{"direction": "up"}, {"angle": 25, "softness": 0.3}],
    "dip": [{}, {"color": "#30c0ff"}],
}

#: Output format -> code values by which a sample may be off.
TOLERANCE = {"yuv420p": 1, "yuv444p": 1, "yuv420p10le": 2, "yuv422p10le": 2}


def _cases(table: dict[str, list[dict[str, Any]]]) -> list[Any]:
    return [
        pytest.param(name, values, id=f"{name}-{index}")
        for name, settings in table.items()
        for index, values in enumerate(settings)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sources of every code value and of smooth slopes, in both depths, and two tables."""
    folder = tmp_path_factory.mktemp("ops")
    size = {"frames": FRAMES, "width": WIDTH, "height": HEIGHT}
    for depth in ("", "10le"):
        for name, paint, color in (("noise", noise(5), BT709), ("smooth", smooth, BT601)):
            write_source(folder / f"{name}{depth}.mkv", paint, f"yuv420p{depth}", color, **size)
    rng = np.random.default_rng(3)
    grid = np.stack(np.meshgrid(*(np.linspace(0, 1, 9),) * 3, indexing="ij"), -1)[..., ::-1]
    bent = (grid + rng.uniform(-0.1, 0.1, grid.shape)).reshape(-1, 3)
    _write_cube(folder / "look.cube", "LUT_3D_SIZE 9", bent)
    _write_cube(folder / "negative.cube", "LUT_3D_SIZE 9", 1.0 - bent)
    curve = np.linspace(0, 1, 17)[:, np.newaxis] ** [0.5, 1.0, 1.8]
    _write_cube(folder / "curve.cube", "LUT_1D_SIZE 17", curve)
    return folder


def _write_cube(path: Path, size: str, rows: Array) -> None:
    lines = (" ".join(f"{value:.6f}" for value in row) for row in rows)
    path.write_text("\n".join((size, *lines)) + "\n")


def check(
    folder: Path,
    clips: list[dict[str, Any]],
    pix_fmt: str,
    *,
    over: list[dict[str, Any]] | None = None,
    effects: list[dict[str, Any]] | None = None,
    profile: dict[str, Any] | None = None,
) -> None:
    """``over``: the clips of a second track, above the first."""
    tracks = [{"clips": clips}, *([{"clips": over}] if over else [])]
    timeline = {"tracks": tracks, "effects": effects or []}
    made = build(
        folder,
        {
            "assets": {
                **{name: {"src": f"{name}.cube"} for name in ("look", "negative", "curve")},
                "plain": {"src": "noise.mkv"},
                "recoloured": {"src": "noise.mkv", "color": {"matrix": "smpte170m"}},
            },
            "profile": profile or {},
            "timeline": timeline,
            "outputs": [{"path": "film.mkv", "codec": "ffv1", "pix_fmt": pix_fmt}],
        },
    )
    (report,) = deliver(made, replace=True)
    got = planes_of(Path(report.target))
    want = reference(made)
    assert len(got) == len(want)
    worst = max(distance(g, w) for g, w in zip(got, want, strict=True))
    assert worst <= TOLERANCE[pix_fmt]


def reference(made: Build) -> list[list[Array]]:
    """The planes of every frame of the film."""
    (edit,) = made.edits()
    plan = fuse_plan(plan_edit(made, edit))
    pictures = []
    for segment in plan.segments:
        for piece in segment.pieces or ():
            computed = plan.executables[piece.executable]
            assert isinstance(computed, ComputedPiece)
            for frame in range(piece.length):
                leaves = [_leaf(plan, piece, fetch, frame) for fetch in computed.fetches]
                pictures.append(draw(computed, frame, leaves, plan.tables.__getitem__))
    return pictures


def _leaf(plan: Plan, piece: Piece, fetch: Fetch, frame: int) -> LeafArrays:
    source = fetch.source
    assert isinstance(source, VideoSource)
    wanted = Delivery(source.width, source.height, source.format)
    reader = VideoReader(plan.media[source.digest, source.stream], wanted)
    step = plan.executables[piece.executable].reads[source.read].step
    shown = reader.frame_at(piece.times[source.read] + frame * step)
    planes = [view.copy() for view in samples(shown)]
    reader.close()
    return LeafArrays(planes, fetch.rect.x, fetch.rect.y)


@pytest.mark.parametrize("pix_fmt", TOLERANCE)
@pytest.mark.parametrize("source", ["noise", "smooth"])
@pytest.mark.parametrize(("name", "values"), _cases(GRADES))
def test_grades(folder: Path, name: str, values: dict[str, Any], source: str, pix_fmt: str) -> None:
    depth = "10le" if FORMATS[pix_fmt].depth > 8 else ""
    clip = {"clip": f"{source}{depth}.mkv", "grade": [{"op": name, **values}]}
    check(folder, [clip], pix_fmt)


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv420p10le"])
@pytest.mark.parametrize(("name", "values"), _cases(TRANSITIONS))
def test_transitions(folder: Path, name: str, values: dict[str, Any], pix_fmt: str) -> None:
    """Between two clips that the canvas takes in different ways, one of them smaller."""
    depth = "10le" if FORMATS[pix_fmt].depth > 8 else ""
    left = {"clip": f"noise{depth}.mkv", "scale": 0.7, "opacity": 0.8}
    right = {"clip": f"smooth{depth}.mkv"}
    transition = {"transition": {"name": name, **values}, "duration": "6f"}
    check(folder, [left, transition, right], pix_fmt)


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv420p10le"])
def test_everything_at_once(folder: Path, pix_fmt: str) -> None:
    """All grades in a row, one of them moving, under a transition and an effect over all.

    The canvas is high enough for several threads to share it.
    """
    depth = "10le" if FORMATS[pix_fmt].depth > 8 else ""
    grade = [{"op": name, **settings[0]} for name, settings in GRADES.items()]
    rising = [{"time": 0, "value": -1}, {"time": "100%", "value": 1, "easing": "ease-in-out"}]
    moving = [*grade, {"op": "exposure", "stops": {"keyframes": rising}}]
    check(
        folder,
        [
            {"clip": f"noise{depth}.mkv", "grade": grade},
            {"transition": "dissolve", "duration": "4f"},
            {"clip": f"smooth{depth}.mkv", "grade": moving, "offset": [9, -7]},
        ],
        pix_fmt,
        effects=[{"op": "vignette", "amount": 0.5}],
        profile={"width": 90, "height": 2 * BAND_ROWS + 6},
    )


@pytest.mark.parametrize(
    "grades",
    [
        [{"op": "lut", "asset": "look"}, {"op": "lut", "asset": "negative"}],
        [{"op": "exposure", "stops": 0.2}, {"op": "exposure", "stops": -1.5}],
    ],
    ids=["table", "number"],
)
def test_remembered_colours_belong_to_their_own_grade(
    folder: Path, grades: list[dict[str, Any]]
) -> None:
    """Two layers with one grade, then with another: one kernel, and tables of colours for each."""
    below = [{"clip": "noise.mkv", "out": "3f", "grade": [g]} for g in grades]
    above = [
        {"clip": "noise.mkv", "in": "3f", "out": "6f", "opacity": 0.5, "grade": [g]} for g in grades
    ]
    check(folder, below, "yuv420p", over=above)


@pytest.mark.parametrize("source", ["noise", "smooth"])
def test_what_a_grade_takes_another_brings_back(folder: Path, source: str) -> None:
    """Tones pushed together and apart again, with the place looked at in between."""
    effects = [{"op": "vignette", "amount": 0.3}, {"op": "exposure", "stops": 6}]
    dark = {"clip": f"{source}.mkv", "grade": [{"op": "exposure", "stops": -6}]}
    check(folder, [dark], "yuv420p", effects=effects)


def test_one_grade_on_pictures_of_two_matrices(folder: Path) -> None:
    """Values computed on the host are part of a memo: the kernel is the same for both."""
    grade = [{"op": "cdl", "slope": [1.1, 0.9, 1.2], "power": 0.8}]
    clips = [{"clip": name, "grade": grade} for name in ("plain", "recoloured")]
    check(folder, clips, "yuv420p")
