"""From the camera's path in a question's shots to a painting whose strokes follow it.

The path is found in the file. Strokes lie on the picture as the film shows it, so the path is
mapped through the item's crop into its box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.results import Curves
from vedc.decide.arrays import Floats
from vedc.decide.choose.reasons import Reason
from vedc.decide.effects.camera.analysis import motions_of
from vedc.decide.effects.camera.similarity import STILL, Similarity
from vedc.decide.effects.flare import on_picture
from vedc.decide.effects.keyframed import fewest, moving
from vedc.decide.grades.seen_shots import SeenShot
from vedc.decide.grades.shot import Decision
from vedc.edit.model import Profile
from vedc.edit.placement import fit_factors
from vedc.edit.values import Keyframes
from vedc.lang.resolve.grades.question import GradedItem

if TYPE_CHECKING:
    from vedc.decide.grades.deciders import GradeAsked

#: Version of the rules of this module and of ``camera``.
VERSION: Final = "5"
#: By how much the strokes may be off the measured path anywhere in the picture, in its heights: a
#: pixel of 720 lines; and where their size or their angle is taken to be constant.
_OFF, _CONSTANT = 1 / 720, 0.00025
#: Sizes beyond which strokes would not look like the painting's.
_SMALLEST, _LARGEST = 0.4, 2.5
#: How far the middle of the canvas may lie away, in pictures.
_FARTHEST: Final = 9.0
#: Options that are parameters of ``style`` under the same name.
_PARAMS: Final = ("strength", "color", "detail", "strokes")
#: Somebody before a plain wall has structure in less of the picture than the first, and across less
#: of its width than the second, as medians over the frames: 0.14 to 0.25 and 0.05 to 0.20 in
#: trials. A pan over a low skyline covers as little, but 0.63 or more of the width.
_LITTLE, _NARROW = 0.28, 0.4
#: The least motion worth a word: heights and turns a second, a zoom as a logarithm, degrees.
_SLOW, _ZOOM, _TURN = 0.005, 0.02, 1.0


def versions(options: Mapping[str, Any]) -> dict[str, str]:
    """The versions that an answer depends on, besides the measurements."""
    return {"strokes": VERSION}


def answer(asked: GradeAsked) -> list[Decision]:
    """A decision for each shot."""
    assert asked.profile is not None
    found = iter(asked.analyse(*(request(seen) for seen in asked.seen if not _held(seen.item))))
    made = []
    for seen in asked.seen:
        why = _held(seen.item)
        if why is None:
            made.append(decision(seen, next(found), asked.profile, asked.options))
            continue
        standing = Reason("strokes", 0.01), Reason(why[0], -0.01, why[1])
        made.append(Decision((_step(asked.options, *_STANDING),), 0.0, standing))
    return made


def request(seen: SeenShot) -> AnalysisRequest:
    """The analysis of a shot's frames."""
    return seen.analysis("camera_path")


def decision(
    seen: SeenShot, curves: Curves, profile: Profile, options: Mapping[str, Any]
) -> Decision:
    """The style, with strokes that follow the camera of a shot."""
    motions, share = motions_of(curves), curves.values["share"]
    if not share.any():
        why = "there is no structure in the picture: the strokes stand still"
        standing = Reason("strokes", 0.01), Reason("nothing to follow", -0.01, why)
        return Decision((_step(options, *_STANDING),), 0.0, standing)
    followed = round(float(share[share > 0].mean()), 2)
    if all(motion == STILL for motion in motions):
        reason = Reason("tripod", followed, "the strokes stand still")
        return Decision((_step(options, *_STANDING),), followed, (reason,))
    # The first frame of what is followed has only structure, no motion.
    area, across = (_usual(curves.values[name][share > 0][1:]) for name in ("area", "across"))
    if area < _LITTLE and across < _NARROW:
        why = (
            f"what can be followed covers {area:.0%} of the picture and {across:.0%} of its width, "
            "and may be somebody in front of a plain background: the strokes stand still"
        )
        standing = Reason("strokes", 0.01), Reason("little background", -0.01, why)
        return Decision((_step(options, *_STANDING),), 0.0, standing)
    view = View.of(seen.item, profile)
    free = path_of(view.seen(motions))
    times = [curves.start + n / curves.rate for n in range(len(motions))]
    step = _step(options, *keyframes(free, view, times))
    words = description(motions, float(curves.rate))
    if max(np.abs(free.place.real).max() / view.wide, np.abs(free.place.imag).max()) > _FARTHEST:
        words += f"; strokes slide where they are {_FARTHEST:.0f} pictures away"
    if not np.allclose(np.abs(free.gain), np.abs([motion.gain for motion in motions])):
        words += f"; strokes stay between {_SMALLEST} and {_LARGEST} times their size"
    reasons = [Reason("camera", followed, f"{words}; {followed:.0%} of the detail follows it")]
    lost = float((share == 0).mean())
    score = round(followed * (1 - lost), 2)
    if score < followed:
        why = f"nothing can be followed in {lost:.0%} of the frames"
        reasons.append(Reason("nothing to follow", round(score - followed, 2), why))
    return Decision((step,), score, tuple(reasons), ("strokes that stand still, score 0.00",))


def _usual(values: Any) -> float:
    return float(np.median(values)) if len(values) else 0.0


def description(motions: Sequence[Similarity], rate: float) -> str:
    """A camera's motion as a person would describe it, from its picture's."""
    steps = [b.after(a.back()) for a, b in pairwise(motions)]
    seconds = max(len(steps), 1) / rate
    shifts = np.array([step.shift for step in steps])
    far, net = float(np.abs(shifts).sum()), abs(shifts.sum())
    zoom = float(np.log(motions[-1].scale / motions[0].scale))
    turn = float(np.degrees(sum(step.turn for step in steps)))
    said = []
    if far / seconds >= _SLOW:
        verb = "pans" if net >= far / 2 else "sways"
        said.append(f"{verb} {far / seconds:.2g} of the height per second")
    if abs(zoom) >= _ZOOM:
        said.append(f"zooms to {np.exp(zoom):.2f} times")
    if abs(turn) >= _TURN:
        # The picture turns the other way.
        said.append(f"turns {abs(turn):.0f}° {'counter' if turn > 0 else ''}clockwise")
    return ", ".join(said) or "hardly moves"


@dataclass(frozen=True, slots=True)
class View:
    """How an effect's picture shows the file's: a point at (x, y), in heights of the file's picture
    from its middle, is at (x * across + right, y * down + below) in those of the effect's."""

    across: float
    down: float
    right: float
    below: float
    wide: float
    """The width of the effect's picture, in its heights."""

    @classmethod
    def of(cls, item: GradedItem, profile: Profile) -> View:
        media, frame = item.media, item.shown.frame
        assert media is not None and media.video is not None
        own = tuple(float(side) for side in media.video.display_size)
        x, y = on_picture(np.array([0.0, 1.0]), np.array([0.0, 1.0]), item, profile)
        canvas = float(profile.width), float(profile.height)
        size = frame.still_box
        if size is None and frame.fit == "contain-blur":
            size = canvas
        if size is None:
            crop = frame.of("source").get("crop")
            cut = (float(crop[2]), float(crop[3])) if isinstance(crop, tuple) else own
            wide, high = fit_factors((cut[0], cut[1]), canvas, frame)
            size = cut[0] * wide, cut[1] * high
        wide = size[0] / size[1]
        return cls(
            float(x[1] - x[0]) * wide * own[1] / own[0],
            float(y[1] - y[0]),
            float(x.mean() - 0.5) * wide,
            float(y.mean() - 0.5),
            wide,
        )

    def seen(self, motions: Sequence[Similarity]) -> list[Similarity]:
        """Motions of the file's picture as those of the effect's, exact in its middle."""
        middle = complex(-self.right / self.across, -self.below / self.down)
        places = [motion(middle) for motion in motions]
        return [
            Similarity(
                motion.gain,
                complex(p.real * self.across + self.right, p.imag * self.down + self.below),
            )
            for motion, p in zip(motions, places, strict=True)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Where the canvas lies in each frame: a point q of it, from its middle, at
    ``gain * q + place``, in heights from the picture's middle."""

    gain: Any
    place: Any
    turn: Floats
    """The gain's angle in degrees, not limited to one turn."""

    def off(self, gain: Any, place: Any, corners: Any, frames: slice = slice(None)) -> Floats:
        """How far another position of the canvas is off at some frames, at the corners (k,) of the
        picture at most."""
        own, at = self.gain[frames, np.newaxis], self.place[frames, np.newaxis]
        there = (corners - at) / own * gain[:, np.newaxis] + place[:, np.newaxis]
        return np.asarray(np.abs(there - corners).max(axis=1))


def path_of(
    motions: Sequence[Similarity], smallest: float = _SMALLEST, largest: float = _LARGEST
) -> Path:
    """The canvas carried along by the picture, its middle in the picture's at first; its size stays
    within limits."""
    gain, place, degrees = 1 + 0j, 0j, 0.0
    rows = [(gain, place, degrees)]
    for before, after in pairwise(motions):
        step = after.after(before.back())
        size = abs(gain)
        grown = min(max(size * step.scale, smallest), largest) / size
        factor = grown * np.exp(1j * step.turn)
        gain, place = gain * factor, factor * place + step.shift
        degrees += np.degrees(step.turn)
        rows.append((gain, place, degrees))
    gains, places, turns = zip(*rows, strict=True)
    return Path(np.array(gains), np.array(places), np.array(turns))


def keyframes(free: Path, view: View, times: Sequence[Fraction]) -> tuple[Any, Any, Any]:
    """The position, the scale and the angle of the canvas, each with keyframes or constant."""
    right = view.wide / 2
    corners = np.array([0j, *(complex(x, y) for x in (-right, right) for y in (-0.5, 0.5))])
    path = _plainest(free, corners)

    points = np.stack([path.place.real, path.place.imag, np.abs(path.gain), path.turn], axis=1)

    def off(values: Any, frames: slice) -> Floats:
        gain = values[:, 2] * np.exp(1j * np.radians(values[:, 3]))
        return free.off(gain, values[:, 0] + 1j * values[:, 1], corners, frames)

    frames, values = fewest(points, off, _OFF)
    x = 0.5 + np.clip(values[:, 0] / view.wide, -_FARTHEST, _FARTHEST)
    y = 0.5 + np.clip(values[:, 1], -_FARTHEST, _FARTHEST)
    places = [(round(float(a), 6), round(float(b), 6)) for a, b in zip(x, y, strict=True)]
    scales = [round(float(v), 6) for v in values[:, 2]]
    angles = [round(float(v), 5) + 0.0 for v in values[:, 3]]
    kept = [times[n] for n in frames]
    return moving(kept, places), moving(kept, scales), moving(kept, angles)


def _plainest(free: Path, corners: Any) -> Path:
    """The same path with a constant size, a constant angle or both, as far as nobody sees it."""
    sizes, turns = np.abs(free.gain), free.turn
    for size, turn in ((1 + 0 * sizes, 0 * turns), (1 + 0 * sizes, turns), (sizes, 0 * turns)):
        gain = size * np.exp(1j * np.radians(turn))
        # What is in the middle of the picture stays there.
        path = Path(gain, gain * free.place / free.gain, turn)
        if free.off(path.gain, path.place, corners).max() <= _CONSTANT:
            return path
    return free


#: The position, the scale and the angle of a canvas that stands still.
_STANDING: Final = ([0.5, 0.5], 1.0, 0.0)


def _step(options: Mapping[str, Any], position: Any, scale: Any, angle: Any) -> dict[str, Any]:
    step: dict[str, Any] = {"op": "style"}
    if options["src"] is not None:
        step["asset"] = options["src"]
    else:
        step["painting"] = options["painting"]
    given = {name: options[name] for name in _PARAMS if options[name] is not None}
    return {**step, **given, "position": position, "scale": scale, "angle": angle}


def _held(item: GradedItem) -> tuple[str, str] | None:
    """Why the strokes stand still whatever the camera does."""
    if isinstance(item.shown.frame.of("source").get("crop"), Keyframes):
        return "moving crop", "in a crop that moves, the strokes stand still"
    if item.shown.frame.box_moves:
        return "moving box", "in a box that changes its size, the strokes stand still"
    return None
