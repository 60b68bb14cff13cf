"""The grade of a pair: pictures, stills and films, with titles, crops and files that are not a
pair."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from PIL import Image

from tests.media.align_edits import CROP, Piece, make
from tests.unit.decide.grades.test_space import TYPED
from vedc.decide.align.pictures import Box
from vedc.decide.arrays import Floats
from vedc.decide.grades import tables
from vedc.decide.grades.fit.pair_fit import fit
from vedc.decide.grades.fit.pair_frames import enlarges, pair_frames, paired
from vedc.decide.grades.perceived import delta_e
from vedc.errors import UserError
from vedc.media.probe import probe

SHAPE = (108, 192)
STEPS = TYPED["punchy"]


def scene(seed: int, shape: tuple[int, int] = SHAPE) -> Floats:
    """A picture of soft patches of colour under uneven light."""
    draw = np.random.default_rng(seed)
    patches = draw.uniform(0.1, 0.8, (7, 9, 3)).astype(np.float32)
    light = draw.uniform(0.6, 1.2, (4, 5, 1)).astype(np.float32)
    large = [
        cv2.resize(part, shape[::-1], interpolation=cv2.INTER_CUBIC) for part in (patches, light)
    ]
    return np.clip(large[0] * large[1][..., np.newaxis], 0, 1).astype(np.float64)


def typed(picture: Floats) -> Floats:
    return np.clip(tables.graded(STEPS, picture), 0, 1)


def saved(picture: Floats, path: Path) -> Path:
    Image.fromarray(np.rint(picture * 255).astype(np.uint8)).save(path, quality=92)
    return path


def test_a_pair_gives_table_and_steps() -> None:
    raw = [scene(seed) for seed in (1, 2)]
    found = fit(raw, [typed(picture) for picture in raw])
    assert found.untouched > 3 and found.table_left < 0.6
    assert found.steps_left < found.table_left + 0.3
    assert found.explained > 0.85 and found.steps_explained > 0.8 and found.followed > 0.95
    unseen = scene(5)
    assert delta_e(tables.apply(found.table, unseen), typed(unseen)).mean() < 1.2


def test_a_title_is_not_part_of_the_grade() -> None:
    raw = [scene(seed) for seed in (1, 2)]
    graded = [typed(picture) for picture in raw]
    for picture in graded:
        picture[84:100, 20:170] = (1.0, 0.9, 0.1)
    found = fit(raw, graded)
    unseen = scene(1)
    assert found.followed == pytest.approx(1 - 16 * 150 / (108 * 192), abs=0.06)
    assert delta_e(tables.apply(found.table, unseen), typed(unseen)).mean() < 0.8
    assert found.table_left < 0.8


def test_equal_pictures_give_no_steps() -> None:
    found = fit([scene(1)], [scene(1)])
    assert found.projection.steps == () and found.untouched == 0
    assert np.array_equal(found.table, tables.identity())
    assert found.explained == found.steps_explained == 0


def test_stills_of_another_size_are_a_pair(tmp_path: Path) -> None:
    raw = saved(scene(1, (216, 384)), tmp_path / "raw.png")
    graded = saved(cv2.resize(typed(scene(1, (216, 384))), (512, 288)), tmp_path / "graded.jpg")
    before, after = pair_frames(probe(raw), probe(graded))
    assert before[0].shape == after[0].shape
    found = fit(before, after)
    assert found.table_left < 1.0 and found.followed > 0.9


def test_files_that_are_not_a_pair_are_refused(tmp_path: Path) -> None:
    one, other = (saved(scene(seed), tmp_path / f"{seed}.png") for seed in (1, 9))
    with pytest.raises(UserError, match="do not show the same"):
        pair_frames(probe(one), probe(other))


def test_a_vignette_on_a_plain_wall_does_not_hide_what_is_shown(tmp_path: Path) -> None:
    wall = np.full((216, 384, 3), 0.5)
    wall[100:112:6, 150:210] = wall[100:112, 150:210:9] = 0.6
    y, x = np.mgrid[-1:1:216j, -1:1:384j]
    dark = wall * (1 - 0.48 * np.clip(x * x + y * y, 0, 2))[..., np.newaxis]
    raw, edit = saved(wall, tmp_path / "raw.png"), saved(dark, tmp_path / "edit.png")
    with pytest.raises(UserError, match="do not show the same"):
        pair_frames(probe(raw), probe(edit))
    (before, after), cropped = paired(probe(raw), probe(edit), side=384)
    assert before[0].shape == after[0].shape == wall.shape and not cropped


@pytest.fixture(scope="module")
def raw_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A window that moves over a large picture, 3 seconds."""
    path = tmp_path_factory.mktemp("pair") / "raw.mp4"
    world = scene(3, (400, 640))
    draw = np.random.default_rng(4)
    for _ in range(60):  # edges, which alignment uses
        y, x = draw.integers(0, 360), draw.integers(0, 600)
        world[y : y + draw.integers(8, 40), x : x + draw.integers(8, 40)] *= draw.uniform(0.5, 1.2)
    world = np.clip(world, 0, 1)
    with av.open(str(path), "w") as held:
        stream = held.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv444p"
        stream.options = {"crf": "12", "preset": "ultrafast"}
        for number in range(75):
            y, x = int(90 + 80 * np.sin(number / 12)), 3 * number
            codes = np.rint(world[y : y + 180, x : x + 320] * 255).astype(np.uint8)
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(codes), "rgb24")
            held.mux(stream.encode(picture.reformat(format="yuv444p")))
        held.mux(stream.encode(None))
    return path


@pytest.mark.slow
def test_films_that_run_alike_are_a_pair(raw_film: Path, tmp_path: Path) -> None:
    graded = tmp_path / "graded.mp4"
    piece = Piece(raw_film, 0, Fraction(3), Fraction(1))
    filters = "hue=s=0.6,curves=all='0/0.05 0.5/0.55 1/0.95'"
    make(graded, [piece], size=(320, 180), rate=Fraction(25), filters=filters, crf=14)
    before, after = pair_frames(probe(raw_film), probe(graded))
    assert len(before) == len(after) == 24
    found = fit(before, after)
    assert found.untouched > 4 and found.table_left < 1.0 and found.followed > 0.9


@pytest.mark.slow
def test_a_part_under_a_vignette_is_not_enlarged(raw_film: Path, tmp_path: Path) -> None:
    graded = tmp_path / "part.mp4"
    piece = Piece(raw_film, 15, Fraction(2), Fraction(1))
    filters = "gblur=sigma=1,vignette=PI/5"
    make(graded, [piece], size=(320, 180), rate=Fraction(25), filters=filters, crf=14)
    assert not paired(probe(raw_film), probe(graded)).cropped


@pytest.mark.parametrize(
    ("crop", "cut"),
    [
        (Box(-0.0035, 0.0019, 1.0079, 0.996), False),  # measured under blur, vignette and grain
        (Box(0.02, 0.02, 0.96, 0.96), True),
        (Box(0, 0.1, 1, 0.8), True),
    ],
)
def test_what_is_lost_at_the_edges_is_a_crop(crop: Box, cut: bool) -> None:
    assert enlarges(crop) is cut


@pytest.mark.slow
def test_a_part_with_a_crop_is_aligned(raw_film: Path, tmp_path: Path) -> None:
    graded = tmp_path / "part.mp4"
    piece = Piece(raw_film, 15, Fraction(2), Fraction(1))
    filters = f"{CROP},hue=s=0.6,curves=all='0/0.05 0.5/0.55 1/0.95'"
    make(graded, [piece], size=(288, 162), rate=Fraction(25), filters=filters, crf=14)
    (before, after), cropped = paired(probe(raw_film), probe(graded))
    assert cropped
    found = fit(before, after)
    assert found.untouched > 4 and found.table_left < 1.3 and found.followed > 0.85


def test_a_still_and_a_film_are_no_pair(raw_film: Path, tmp_path: Path) -> None:
    still = saved(scene(1), tmp_path / "still.png")
    with pytest.raises(UserError, match="which cannot be compared"):
        pair_frames(probe(raw_film), probe(still))
