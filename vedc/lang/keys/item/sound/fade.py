"""``fade_in`` and ``fade_out``: how the sound of an item begins and ends."""

from typing import Final

from vedc.edit.sounds import SoundFade
from vedc.edit.timecode import brief
from vedc.lang.keys.item_key import AUDIBLE, MIXED, ItemKey, ItemReader
from vedc.lang.keys.parts import FADE_CURVE
from vedc.lang.schema.records import Brief, Key, Record
from vedc.lang.schema.times import TimeSpan
from vedc.lang.yaml.tree import SpecNode

FADE: Final = Brief(
    "duration",
    Record(
        "sound fade",
        "From or to silence.",
        (
            Key(
                "duration", TimeSpan(), "How long it takes.", required=True, example="duration: 1s"
            ),
            Key(
                "curve",
                FADE_CURVE,
                "Its curve, as of FFmpeg's afade; [fade curves](#fade-curves) lists them.",
                "tri",
            ),
        ),
    ),
)


def _fade(name: str, doc: str, order: int) -> ItemKey:
    def read(node: SpecNode, item: ItemReader) -> SoundFade:
        duration, curve = FADE.part(node, "duration"), FADE.part(node, "curve")
        assert duration is not None
        seconds = item.seconds(duration, name)
        if seconds > item.length:
            length = brief(item.length)
            message = f"{name} takes {brief(seconds)}, but it is heard only for {length}"
            item.problems.add("fade-too-long", message, duration, f"make it at most {length}")
        return SoundFade(seconds, curve.text if curve is not None else "tri")

    return ItemKey(
        name,
        FADE,
        doc,
        items=(*AUDIBLE, *MIXED),
        lowers=("sound", name),
        read=read,
        order=order,
    )


_SHORT: Final = (
    " By default, clips and audio items take 5 ms where they are cut out of their file or stand "
    "beside another sound that they do not continue, so that no join clicks; 0s is none. With a "
    "curve: {{duration: 1s, curve: exp}}."
)
FADE_IN = _fade(
    "fade_in", f"How long the sound of {{item}} takes to rise from silence.{_SHORT}", 210
)
FADE_OUT = _fade(
    "fade_out", f"How long the sound of {{item}} takes to fall to silence.{_SHORT}", 220
)
