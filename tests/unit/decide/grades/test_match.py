"""Matching: to another framing of the same scene, to other contents, and to shots that already
match.

Pictures are crops of photographs and clips; grades are FFmpeg's, that is, made by software other
than the space of grades.
"""

from __future__ import annotations

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from tests.paths import MEDIA
from vedc.decide.grades import tables
from vedc.decide.grades.likeness import Common, Likeness
from vedc.decide.grades.match.match import decide_match
from vedc.decide.grades.match.transport import distance, moved, sampled
from vedc.decide.grades.perceived import delta_e
from vedc.decide.grades.shot import Canvas, Shot

pytestmark = pytest.mark.slow

CLIPS = ("frog.mp4", "pig.mp4", "talk.mp4")
FILTERS = (
    "colorlevels=rimin=0.04:gimin=0.04:bimin=0.04:rimax=0.9:gimax=0.9:bimax=0.9,vibrance=0.6",
    "colorbalance=rs=0.12:bs=-0.08:rh=0.06:bh=-0.1",
    "curves=red='0/0.05 0.5/0.56 1/0.95':blue='0/0.08 0.5/0.46 1/0.9'",
)


def pictures(name: str) -> list[np.ndarray]:
    """Frames of a clip, early and late."""
    path = MEDIA / "video" / name
    if not path.exists():
        pytest.skip(f"the shared clip {name} is not here")
    with av.open(str(path)) as file:
        shown = [f.to_ndarray(format="rgb24", width=480, height=270) for f in file.decode(video=0)]
    return [shown[int(len(shown) * share)] for share in (0.1, 0.2, 0.6, 0.8)]


def framed(picture: np.ndarray, left: float, top: float, size: float) -> np.ndarray:
    """A part of a picture as a thumbnail."""
    height, width = picture.shape[:2]
    y, x = int(top * height), int(left * width)
    part = picture[y : y + int(size * height), x : x + int(size * width)]
    small = cv2.resize(part, (48, 27), interpolation=cv2.INTER_AREA)
    return small.astype(np.float64) / 255


def filtered(picture: np.ndarray, chain: str) -> np.ndarray:
    """A picture through FFmpeg's filters."""
    graph = av.filter.Graph()
    height, width = picture.shape[:2]
    nodes = [graph.add("buffer", video_size=f"{width}x{height}", pix_fmt="rgb24", time_base="1/25")]
    for part in chain.split(","):
        name, _, options = part.partition("=")
        nodes.append(graph.add(name, options))
    nodes += [graph.add("format", "pix_fmts=rgb24"), graph.add("buffersink")]
    graph.link_nodes(*nodes)
    graph.configure()
    nodes[0].push(av.VideoFrame.from_ndarray(picture, "rgb24"))
    return nodes[-1].pull().to_ndarray()


def shot(*thumbs: np.ndarray) -> Shot:
    return Shot("main[0]", Fraction(0), Fraction(4), np.stack(thumbs))


@pytest.mark.parametrize("name", CLIPS)
@pytest.mark.parametrize("chain", FILTERS)
def test_another_framing_reveals_the_grade(name: str, chain: str) -> None:
    early, later, *_ = pictures(name)
    source = shot(framed(early, 0.0, 0.1, 0.8))
    reference = shot(framed(filtered(later, chain), 0.2, 0.15, 0.75))
    (found,) = decide_match([source], reference)
    wanted = framed(filtered(early, chain), 0.0, 0.1, 0.8)
    shown = np.clip(tables.graded(found.steps, source.pictures[0]), 0, 1)
    untouched = delta_e(source.pictures[0], wanted).mean()
    assert found.steps and found.score > 0.3
    assert delta_e(shown, wanted).mean() < min(3.0, max(2.0, 0.5 * untouched))
    assert sum(reason.points for reason in found.reasons) == pytest.approx(found.score, abs=0.006)
    assert found.instead[-1] == "as it is, score 0.00"


@pytest.mark.parametrize("name", CLIPS)
def test_what_is_alike_stays_as_it_is(name: str) -> None:
    early, *_ = pictures(name)
    source, reference = (shot(framed(early, left, 0.1, 0.8)) for left in (0.0, 0.15))
    (found,) = decide_match([source], reference)
    assert found.steps == () and found.score == 0


def common(first: np.ndarray, second: np.ndarray) -> Common | None:
    return Likeness(first[np.newaxis]).common(Likeness(second[np.newaxis]), 200)


def test_other_scenes_have_nothing_in_common() -> None:
    thumbs = {name: framed(pictures(name)[0], 0, 0, 1) for name in CLIPS}
    for one in CLIPS:
        for other in CLIPS:
            assert (common(thumbs[one], thumbs[other]) is not None) == (one == other)
    flat = np.full((27, 48, 3), 0.5)
    assert common(flat, flat) is None


def test_what_both_show_is_found_at_other_scales_and_in_other_grades() -> None:
    early, *_ = pictures("frog.mp4")
    small = framed(early, 0.1, 0.1, 0.9)
    found = common(small, framed(filtered(early, FILTERS[0]), 0.25, 0.2, 0.65))
    assert found is not None
    same = common(small, framed(early, 0.25, 0.2, 0.65))
    assert same is not None and delta_e(same.cells.before, same.cells.after).mean() < 6


def test_colors_are_transported_where_nothing_is_shared() -> None:
    source = shot(framed(pictures("frog.mp4")[0], 0, 0, 1))
    reference = shot(framed(filtered(pictures("pig.mp4")[0], FILTERS[1]), 0, 0, 1))
    (found,) = decide_match([source], reference)
    assert found.steps and found.instead == ("as it is, score 0.00",)
    assert "nothing that both show" in [reason.name for reason in found.reasons]
    assert sum(reason.points for reason in found.reasons) == pytest.approx(found.score, abs=0.006)
    shown = np.clip(tables.graded(found.steps, sampled(source.pictures)), 0, 1)
    wanted = sampled(reference.pictures)
    assert distance(shown, wanted) < 0.8 * distance(sampled(source.pictures), wanted)


def test_a_grade_that_would_be_extreme_is_done_in_part() -> None:
    bright = shot(np.clip(framed(pictures("frog.mp4")[0], 0, 0, 1) * 0.3 + 0.7, 0, 1))
    dark = shot(framed(pictures("talk.mp4")[0], 0, 0, 1) * [0.05, 0.08, 0.3])
    (found,) = decide_match([bright], dark)
    for reason in found.reasons:
        if reason.name == "nothing that both show":
            assert "done: contents differ" in reason.value
    shown = np.clip(tables.graded(found.steps, sampled(bright.pictures)), 0, 1)
    assert delta_e(shown, sampled(bright.pictures)).mean() < 30


def test_transport_ends_at_the_distribution() -> None:
    draw = np.random.default_rng(1)
    colors, wanted = draw.random((400, 3)) * 0.5, draw.random((300, 3)) * [0.3, 0.6, 0.9] + 0.1
    before = distance(colors, wanted)
    for _ in range(10):
        colors = moved(colors, wanted)
    assert distance(colors, wanted) < 0.1 * before
    assert distance(wanted, wanted) == 0


def test_strength_goes_part_of_the_way() -> None:
    early, later, *_ = pictures("frog.mp4")
    source = shot(framed(early, 0.0, 0.1, 0.8))
    reference = shot(framed(filtered(later, FILTERS[0]), 0.2, 0.15, 0.75))
    moves = []
    for strength in (0.0, 0.5, 1.0):
        (found,) = decide_match([source], reference, strength=strength)
        shown = np.clip(tables.graded(found.steps, source.pictures[0]), 0, 1)
        moves.append(delta_e(shown, source.pictures[0]).mean())
    assert moves[0] == 0 and 0.3 * moves[2] < moves[1] < 0.7 * moves[2]


def test_a_table_holds_what_steps_cannot_say() -> None:
    early, later, *_ = pictures("frog.mp4")
    source = shot(framed(early, 0.0, 0.1, 0.8))
    reference = shot(framed(filtered(later, FILTERS[2]), 0.2, 0.15, 0.75))
    (found,) = decide_match([source], reference, detail="lut")
    (plain,) = decide_match([source], reference)
    assert found.steps == plain.steps and plain.table is None
    if found.table is not None:
        steps = np.clip(tables.graded(found.steps, source.pictures[0]), 0, 1)
        assert delta_e(tables.apply(found.table, steps), steps).mean() < 2


def test_the_same_pictures_give_the_same_decision() -> None:
    early, later, *_ = pictures("talk.mp4")
    source, reference = shot(framed(early, 0, 0, 1)), shot(framed(later, 0.1, 0, 0.8))
    assert decide_match([source], reference) == decide_match([source], reference)


def test_steps_are_for_the_canvas_of_the_film() -> None:
    early, later, *_ = pictures("frog.mp4")
    source = shot(framed(early, 0.0, 0.1, 0.8))
    reference = shot(framed(filtered(later, FILTERS[0]), 0.2, 0.15, 0.75))
    wanted = framed(filtered(early, FILTERS[0]), 0.0, 0.1, 0.8)
    for canvas in (Canvas("smpte170m", "bt709"), Canvas("bt709", "iec61966-2-1")):
        (found,) = decide_match([source], reference, canvas=canvas)
        shown = np.clip(tables.graded(found.steps, source.pictures[0], *canvas), 0, 1)
        assert delta_e(shown, wanted).mean() < 2.5
    (left,) = decide_match([source], reference, canvas=Canvas("bt2020nc", "smpte2084"))
    assert left.steps == () and "HDR" in [reason.name for reason in left.reasons]
