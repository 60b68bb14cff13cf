"""Parameters of a transition from the pictures beside the join.

Only an op's own name gets them: a preset with its own parameters, such as ``whip_left``, keeps
them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vedc import ops
from vedc.decide.arrays import Byte
from vedc.decide.transitions.joint import WAYS, Joint
from vedc.decide.transitions.matte import SOFTNESS, matte
from vedc.ops.transition.presets import PRESETS, spelled

_ALONE: Final = 0.25
"""The least share of a picture's salience in an object for a zoom to go there."""
_BRIGHT: Final = 0.6
"""The least brightness of both sides for a dip through white."""

#: Families with another length than usual, as a share of the usual one.
LENGTHS: Final[Mapping[str, float]] = {
    "whip": 0.5, "flash": 0.5, "glitch": 0.5, "morph": 0.5, "slide": 0.7, "zoom": 0.7,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """Parameters that differ from an op's defaults, and the picture that ``luma_wipe`` needs."""

    params: Mapping[str, Any]
    matte: Byte | None = None


def fitted(name: str, joint: Joint) -> Fitted:
    """The parameters of the transition ``name``, as written in a spec."""
    name = spelled(name)
    if name in PRESETS or name not in ops.names():
        return Fitted({})
    op = ops.get(name)
    known = {param.name for param in op.params}
    if name == "luma_wipe":
        return Fitted({"softness": SOFTNESS}, matte(joint.left, joint.right))
    made = _OF[op.family](joint, name) if op.family in _OF else {}
    return Fitted({key: value for key, value in made.items() if key in known})


def goes_against(name: str, joint: Joint) -> bool:
    """Whether a name with a fixed direction goes against the motion of the pictures."""
    name = spelled(name)
    direction = PRESETS[name][1].get("direction") if name in PRESETS else None
    return direction in WAYS and joint.way is not None and direction != joint.way


def _along(joint: Joint, name: str) -> dict[str, Any]:
    return {} if joint.way is None else {"direction": joint.way}


def _wipe(joint: Joint, name: str) -> dict[str, Any]:
    """The edge moves with the picture, to five degrees."""
    if joint.way is None or joint.heading is None:
        return {}
    (dx, dy), ahead = WAYS[joint.way], joint.heading
    turned = np.degrees(np.arctan2(dx * ahead[1] - dy * ahead[0], dx * ahead[0] + dy * ahead[1]))
    angle = 5.0 * round(float(turned) / 5)
    return {"direction": joint.way, **({"angle": angle} if angle else {})}


def _zoom(joint: Joint, name: str) -> dict[str, Any]:
    one = joint.spots[0]
    return {"center": _point(one.x, one.y)} if one.alone >= _ALONE or one.round else {}


def _iris(joint: Joint, name: str) -> dict[str, Any]:
    one = joint.spots[1 if joint.opens else 0]
    return {"center": _point(one.x, one.y), "mode": "open" if joint.opens else "close"}


def _dip(joint: Joint, name: str) -> dict[str, Any]:
    light = min(float(side.luma.mean()) / 255 for side in (joint.left, joint.right))
    return {"color": "white"} if light >= _BRIGHT else {}


def _blur(joint: Joint, name: str) -> dict[str, Any]:
    if joint.heading is None:
        return {}
    angle = 5.0 * round(float(np.degrees(np.arctan2(joint.heading[1], joint.heading[0]))) / 5)
    return {"angle": angle} if angle else {}


def _light(joint: Joint, name: str) -> dict[str, Any]:
    """The colour of the warmest bright pixels of both pictures, at full strength."""
    pixels = np.concatenate([s.thumb.reshape(-1, 3) for s in (joint.left, joint.right)])
    colors = pixels.astype(np.float64)
    warmth = colors[:, 0] - colors[:, 2] + 0.5 * colors.mean(axis=1)
    best = colors[np.argsort(-warmth, kind="stable")[: max(1, len(colors) // 40)]].mean(axis=0)
    if best[0] < 1.1 * best[2] or best[0] < 64:
        return {}
    full = np.round(best * (255 / best[0])).astype(int).clip(0, 255)
    return {"color": f"#{full[0]:02x}{full[1]:02x}{full[2]:02x}"}


def _point(x: float, y: float) -> list[float]:
    return [round(min(max(value, 0.0), 1.0), 2) for value in (x, y)]


_OF: Final[Mapping[str, Callable[[Joint, str], dict[str, Any]]]] = {
    "whip": _along, "slide": _along, "wipe": _wipe, "zoom": _zoom, "iris": _iris, "fade": _dip,
    "blur": _blur, "light": _light,
}  # fmt: skip
