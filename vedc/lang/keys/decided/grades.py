"""The catalogue of colour decisions: what an ``auto`` step of a ``grade`` list may ask for.

``vedc.decide.grades.deciders`` names what answers each kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vedc.lang.keys.decided.catalogue import Catalogue, DecidedKind, Decision
from vedc.lang.schema.records import Key, Record
from vedc.lang.schema.times import TimeSpan
from vedc.lang.schema.values import Number, Text, Word

_STRENGTH: Final = Key(
    "strength", Number(0, 1), "How much of the correction is applied: 1 all of it, 0 none.", 1
)
_METHOD: Final = Key(
    "method",
    Word(("network", "closed")),
    "`network` lets a network propose, `closed` computes it from the pictures alone; by default "
    "whichever was measured to be better.",
)
_DETAIL: Final = Key(
    "detail",
    Word(("steps", "lut")),
    "`steps` writes steps that can be read and changed; `lut` adds a table, a .cube file in "
    "`vedc.lock.d` beside the lock, for what those cannot say.",
    "steps",
)
_FILE: Final = "an asset's id or a file"

_ROWS: Final = (
    DecidedKind(
        Record(
            "balance",
            "Removes casts: exposure, white balance and contrast of each shot. Where it is not "
            "sure that there is a cast, a shot stays as it is.",
            (_STRENGTH, _METHOD),
            inline=True,
        ),
    ),
    DecidedKind(
        Record(
            "match",
            "Makes each shot look like a reference. Where both show the same things, they "
            "are compared point by point; otherwise their colour distributions are matched, as far "
            "as a grade can. A shot that does not come nearer stays as it is.",
            (
                Key(
                    "to",
                    Text(f"an item's id, {_FILE}", like="refs/dusk.png"),
                    "The reference: the id of a clip or an image of the "
                    "film, as it is seen there, with its grade; or an asset's id or a file, a "
                    "still or a film.",
                    required=True,
                    example="{auto: {match: refs/dusk.png}}",
                ),
                Key(
                    "at",
                    TimeSpan(from_end=True),
                    "The moment in the reference (of an item, from its start): the shot at that "
                    "time is the reference. By default all of it is.",
                ),
                _STRENGTH,
                _DETAIL,
            ),
            inline=True,
        ),
        subject="to",
        named=("to",),
    ),
    DecidedKind(
        Record(
            "equalise",
            "Makes the shots of a scene alike: exposure, white balance, contrast, black and "
            "saturation. Shots are compared where they show the same things; one that shares "
            "nothing with the others stays as it is.",
            (
                Key(
                    "by",
                    Word(("scenes", "all")),
                    "`scenes` matches shots of the same scene; `all` matches all of them.",
                    "scenes",
                ),
                Key(
                    "hero",
                    Text("an item's id or an asset's", like="talk"),
                    "The clip that the others are matched to, by its id or its "
                    "asset; it stays as it is. By default, the most typical shot of each scene.",
                ),
                _STRENGTH,
            ),
            inline=True,
        ),
        subject="by",
        named=("hero",),
        over="clips",
    ),
    DecidedKind(
        Record(
            "look",
            "Gives each shot a look that `vedc grade learn` learned from examples.",
            (
                Key(
                    "src",
                    Text(_FILE, like="looks/wedding.json"),
                    "The look: an asset's id or a file.",
                    required=True,
                    example="{auto: {look: looks/wedding.json}}",
                ),
                _STRENGTH,
                _DETAIL,
            ),
            inline=True,
        ),
        subject="src",
        named=("src",),
    ),
    DecidedKind(
        Record(
            "deflicker",
            "Evens out the pumping of an automatic exposure, with at most "
            "two exposure keyframes a second. It is measured where nothing moves, so a shot from a "
            "moving camera "
            "stays as it is, and so does one that is steady.",
            (_STRENGTH,),
            inline=True,
        ),
    ),
)
GRADES: Final[Mapping[str, DecidedKind]] = {kind.name: kind for kind in _ROWS}
CATALOGUE: Final = Catalogue(
    "grade",
    "colour",
    GRADES,
    like="balance or {match: talk}",
    instead="match a shot or a still that has the look: grade: [{auto: {match: FILE}}]",
)
#: What an ``auto`` step asks for.
DECIDED: Final = Decision(CATALOGUE)
STEP: Final = Record(
    "decided step",
    "A step of a grade that vedc decides for each shot: it becomes ordinary steps in vedc.lock.",
    (
        Key(
            "auto",
            DECIDED,
            "What to decide.",
            required=True,
            example="auto: balance",
        ),
    ),
    advice={
        **dict.fromkeys(
            ("strength", "method", "detail", "at", "hero"),
            "it is an option: {auto: {match: talk, strength: 0.8}}",
        ),
        "mask": "what is decided is for the whole picture; ordinary steps may have a mask",
        "op": "a step either names an op or leaves the choice to vedc",
    },
)
