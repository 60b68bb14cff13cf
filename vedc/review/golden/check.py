"""A film compared with its expectations."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vedc.review.compare.metrics import difference
from vedc.review.golden.cases import Case, Tolerance
from vedc.review.golden.measure import Film, Picture, cells_of, shown_time

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was compared."""

    name: str
    """``duration``, ``picture at 0:02.440``, ``strip``, ``loudness``, ..."""
    failure: str | None = None
    """What is wrong; None where it is as expected."""
    frame: int | None = None
    """Of a picture that differs."""
    expected: Picture | None = None
    actual: Picture | None = None


def check_film(expected: Film, actual: Film, case: Case) -> list[Check]:
    """Everything that is stored, compared."""
    tolerance = case.tolerance
    return [
        *_facts(expected, actual, tolerance),
        *_pictures(expected, actual, tolerance),
        *_sound(expected, actual, tolerance),
        *_captions(expected, actual, tolerance),
    ]


def _facts(expected: Film, actual: Film, tolerance: Tolerance) -> Iterator[Check]:
    for name, old, new in (
        ("output", expected.output, actual.output),
        ("size", expected.size, actual.size),
        ("frame rate", expected.fps, actual.fps),
    ):
        yield Check(name, None if old == new else f"expected {old}, got {new}")
    apart = actual.frames - expected.frames
    failure = None
    if abs(apart) > tolerance.duration:
        old, new = (shown_time(f.frames, f.fps) for f in (expected, actual))
        more = f"{abs(apart)} {'too many' if apart > 0 else 'missing'}"
        failure = f"expected {expected.frames} frames ({old}), got {actual.frames} ({new}): {more}"
    yield Check("duration", failure)


def _pictures(expected: Film, actual: Film, tolerance: Tolerance) -> Iterator[Check]:
    if expected.strip is None or actual.strip is None:
        if (expected.strip is None) != (actual.strip is None):
            was, now = ("none" if f.strip is None else "one" for f in (expected, actual))
            yield Check("picture", f"expected {was}, got {now}")
        return
    for frame, old in sorted(expected.pictures.items()):
        name = f"picture at {shown_time(frame, expected.fps)}"
        new = actual.pictures.get(frame)
        if new is None:
            failure: str | None = "the film has no such frame, or its structure has changed"
        else:
            failure = picture_failure(old, new, tolerance)
        yield Check(name, failure, frame, old if failure else None, new if failure else None)
    for frame in sorted(actual.pictures.keys() - expected.pictures.keys()):
        name = f"picture at {shown_time(frame, actual.fps)}"
        failure = "nothing is stored for it; look at the film, then run vedc test --update"
        yield Check(name, failure, frame, None, actual.pictures[frame])
    yield _strip(expected, actual, tolerance)


def picture_failure(old: Picture, new: Picture, tolerance: Tolerance) -> str | None:
    """Why a picture is not the one that is expected; None if it is."""
    if old.shape != new.shape:
        sizes = (f"{p.shape[1]}x{p.shape[0]}" for p in (old, new))
        return "expected a picture of {}, got {}".format(*sizes)
    found = difference(_channels(old), _channels(new), 8)
    block = float(np.abs(_blocks(old) - _blocks(new)).max())
    if found.psnr >= tolerance.psnr and block <= tolerance.block:
        return None
    psnr = f"{found.psnr:.1f} dB" if math.isfinite(found.psnr) else "infinite"
    return (
        f"PSNR {psnr} (at least {tolerance.psnr:g}), a block differs by {block:.1f} "
        f"(at most {tolerance.block:g}), a pixel by {found.largest}"
    )


def _channels(picture: Picture) -> list[NDArray[np.uint8]]:
    return [picture[..., channel] for channel in range(3)]


def _blocks(picture: Picture) -> NDArray[Any]:
    """The means of blocks of 8x8 pixels; the remainder at the edges belongs to the last ones."""
    rows, columns = picture.shape[:2]
    high, wide = min(8, rows), min(8, columns)
    whole = picture[: rows // high * high, : columns // wide * wide].astype(np.float64)
    shaped = whole.reshape(rows // high, high, columns // wide, wide, 3)
    means: NDArray[Any] = shaped.mean(axis=(1, 3))
    return means


def _strip(expected: Film, actual: Film, tolerance: Tolerance) -> Check:
    old, new = expected.strip, actual.strip
    assert old is not None and new is not None
    if expected.strip_frames != actual.strip_frames or old.shape != new.shape:
        failure = "the film has another length or size, so its strip has"
        return Check("strip", failure, None, old, new)
    pair = [cells_of(strip, expected.strip_frames).astype(np.int16) for strip in (old, new)]
    apart = np.abs(pair[0] - pair[1]).reshape(expected.strip_frames, -1).max(axis=1)
    wrong = np.flatnonzero(apart > tolerance.strip)
    if not wrong.size:
        return Check("strip")
    frames = [int(n) * expected.frames // expected.strip_frames for n in (wrong[0], wrong[-1])]
    begin, end = (shown_time(frame, expected.fps) for frame in frames)
    return Check(
        "strip",
        f"{wrong.size} of {expected.strip_frames} frames differ, from {begin} to {end}, "
        f"by up to {int(apart.max())} code values (at most {tolerance.strip:g})",
        None,
        old,
        new,
    )


def _sound(expected: Film, actual: Film, tolerance: Tolerance) -> Iterator[Check]:
    if not expected.levels and not actual.levels:
        return
    for name, old, new, most, unit in (
        ("loudness", expected.loudness, actual.loudness, tolerance.loudness, "LUFS"),
        ("true peak", expected.peak, actual.peak, tolerance.peak, "dBTP"),
    ):
        same = old == new or (old is not None and new is not None and abs(new - old) <= most)
        values = ("none" if value is None else f"{value:.1f} {unit}" for value in (old, new))
        yield Check(name, None if same else "expected {}, got {}".format(*values))
    yield Check("levels", _levels(expected, actual, tolerance))


def _levels(expected: Film, actual: Film, tolerance: Tolerance) -> str | None:
    if len(expected.levels) != len(actual.levels) or expected.window != actual.window:
        return f"expected {len(expected.levels)} stretches of sound, got {len(actual.levels)}"
    apart = [abs(a - b) for a, b in zip(expected.levels, actual.levels, strict=True)]
    wrong = [n for n, each in enumerate(apart) if each > tolerance.level]
    if not wrong:
        return None
    worst = max(wrong, key=lambda n: apart[n])
    at = worst * expected.window
    return (
        f"{len(wrong)} of {len(apart)} stretches of {expected.window:g} s differ; that at {at:g} s "
        f"has {actual.levels[worst]:.1f} dBFS instead of {expected.levels[worst]:.1f}"
    )


def _captions(expected: Film, actual: Film, tolerance: Tolerance) -> Iterator[Check]:
    if not expected.captions and not actual.captions:
        return
    failure = None
    if len(expected.captions) != len(actual.captions):
        failure = f"expected {len(expected.captions)}, got {len(actual.captions)}"
    else:
        for old, new in zip(expected.captions, actual.captions, strict=True):
            late = max(abs(old.start - new.start), abs(old.end - new.end))
            if old.text != new.text or old.language != new.language:
                failure = f"at {new.start:g} s expected {old.text!r}, got {new.text!r}"
            elif late > tolerance.time + 1e-9:
                failure = (
                    f"{new.text!r} is shown from {new.start:g} to {new.end:g} s instead of "
                    f"{old.start:g} to {old.end:g}"
                )
            if failure:
                break
    yield Check("captions", failure)
