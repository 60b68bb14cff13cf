"""Captions drawn into the picture: when, where, in what colours, and what they cost to change."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.parity.ops.films import build, render
from vedc.ops.shared.cube import read
from vedc.plan.executable import ComputedPiece, Kernel
from vedc.plan.fusion.make_plan import make_plan
from vedc.workspace.planning import plan_edit

Picture = NDArray[np.uint8]


def spec(
    captions: Any, seconds: float = 4, size: tuple[int, int] = (320, 180), fps: str = "25"
) -> dict[str, Any]:
    return {
        "profile": {"width": size[0], "height": size[1], "fps": fps},
        "timeline": [{"color": "black", "duration": f"{seconds}s"}],
        "captions": captions,
        "outputs": [{"path": "film.mkv", "codec": "ffv1", "pix_fmt": "yuv444p"}],
    }


def srt(*cues: tuple[str, str, str]) -> str:
    return "".join(f"{n}\n{a} --> {b}\n{text}\n\n" for n, (a, b, text) in enumerate(cues, 1))


def frames(path: Path) -> list[Picture]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def ink(picture: Picture, above: int = 60) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of the non-black part."""
    rows, columns = np.nonzero(picture.max(axis=2) > above)
    if not len(rows):
        return None
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("fps", ["25", "30000/1001"])
def test_they_are_seen_from_frame_to_frame(tmp_path: Path, fps: str) -> None:
    (tmp_path / "talk.srt").write_text(
        srt(("00:00:00,520", "00:00:01,400", "one"), ("00:00:01,400", "00:00:02,000", "two"))
    )
    shown = frames(render(tmp_path, spec({"src": "talk.srt", "burn": True}, 3, fps=fps)))
    rate = Fraction(fps)
    wanted = {n for n in range(len(shown)) if 0.52 * rate - 0.5 <= n < 2 * rate - 0.5}
    assert {n for n, picture in enumerate(shown) if ink(picture)} == wanted
    change = next(n for n in range(len(shown)) if n >= Fraction(7, 5) * rate - Fraction(1, 2))
    same = [np.array_equal(a, b) for a, b in pairwise(shown)]
    assert [n + 1 for n, equal in enumerate(same) if not equal] == [
        min(wanted), change, max(wanted) + 1,
    ]  # fmt: skip


@pytest.mark.parametrize("size", [(320, 180), (180, 320), (640, 360), (240, 240)])
def test_they_stand_within_the_safe_area(tmp_path: Path, size: tuple[int, int]) -> None:
    text = "A caption that is long enough for two lines of the canvas"
    cues = [{"start": "0s", "end": "1s", "text": text}]
    shown = frames(render(tmp_path, spec({"cues": cues, "burn": True}, 1, size)))
    box = ink(shown[0])
    assert box is not None
    width, height = size
    left, top, right, bottom = box
    assert 0.05 * width < left and right < 0.95 * width
    assert abs((left + right) / 2 - width / 2) <= 1.5
    assert 0.9 * height <= bottom <= 0.95 * height
    lines = 2 * 1.2 * 0.06 * min(size)
    assert 0.6 * lines < bottom - top < 1.1 * lines


def test_those_that_overlap_stand_above_one_another(tmp_path: Path) -> None:
    cues = [
        {"start": "0s", "end": "2s", "text": "first"},
        {"start": "1s", "end": "3s", "text": "second"},
    ]
    shown = frames(render(tmp_path, spec({"cues": cues, "burn": True}, 3)))
    alone, both, second = (ink(shown[n]) for n in (10, 30, 60))
    assert alone is not None and both is not None and second is not None
    assert both[3] == alone[3] and both[1] == second[1]
    assert second[3] < alone[1]
    assert np.array_equal(shown[30][alone[1] - 2 :], shown[10][alone[1] - 2 :])


def test_those_of_other_tracks_and_of_the_film_are_not_hidden(tmp_path: Path) -> None:
    def cue(start: int, end: int, text: str) -> dict[str, Any]:
        cues = [{"start": f"{start}s", "end": f"{end}s", "text": text}]
        return {"cues": cues, "burn": True}

    made = spec(cue(1, 3, "film"), 4)
    clip = {"color": "black", "duration": "4s"}
    low = {"clips": [clip], "captions": cue(0, 2, "low")}
    high = {"clips": [{**clip, "opacity": 0}], "captions": cue(0, 4, "high")}
    made["timeline"] = {"tracks": [low, high]}
    shown = frames(render(tmp_path, made))

    def lines(picture: Picture) -> int:
        """Blocks of rows with letters."""
        rows = (picture.max(axis=2) > 60).any(axis=1)
        return int(np.count_nonzero(np.diff(rows.astype(int)) == 1))

    assert [lines(shown[25 * n + 10]) for n in range(4)] == [2, 3, 2, 1]


def test_letters_that_hang_do_not_move_the_line(tmp_path: Path) -> None:
    cues = [
        {"start": "0s", "end": "1s", "text": "none"},
        {"start": "1s", "end": "2s", "text": "(jggy)"},
    ]
    plain, _ = (tmp_path / name for name in ("plain", "hanging"))
    plain.mkdir()
    captions = {"cues": cues, "burn": True, "style": {"position": "bottom-left"}}
    first, second = (frames(render(plain, spec(captions, 2)))[n] for n in (5, 30))
    box, hanging = ink(first), ink(second)
    assert box is not None and hanging is not None
    assert hanging[3] > box[3]  # below the baseline
    edit = build(plain, spec(captions, 2)).edits()[0]
    heights = {caption.offset[1] for caption in edit.captions}
    assert max(heights) - min(heights) <= 2  # their bitmaps differ, their baselines do not


def test_colours_of_tags(tmp_path: Path) -> None:
    cues = [{"start": "0s", "end": "1s", "text": '<font color="red">red</font> white'}]
    (picture, *_) = frames(render(tmp_path, spec({"cues": cues, "burn": True}, 1)))
    red, green, _ = (picture[..., n].astype(int) for n in range(3))
    strong = (red > 200) & (green < 60)
    white = (red > 200) & (green > 200)
    assert strong.sum() > 20 and white.sum() > 20
    assert np.nonzero(strong)[1].max() < np.nonzero(white)[1].min()


def yellow(picture: Picture) -> float | None:
    """The middle of the yellow part, in fractions of the width."""
    red, green, blue = (picture[..., n].astype(int) for n in range(3))
    columns = np.nonzero((red > 180) & (green > 180) & (blue < 90))[1]
    return None if len(columns) < 10 else float(columns.mean()) / picture.shape[1]


def test_words_are_marked_at_their_times(tmp_path: Path) -> None:
    (tmp_path / "talk.vtt").write_text(
        "WEBVTT\n\n00:00.000 --> 00:03.000\nleft <00:01.000>middle <00:02.000>right\n"
    )
    captions = {"src": "talk.vtt", "burn": True, "highlight": "yellow"}
    shown = frames(render(tmp_path, spec(captions, 3)))
    places = [yellow(picture) for picture in shown]
    assert all(place is not None for place in places)
    first, second, third = places[0], places[25], places[50]
    assert first is not None and second is not None and third is not None
    assert first < 0.47 < second < 0.55 < third
    assert places == [first] * 25 + [second] * 25 + [third] * 25


def test_words_without_times_are_marked_by_their_lengths(tmp_path: Path) -> None:
    cues = [{"start": "0s", "end": "3s", "text": "aa bb cc"}]
    mark = {"color": "yellow", "mode": "so-far"}
    shown = frames(render(tmp_path, spec({"cues": cues, "burn": True, "highlight": mark}, 3)))
    red, green, blue = (np.stack(shown)[..., n].astype(int) for n in range(3))
    marked = ((red > 180) & (green > 180) & (blue < 90)).sum(axis=(1, 2))
    assert list(np.nonzero(np.diff(marked))[0] + 1) == [25, 50]
    assert marked[0] < marked[30] < marked[60]


def test_a_box_behind_the_word(tmp_path: Path) -> None:
    cues = [{"start": "0s", "end": "2s", "text": "left right"}]
    mark = {"color": "#ffffff", "background": "#ff0000"}
    captions = {"cues": cues, "burn": True, "highlight": mark}
    shown = frames(render(tmp_path, spec(captions, 2)))
    boxes = []
    for picture in (shown[2], shown[45]):
        red, green, blue = (picture[..., n].astype(int) for n in range(3))
        rows, columns = np.nonzero((red > 200) & (green < 40) & (blue < 40))
        boxes.append((columns.min(), columns.max(), rows.min(), rows.max()))
    first, second = boxes
    assert first[1] < second[0] and first[2:] == second[2:]
    assert 10 < first[3] - first[2] < 20  # somewhat higher than the type of 10.8 pixels
    assert first[0] < 160 < second[1]


def test_karaoke_of_ass_is_sung(tmp_path: Path) -> None:
    (tmp_path / "song.ass").write_text(
        "[Script Info]\nPlayResX: 320\nPlayResY: 180\n\n[V4+ Styles]\nFormat: Name, Fontsize, "
        "PrimaryColour, SecondaryColour, OutlineColour, Alignment, MarginV\n"
        "Style: Default,20,&H00FFFF,&HFFFFFF,&H000000,8,10\n\n[Events]\nFormat: Layer, Start, End, "
        "Style, Text\nDialogue: 0,0:00:00.00,0:00:02.00,Default,{\\k100}on{\\k100}ly\n"
    )
    shown = frames(render(tmp_path, spec({"src": "song.ass", "burn": True}, 2)))
    early, late = yellow(shown[10]), yellow(shown[40])
    assert early is not None and late is not None and early < late
    box = ink(shown[0])
    assert box is not None and box[3] < 60  # \an8


def test_fades(tmp_path: Path) -> None:
    (tmp_path / "a.ass").write_text(
        "[Events]\nFormat: Layer, Start, End, Style, Text\n"
        "Dialogue: 0,0:00:00.00,0:00:02.00,Default,{\\fad(400,400)}fade\n"
    )
    shown = frames(render(tmp_path, spec({"src": "a.ass", "burn": True}, 2)))
    light = [int(picture.max()) for picture in shown]
    assert light[:11] == sorted(light[:11]) and light[0] == 0 and light[5] in range(110, 145)
    assert light[10:40] == [255] * 30
    assert light[41:] == sorted(light[41:], reverse=True) and light[-1] < 40


def test_a_changed_cue_renders_its_own_segment_only(tmp_path: Path) -> None:
    cues = [(f"00:00:{n:02d},000", f"00:00:{n:02d},800", f"cue {n}") for n in range(20)]
    file = tmp_path / "talk.srt"
    film = spec({"src": "talk.srt", "burn": True}, 20)
    keys = []
    for text in ("cue 9", "cue nine", "cue 9"):
        cues[9] = (*cues[9][:2], text)
        file.write_text(srt(*cues))
        made = build(tmp_path, film)
        keys.append(plan_edit(made, made.edits()[0]).keys)
    differ = [n for n, (a, b) in enumerate(zip(keys[0], keys[1], strict=True)) if a != b]
    assert differ == [2]  # segments of four seconds
    assert keys[2] == keys[0]


def test_kernels_do_not_grow_in_number_with_the_cues(tmp_path: Path) -> None:
    cues = [(f"00:0{n // 60}:{n % 60:02d},000", f"00:0{n // 60}:{n % 60:02d},800", f"{n}")
            for n in range(100)]  # fmt: skip
    (tmp_path / "talk.srt").write_text(srt(*cues))
    made = build(tmp_path, spec({"src": "talk.srt", "burn": True}, 120))
    plan = make_plan(plan_edit(made, made.edits()[0]), lambda path: read(Path(path)))
    steps = [s for e in plan.executables if isinstance(e, ComputedPiece) for s in e.steps]
    kernels = {step.program.digest() for step in steps if isinstance(step, Kernel)}
    assert len(kernels) == 2  # with captions and without
    assert len(plan.segments) == 30


def test_captions_of_a_track_lie_below_later_tracks(tmp_path: Path) -> None:
    film = spec(None, 1)
    del film["captions"]
    cues = [{"start": "0s", "end": "1s", "text": "hidden"}]
    film["timeline"] = {
        "tracks": [
            {
                "clips": [{"color": "black", "duration": "1s"}],
                "captions": {"cues": cues, "burn": True},
            },
            {"clips": [{"gap": "0.4s"}, {"color": "#000020", "duration": "0.6s"}]},
        ]
    }
    shown = frames(render(tmp_path, film))
    assert ink(shown[5]) is not None
    assert ink(shown[15]) is None
