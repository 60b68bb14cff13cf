"""The catalogue of colour decisions: what an ``auto`` step of a ``grade`` list may ask for.

A kind is one row of ``GRADES``: its name, its options, whether it looks at several clips at once.
Checks, the schema, the reference, the canonical form and the questions are read off it. What
answers it is named in ``vedc.decide.grades.deciders``.

A step is written as a word, ``{auto: balance}``; with its subject, and options beside it,
``{auto: {match: talk, strength: 0.8}}``; or as a mapping of all of its options, which is the
canonical form: ``{auto: {match: {to: talk, strength: 0.8}}}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from vedc.lang.schema.records import Key, Record
from vedc.lang.schema.times import TimeSpan
from vedc.lang.schema.values import Json, Number, Text, Type, Word, show
from vedc.lang.yaml.tree import Awaited, Problems, SpecNode
from vedc.support.suggest import did_you_mean


class GradeKind(NamedTuple):
    """A kind of colour decision."""

    record: Record
    """Its options. The title is its name."""
    subject: str | None = None
    """The option that may stand as the value of its name: ``{match: talk}``."""
    named: tuple[str, ...] = ()
    """Options that name an asset or a file."""
    over: Literal["clip", "clips"] = "clip"
    """Whether each clip is a question of its own, or all clips of a track, or of the film, are one
    question."""
    supported: bool = True
    """Whether this version can answer it."""

    @property
    def name(self) -> str:
        return self.record.title

    @property
    def needs(self) -> str | None:
        """The option without which it asks nothing."""
        return next((key.name for key in self.record.keys.values() if key.required), None)


_STRENGTH: Final = Key(
    "strength", Number(0, 1), "How much of what is found is done: 1 all of it, 0 nothing.", 1
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
    GradeKind(
        Record(
            "balance",
            "Takes casts off: exposure, white balance and contrast of each shot. Where it is not "
            "sure that there is a cast, a shot stays as it is.",
            (_STRENGTH, _METHOD),
            inline=True,
        ),
    ),
    GradeKind(
        Record(
            "match",
            "Makes each shot look like a reference. Where both show the same things, these are "
            "compared place by place; else colours become distributed alike, as far as a grade can "
            "do that. A shot that does not come nearer stays as it is.",
            (
                Key(
                    "to",
                    Text(f"an item's id, {_FILE}", like="refs/dusk.png"),
                    "The reference: the id of a clip or an image of the film, which is taken as "
                    "it is seen there, with its grade; else an asset's id or a file, a still or a "
                    "film.",
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
    GradeKind(
        Record(
            "equalise",
            "Makes the shots of a scene alike: exposure, white balance, contrast, black and "
            "saturation. Shots are compared where they show the same things; one that shares "
            "nothing with the others stays as it is.",
            (
                Key(
                    "by",
                    Word(("scenes", "all")),
                    "`scenes` makes shots alike that show the same scene; `all` makes all alike.",
                    "scenes",
                ),
                Key(
                    "hero",
                    Text("an item's id or an asset's", like="talk"),
                    "The clip that the others are made like, by its id or by what it shows: it "
                    "stays as it is. By default, the most usual shot of each scene.",
                ),
                _STRENGTH,
            ),
            inline=True,
        ),
        subject="by",
        named=("hero",),
        over="clips",
    ),
    GradeKind(
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
    GradeKind(
        Record(
            "deflicker",
            "Takes the breathing of an automatic exposure out, by at most two keyframes of "
            "exposure a second. It is measured where nothing moves, so a shot from a moving camera "
            "stays as it is, and so does one that is steady.",
            (_STRENGTH,),
            inline=True,
        ),
    ),
)
GRADES: Final[Mapping[str, GradeKind]] = {kind.name: kind for kind in _ROWS}


def kinds() -> dict[str, GradeKind]:
    """What this version decides, by name."""
    return {name: kind for name, kind in GRADES.items() if kind.supported}


def asked(step: SpecNode) -> tuple[GradeKind, SpecNode] | None:
    """The kind and the options of a step in canonical form; None for an ordinary step, and for
    one of which nothing is known yet."""
    if "auto" not in step or not isinstance(step["auto"].value, dict):
        return None
    ((name, options),) = step["auto"].entries.items()
    return GRADES[name], options


class Decided(Type):
    """What an ``auto`` step asks for: the value of its key."""

    phrase = "what to decide, such as balance or {match: talk}"

    def schema(self, shared: Json) -> Json:
        if "decided_grade" not in shared:
            shared["decided_grade"] = {}
            rule: Json = {"not": {}}
            for kind in reversed(kinds().values()):
                test = {"type": "object", "required": [kind.name]}
                rule = {"if": test, "then": _schema(kind, shared), "else": rule}
            words = [kind.name for kind in kinds().values() if kind.needs is None]
            alone: Json = {"type": "string", "enum": words} if words else {"not": {}}
            shared["decided_grade"] = {"if": {"type": "string"}, "then": alone, "else": rule}
        return {"$ref": "#/definitions/decided_grade"}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, str):
            self._check_word(node, problems)
        elif not isinstance(node.value, dict):
            steps = "steps stand in a `grade`, beside what says what an item is"
            self.reject(node, name, problems, steps if isinstance(node.value, list) else None)
        else:
            self._check_mapping(node, problems)

    def _check_word(self, node: SpecNode, problems: Problems) -> None:
        if (kind := self._kind(node.text, node, problems)) is not None and kind.needs is not None:
            subject = kind.record.keys[kind.needs]
            message = f"{kind.name} needs {subject.name!r}"
            problems.add("missing-key", message, node, f"write {subject.example}")

    def _check_mapping(self, node: SpecNode, problems: Problems) -> None:
        named = [key for key in node.entries if key in GRADES]
        if len(named) > 1:
            message = f"{' and '.join(named)} are decisions of their own"
            hint = "give each a step of its own: [" + ", ".join(f"{{auto: {n}}}" for n in named)
            problems.add("conflict", message, node[named[-1]].key_location, f"{hint}]")
            return
        if not named:
            first = next(iter(node.entries), "")
            at = node[first].key_location if first else None
            self._kind(first, SpecNode(first, at or node.location), problems)
            return
        kind = self._kind(named[0], SpecNode(named[0], node[named[0]].key_location), problems)
        if kind is None:
            return
        value = node[kind.name]
        if isinstance(value.value, dict):
            for key, child in node.entries.items():
                if key != kind.name:
                    message = f"{key!r} stands beside the options of {kind.name}"
                    hint = f"put it among them: {{{kind.name}: {{..., {key}: ...}}}}"
                    problems.add("conflict", message, child.key_location or node.location, hint)
            kind.record.check_keys(value, problems)
        elif kind.subject is None:
            message = f"{kind.name} must be a mapping of its options, not {show(value.value)}"
            options = next(iter(kind.record.keys))
            hint = f"write {{auto: {kind.name}}}, or {{auto: {{{kind.name}: {{{options}: 0.5}}}}}}"
            problems.add("wrong-type", message, value, hint)
        elif kind.subject in node:
            message = f"{kind.subject!r} is what stands after `{kind.name}:`"
            problems.add("conflict", message, node[kind.subject].key_location, "keep one of them")
        else:
            kind.record.check_keys(_merged(node, kind), problems)

    def _kind(self, name: str, node: SpecNode, problems: Problems) -> GradeKind | None:
        """The kind of a name; None, reported, where there is none yet."""
        kind = GRADES.get(name)
        if kind is None:
            near = did_you_mean(name, GRADES)
            tail = f"; did you mean {near!r}?" if near else ""
            message = f"{show(name)} is not a decision about colour{tail}"
            hint = None if near else f"it can be {', '.join(kinds())}"
            problems.add("unknown-decision", message, node, hint)
        elif not kind.supported:
            message = f"{name!r} is a word of the language that this version does not support yet"
            hint = "match a shot or a still that has the look: grade: [{auto: {match: FILE}}]"
            problems.add("not-yet", message, node, hint)
            return None
        return kind

    def canonical(self, node: SpecNode) -> SpecNode:
        """One mapping from the kind to all options that are given."""
        if isinstance(node.value, Awaited) or node.broken:
            return node
        if isinstance(node.value, str):
            options = SpecNode({}, node.location, node.location)
            return node.with_value({node.text: options})
        kind = next(GRADES[key] for key in node.entries if key in GRADES)
        options = node[kind.name]
        if not isinstance(options.value, dict):
            options = _merged(node, kind)
        return node.with_value({kind.name: kind.record.canonical(options)})


def _merged(node: SpecNode, kind: GradeKind) -> SpecNode:
    """The options of a mapping that has its subject as the value of its kind."""
    assert kind.subject is not None
    value = node[kind.name]
    rest = {key: child for key, child in node.entries.items() if key != kind.name}
    return SpecNode({kind.subject: value, **rest}, value.location, value.key_location)


def _schema(kind: GradeKind, shared: Json) -> Json:
    """A mapping whose kind is known."""
    whole = kind.record.schema(shared)
    described: Json = {"description": kind.record.doc}
    long: Json = {
        "properties": {kind.name: {**whole, **described}},
        "additionalProperties": False,
    }
    if kind.subject is None:
        return {"type": "object", **long}
    subject = kind.record.keys[kind.subject].type.schema(shared)
    others = [key for key in kind.record.keys.values() if key.name != kind.subject]
    short: Json = {
        "properties": {
            kind.name: {"allOf": [subject], **described},
            **{key.name: key.schema(shared) for key in others},
        },
        "additionalProperties": False,
    }
    is_long = {"properties": {kind.name: {"type": "object"}}}
    return {"type": "object", "if": is_long, "then": long, "else": short}


#: What an ``auto`` step asks for.
DECIDED: Final = Decided()
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
