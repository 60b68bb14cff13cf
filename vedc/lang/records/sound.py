"""Sound beside the tracks: audio items and the master."""

from __future__ import annotations

from typing import Final

from vedc.lang.keys.item import keys_of
from vedc.lang.keys.parts import (
    COMMON,
    source_key,
)
from vedc.lang.keys.retiming import AUDIO_LOOP, PACE, RANGE
from vedc.lang.keys.settings import (
    STREAMS,
)
from vedc.lang.keys.sound.loudness import LOUDNESS_WORDS, WHOLE_LOUDNESS
from vedc.lang.schema.records import Key, Record, Short
from vedc.lang.schema.times import TimeSpan
from vedc.lang.schema.values import Boolean, Text

MASTER: Final = Record(
    "master",
    "The sound of the whole film, after all tracks and audio items.",
    keys_of("master"),
    either=((("limiter", "loudness"), "a loudness has a ceiling of its own, `tp`: keep one"),),
    advice=LOUDNESS_WORDS,
)
AUDIO: Final[Record] = Record(
    "audio item",
    "Sound for the whole film, independent of tracks: music or a voice.",
    (
        source_key("clip", "theme.flac"),
        Key("id", Text("a name", like="voice"), "A name, for what refers to it: `duck`."),
        Key(
            "stream",
            Short("audio", STREAMS),
            "The number of the audio stream; by default the asset's.",
        ),
        *RANGE,
        Key(
            "start",
            TimeSpan(from_end=True),
            "Where it starts on the timeline; below 0, from its end.",
            "0s",
        ),
        Key(
            "duration", TimeSpan(), "How long it plays; by default until it ends or the film does."
        ),
        *keys_of("audio"),
        AUDIO_LOOP,
        *PACE,
        Key("enabled", Boolean(), "If false, it is left out.", True),
        COMMON[1],
    ),
    advice={
        **WHOLE_LOUDNESS,
        "src": "name the file with `clip`",
        "audio": "name the file with `clip`",
    },
)
