"""The keys of ``auto``: a person's requests for decisions, and the same as typed values.

The records are read by the checks, the schema and the reference; the dataclasses are what
``vedc.decide`` reads. Decisions are in ``vedc.lock``, never here.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal, cast, get_args

from vedc.errors import SourceLocation
from vedc.lang.keys.conditions import (
    SAID,
    Condition,
    Keep,
    Margin,
    MarginType,
    Seconds,
    condition_of,
    margin_of,
)
from vedc.lang.keys.decided.grades import DECIDED
from vedc.lang.keys.parts import TRANSITION_CALL
from vedc.lang.keys.sound.said import WORD_SOURCE
from vedc.lang.keys.vocabulary import transition_name
from vedc.lang.schema.quantities import Volume
from vedc.lang.schema.records import Key, ListOf, Record, Several, Short
from vedc.lang.schema.times import TimeSpan
from vedc.lang.schema.values import Boolean, Json, Number, Text, Type, Word
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.lazy_dataclass import dataclass, field

Method = Literal["shots", "silence", "speech", "words", "beats", "highlights", "keyframes"]
Detector = Literal["best", "network", "classical", "transnet"]
#: Candidate transitions where none are named.
CHOICES: Final = ("dissolve", "dip")
_SUBTLE: Final = (*CHOICES, "blur_dissolve", "flow_morph")
_LIVELY: Final = (
    *_SUBTLE, "wipe", "slide", "whip_pan", "zoom_in", "iris", "luma_wipe", "light_leak",
)  # fmt: skip
#: By level, from calm to loud: the same where none are named.
LEVELS: Final = {
    "subtle": _SUBTLE,
    "lively": _LIVELY,
    "bold": (*_LIVELY, "overexposure", "glitch_cut"),
}
#: The parts of a style of ``vedc learn``.
STYLE_PARTS: Final = ("cutting", "joining", "pace", "look")
#: What ``method: words`` removes by default.
HESITATIONS: Final = ("um", "uh", "er", "erm", "hmm")
#: Keys of ``cut`` that only ``method: words`` has, which is therefore the method beside them.
BY_WORDS: Final = ("remove", "repeats", "pause", "unscripted")
_ASIDES: Final = ("remove", "repeats", "unscripted")
#: Drawn for a join where it is chosen, so it needs no file.
DRAWN: Final = "luma_wipe"


@dataclass(frozen=True, slots=True)
class Cut:
    """How a source is cut. Times are seconds; None is the method's own default."""

    method: Method = "shots"
    keep: Literal["all", "best"] | Condition = "all"
    duration: Fraction | None = None
    """Total length of the selection."""
    margin: Margin | None = None
    min_shot: Fraction | None = None
    max_shot: Fraction | None = None
    min_silence: Fraction | None = None
    """Pauses shorter than this are left in."""
    threshold: float | None = None
    """Decibels of full scale below which it is silent."""
    count: int | None = None
    """Largest number of pieces."""
    every: int | None = None
    """Number of beats between cuts."""
    order: Literal["source", "best"] = "source"
    spread: bool = True
    """Whether every source gets a share of what is kept."""
    detector: Detector = "best"
    weights: str | None = None
    """A file of weights that ``vedc train cutting`` wrote (a path as the spec gives it) ..."""
    weights_at: SourceLocation | None = field(default=None, compare=False, repr=False)
    """... and where the spec names it."""
    remove: tuple[str, ...] = ()
    """Words, or sequences of words, that are cut out."""
    repeats: bool = False
    """Whether words that are said once more are cut out the first time."""
    pause: Fraction | None = None
    """What longer pauses between words become."""
    unscripted: bool = False
    """Whether what the script lacks is cut out."""

    @property
    def asks_words(self) -> bool:
        """Whether it depends on what is said."""
        spoken = isinstance(self.keep, Condition) and self.keep.asks_words
        return self.method == "words" or spoken


@dataclass(frozen=True, slots=True)
class Join:
    """Which transitions may be chosen between clips, and how long they are."""

    choose: tuple[str, ...]
    """Names of transitions; a hard cut is always among the choices."""
    duration: Fraction | None = None
    """Seconds; None leaves it to the chooser."""
    weights: str | None = None
    weights_at: SourceLocation | None = field(default=None, compare=False, repr=False)
    """Where the spec names them."""
    level: str | None = None
    """How calm joins should be: one of ``LEVELS``."""
    named: bool = True
    """Whether the spec names them; otherwise a style may."""


@dataclass(frozen=True, slots=True)
class Styled:
    """A style and the parts of it that are used."""

    src: str
    """A file that ``vedc learn`` wrote (a path as the spec gives it)."""
    use: tuple[str, ...]


class TransitionName(Type):
    """The name of a transition, or of a preset of one."""

    phrase = "the name of a transition, such as dissolve"

    def schema(self, shared: Json) -> Json:
        name: Json = TRANSITION_CALL.schema(shared)["else"]
        return name

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, str):
            if transition_name(node.value) != DRAWN:
                TRANSITION_CALL.check(node, name, problems)
        else:
            self.reject(node, name, problems)


_WEIGHTS: Final = Key(
    "weights", Text("a file", like="mine.json"), "Weights learned by `vedc train cutting`."
)
CUT: Final = Record(
    "cut",
    "What to keep of a source, and where to cut it.",
    (
        Key(
            "method",
            Word(get_args(Method)),
            "shots: pieces of shots; silence: pauses are cut out; speech: only speech is kept; "
            "words: words, repetitions and pauses are cut out; beats: cuts fall on the beats of "
            "the music; highlights: the best moments; keyframes: a moment around each key frame. "
            "By default words, if a key or a condition asks for what is said, else shots.",
        ),
        Key(
            "keep",
            Keep(),
            "all of what the method finds, the best of it, or the moments that meet a condition; "
            "by default best with a duration or a count, and all without.",
        ),
        Key("duration", TimeSpan(), "Total length to keep; a percentage refers to the source."),
        Key(
            "margin",
            MarginType(),
            "Time to keep before and after what is found, or [before, after].",
        ),
        Key("min_shot", TimeSpan(percent=False), "Length of the shortest piece."),
        Key("max_shot", TimeSpan(percent=False), "Length of the longest piece."),
        Key("min_silence", TimeSpan(percent=False), "Shorter pauses are kept."),
        Key("threshold", Volume(), "Level below which sound counts as silence."),
        Key(
            "remove",
            Several(Text("a word or several", like="um"), "text"),
            "Words that are cut out, or sequences of them such as you know, whatever their case "
            "and punctuation. By default, with `method: words` alone, um, uh, er, erm and hmm.",
        ),
        Key(
            "repeats",
            Boolean(),
            "Whether a word said twice in a row is cut out the first time. "
            "By default true with `method: words` alone.",
        ),
        Key(
            "pause",
            TimeSpan(percent=False),
            "What a longer pause between words becomes. What is left of the pauses around removed "
            "words is as long at most, or 0.3s.",
        ),
        Key(
            "unscripted",
            Boolean(),
            "Whether everything said that is not in the `script` is cut out.",
        ),
        *WORD_SOURCE,
        Key("count", Number(1, 10_000, integer=True), "Largest number of pieces."),
        Key("every", Number(1, 64, integer=True), "Number of beats between cuts."),
        Key("order", Word(("source", "best")), "The order of the pieces.", "source"),
        Key(
            "spread",
            Word(("sources", "none")),
            "sources: each source gets an equal share of what is kept, unless its best pieces are "
            "far worse than those of the others; none: only the scores count.",
            "sources",
        ),
        Key(
            "detector",
            Word(get_args(Detector)),
            "The shot detector: the network, the classical one, TransNetV2 (an extra), or "
            "whichever of the first two was measured to be the best.",
            "best",
        ),
        _WEIGHTS,
    ),
    advice={
        "silence": "use method: silence",
        "length": "use `duration`",
        "speed": "not here",
        "fillers": "use `remove`: remove: [um, uh]",
        "filler_words": "use `remove`: remove: [um, uh]",
        "pauses": "use `pause`: pause: 0.3s",
        "max_pause": "use `pause`",
        **dict.fromkeys(("from", "in", "out", "transition", "music"), "put it beside `cut`"),
    },
)
JOIN: Final = Record(
    "chosen transition",
    "The transitions to choose from. A hard cut is always among the choices.",
    (
        Key("name", Word(("auto",)), "Marks a transition that vedc chooses.", "auto"),
        Key(
            "choose",
            ListOf(TransitionName(), "transition", empty="empty-list"),
            "Names of transitions; by default those of the level, without one dissolve and dip. "
            "Directions, centres, colours and the picture of a luma_wipe come from the clips.",
        ),
        Key(
            "level",
            Word(tuple(LEVELS)),
            "How much joins may show: subtle (dissolve, dip, blur_dissolve and flow_morph, where "
            "they are clearly better than a cut), lively (also wipes, slides, whips, zooms, "
            "irises, drawn mattes and light) or bold (also flashes and glitches).",
        ),
        Key(
            "duration",
            TimeSpan(percent=False),
            "Their length; by default as long as the shots allow.",
        ),
        _WEIGHTS,
    ),
)
STYLE: Final = Record(
    "style",
    "A style that `vedc learn` found in finished films, and the parts of it to use. A part that "
    "was not better than what vedc does without it has no effect.",
    (
        Key(
            "src",
            Text("a file", like="house/style.json"),
            "The style.",
            required=True,
            example="{src: house/style.json, use: [cutting, pace]}",
        ),
        Key(
            "use",
            Several(Word(STYLE_PARTS), "part"),
            "cutting: what is kept, and where cuts are; joining: the transitions, their rates and "
            "lengths; pace: how long shots are; look: the grade. By default all of them.",
        ),
    ),
)
AUTO: Final = Record(
    "auto",
    "A stretch that vedc cuts: it becomes clips in vedc.lock.",
    (
        Key(
            "from",
            Several(Text("an asset's id or a file", like="talk.mp4"), "source"),
            "One or more sources: an asset's id or a file.",
            required=True,
            example="from: talk.mp4",
        ),
        Key("in", TimeSpan(from_end=True), "Start of the usable range in the source.", "0s"),
        Key(
            "out",
            TimeSpan(from_end=True),
            "End of the usable range; by default the end of the source.",
        ),
        Key("cut", Short("method", CUT), CUT.doc, required=True, example="cut: shots"),
        Key(
            "transition",
            Short("name", JOIN),
            "auto chooses transitions between its clips; by default there are hard cuts.",
        ),
        Key(
            "music",
            Text("an asset's id or a file", like="theme.flac"),
            "The music that `method: beats` follows, where and as it is heard in the film (under "
            "`audio` or on a track); if it is not, as if it began with the item. Without it the "
            "source's own sound is followed, or the soundtrack if the item is muted.",
        ),
        Key(
            "style",
            Short("src", STYLE),
            "A style that `vedc learn` found in your films: it cuts, joins, paces and grades as "
            "they do. What is written here or beside `auto` (weights, lengths, transitions, a "
            "grade) takes precedence.",
        ),
        Key(
            "grade",
            DECIDED,
            "How each of its shots is graded, such as balance or {match: refs/dusk.png}: short for "
            "a [decided step](#decided-step) at the beginning of the `grade` beside `auto`.",
        ),
    ),
    later=("effects",),
    advice={
        "match": "put it under `grade`: auto: {..., grade: {match: refs/dusk.png}}",
        "reframe": "put crop: {auto: reframe} beside `auto`",
        **{key: f"put it into `cut`: cut: {{..., {key}: ...}}" for key in CUT.keys},
    },
)


def cut_of(node: SpecNode, seconds: Seconds) -> Cut:
    """The settings of ``cut`` in its canonical form."""

    def time(name: str) -> Fraction | None:
        return seconds(node[name], name) if name in node else None

    def whole(name: str) -> int | None:
        return int(node[name].number) if name in node else None

    kept = node.get("keep")
    keep: Literal["all", "best"] | Condition
    if kept is None:
        keep = "best" if "duration" in node or "count" in node else "all"
    elif isinstance(kept.value, str):
        keep = "best" if kept.value == "best" else "all"
    else:
        keep = condition_of(kept, seconds)
    method = method_of(node)
    alone = _alone(node)
    usual = HESITATIONS if alone else ()
    return Cut(
        method=method,
        keep=keep,
        duration=time("duration"),
        margin=margin_of(node.get("margin"), seconds),
        min_shot=time("min_shot"),
        max_shot=time("max_shot"),
        min_silence=time("min_silence"),
        threshold=Volume.decibels(node["threshold"].text) if "threshold" in node else None,
        count=whole("count"),
        every=whole("every"),
        order="best" if "order" in node and node["order"].text == "best" else "source",
        spread="spread" not in node or node["spread"].text == "sources",
        detector=cast("Detector", node["detector"].text if "detector" in node else "best"),
        weights=node["weights"].text if "weights" in node else None,
        remove=tuple(t.text for t in node["remove"]) if "remove" in node else usual,
        repeats=node["repeats"].value is True if "repeats" in node else alone,
        pause=time("pause"),
        unscripted="unscripted" in node and node["unscripted"].value is True,
    )


def method_of(node: SpecNode) -> Method:
    """The method of a ``cut`` in its canonical form."""
    if "method" in node:
        return cast("Method", node["method"].text)
    by_words = any(key in node for key in BY_WORDS) or asks_said(node.get("keep"))
    return "words" if by_words else "shots"


def asks_said(keep: SpecNode | None) -> bool:
    """Whether a ``keep`` in its canonical form depends on what is said."""
    if keep is None or not isinstance(keep.value, dict):
        return False
    if SAID in keep:
        return True
    parts = [part for key in ("and", "or") if key in keep for part in keep[key]]
    return any(map(asks_said, [*parts, *([keep["not"]] if "not" in keep else [])]))


def asks_asides(node: SpecNode) -> bool:
    """Whether a ``cut`` in its canonical form removes what is said beside the text: hesitations,
    and words that are said once more."""
    return method_of(node) == "words" and (_alone(node) or any(key in node for key in _ASIDES))


def _alone(node: SpecNode) -> bool:
    """Whether ``method: words`` says nothing of what is to be removed."""
    by_words = any(key in node for key in BY_WORDS)
    return method_of(node) == "words" and not by_words and not asks_said(node.get("keep"))


def join_of(node: SpecNode | None, seconds: Seconds) -> Join | None:
    """The settings of ``transition`` in its canonical form."""
    if node is None:
        return None
    given = node.get("choose")
    level = node["level"].text if "level" in node else None
    return Join(
        choose=tuple(name.text for name in given) if given else LEVELS.get(level or "", CHOICES),
        duration=seconds(node["duration"], "duration") if "duration" in node else None,
        weights=node["weights"].text if "weights" in node else None,
        level=level,
        named=bool(given) or level is not None,
    )


def styled_of(node: SpecNode | None) -> Styled | None:
    """The settings of ``style`` in its canonical form."""
    if node is None:
        return None
    parts = tuple(part.text for part in node["use"]) if "use" in node else STYLE_PARTS
    return Styled(node["src"].text, parts)
