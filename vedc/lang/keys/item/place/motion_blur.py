"""``motion_blur``: blur of a moving item as by a camera's shutter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vedc.lang.keys.item_key import PLACED, ItemKey, ItemReader
from vedc.lang.schema.records import Key, Record, Short
from vedc.lang.schema.values import Number
from vedc.lang.yaml.tree import SpecNode

if TYPE_CHECKING:
    from vedc.edit.model import MotionBlur

_SAMPLES: Final = 16


def _blur(node: SpecNode, item: ItemReader) -> MotionBlur | None:
    from vedc.edit.model import MotionBlur

    samples = int(node["samples"].number) if "samples" in node else _SAMPLES
    angle = float(node["angle"].number)
    return MotionBlur(angle, samples) if angle else None


MOTION_BLUR = ItemKey(
    "motion_blur",
    Short(
        "angle",
        Record(
            "motion blur",
            "An exposure in the middle of each frame.",
            (
                Key(
                    "angle",
                    Number(0, 720),
                    "Angle of the shutter in degrees: 180 exposes half of a frame, 360 all of it.",
                    required=True,
                    example="angle: 180",
                ),
                Key(
                    "samples",
                    Number(2, 64, integer=True),
                    "Moments that are averaged; more make fast motion smoother, and take as much "
                    "longer.",
                    _SAMPLES,
                ),
            ),
            advice={"shutter_angle": "use `angle`", "amount": "use `angle`, such as 180"},
        ),
    ),
    "Blurs what its keyframes move, by the angle of a shutter in degrees: 180 is that of film. By "
    "default there is none. What moves within a clip is not changed.",
    items=PLACED,
    lowers=("item", "motion_blur"),
    read=_blur,
    order=97,
)
