"""From the lamps in a question's shots to flares that follow them.

Lamps are found and tracked in the file. Flares are placed on the picture as the film shows it, so
their positions are mapped through the item's crop into its box.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from vedc.decide.analyses.analysis import AnalysisRequest
from vedc.decide.analyses.results import Curves
from vedc.decide.choose.reasons import Reason
from vedc.decide.effects.keyframed import moving, simplified
from vedc.decide.effects.lamps.analysis import LACKS, lamps_of
from vedc.decide.effects.lamps.tracks import Lamp
from vedc.decide.grades.balance.light import encoded
from vedc.decide.grades.seen_shots import SeenShot
from vedc.decide.grades.shot import Decision, Step
from vedc.edit.model import Profile
from vedc.edit.placement import fit_factors
from vedc.edit.values import Keyframes
from vedc.lang.resolve.grades.question import GradedItem
from vedc.ops.shared.color_conversion import SDR

if TYPE_CHECKING:
    from vedc.decide.grades.deciders import GradeAsked

#: Version of the rules of this module and of ``lamps``.
VERSION: Final = "1"
#: Largest error of linear interpolation between keyframes: of the lamp's position, in heights, and
#: of its visible share, of 1.
PLACE, LIGHT = 0.0008, 0.02
_INTENSITY: Final = 0.8
_LACK: Final = {
    "short-lived": "not seen long enough",
    "round": "not round",
    "white": "not white inside",
    "dark around": "too bright around them",
    "glow": "without the glow of a lamp",
    "on all sides": "glow on one side only",
    "color": "of a colour that lamps do not have",
    "steady path": "hopping",
}


def versions(options: Mapping[str, Any]) -> dict[str, str]:
    """The versions that an answer depends on, besides the measurements."""
    return {"flare": VERSION}


def answer(asked: GradeAsked) -> list[Decision]:
    """A decision for each shot."""
    assert asked.profile is not None
    found = asked.analyse(*(request(seen) for seen in asked.seen if measurable(seen)))
    curves = iter(found)
    made = []
    for seen in asked.seen:
        if not measurable(seen):
            made.append(_none("HDR", "lamps are looked for in SDR footage only"))
            continue
        most = int(asked.options["most"])
        made.append(decision(seen, next(curves), asked.profile, asked.strength, most))
    return made


def measurable(seen: SeenShot) -> bool:
    media = seen.item.media
    return media is not None and media.video is not None and media.video.color.transfer in SDR


def request(seen: SeenShot) -> AnalysisRequest:
    """The analysis of a shot's frames."""
    return seen.analysis("lamps")


def decision(
    seen: SeenShot, curves: Curves, profile: Profile, strength: float, most: int
) -> Decision:
    """Flares for the best lamps of a shot."""
    if isinstance(seen.item.shown.frame.of("source").get("crop"), Keyframes):
        return _none("moving crop", "a flare cannot follow a lamp in a crop that moves")
    if seen.item.shown.frame.box_moves:
        return _none("moving box", "a flare cannot follow a lamp in a box that changes its size")
    found = lamps_of(curves)[:most]
    if not found:
        return _without(curves)
    if not strength:
        return _none("strength", "no flare is to be added")
    steps = tuple(flare_of(lamp, curves, seen.item, profile, strength) for lamp in found)
    shares = [lamp.score / len(found) for lamp in found]
    reasons = [
        Reason("lamp", round(share, 2), description(lamp))
        for lamp, share in zip(found, shares, strict=True)
    ]
    score = round(sum(reason.points for reason in reasons), 2)
    return Decision(steps, score, tuple(reasons), ("as it is, score 0.00",))


def description(lamp: Lamp) -> str:
    """A lamp as a person would describe it."""
    lit = lamp.light > 0.5
    first = int(np.argmax(lit)) if lit.any() else 0
    place = f"{lamp.x[first]:.0%} from the left and {lamp.y[first]:.0%} from the top"
    size = f"{2 * lamp.radius:.1%} of the height across"
    return f"first {place}, {size}, seen in {lit.mean():.0%} of the frames"


def flare_of(
    lamp: Lamp, curves: Curves, item: GradedItem, profile: Profile, strength: float
) -> Step:
    """The effect, with keyframes in seconds of the source."""
    times = [curves.start + n / curves.rate for n in range(len(lamp.x))]
    x, y = on_picture(lamp.x, lamp.y, item, profile)
    wide = float(profile.width / profile.height)
    places = [(round(float(a), 5), round(float(b), 5)) for a, b in zip(x, y, strict=True)]
    kept = simplified(np.stack([x * wide, y], 1), PLACE)
    step: dict[str, Any] = {"op": "flare", "position": moving(times, places, kept)}
    levels = [round(float(v) * _INTENSITY * strength, 3) for v in lamp.light]
    step["intensity"] = moving(times, levels, simplified(lamp.light[:, np.newaxis], LIGHT))
    step["size"] = round(float(np.clip(0.45 + 40 * lamp.radius, 0.5, 1.6)), 2)
    color = encoded((np.array(lamp.tint) + 1.0) / 2)
    step["color"] = "#" + "".join(f"{round(float(c) * 255):02x}" for c in color)
    return step


def on_picture(x: Any, y: Any, item: GradedItem, profile: Profile) -> tuple[Any, Any]:
    """Fractions of a file's picture, converted to the reference of positions in the item's effects:
    its cropped picture, or its box."""
    frame, media = item.shown.frame, item.media
    assert media is not None and media.video is not None
    own = tuple(float(side) for side in media.video.display_size)
    crop = frame.of("source").get("crop")
    if isinstance(crop, tuple):
        left, top, *size = (float(v) for v in crop)
        x, y = (x * own[0] - left) / size[0], (y * own[1] - top) / size[1]
        own = size[0], size[1]
    box = frame.still_box
    if box is None and frame.fit == "contain-blur":
        box = float(profile.width), float(profile.height)
    if box is None:
        return x, y
    across, down = fit_factors((own[0], own[1]), box, frame)
    return 0.5 + (x - 0.5) * own[0] * across / box[0], 0.5 + (y - 0.5) * own[1] * down / box[1]


def _without(curves: Curves) -> Decision:
    lacks = curves.values["lacks"]
    if not lacks.any():
        return _none("no lamp", "nothing in it is as bright and as small as a lamp")
    order = sorted(range(len(LACKS)), key=lambda n: (-lacks[n], n))
    spots = int(lacks.sum())
    most = ", ".join(f"{int(lacks[n])} {_LACK[LACKS[n]]}" for n in order[:3] if lacks[n])
    best = max(round(float(curves.values["best"][0]), 2), 0.01)
    seen = Reason("bright spots", best, f"{spots} followed")
    return Decision((), 0.0, (seen, Reason("no lamp", -best, most)))


def _none(why: str, text: str) -> Decision:
    return Decision((), 0.0, (Reason("flare", 0.01), Reason(why, -0.01, text)))
