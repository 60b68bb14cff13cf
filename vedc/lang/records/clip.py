"""Clips and images."""

from __future__ import annotations

from typing import Final

from vedc.lang.keys.between import BETWEEN
from vedc.lang.keys.captions import CAPTION_WORDS, CAPTIONS_VALUE, Shift
from vedc.lang.keys.item import keys_of
from vedc.lang.keys.parts import (
    COMMON,
    MUTE,
    place_keys,
    source_key,
)
from vedc.lang.keys.retiming import CLIP_RULES, CLIP_TIME, RANGE
from vedc.lang.keys.settings import (
    SEQUENCE_RATE,
    STREAMS,
)
from vedc.lang.keys.sound.loudness import WHOLE_LOUDNESS
from vedc.lang.keys.sound.said import FROM_WORDS, SAID_RULES, TO_WORDS, WORD_SOURCE, SaidClip
from vedc.lang.records.common import ONE_CROP, SOUND_ADVICE
from vedc.lang.schema.records import Key, Record, Short
from vedc.lang.schema.values import Text

OWN_SOUND: Final = Short(
    "from",
    Record(
        "replaced sound",
        "What is heard of a clip instead of its own sound: that of a recorder, or another "
        "language. It follows the range, the speed and the direction of the clip exactly.",
        (
            Key(
                "from",
                Text("an asset's id or a file", like="recorder.wav"),
                "An asset's id or a file.",
                required=True,
                example="from: recorder.wav",
            ),
            Key(
                "offset",
                Shift(),
                "The time in it that belongs to the beginning of the clip's file: above 0 where "
                "the recorder was started first.",
                "0s",
            ),
            Key(
                "stream",
                Short("audio", STREAMS),
                "The number of its audio stream; by default the asset's.",
            ),
        ),
        advice={
            "src": "use `from`",
            "file": "use `from`",
            "clip": "use `from`",
            "start": "use `offset`",
        },
    ),
)
CLIP: Final = SaidClip(
    "clip",
    "A range of a video or sound file, or of an [image sequence](#image-sequences).",
    (
        source_key("clip", "beach.mp4"),
        Key(
            "stream",
            Short("video", STREAMS),
            "The number of the video stream, or {video: 1, audio: 2}; by default the asset's.",
        ),
        SEQUENCE_RATE,
        BETWEEN,
        *RANGE,
        FROM_WORDS,
        TO_WORDS,
        *WORD_SOURCE,
        *place_keys("How long it is shown; by default until `out`."),
        *CLIP_TIME,
        *keys_of("clip"),
        MUTE,
        Key(
            "sound",
            OWN_SOUND,
            "A file that is heard instead of its own sound, or [the long form](#replaced-sound) "
            "with an offset: {from: recorder.wav, offset: 2.5s}.",
        ),
        Key(
            "captions",
            CAPTIONS_VALUE,
            "[Captions](#captions) of its file: they count in time of the file and follow the "
            "clip, whatever its range, its speed and its place.",
        ),
        *COMMON,
    ),
    later=("markers",),
    either=(*CLIP_RULES, *SAID_RULES, ONE_CROP),
    advice={
        "reframe": "write crop: {auto: reframe}, or reframe: auto on an output",
        **WHOLE_LOUDNESS,
        **dict.fromkeys(CAPTION_WORDS, "use `captions`: captions: talk.srt"),
        "end": "use `out` for a time in the file, or `duration`",
        "from": "use `in`",
        "to": "use `out`",
        **dict.fromkeys(("from_text", "start_words", "from_said"), "use `from_words`"),
        **dict.fromkeys(("to_text", "end_words", "to_said", "until_words"), "use `to_words`"),
        "src": "name the file with `clip`",
        "fps": "the rate of an image sequence is `rate`; that of the film is the profile's",
        "framerate": "the rate of an image sequence is `rate`; that of the film is the profile's",
    },
)
IMAGE: Final = Record(
    "image",
    "A still picture or a drawing. [Picture files](#picture-files) lists the formats.",
    (
        source_key("image", "logo.png"),
        BETWEEN,
        *place_keys("How long it is shown; 100% lasts until the end of the timeline."),
        *keys_of("image"),
        *COMMON,
    ),
    later=("markers",),
    either=(ONE_CROP,),
    advice={
        **SOUND_ADVICE,
        "reframe": "write crop: {auto: reframe}, or reframe: auto on an output",
    },
)
