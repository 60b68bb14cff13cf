"""The catalogue of decisions about effects: what an ``auto`` step of an ``effects`` list may ask
for.

``vedc.decide.grades.deciders`` names what answers each kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vedc.lang.keys.decided.catalogue import Catalogue, DecidedKind, Decision
from vedc.lang.schema.records import Key, ListOf, Record
from vedc.lang.schema.values import Number, Text, Word

#: Effects that `choose` may propose, in the order in which they are applied.
CHOSEN: Final = (
    "halo", "glow", "lens_dirt", "flare", "leak", "clarity", "vignette", "film_grain",
)  # fmt: skip

#: What other programs call some of them.
_MEANT: Final[Mapping[str, str]] = {
    "bloom": "glow",
    "grain": "film_grain",
    "lens_flare": "flare",
    "light_leak": "leak",
    "dirt": "lens_dirt",
}

#: The paintings of `style`.
PAINTINGS: Final = ("starry_night", "the_scream")

_ROWS: Final = (
    DecidedKind(
        Record(
            "clean",
            "Removes noise, measured in each shot: the network of "
            "`clean` takes strong noise, `wavelet_denoise` weaker noise, each at the measured "
            "strength. A shot with little noise stays as it is.",
            (
                Key(
                    "strength",
                    Number(0, 1),
                    "How much of the noise found is removed: 1 all of it, 0 none.",
                    1,
                ),
            ),
            inline=True,
        ),
        stills=False,
        sized=True,
    ),
    DecidedKind(
        Record(
            "flare",
            "Finds lamps and adds flares that follow them. A lamp is small, round, brighter than "
            "white, "
            "and glows on all sides; it is followed from frame to frame, and its flare fades "
            "where it is hidden. A shot without one stays as it is.",
            (
                Key(
                    "strength",
                    Number(0, 1),
                    "Brightness of the flares: 0 none.",
                    1,
                ),
                Key(
                    "most",
                    Number(1, 4, integer=True),
                    "How many lamps of a shot get one, the most prominent first.",
                    1,
                ),
            ),
            inline=True,
        ),
        stills=False,
    ),
    DecidedKind(
        Record(
            "strokes",
            "Paints with `style` and lets the strokes follow the camera: its motion is measured in "
            "each shot, and the canvas of the strokes moves, grows and turns with most of the "
            "picture. Where the camera stands on a tripod, they stand still.",
            (
                Key(
                    "strokes",
                    Number(0, 1),
                    "How much the painting's strokes fill what is flat in the clip; by default as "
                    "in `style`.",
                ),
                Key(
                    "painting",
                    Word(PAINTINGS),
                    "A style that comes with vedc.",
                    "starry_night",
                ),
                Key(
                    "src",
                    Text("an asset's id or a file", like="styles/mine.safetensors"),
                    "A style that `vedc style train` made, in place of `painting`.",
                ),
                Key("strength", Number(0, 1), "How much of the painting there is."),
                Key(
                    "color",
                    Word(("keep", "mix", "style")),
                    "Whose hues: the clip's, the painting's, or half way.",
                ),
                Key("detail", Number(0, 1), "How much of the clip's finest lines returns."),
            ),
            either=(
                (
                    ("painting", "src"),
                    "the file is the style: leave out painting",
                ),
            ),
            inline=True,
        ),
        named=("src",),
        stills=False,
    ),
    DecidedKind(
        Record(
            "choose",
            "Proposes effects that suit what a shot shows, by a scored table of rules. An "
            "effect that the clip already has is not proposed again. Where nothing suits, a shot "
            "stays as it is.",
            (
                Key(
                    "of",
                    ListOf(Word(CHOSEN, meant=_MEANT.get), "effect", empty="empty-list"),
                    "The effects to choose from.",
                    list(CHOSEN),
                ),
                Key(
                    "level",
                    Word(("subtle", "medium", "strong")),
                    "How strong effects are, and how many a shot gets at most: one, two or three.",
                    "subtle",
                ),
            ),
            inline=True,
        ),
        subject="of",
        stills=False,
        beside=True,
    ),
)
EFFECTS: Final[Mapping[str, DecidedKind]] = {kind.name: kind for kind in _ROWS}
CATALOGUE: Final = Catalogue(
    "effects",
    "effects",
    EFFECTS,
    like="clean or {flare: {strength: 0.5}}",
    instead="name the effect: effects: [{op: wavelet_denoise}]",
)
EFFECT_STEP: Final = Record(
    "decided effect",
    "A step of the `effects` of a clip that vedc decides for each shot: it becomes ordinary "
    "effects in vedc.lock.",
    (
        Key(
            "auto",
            Decision(CATALOGUE),
            "What to decide.",
            required=True,
            example="auto: clean",
        ),
    ),
    advice={
        "strength": "it is an option: {auto: {clean: {strength: 0.8}}}",
        "mask": "what is decided is for the whole picture; ordinary effects may have a mask",
        "op": "a step either names an op or leaves the choice to vedc",
    },
)
