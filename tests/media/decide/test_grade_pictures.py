"""A colour decision sees what the film shows, whatever the colours of its sources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.media.make import write_numbered
from tests.parity.ops.films import (
    BT601,
    BT709,
    Array,
    build,
    painted,
    planes_of,
    render,
    smooth,
    write_source,
)
from tests.stand_in_grades import stand_in
from vedc.color import MATRICES, Color
from vedc.decide.grades.deciders import GradeAsked
from vedc.decide.grades.shot import Decision
from vedc.workspace.build import Deciding

WIDTH, HEIGHT = 192, 108
PQ = Color("bt2020", "smpte2084", "bt2020nc")
HLG = Color("bt2020", "arib-std-b67", "bt2020nc")
FULL = BT709.with_(range="full")

#: 8-bit codes by which thumbnails, which are rounded to them, may be off; and on average.
WORST, MEAN = 3.0, 1.0


class Seen:
    """The pictures that a decider saw."""

    def __init__(self) -> None:
        self.asked: list[GradeAsked] = []

    def __call__(self, asked: GradeAsked) -> list[Decision]:
        self.asked.append(asked)
        return [Decision((), 0.0) for _ in asked.shots]


def shown(folder: Path, spec: dict[str, Any], matrix: str) -> Array:
    """The first frame of the film of a spec, (27, 48, 3) display values."""
    film = render(folder, spec, "film")
    y, cb, cr = (plane.astype(float) / 4 for plane in planes_of(film)[0])
    y, cb, cr = (y - 16) / 219, (cb - 128) / 224, (cr - 128) / 224
    kr, kb = MATRICES[matrix]
    red, blue = y + 2 * (1 - kr) * cr, y + 2 * (1 - kb) * cb
    picture = np.stack([red, (y - kr * red - kb * blue) / (1 - kr - kb), blue], -1)
    rows, columns = picture.shape[0] // 27, picture.shape[1] // 48
    return np.asarray(picture.reshape(27, rows, 48, columns, 3).mean((1, 3)).clip(0, 1))


def compare(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    item: dict[str, Any],
    *,
    steps: list[dict[str, Any]] | None = None,
    color: str = "bt709",
    assets: dict[str, Any] | None = None,
    worst: float = WORST,
    mean: float = MEAN,
) -> None:
    seen = Seen()
    stand_in(monkeypatch, seen, "balance")
    head: dict[str, Any] = {
        "profile": {"width": WIDTH, "height": HEIGHT, "fps": 25, "color": color}
    }
    if assets:
        head["assets"] = assets
    steps = steps or []
    asked = {**item, "grade": [*steps, {"auto": "balance"}]}
    build(folder, {**head, "timeline": [asked]}).edits(
        Deciding(build(folder, {**head, "timeline": [asked]}), "decide")
    )
    output = {"path": "film.mkv", "codec": "ffv1", "pix_fmt": "yuv444p10le"}
    graded = {**item, "grade": steps}
    matrix = "bt709" if color == "bt709" else "bt2020nc"
    film = shown(folder, {**head, "timeline": [graded], "outputs": [output]}, matrix)
    (question,) = seen.asked
    pictures = question.shots[0].pictures
    assert pictures.shape[1:] == (27, 48, 3)
    off = np.abs(pictures[0] - film) * 255
    assert off.max() < worst and off.mean() < mean, (off.max(), off.mean())


@pytest.mark.parametrize(
    ("pix_fmt", "source"),
    [
        ("yuv420p", BT709),
        ("yuv420p", BT601),
        ("yuv444p", FULL),
        ("yuv422p10le", BT709),
    ],
    ids=["bt709", "bt601", "full range", "10 bits"],
)
def test_film_of_standard_range(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pix_fmt: str, source: Color
) -> None:
    write_source(tmp_path / "a.mkv", smooth, pix_fmt, source, width=WIDTH, height=HEIGHT)
    compare(tmp_path, monkeypatch, {"clip": "a.mkv"})


@pytest.mark.parametrize(
    ("source", "color"),
    [(PQ, "bt709"), (HLG, "bt709"), (PQ, "bt2100-pq"), (BT709, "bt2100-pq"), (HLG, "bt2020")],
    ids=["pq", "hlg", "pq in pq", "sdr in pq", "hlg in bt2020"],
)
def test_high_dynamic_range(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: Color, color: str
) -> None:
    write_source(tmp_path / "a.mkv", smooth, "yuv444p10le", source, width=WIDTH, height=HEIGHT)
    # 8 bits of a curve of light are few: where it is steep, a code of them is several.
    compare(tmp_path, monkeypatch, {"clip": "a.mkv"}, color=color, worst=16, mean=1.5)


def test_a_turned_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stored upright, shown lying."""
    pictures = (painted(smooth, HEIGHT, WIDTH, "yuv420p") for _ in range(3))
    write_numbered(
        tmp_path / "a.mp4", 3, 25, "libx264", "yuv420p", width=HEIGHT, height=WIDTH,
        pictures=pictures, rotation=90, options={"crf": "1"},
    )  # fmt: skip
    compare(tmp_path, monkeypatch, {"clip": "a.mp4"})


def test_what_the_spec_says_of_a_file_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_source(tmp_path / "a.mkv", smooth, "yuv444p", BT709, width=WIDTH, height=HEIGHT)
    meant = {"src": "a.mkv", "color": {"matrix": "smpte170m", "range": "full"}}
    compare(tmp_path, monkeypatch, {"clip": "told"}, assets={"told": meant})


STEPS = [
    {"op": "exposure", "stops": 0.4},
    {"op": "curves", "luma": [[0, 0], [0.5, 0.6], [1, 1]]},
    {"op": "saturation", "amount": 1.5},
]


def test_steps_before_the_question_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_source(tmp_path / "a.mkv", smooth, "yuv444p", BT601, width=WIDTH, height=HEIGHT)
    compare(tmp_path, monkeypatch, {"clip": "a.mkv"}, steps=STEPS, worst=7, mean=1.5)


def test_masks_and_moving_steps_before_the_question_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_source(tmp_path / "a.mkv", smooth, "yuv444p", BT709, width=WIDTH, height=HEIGHT)
    moving = {"keyframes": [{"time": "0s", "value": 0.5}, {"time": "2f", "value": 2}]}
    steps = [
        {"op": "exposure", "stops": moving, "mask": {"op": "ellipse", "feather": 0.5}},
        {"op": "vignette", "amount": 0.8},
    ]
    compare(tmp_path, monkeypatch, {"clip": "a.mkv"}, steps=steps, worst=10, mean=1.5)


def test_what_a_crop_leaves_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_source(tmp_path / "a.mkv", smooth, "yuv444p", BT709, width=WIDTH, height=HEIGHT)
    seen = Seen()
    stand_in(monkeypatch, seen, "balance")
    item = {"clip": "a.mkv", "crop": [0.5, 0, 0, 0], "grade": [{"auto": "balance"}]}
    made = build(tmp_path, {"timeline": [item]})
    made.edits(Deciding(made, "decide"))
    assert seen.asked[0].shots[0].pictures.shape[1:] == (27, 24, 3)


@pytest.mark.parametrize("color", ["bt709", "bt2100-pq"])
def test_stills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, color: str) -> None:
    y, x = np.mgrid[0 : 1 : HEIGHT * 1j, 0 : 1 : WIDTH * 1j]
    picture = np.stack([x, y, 1 - x], -1) * 200 + 20
    Image.fromarray(picture.round().astype(np.uint8)).save(tmp_path / "a.png")
    item = {"image": "a.png", "duration": "1s"}
    compare(tmp_path, monkeypatch, item, color=color, steps=STEPS[:1])
