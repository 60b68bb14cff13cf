"""Made edits: their labels are true by what the pictures are made of."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vedc.decide.arrays import Byte
from vedc.errors import MissingError, SpecError
from vedc.train.cuts import disturb
from vedc.train.cuts.disturb_pictures import disturb_pictures
from vedc.train.cuts.edits import PLAIN, LabelledEdit, Recipe, make_edit
from vedc.train.cuts.films import encode, read_film, render_edit, thumbs_of
from vedc.train.cuts.footage import Clip, Footage, list_items, split
from vedc.train.cuts.mixing import wipe_order

#: Takes as they are, so that every frame of a film can be looked up in its clip.
AS_IT_WAS = Recipe(varied=0, disturbed=0, resampled=0, edges=0, without=0)
KINDS = ("cut", "dissolve", "fade", "wipe", "slide")


def a_clip(number: int, frames: int = 200, size: tuple[int, int] = (54, 96)) -> Clip:
    """A distinct coarse pattern that stays, and a small square that identifies the frame."""
    rng = np.random.default_rng(number)
    coarse = rng.integers(20, 236, (6, 8, 3)).astype(np.uint8)
    picture = coarse.repeat(size[0] // 6, 0).repeat(size[1] // 8, 1)
    stack = np.tile(picture, (frames, 1, 1, 1))
    stack[:, :8, :8] = np.arange(frames, dtype=np.uint8)[:, None, None, None] % 250
    return Clip(f"clip{number}", f"source{number}", stack, Fraction(25), False)


FOOTAGE = Footage(tuple(a_clip(n) for n in range(12)))


def thumbs_of_clip(clip: Clip) -> Byte:
    """A thumb of each frame: the mean of 2 x 2 pixels."""
    frames = clip.frames.astype(float)
    small = frames.reshape(len(frames), 27, 2, 48, 2, 3).mean(axis=(2, 4))
    return np.rint(small).astype(np.uint8)


@cache
def thumbs(name: str) -> Byte:
    """Of the clip of that name."""
    return thumbs_of_clip(next(clip for clip in FOOTAGE.clips if clip.name == name))


def only(kind: str, **more: Any) -> Recipe:
    """A recipe whose joints are all of one kind."""
    return replace(AS_IT_WAS, kinds=tuple(float(k == kind) for k in KINDS), **more)


def edits(recipe: Recipe, count: int = 12, footage: Footage = FOOTAGE) -> list[LabelledEdit]:
    return [make_edit(np.random.default_rng(seed), footage, recipe=recipe) for seed in range(count)]


def away(frame: Byte, clip: Byte) -> float:
    """How far a frame is from the nearest of a clip, at the pixel that differs most."""
    return float(np.abs(clip.astype(int) - frame.astype(int)).max(axis=(1, 2, 3)).min())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.slow
def test_frames_beside_a_joint_are_of_one_clip_and_those_inside_of_none(kind: str) -> None:
    checked = 0
    for edit in edits(only(kind, same=0.0)):
        assert edit.thumbs.shape == (100, 27, 48, 3) and edit.thumbs.dtype == np.uint8
        assert len(edit.shots) == len(edit.boundaries) + 1
        at = 0
        for number, name in enumerate(edit.shots):
            end = edit.boundaries[number].start if number < len(edit.boundaries) else 100
            for i in range(at, end):
                assert away(edit.thumbs[i], thumbs(name)) <= 1
                # The frame itself: its square identifies it, one more each time.
                assert (int(edit.thumbs[i, 1, 1, 0]) - int(edit.thumbs[at, 1, 1, 0])) == i - at
            if number < len(edit.boundaries):
                boundary = edit.boundaries[number]
                assert boundary.kind == kind
                assert (boundary.start == boundary.end) == (kind == "cut")
                for i in range(boundary.start, boundary.end):
                    beside = [away(edit.thumbs[i], thumbs(n)) for n in edit.shots[number:][:2]]
                    assert min(beside) >= 1
                at = boundary.end
                checked += 1
    assert checked > 10


def test_a_dissolve_is_a_mixture_that_rises() -> None:
    for edit in edits(only("dissolve", same=0.0)):
        for number, boundary in enumerate(edit.boundaries):
            a, b = (thumbs(name)[0].astype(float) for name in edit.shots[number : number + 2])
            clear = np.abs(b - a) > 60
            clear[:5, :5] = False  # the square that counts
            inside = edit.thumbs[boundary.start : boundary.end]
            low, high = np.minimum(a, b), np.maximum(a, b)
            assert ((inside >= low - 1) & (inside <= high + 1))[:, 5:].all()
            weight = [float(((f - a)[clear] / (b - a)[clear]).mean()) for f in inside]
            assert np.all(np.diff(weight) > 0) and 0 < weight[0] < weight[-1] < 1


def test_a_fade_reaches_one_colour() -> None:
    for edit in edits(only("fade", same=0.0)):
        for boundary in edit.boundaries:
            inside = edit.thumbs[boundary.start : boundary.end].astype(float)
            deviation = inside.std(axis=(1, 2)).max(axis=1)
            # A ramp's last step leaves one part in its length of the picture.
            assert deviation.min() < 90 / max(2, (boundary.end - boundary.start) // 3)


def test_a_wipe_shows_one_shot_or_the_other_at_most_places() -> None:
    shares = []
    for edit in edits(only("wipe", same=0.0), 30):
        for number, boundary in enumerate(edit.boundaries):
            a, b = (thumbs(name)[0].astype(int) for name in edit.shots[number : number + 2])
            inside = edit.thumbs[boundary.start : boundary.end, 5:].astype(int)
            near = np.minimum(np.abs(inside - a[5:]), np.abs(inside - b[5:])).max(axis=3) <= 1
            shares.append(near.mean())
    assert np.median(shares) > 0.8  # some fronts are soft


def test_wipes_turn_every_pixel() -> None:
    for seed in range(40):
        order = wipe_order(np.random.default_rng(seed), (27, 48))
        assert order.min() == 0 and order.max() == 1


def test_a_seed_names_an_edit() -> None:
    first, again, other = (
        make_edit(np.random.default_rng(seed), FOOTAGE, recipe=PLAIN) for seed in (5, 5, 6)
    )
    assert np.array_equal(first.thumbs, again.thumbs)
    assert first.boundaries == again.boundaries and first.negatives == again.negatives
    assert not np.array_equal(first.thumbs, other.thumbs)


@pytest.mark.slow
def test_joints_are_in_order_and_apart_and_negatives_clear_of_them() -> None:
    for seed in range(60):
        edit = make_edit(np.random.default_rng(seed), FOOTAGE, recipe=replace(PLAIN, edges=0))
        last = 0
        for boundary in edit.boundaries:
            assert last + 2 <= boundary.start <= boundary.end <= 98
            last = boundary.end
        for negative in edit.negatives:
            assert 0 <= negative.start < negative.end <= 100
            if negative.kind == "key-frame":  # codecs do not care
                continue
            for boundary in edit.boundaries:
                assert negative.end <= boundary.start or negative.start >= boundary.end


def test_showing_frames_again_keeps_the_labels_true() -> None:
    for edit in edits(only("cut", same=0.0, resampled=1.0)):
        for number, boundary in enumerate(edit.boundaries):
            before, after = edit.shots[number : number + 2]
            assert away(edit.thumbs[boundary.start - 1], thumbs(before)) <= 1
            assert away(edit.thumbs[boundary.start], thumbs(after)) <= 1
        repeated = (np.abs(np.diff(edit.thumbs.astype(int), axis=0)).max(axis=(1, 2, 3)) == 0).sum()
        assert repeated > 10


@pytest.mark.slow
def test_two_pieces_of_one_take_are_joined_only_where_they_differ() -> None:
    """A clip that never changes leaves nothing to see: another is taken."""
    still = [replace_frames(clip, clip.frames[:1].repeat(200, 0)) for clip in FOOTAGE.clips[:4]]
    for edit in edits(only("cut", same=1.0), 20, Footage(tuple(still))):
        for boundary in edit.boundaries:
            pair = edit.thumbs[boundary.start - 1 : boundary.start + 1].astype(int)
            assert np.abs(pair[1] - pair[0]).mean() > 9


def replace_frames(clip: Clip, frames: Byte) -> Clip:
    return Clip(clip.name, clip.source, frames, clip.rate, clip.still)


@pytest.mark.parametrize("kind", sorted(disturb.KINDS))
def test_each_hard_negative_changes_what_it_says(kind: str) -> None:
    """Frames before it are untouched; within it, or from it on, some are not."""
    changed = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        frames = thumbs("clip3")[:60].copy()
        path = disturb.CameraPath(
            np.arange(60.0),
            np.ones(60),
            np.zeros(60),
            np.zeros(60),
            np.zeros((60, 2)),
            np.zeros((60, 2)),
        )
        before, start = frames.copy(), path.clock.copy()
        of_camera = disturb.disturb_camera(rng, path, kind, 20, 30)
        of_pictures = disturb_pictures(
            rng, frames, kind, 20, 30, lambda n: FOOTAGE.clips[5].frames[:n]
        )
        assert of_camera != of_pictures
        assert np.array_equal(frames[:20], before[:20])
        moved = np.stack([path.clock != start, path.zoom != 1, path.shift.any(axis=1)]).any(axis=0)
        assert not moved[:20].any()
        changed += bool(moved.any() or not np.array_equal(frames, before))
    assert changed == 8


# --- footage -----------------------------------------------------------------------------------


def test_no_source_is_on_two_sides_of_a_split() -> None:
    names = [f"s{n}" for n in range(11)]
    for seed in range(20):
        parts = split([*names, *names], seed)
        assert sorted(name for part in parts for name in part) == sorted(names)
        assert all(parts) and len(parts[0]) > len(parts[1])
    assert split(names, 1) == split(names, 1) != split(names, 2)


def test_sources_go_where_they_are_sent() -> None:
    for seed in range(5):
        train, validation, test = split(
            ["a", "b", "c", "d"], seed, train=["a"], validation=["b"], test=["c"]
        )
        assert "a" in train and "b" in validation and "c" in test


def test_too_few_sources_are_reported() -> None:
    with pytest.raises(MissingError, match="too-few-sources"):
        split(["a", "b"], 0)


def write_video(path: Path, frames: int = 20, size: tuple[int, int] = (54, 96)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    stack = a_clip(1, frames, size).frames
    encode(path, LabelledEdit(stack, (), ()), Fraction(25), crf=1, keys=12)


def test_footage_is_read_by_folder_and_from_its_cache(tmp_path: Path) -> None:
    write_video(tmp_path / "set" / "walk" / "a.mp4")
    write_video(tmp_path / "set" / "walk" / "b.mp4")
    write_video(tmp_path / "set" / "alone.mp4")
    first = Footage.load(tmp_path / "set", cache=tmp_path / "kept")
    again = Footage.load(tmp_path / "set", cache=tmp_path / "kept")
    assert first.sources == ("alone", "walk") and len(first.clips) == 3
    for one, other in zip(first.clips, again.clips, strict=True):
        assert np.array_equal(one.frames, other.frames) and one.frames.shape == (20, 54, 96, 3)
        error = np.abs(one.frames.astype(int) - a_clip(1, 20).frames.astype(int))
        assert error.mean() < 6  # what the codec and 4:2:0 leave
    assert first.only(["walk"]).sources == ("walk",)


def test_a_manifest_gives_takes_and_uses(tmp_path: Path) -> None:
    write_video(tmp_path / "a.mp4", 50)
    entries = [{"file": "a.mp4", "source": "x", "spans": [[0, 20], [22, 50]], "use": "test"}]
    (tmp_path / "manifest.json").write_text(json.dumps(entries))
    footage = Footage.load(tmp_path)
    assert [len(clip.frames) for clip in footage.clips] == [20, 28]
    assert list_items(tmp_path)[0].use == "test"


@pytest.mark.parametrize(
    "text",
    ["{", "{}", '[{"file": "a.mp4"}]', '[{"file": "no.mp4", "source": "x"}]',
     '[{"file": "manifest.json", "source": "x", "use": "maybe"}]',
     '[{"file": "manifest.json", "source": "x", "color": 1}]'],
)  # fmt: skip
def test_a_wrong_manifest_is_reported(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(SpecError, match="bad-manifest"):
        Footage.load(tmp_path)


def test_no_footage_and_unreadable_footage_are_reported(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="no-footage"):
        Footage.load(tmp_path)
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    with pytest.raises(SpecError, match="bad-footage"):
        Footage.load(tmp_path)


# --- films -------------------------------------------------------------------------------------


def test_a_film_is_what_its_labels_say(tmp_path: Path) -> None:
    footage = Footage(tuple(a_clip(n, 200, (108, 192)) for n in range(8)))
    recipe = replace(AS_IT_WAS, kinds=(1.0, 0, 0, 0, 0), same=0.0)
    film = render_edit(np.random.default_rng(3), footage, tmp_path / "film.mp4", 80, recipe)
    assert read_film(film.path) == film and film.boundaries
    thumbs, rate = thumbs_of(film.path)
    assert len(thumbs) == 80 and rate == film.rate
    change = np.abs(np.diff(thumbs.astype(int), axis=0)).mean(axis=(1, 2, 3))
    cuts = sorted(int(i) + 1 for i in np.argsort(change)[-len(film.boundaries) :])
    assert cuts == [boundary.start for boundary in film.boundaries]
