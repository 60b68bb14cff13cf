"""``duck``: a sound is lowered while another is heard."""

from vedc.edit.sounds import Duck
from vedc.lang.keys.item_key import AUDIBLE, ItemKey, ItemReader
from vedc.lang.schema.quantities import Volume
from vedc.lang.schema.records import Key, Record, Several
from vedc.lang.schema.times import TimeSpan
from vedc.lang.schema.values import Text
from vedc.lang.yaml.tree import SpecNode

DUCK_RECORD = Record(
    "ducking",
    "Lowers a sound while others are heard: music under a voice. The others are heard from their "
    "first sample above the threshold until 0.3 s after the last.",
    (
        Key(
            "under",
            Several(Text("an id", like="main"), "id"),
            "The id of a track, an audio item, or an item with sound; or a list of them.",
            required=True,
            example="under: main",
        ),
        Key("by", Volume(), "How much it is lowered, in decibels.", "10dB"),
        Key("attack", TimeSpan(percent=False), "How long it takes to fall.", "0.1s"),
        Key("release", TimeSpan(percent=False), "How long it takes to rise again.", "0.5s"),
        Key("threshold", Volume(), "The peak level above which the others are heard.", "-30dB"),
    ),
    advice={
        "amount": "use `by`",
        "target": "use `under`",
        "sidechain": "use `under`",
        "to": "use `by`, in decibels",
    },
)


def _read(node: SpecNode, item: ItemReader) -> Duck:
    def plain(name: str) -> SpecNode:
        return node.get(name) or SpecNode(str(DUCK_RECORD.keys[name].default), node.location)

    by = plain("by")
    if by.text.endswith("%") or not 0 <= Volume.decibels(by.text) <= Volume.high:
        message = f"by must be from 0dB to {Volume.high:g}dB, not {by.text}"
        item.problems.add("out-of-range", message, by, "it says how much lower: by: 10dB")
    return Duck(
        under=tuple(name.text for name in node["under"]),
        by=Volume.decibels(by.text),
        attack=item.seconds(plain("attack"), "attack"),
        release=item.seconds(plain("release"), "release"),
        threshold=Volume.decibels(plain("threshold").text),
    )


DUCK = ItemKey(
    "duck",
    DUCK_RECORD,
    "Lowers the sound of {item} while others are heard, such as {{under: main, by: 10dB}}.",
    items=(*AUDIBLE, "track"),
    lowers=("sound", "duck"),
    read=_read,
    order=230,
)
