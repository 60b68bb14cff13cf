"""Keys that map the time of an item to the time of its file."""

from __future__ import annotations

from typing import Final

from vedc.lang.schema.easings import EasingType
from vedc.lang.schema.plays import Plays
from vedc.lang.schema.records import Either, Key, ListOf, Record, Shared
from vedc.lang.schema.times import Speed, TimeSpan
from vedc.lang.schema.values import Boolean, Word

RANGE: Final = (
    Key(
        "in",
        TimeSpan(from_end=True),
        "Start in the file, below 0 from its end; frames are counted at the file's rate.",
        "0s",
    ),
    Key(
        "out",
        TimeSpan(from_end=True),
        "End in the file, exclusive; below 0, from its end; by default, the end of the file.",
    ),
)
SPEED: Final = Key(
    "speed",
    Speed(),
    "Seconds of the file for each second of the film: 2 is twice as fast, 0.5 slow motion. "
    "Below 0 it plays backwards, as with `reverse`.",
    1,
)
REVERSE: Final = Key(
    "reverse",
    Boolean(),
    "Whether its range, from `in` to `out`, is played from its end to its start, sound included.",
    False,
)
PITCH: Final = Key(
    "pitch",
    Word(("keep", "follow")),
    "The sound at another speed: `keep` leaves its pitch as it is; with `follow` it is the "
    "higher the faster it plays, as on tape.",
    "keep",
)
LOOP: Final = Key(
    "loop",
    Plays(10_000),
    "Plays its range over and over: with true until its `duration` ends, with a number, that "
    "many times.",
    False,
)
AUDIO_LOOP: Final = Key(
    "loop",
    Plays(10_000),
    "Plays its range over and over: with true until its `duration` or the film ends, with a "
    "number, that many times.",
    False,
)
FREEZE: Final = Key(
    "freeze",
    TimeSpan(from_end=True),
    "Shows only the picture at this time of the file, for the whole `duration`, without sound; "
    "below 0, from the file's end.",
)
_POINT: Final = Record(
    "time map keyframe",
    "A time of the file at a time of the clip.",
    (
        Key(
            "time",
            TimeSpan(from_end=True),
            "Time from the start of the clip, below 0 from its end; a percentage refers to its "
            "`duration`.",
            required=True,
            example="time: 2s",
        ),
        Key(
            "value",
            TimeSpan(from_end=True),
            "The time of the file that is shown then, below 0 from its end; a percentage refers to "
            "the file.",
            required=True,
            example="value: 4s",
        ),
        Key(
            "easing",
            Shared(EasingType()),
            "Easing from this keyframe to the next, as in CSS.",
            "linear",
        ),
    ),
)
TIME_MAP: Final = Key(
    "time_map",
    Record(
        "time map",
        "Which time of the file is shown when: the steeper, the faster. Before the first keyframe "
        "and after the last one the picture stands still, without sound.",
        (
            Key(
                "keyframes",
                ListOf(_POINT, "keyframe", empty="empty-keyframes"),
                "The points, in order of time.",
                required=True,
                example="keyframes: [{time: 0s, value: 0s}, {time: 2s, value: 4s}]",
            ),
        ),
    ),
    "Speed that changes: keyframes from time of the clip to time of the file. Picture and sound "
    "follow it. By default the clip lasts until the last keyframe.",
)
ON_END: Final = Key(
    "on_end",
    Word(("error", "hold", "loop")),
    "What it does where it asks for more than its file has: `error` refuses it, `hold` goes on "
    "showing the last picture, without sound, and `loop` begins again at `in`.",
    "error",
)
PACE: Final = (SPEED, REVERSE, PITCH)
#: Beside ``auto``.
AUTO_PACE: Final = (
    Key(
        "speed",
        SPEED.type,
        "The speed of the clips: 2 is twice as fast, below 0 they play backwards. The `duration` "
        "under `cut` is that of the film; all other lengths there are of the files.",
        1,
    ),
    Key("reverse", REVERSE.type, "Whether each of the clips is played backwards.", False),
    PITCH,
)
#: Every key of a clip's time.
CLIP_TIME: Final = (*PACE, LOOP, FREEZE, TIME_MAP, ON_END)

#: Keys on which the length of an item depends.
LENGTH_WORDS: Final = frozenset(
    {
        *("in", "out", "from_words", "to_words", "duration", "speed", "reverse", "loop"),
        *("freeze", "time_map", "on_end"),
    }
)

_ONE_FRAME: Final = "a frozen clip shows one frame, without sound, for its duration"
_MAPPED: Final = "a time map alone says which part of the file plays how fast"
CLIP_RULES: Final = (
    Either(
        ("out", "duration"),
        "with `in`, each of them sets the end: keep one",
        unless=("loop",),
    ),
    *(
        Either(("freeze", key), _ONE_FRAME)
        for key in (
            "in", "out", "speed", "reverse", "pitch", "loop", "on_end", "time_map",
            "volume", "pan", "fade_in", "fade_out",
        )
    ),
    *(Either(("time_map", key), _MAPPED) for key in ("in", "out", "speed", "reverse", "loop")),
    Either(("loop", "on_end"), "a clip that loops has no end to pass"),
)  # fmt: skip
