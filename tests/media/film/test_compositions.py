"""Compositions in films: right to the frame, the pixel and the sample, and rendered once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml
from PIL import Image

from tests.media.film.test_audio_mix import RATE, Floats, noise, write_wav
from tests.media.make import luma, read_luma_number, write_numbered
from vedc.execute.render import RenderSummary
from vedc.plan.describe import as_text, describe
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver
from vedc.workspace.planning import fuse_plan, graph_at, plan_edit

Spec = dict[str, Any]
FILM = {"path": "film.mkv", "codec": "ffv1", "pix_fmt": "yuv444p", "audio_codec": "pcm_s24le"}
CANVAS = {"width": 96, "height": 64, "fps": 25}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_numbered(tmp_path / "n25.mp4", 100, 25)
    write_numbered(tmp_path / "n50.mp4", 200, 50, first=500)
    return tmp_path


def made(folder: Path, spec: Spec, name: str = "film", **build: Any) -> RenderSummary:
    path = folder / f"{name}.vedc.yaml"
    output = FILM | {"path": f"{name}.mkv"}
    whole = {"version": 1, "profile": CANVAS, "outputs": [output]} | spec
    path.write_text(yaml.safe_dump(whole, sort_keys=False))
    (summary,) = deliver(Build(path, **build), replace=True)
    return summary


def frames(folder: Path, spec: Spec, name: str = "film") -> list[av.VideoFrame]:
    with av.open(made(folder, spec, name).target) as film:
        return list(film.decode(video=0))


def numbers(folder: Path, spec: Spec) -> list[int]:
    return [read_luma_number(luma(frame)) for frame in frames(folder, spec)]


def heard(path: str) -> Floats:
    with av.open(path) as film:
        resampler = av.AudioResampler(format="fltp")
        parts = [r.to_ndarray() for f in film.decode(audio=0) for r in resampler.resample(f)]
        return np.concatenate(parts, axis=1)


def test_an_image_sequence_in_a_stock_composition_has_the_rate_of_the_film(folder: Path) -> None:
    for n in range(4):
        Image.new("RGB", (48, 64), (60 * n,) * 3).save(folder / f"p{n}.png")
    item = {"composition": "split_screen", "vars": {"clips": ["n25.mp4", "p%d.png"]}, "out": "4f"}
    shown = [luma(frame)[32, 72] for frame in frames(folder, {"timeline": [item]})]
    assert shown == pytest.approx([16 + 60 * n * 219 / 255 for n in range(4)], abs=1)


def nested(depth: int, item: Spec) -> Spec:
    for _ in range(depth):
        item = {"composition": {"timeline": [item]}}
    return item


@pytest.mark.parametrize("depth", [1, 4])
def test_frames_of_a_nested_clip_match_the_clip(folder: Path, depth: int) -> None:
    inner = {"clip": "n25.mp4", "in": "10f", "out": "60f"}
    assert numbers(folder, {"timeline": [nested(depth, inner)]}) == [*range(10, 60)]


def test_a_composition_has_the_range_speed_and_direction_of_a_clip(folder: Path) -> None:
    spec = {
        "compositions": {"all": {"timeline": [{"clip": "n25.mp4"}]}},
        "timeline": [
            {"composition": "all", "in": "20f", "duration": "10f"},
            {"composition": "all", "in": "1s", "out": "2s", "speed": 2},
            {"composition": "all", "in": "1s", "out": "2s", "reverse": True},
            {"composition": "all", "out": "5f", "speed": 0.5},
        ],
    }
    wanted = [*range(20, 30)]
    wanted += [25 + 2 * n for n in range(13)][: Fraction(25, 2).__ceil__()]
    wanted += [*range(49, 24, -1)]
    wanted += [n // 2 for n in range(10)]
    assert numbers(folder, spec) == wanted


def test_a_composition_of_another_rate_is_converted_as_a_clip_is(folder: Path) -> None:
    fast = {"profile": {"fps": 50}, "timeline": [{"clip": "n50.mp4", "duration": "1s"}]}
    slow = {"profile": {"fps": 10}, "timeline": [{"clip": "n25.mp4", "duration": "1s"}]}
    spec = {"timeline": [{"composition": fast}, {"composition": slow}]}
    steps = [n * 10 // 25 * 25 // 10 for n in range(25)]
    assert numbers(folder, spec) == [*range(500, 550, 2), *steps]


def test_numbers_survive_compositions_of_compositions_at_speeds(folder: Path) -> None:
    """Times compose: n frames of the film are so many of each composition on the way."""
    spec = {
        "compositions": {
            "a": {"timeline": [{"clip": "n25.mp4", "in": "5f", "out": "95f"}]},
            "b": {"timeline": [{"composition": "a", "in": "10f", "out": "70f", "speed": 3}]},
        },
        "timeline": [{"composition": "b", "reverse": True}],
    }
    through_b = [10 + 3 * n + 5 for n in range(20)]
    assert numbers(folder, spec) == through_b[::-1]


LAYERS: Spec = {
    "tracks": [
        {"clips": [{"clip": "n25.mp4", "duration": "2s", "scale": 0.6, "position": "left"}]},
        {"clips": [{"gap": "0.4s"}, {"color": "#ff8000", "duration": "1s", "opacity": 0.5}]},
        {"clips": [{"text": "Hm", "duration": "2s", "size": 20, "position": "bottom-right"}]},
    ]
}


def test_what_is_in_a_composition_looks_as_on_the_tracks_themselves(folder: Path) -> None:
    """Kept to 12 bits: at most one code value of 8 bits away where it falls between two."""
    below = {"clips": [{"color": "#204060", "duration": "2s"}]}
    flat = frames(folder, {"timeline": {"tracks": [below, *LAYERS["tracks"]]}}, "flat")
    composed = {"clips": [{"composition": {"timeline": LAYERS}}]}
    inside = frames(folder, {"timeline": {"tracks": [below, composed]}}, "inside")
    assert len(flat) == len(inside) == 50
    for one, other in zip(flat, inside, strict=True):
        for plane in range(3):
            assert np.abs(luma(one, plane) - luma(other, plane)).max() <= 1


def test_a_composition_is_transparent_where_nothing_is_or_has_its_background(folder: Path) -> None:
    white = {"clips": [{"color": "white", "duration": "4f"}]}
    half = {"color": "black", "duration": "4f", "scale": 0.5, "opacity": 0.5}

    def middle_and_corner(**keys: Any) -> tuple[float, float]:
        shown = {"clips": [{"composition": {"timeline": [half], **keys}}]}
        picture = luma(frames(folder, {"timeline": {"tracks": [white, shown]}})[2])
        return picture[32, 48], picture[2, 2]

    middle, corner = middle_and_corner()
    assert abs(middle - (16 + 219 / 2)) <= 1 and corner == 235
    middle, corner = middle_and_corner(background="black")
    assert middle == corner == 16
    middle, corner = middle_and_corner(background="#00000080")
    assert abs(corner - (16 + 219 * (1 - 128 / 255))) <= 1


def test_a_composition_of_another_size_is_fitted_as_a_clip_is(folder: Path) -> None:
    tall = {"profile": {"width": 32, "height": 64}, "background": "white", "timeline": [{"gap": 1}]}
    tall["timeline"] = [{"color": "white", "duration": "2f"}]
    for fit, wide in (("contain", 32), ("cover", 96), ("none", 32)):
        picture = luma(frames(folder, {"timeline": [{"composition": tall, "fit": fit}]})[0])
        assert (picture[32] > 230).sum() == wide


def test_an_output_of_half_the_size_shows_the_same_composition(folder: Path) -> None:
    """Its type is set again at half the size, not scaled from the large picture."""
    title = {"text": "Mm", "duration": "2f", "size": 24, "offset": [10, 4]}
    seen = []
    for name, item in (("flat", title), ("inside", nested(2, title))):
        target = made(folder, {"timeline": [item]}, name, draft=Fraction(1, 2)).target
        with av.open(target) as film:
            seen.append(luma(next(film.decode(video=0))).astype(float))
    assert seen[0].shape == (32, 48) and seen[0].max() > 200
    assert np.abs(seen[0] - seen[1]).max() <= 1


def test_a_composition_is_rendered_once(folder: Path) -> None:
    logo = {"timeline": [{"clip": "n25.mp4", "duration": "2s", "scale": 0.5}]}
    use = {"composition": "logo"}
    spec = {
        "compositions": {"logo": logo},
        "timeline": {
            "tracks": [
                {"clips": [use | {"position": "left"}, use | {"position": "right"}]},
                {"clips": [use | {"speed": 2, "scale": 0.5}, nested(1, use)]},
            ]
        },
    }
    first = made(folder, spec)
    # Two seconds of the logo; what it is nested in is fused.
    assert (first.frames, first.composed_frames) == (100, 50)
    again = made(folder, spec)
    assert (again.rendered_frames, again.composed_frames) == (0, 0)
    spec["timeline"]["tracks"][0]["clips"][1] |= {"rotation": 20}
    changed = made(folder, spec)
    assert changed.rendered_frames and not changed.composed_frames


def test_what_is_shown_once_at_its_own_speed_is_drawn_with_the_film(folder: Path) -> None:
    """It is one graph then: transitions, effects and levels of compositions included."""
    group = {"timeline": LAYERS, "background": "#102030"}
    blurred = {"composition": {"timeline": LAYERS}, "effects": [{"op": "gaussian_blur"}]}
    spec = {
        "timeline": [
            {"composition": group, "in": "5f", "opacity": 0.8},
            {"transition": {"name": "wipe", "duration": "9f"}},
            blurred,
        ]
    }
    assert made(folder, spec).composed_frames == 0
    spec["timeline"][2] = blurred | {"speed": 2}
    assert made(folder, spec, "fast").composed_frames == 50


@pytest.mark.parametrize(
    ("place", "allowed"),
    [
        ({"effects": [{"op": "exposure", "stops": 0.5}]}, (1.0, 1.0)),
        ({"effects": [{"op": "gaussian_blur", "radius": 3}], "rotation": 180}, (2.0, 0.5)),
        ({"rotation": 20}, (1.0, 0.3)),
        ({"opacity": 0.5, "offset": [3.5, 1]}, (60.0, 2.5)),
        ({"scale": 0.5, "position": "top-right"}, (60.0, 2.5)),
        ({"width": 40, "height": 40, "fit": "cover", "radius": 6}, (60.0, 2.5)),
    ],
)  # fmt: skip
def test_fused_and_kept_compositions_look_the_same(
    folder: Path, place: Spec, allowed: tuple[float, float]
) -> None:
    """A second use renders the composition, otherwise fused, as a film; still items are then scaled
    with other filters. The greatest and the mean difference are bounded."""
    inner = {"background": "#406080", "timeline": LAYERS}
    use = {"composition": "inner", "in": "3f", "out": "23f", **place}
    spec = {"compositions": {"inner": inner}, "timeline": [use]}
    fused = frames(folder, spec, "fused")
    kept = frames(folder, spec | {"timeline": [use, use]}, "kept")
    assert len(kept) == 2 * len(fused) == 40
    for one, other in zip(fused, kept, strict=False):
        for plane in range(3):
            off = np.abs(luma(one, plane).astype(float) - luma(other, plane))
            assert off.max() <= allowed[0] and off.mean() <= allowed[1], (off.max(), off.mean())


def test_a_smaller_composition_ends_at_its_edges(folder: Path) -> None:
    """Also where a colour fills it and a picture lies on that."""
    clip = {"clips": [{"clip": "n25.mp4", "duration": "2f", "scale": 0.5}]}
    fill = {"clips": [{"color": "white", "duration": "2f", "opacity": 0.5}]}
    small = {"profile": {"width": 48, "height": 32}, "timeline": {"tracks": [fill, clip]}}
    black = {"clips": [{"color": "black", "duration": "2f"}]}
    for place in ({}, {"position": "top-left"}, {"offset": [5, 3]}):
        shown = {"clips": [{"composition": small, "fit": "none", **place}]}
        picture = luma(frames(folder, {"timeline": {"tracks": [black, shown]}})[1])
        lit = picture > 20
        rows, columns = np.flatnonzero(lit.any(axis=1)), np.flatnonzero(lit.any(axis=0))
        assert (rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1) == (32, 48)


def test_a_part_of_a_film_renders_only_what_it_shows_of_compositions(folder: Path) -> None:
    write_numbered(folder / "long.mp4", 600, 25)
    inner = {"timeline": [{"clip": "long.mp4"}]}
    spec = {"timeline": [{"composition": inner, "speed": 2}]}
    path = folder / "long.vedc.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "profile": CANVAS, **spec}))
    build = Build(path, target=folder / "one.png", still="10s")
    (summary,) = deliver(build, replace=True)
    assert summary.frames == 1 and 0 < summary.composed_frames <= 150


def test_the_plan_lists_the_films_of_compositions(folder: Path) -> None:
    inner = {"timeline": [{"clip": "n25.mp4", "duration": "2s"}]}
    outer = {"timeline": [{"composition": "inner", "reverse": True}]}
    spec = {"compositions": {"inner": inner, "outer": outer}}
    spec["timeline"] = [{"composition": "outer", "speed": 2}]
    path = folder / "plan.vedc.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "profile": CANVAS, **spec}))
    (edit,) = Build(path).edits()
    logical = plan_edit(Build(path), edit)
    described = describe(fuse_plan(logical), lambda key: False)
    (film,) = described["compositions"]
    assert (film["name"], film["frames"], film["pix_fmt"]) == ("outer", 50, "gbrap12le")
    assert [inside["name"] for inside in film["compositions"]] == ["inner"]
    reported = as_text(described)
    assert "composition inner  96x64 at 25 fps  50 frames in 1 segment" in reported
    assert graph_at(Build(path), "0s", "text", False).count("source") == 1


def test_the_sound_of_a_composition_matches_its_tracks(folder: Path) -> None:
    sound = noise(3.0, 5)
    write_wav(folder / "noise.wav", sound)
    clip = {"clip": "noise.wav", "in": "0.5s", "out": "2.5s", "volume": "-6dB", "pan": -0.3}
    flat = made(folder, {"timeline": [clip]}, "flat")
    inside = made(folder, {"timeline": [nested(3, clip)]}, "inside")
    one, other = heard(flat.target), heard(inside.target)
    assert one.shape == other.shape == (2, 2 * RATE)
    assert np.abs(one - other).max() < 2**-22


def test_levels_of_a_composition_go_on_top_and_nothing_is_limited_twice(folder: Path) -> None:
    loud = np.full((1, RATE), 0.9, np.float32)
    write_wav(folder / "loud.wav", loud)
    twice = {"timeline": {"tracks": [{"clips": [{"clip": "loud.wav"}]}] * 2}}
    for number, track in enumerate(twice["timeline"]["tracks"]):
        twice["timeline"]["tracks"][number] = track | {"id": f"t{number}"}
    summary = made(folder, {"timeline": [{"composition": twice, "volume": "-12dB"}]})
    middle = heard(summary.target)[:, RATE // 4 : RATE // 2]
    assert np.abs(middle - 1.8 * 10 ** (-12 / 20)).max() < 1e-3
    assert not summary.warnings


def test_a_composition_is_mixed_once_and_muted_as_a_clip_is(folder: Path) -> None:
    write_wav(folder / "noise.wav", noise(1.0, 7))
    spec = {
        "compositions": {"noise": {"timeline": [{"clip": "noise.wav"}]}},
        "timeline": [
            {"composition": "noise"},
            {"composition": "noise", "mute": True},
            {"composition": "noise", "reverse": True},
        ],
    }
    sound = heard(made(folder, spec).target)
    first, silent, last = (sound[:, n * RATE : (n + 1) * RATE] for n in range(3))
    assert not silent.any()
    assert np.abs(first[:, ::-1] - last)[:, 100:-100].max() < 1e-4
    kept = [
        p for p in (folder / ".vedc/cache/entries").rglob("*.json") if '"audio"' in p.read_text()
    ]
    assert len(kept) == 2  # the composition's and the film's


def test_a_transition_joins_whole_compositions(folder: Path) -> None:
    white = {"background": "white", "timeline": [{"gap": "0.4s"}, {"gap": "0.4s"}]}
    white["timeline"] = [{"color": "#ffffff", "duration": "20f", "scale": 0.1}]
    black = {"background": "black", "timeline": [{"color": "black", "duration": "20f"}]}
    spec = {
        "timeline": [
            {"composition": white},
            {"transition": {"name": "dissolve", "duration": "9f"}},
            {"composition": black},
        ]
    }
    seen = [luma(frame)[0, 0] for frame in frames(folder, spec)]
    assert len(seen) == 31
    wanted = [235.0] * 11 + [235 - 219 * (j + 1) / 10 for j in range(9)] + [16.0] * 11
    assert np.abs(np.array(seen) - wanted).max() <= 1


def test_another_spec_is_shown_with_variables_and_its_own_folder(folder: Path) -> None:
    parts = folder / "parts"
    parts.mkdir()
    (folder / "n25.mp4").rename(parts / "n25.mp4")
    inner = {
        "version": 1,
        "variables": {"first": {"type": "integer", "default": 0}},
        "timeline": [{"clip": "n25.mp4", "in": "${{ first }}f", "duration": "5f"}],
    }
    (parts / "inner.vedc.yaml").write_text(yaml.safe_dump(inner))
    name = "parts/inner.vedc.yaml"
    spec = {
        "timeline": [{"composition": name}, {"composition": name, "vars": {"first": 40}}],
    }
    assert numbers(folder, spec) == [*range(5), *range(40, 45)]


def test_the_canvas_of_a_film_of_compositions_comes_from_the_first(folder: Path) -> None:
    path = folder / "plain.vedc.yaml"
    spec = {"version": 1, "timeline": [nested(2, {"clip": "n50.mp4", "duration": "4f"})]}
    path.write_text(yaml.safe_dump(spec))
    (edit,) = Build(path).edits()
    assert (edit.profile.width, edit.profile.height, edit.profile.fps) == (96, 64, 50)


def test_effects_see_earlier_frames_of_a_composition(folder: Path) -> None:
    """A composition has the frames that came before, as a clip does and a track does not."""
    flash = [{"color": "white", "duration": "1f"}, {"color": "black", "duration": "9f"}]
    echo = {"op": "motion_trail", "decay": 0.5}
    spec = {"timeline": [{"composition": {"timeline": flash}, "effects": [echo]}]}
    seen = [luma(frame)[0, 0] for frame in frames(folder, spec)]
    assert seen[0] == 235 and seen[1] > 20 and seen[9] == 16


def test_items_of_a_layout_fill_its_cells(folder: Path) -> None:
    colors = ("#ffffff", "#808080", "#c0c0c0", "#404040")
    items = [{"color": color, "duration": "2f"} for color in colors]
    layout = {"grid": [2, 2], "gap": 8, "margin": 4}
    spec = {"timeline": [{"composition": {"layout": layout, "timeline": items}}]}
    picture = luma(frames(folder, spec)[0])
    # A canvas of 96x64: cells of 40x24 at 4 and 52, 4 and 36.
    wanted = np.full((64, 96), 16.0)
    for number, value in enumerate((255, 128, 192, 64)):
        x, y = 4 + 48 * (number % 2), 4 + 32 * (number // 2)
        wanted[y : y + 24, x : x + 40] = 16 + value * 219 / 255
    assert np.abs(picture - wanted).max() <= 1


def test_an_item_of_a_cell_is_fitted_placed_and_clipped_by_it(folder: Path) -> None:
    wide = {"profile": {"width": 64, "height": 16}, "background": "white"}
    wide["timeline"] = [{"color": "white", "duration": "2f"}]

    def seen(**keys: Any) -> tuple[int, int, int, int]:
        item = {"composition": wide, **keys}
        layout = {"layout": {"grid": [2, 1]}, "timeline": [item]}
        picture = luma(frames(folder, {"timeline": [{"composition": layout}]})[0]) > 200
        rows, columns = np.flatnonzero(picture.any(axis=1)), np.flatnonzero(picture.any(axis=0))
        return columns[0], columns[-1] + 1, rows[0], rows[-1] + 1

    assert seen() == (0, 48, 26, 38)
    assert seen(fit="cover") == (0, 48, 0, 64)
    half = seen(width="50%", position="bottom-right")
    assert half == (24, 48, 58, 64)


def test_tracks_of_a_layout_go_on_in_their_cells(folder: Path) -> None:
    first = {"clips": [{"color": "white", "duration": "2f"}, {"color": "gray", "duration": "2f"}]}
    second = {"clips": [{"gap": "2f"}, {"color": "white", "duration": "2f"}]}
    layout = {"layout": {"grid": [1, 2]}, "timeline": {"tracks": [first, second]}}
    seen = [luma(f) for f in frames(folder, {"timeline": [{"composition": layout}]})]
    middles = [[round(float(p[y, 48])) for y in (16, 48)] for p in seen]
    assert middles == [[235, 16]] * 2 + [[126, 235]] * 2


def test_stock_compositions_need_only_the_names_of_films(folder: Path) -> None:
    pip = {"main": "one", "inset": "n50.mp4", "size": 50, "margin": 0}
    spec = {
        "assets": {"one": {"src": "n25.mp4"}},
        "timeline": [
            {"composition": "pip", "vars": pip, "out": "2f"},
            {"composition": "split_screen", "vars": {"clips": ["one", "one"]}, "out": "2f"},
        ],
    }
    made_frames = frames(folder, spec)
    inset = luma(made_frames[1])[32:, 48:]
    assert read_luma_number(inset) == 502  # 1/25 s of a film with 50 frames a second
    left, right = luma(made_frames[3])[:, :48], luma(made_frames[3])[:, 48:]
    assert np.abs(left - right).max() <= 2


def test_captions_are_burned_into_a_composition(folder: Path) -> None:
    cue = {"text": "Hm", "start": "4f", "end": "8f"}
    track = {
        "clips": [{"color": "black", "duration": "12f"}],
        "captions": {"cues": [cue], "burn": True},
    }
    spec = {"timeline": [{"composition": {"timeline": {"tracks": [track]}}}]}
    bright = [luma(frame).max() > 150 for frame in frames(folder, spec)]
    assert bright == [False] * 4 + [True] * 4 + [False] * 4
