"""Decisions that a list of steps may leave to vedc: a catalogue of kinds, and the rule of an
``auto`` step.

There is a catalogue for ``grade`` lists and one for ``effects`` lists, in modules beside this one.
A kind is one row: its name, its options, whether it looks at several clips at once. Checks, the
schema, the reference, the canonical form and the questions follow from it.

A step is written as a word, ``{auto: balance}``; with its subject, and options beside it,
``{auto: {match: talk, strength: 0.8}}``; or as a mapping of all of its options, which is the
canonical form: ``{auto: {match: {to: talk, strength: 0.8}}}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from vedc.errors import InternalError
from vedc.lang.schema.records import Record
from vedc.lang.schema.values import Json, Type, show
from vedc.lang.yaml.tree import Awaited, Problems, SpecNode
from vedc.support.suggest import did_you_mean

StepList = Literal["grade", "effects"]
"""The key of a list whose steps may be decided."""


class DecidedKind(NamedTuple):
    """A kind of decision."""

    record: Record
    """Its options. The title is its name."""
    subject: str | None = None
    """The option that may stand as the value of its name: ``{match: talk}``."""
    named: tuple[str, ...] = ()
    """Options that name an asset or a file."""
    over: Literal["clip", "clips"] = "clip"
    """Whether each clip is a separate question, or all clips of a track, or of the film, are
    one."""
    stills: bool = True
    """Whether it can be decided of a still picture."""
    sized: bool = False
    """Whether the answer depends on the size at which the picture is drawn."""
    beside: bool = False
    """Whether the answer depends on the rest of the list."""
    supported: bool = True
    """Whether this version can answer it."""

    @property
    def name(self) -> str:
        return self.record.title

    @property
    def needs(self) -> str | None:
        """The required option."""
        return next((key.name for key in self.record.keys.values() if key.required), None)


class Catalogue:
    """The kinds of decision that the steps of one list may ask for.

    ``about``
        The subject of the decisions, in messages: "is not a decision about colour".
    ``kinds``
        By name. No two catalogues have a kind of the same name.
    ``like``
        An example or two of what ``auto`` takes.
    ``instead``
        The hint where a kind is not supported yet.
    """

    known: Final[dict[str, Catalogue]] = {}
    """Every catalogue, by its list."""

    def __init__(
        self,
        steps: StepList,
        about: str,
        kinds: Mapping[str, DecidedKind],
        *,
        like: str,
        instead: str,
    ) -> None:
        self.steps, self.about, self.kinds = steps, about, kinds
        self.like, self.instead = like, instead
        for other in self.known.values():
            if twice := kinds.keys() & other.kinds.keys():
                raise InternalError(f"two kinds of decision are called {min(twice)!r}")
        self.known[steps] = self

    def supported(self) -> dict[str, DecidedKind]:
        """What this version decides, by name."""
        return {name: kind for name, kind in self.kinds.items() if kind.supported}

    def elsewhere(self, name: str) -> Catalogue | None:
        """The catalogue of another list that has a kind of that name."""
        others = (other for other in self.known.values() if other is not self)
        return next((other for other in others if name in other.kinds), None)


def asked(step: SpecNode) -> tuple[DecidedKind, SpecNode] | None:
    """The kind and the options of a step in canonical form; None for an ordinary step, and for
    one that is not yet known."""
    if "auto" not in step or not isinstance(step["auto"].value, dict):
        return None
    ((name, options),) = step["auto"].entries.items()
    return next(c.kinds[name] for c in Catalogue.known.values() if name in c.kinds), options


class Decision(Type):
    """What an ``auto`` step asks for: the value of its key."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.phrase = f"what to decide, such as {catalogue.like}"

    def schema(self, shared: Json) -> Json:
        name, kinds = f"decided_{self.catalogue.steps}", self.catalogue.supported()
        if name not in shared:
            shared[name] = {}
            rule: Json = {"not": {}}
            for kind in reversed(kinds.values()):
                test = {"type": "object", "required": [kind.name]}
                rule = {"if": test, "then": _schema(kind, shared), "else": rule}
            words = [kind.name for kind in kinds.values() if kind.needs is None]
            alone: Json = {"type": "string", "enum": words} if words else {"not": {}}
            shared[name] = {"if": {"type": "string"}, "then": alone, "else": rule}
        return {"$ref": f"#/definitions/{name}"}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, str):
            self._check_word(node, problems)
        elif not isinstance(node.value, dict):
            steps = f"steps stand in {self._list}, beside what says what an item is"
            self.reject(node, name, problems, steps if isinstance(node.value, list) else None)
        else:
            self._check_mapping(node, problems)

    def _check_word(self, node: SpecNode, problems: Problems) -> None:
        if (kind := self._kind(node.text, node, problems)) is not None and kind.needs is not None:
            subject = kind.record.keys[kind.needs]
            message = f"{kind.name} needs {subject.name!r}"
            problems.add("missing-key", message, node, f"write {subject.example}")

    def _check_mapping(self, node: SpecNode, problems: Problems) -> None:
        named = [key for key in node.entries if key in self.catalogue.kinds]
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

    @property
    def _list(self) -> str:
        steps = self.catalogue.steps
        return f"a `{steps}`" if steps == "grade" else f"`{steps}`"

    def _kind(self, name: str, node: SpecNode, problems: Problems) -> DecidedKind | None:
        """The kind of a name; None, reported, where there is none yet."""
        kind = self.catalogue.kinds.get(name)
        if kind is None:
            self._unknown(name, node, problems)
        elif not kind.supported:
            message = f"{name!r} is a word of the language that this version does not support yet"
            problems.add("not-yet", message, node, self.catalogue.instead)
            return None
        return kind

    def _unknown(self, name: str, node: SpecNode, problems: Problems) -> None:
        """Report an unknown kind: a word of another list, a misspelling, or neither."""
        catalogue = self.catalogue
        other = catalogue.elsewhere(name)
        if other is not None:
            kind = other.kinds[name]
            shown = name if kind.needs is None else f"{{{name}: ...}}"
            message = f"{name} is a decision about {other.about}, not about {catalogue.about}"
            hint: str | None = f"put it under `{other.steps}`: {other.steps}: [{{auto: {shown}}}]"
        else:
            near = did_you_mean(name, catalogue.kinds)
            tail = f"; did you mean {near!r}?" if near else ""
            message = f"{show(name)} is not a decision about {catalogue.about}{tail}"
            hint = None if near else f"it can be {', '.join(catalogue.supported())}"
            far = near or next(
                (f for c in catalogue.known.values() if (f := did_you_mean(name, c.kinds))), None
            )
            if far and not near and (home := catalogue.elsewhere(far)) is not None:
                hint = f"do you mean {far}? it stands under `{home.steps}`"
        problems.add("unknown-decision", message, node, hint)

    def canonical(self, node: SpecNode) -> SpecNode:
        """One mapping from the kind to all options that are given."""
        if isinstance(node.value, Awaited) or node.broken:
            return node
        if isinstance(node.value, str):
            options = SpecNode({}, node.location, node.location)
            return node.with_value({node.text: options})
        kind = next(k for name, k in self.catalogue.kinds.items() if name in node)
        options = node[kind.name]
        if not isinstance(options.value, dict):
            options = _merged(node, kind)
        return node.with_value({kind.name: kind.record.canonical(options)})


def _merged(node: SpecNode, kind: DecidedKind) -> SpecNode:
    """The options of a mapping that has its subject as the value of its kind."""
    assert kind.subject is not None
    value = node[kind.name]
    rest = {key: child for key, child in node.entries.items() if key != kind.name}
    return SpecNode({kind.subject: value, **rest}, value.location, value.key_location)


def _schema(kind: DecidedKind, shared: Json) -> Json:
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
