"""Ops as the language calls them: ``{op: exposure, stops: 0.5}``, ``{name: wipe, ...}``.

The keys of a call are the parameters that the op declares; nothing is written twice. The
list of ops is read when a spec is checked, not on import, because plugins add some.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from vedc import ops
from vedc.errors import InternalError
from vedc.lang.keys.other_tools import on_item
from vedc.lang.keys.search_words import meaning
from vedc.lang.keys.vocabulary import Preset
from vedc.lang.schema.fallback import FALLBACK, needs_weights
from vedc.lang.schema.params import named_file, plain_default, plain_value, value_type
from vedc.lang.schema.records import ABSENT, Key, Record, refer
from vedc.lang.schema.values import Json, Text, Type, Word, show
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.ops import Op, OpKind, Param
from vedc.support.suggest import did_you_mean

#: Names listed in a message at most; for more, it refers to a command.
_FEW: Final = 12
#: What messages call the file of a parameter, where it is not a picture.
_FILES: Final = {"table": "colour file", "correction": "colour file", "weights": "weights"}
#: Where an op of each kind belongs.
_PLACES: Final[dict[OpKind, str]] = {
    "grade": "put it under `grade`",
    "blend": "name its word as `blend_mode`",
    "transition": "put it between two items: {{transition: {}}}",
    "key": "put it under `effects`",
    "mask": "use it on an item, a track or an op: mask: {{op: {}}}",
    "geometry": "put it under `effects`",
    "stencil": "put it under `effects`",
    "generator": "make it an item: {{generator: {}}}",
}


class Call(Type):
    """A call of one of the ops of some kinds.

    ``word``
        The key that names the op.
    ``noun``
        What messages call such an op: ``grade op``.
    ``extra``
        Keys that every call has besides the op's own parameters.
    ``short``
        Whether the name alone is a call without parameters.
    ``presets``
        Other names for ops with some parameters set.
    ``spelled``
        Maps a name in a spec to the listed name.
    ``spellings``
        The pattern of everything that ``spelled`` maps to some listed names; without it, only
        those names.
    ``advice``
        What to do instead of giving a key that an op does not have.
    ``like``
        A call of the same ops by another word, with all keys of this one: the two share one
        definition for each op in the schema.
    ``definition``
        Its name in the schema; by default the noun.

    A call names an op's file by path, under the parameter's own name, or by id, as ``asset``.
    """

    def __init__(
        self,
        kinds: Sequence[OpKind],
        word: str,
        noun: str,
        *,
        extra: Sequence[Key] = (),
        animated: bool = True,
        short: bool = False,
        presets: Callable[[], Mapping[str, Preset]] = dict,
        spelled: Callable[[str], str] = str,
        spellings: Callable[[Sequence[str]], str] | None = None,
        advice: Mapping[str, str] | None = None,
        like: Call | None = None,
        definition: str = "",
    ) -> None:
        self.kinds, self.word, self.noun = tuple(kinds), word, noun
        self.definition = definition or f"{noun.removesuffix(' op')}_op"
        self.like, self.words = like, [word]
        """The keys by which schema definitions name an op."""
        if like is not None:
            like.words.append(word)
        self.extra, self.animated, self.short = tuple(extra), animated, short
        self.presets = presets
        self.spelled, self.spellings, self.advice = spelled, spellings, dict(advice or {})
        self._records: dict[str, tuple[Op, Record]] = {}

    @property
    def phrase(self) -> str:  # type: ignore[override]  # it names an op, and plugins add some
        mapping = f"a mapping such as {{{self.word}: {self._first()}}}"
        return f"the name of {_article(self.noun)}, or {mapping}" if self.short else mapping

    @property
    def ops(self) -> dict[str, Op]:
        """The ops that may be called, by name; presets not among them."""
        return {op.name: op for kind in self.kinds for op in ops.by_kind(kind)}

    def _calls(self, name: str) -> bool:
        """Whether an op of that name may be called; loads no other."""
        try:
            return ops.get(name).kind in self.kinds
        except KeyError:
            return False

    def op_of(self, node: SpecNode) -> Op:
        """The op that a call names, directly or through a preset."""
        name = self.spelled(node[self.word].text)
        preset = self.presets().get(name)
        return ops.get(preset[0] if preset else name)

    def listed(self, node: SpecNode) -> SpecNode:
        """The call with its op's name as it is listed."""
        name = node[self.word]
        return node.with_value(
            {**node.entries, self.word: name.with_value(self.spelled(name.text))}
        )

    def record(self, name: str) -> Record:
        """The keys of a call by that name, the preset's parameters for defaults."""
        name = self.spelled(name)
        preset = self.presets().get(name)
        op = ops.get(preset[0] if preset else name)
        known = self._records.get(name)
        if known is None or known[0] is not op:
            self._records[name] = op, self._make(name, op, preset[1] if preset else {})
        return self._records[name][1]

    def _make(self, name: str, op: Op, given: Mapping[str, Any]) -> Record:
        keys = [Key(self.word, Word((name,)), op.summary, required=True)]
        either = []
        file = named_file(op)
        for param in op.params:
            default = plain_default(param)
            if param.name in given:
                default = plain_value(param, given[param.name])
            needed = default is ABSENT and param.name != file
            rule = value_type(param, animated=self.animated)
            keys.append(Key(param.name, rule, _described(param), default, required=needed))
            if param.name == file:
                what = _FILES.get(param.kind, "picture")
                rule = Text("the id of an asset", like="look")
                keys.append(Key("asset", rule, f"The {what}, by id."))
                either.append(((file, "asset"), "both name the same file: keep one of them"))
                if param.instead:
                    why = "each names one: keep one of them"
                    either += [((param.instead, key), why) for key in (file, "asset")]
        if needs_weights(op):
            keys.append(FALLBACK)
        keys[1:1] = self.extra
        if len({key.name for key in keys}) < len(keys):
            raise InternalError(f"op {op.name}: a parameter has the name of another key")
        advice = self.advice
        return Record(name, op.summary, keys, either=either, inline=True, advice=advice)

    # Schema

    def schema(self, shared: Json) -> Json:
        """One if/then for each op: an editor then complains about the right op."""
        name = self.definition
        groups = self._groups()
        if name not in shared:
            foreign = [{"required": [key]} for key in self._foreign()]
            shared[name] = {
                "type": "object",
                "required": [self.word],
                **({"not": {"anyOf": foreign}} if foreign else {}),
                "properties": {
                    self.word: {
                        **self._any_of("any", [n for ns in groups.values() for n in ns], shared),
                        "description": f"Which {self.noun}.",
                    },
                },
                "allOf": [
                    {
                        "if": {
                            "properties": {self.word: self._one_of(definition, names, shared)},
                            "required": [self.word],
                        },
                        "then": self._shared_schema(definition, names, shared),
                    }
                    for definition, names in groups.items()
                ],
            }
        call: Json = {"$ref": f"#/definitions/{name}"}
        if not self.short:
            return call
        alone = self.complete_names()
        rule = {
            "if": {"type": "object"},
            "then": call,
            "else": self._any_of("a whole", alone, shared),
        }
        return refer(shared, f"{name} or its name", rule) if self.like is not None else rule

    def _any_of(self, which: str, names: list[str], shared: Json) -> Json:
        """A rule for any of many names, which an editor offers."""
        listed = {"type": "string", "enum": names}
        if self.spellings is None:
            return listed
        pattern = {"type": "string", "pattern": self.spellings(names)}
        return {"allOf": [refer(shared, f"{which} {self.noun}", {"anyOf": [listed, pattern]})]}

    def _one_of(self, definition: str, names: list[str], shared: Json) -> Json:
        """A rule for the names of one definition."""
        if self.spellings is None:
            return _one_of(names)
        rule = {"type": "string", "pattern": self.spellings(names)}
        return refer(shared, f"name of {definition}", rule)

    def _foreign(self) -> list[str]:
        """Keys that the op definitions have and a call like this does not take."""
        whole = self.like or self
        keys = [key.name for key in whole.extra if key not in self.extra]
        return [*(word for word in whole.words if word != self.word), *keys]

    def complete_names(self) -> list[str]:
        """The names that are whole calls by themselves."""
        return [n for names in self._groups().values() for n in names if self._complete(n)]

    def _complete(self, name: str) -> bool:
        """Whether the name is all that a call needs."""
        keys = self.record(name).keys.values()
        return not self._needed_file(name) and all(
            not key.required or key.name == self.word for key in keys
        )

    def _groups(self) -> dict[str, list[str]]:
        """Names that take the same keys, by the name of their definition."""
        groups = {f"{op.kind}_{name}": [name] for name, op in self.ops.items()}
        for name, (target, given) in self.presets().items():
            op = ops.get(target)
            filled = [p.name for p in op.params if p.required and p.name in given]
            groups.setdefault("_".join((op.kind, target, *filled)), []).append(name)
        return groups

    def _shared_schema(self, definition: str, names: list[str], shared: Json) -> Json:
        if self.like is not None:
            return self.like._shared_schema(definition, names, shared)
        if definition not in shared:
            shared[definition] = {}
            record = self.record(names[0])
            schema = record.own_schema(shared)
            rule = {"description": record.doc}
            if self.spellings is None:
                rule |= _one_of(names)
            schema["properties"] = dict.fromkeys(self.words, rule) | {
                key: value for key, value in schema["properties"].items() if key != self.word
            }
            for key in self.extra:
                rule = schema["properties"][key.name]
                schema["properties"][key.name] = refer(shared, f"{key.name} of {self.noun}", rule)
            if len(self.words) > 1:  # each call requires its own
                schema["required"].remove(self.word)
                if not schema["required"]:
                    del schema["required"]
            file = self._needed_file(names[0])
            if file:
                schema["anyOf"] = [{"required": [file]}, {"required": ["asset"]}]
            shared[definition] = schema
        return {"$ref": f"#/definitions/{definition}"}

    def _needed_file(self, name: str) -> str | None:
        """The file parameter that one of the two keys must give."""
        op = self.op_of(SpecNode({self.word: SpecNode(name)}))
        file = named_file(op)
        if file is None or not (op.param(file).required or op.param(file).foreign):
            return None
        return file if self.record(name).keys[file].default is ABSENT else None

    # Checks

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if self.short and isinstance(node.value, str):
            if self.check_name(node, problems):
                self._check_keys(node.with_value({self.word: node}), problems)
            return
        if not isinstance(node.value, dict):
            entry, word = self.entry(node), node.value
            meant = self._meant(word) if isinstance(word, str) else None
            self.reject(node, name, problems, f"write {entry}" if entry else meant)
            return
        op = node.get(self.word)
        if op is None:
            self._nameless(node, name, problems)
        elif self.check_name(op, problems):
            self._check_keys(node, problems)

    def _check_keys(self, node: SpecNode, problems: Problems) -> None:
        node = self.listed(node)
        name = node[self.word].text
        self.record(name).check_keys(node, problems)
        file = self._needed_file(name)
        if file and file not in node and "asset" not in node:
            problems.add("missing-key", f"{name} needs {file!r} or 'asset'", node, "name its file")

    def entry(self, node: SpecNode) -> str | None:
        """The call of an op that stands alone as a word."""
        word = node.value
        near = self._near(word) if isinstance(word, str) else None
        return f"{{{self.word}: {near}}}" if near else None

    def _near(self, word: str) -> str | None:
        """The op that a word names, misspells, or that another program calls so."""
        if self._calls(word):
            return word
        meant = meaning(word)
        named = [name for name in (meant.ops if meant else ()) if name in self.ops]
        return named[0] if named else None if " " in word else did_you_mean(word, self.ops)

    def _nameless(self, node: SpecNode, name: str, problems: Problems) -> None:
        """Report a call without the name of its op, which may stand under another key, or be one:
        ``{name: blur}``, ``blur: {radius: 3}``."""
        first = next(iter(node.entries), "")
        values = [node[key].value for key in ("name", "type", "effect", "filter") if key in node]
        words = [word for word in values if isinstance(word, str)] or list(node.entries)
        near = next(filter(self._calls, words), None)
        if near is None and len(node.entries) > 1 and did_you_mean(first, [self.word]):
            hint = f"did you mean {self.word!r}?"
        else:
            near = near or next(filter(None, map(self._near, words[:1])), None)
            meant = self._meant(words[0]) if words and near is None else None
            hint = meant or f"write {{{self.word}: {near or self._first()}, ...}}"
        problems.add("missing-key", f"{name} needs {self.word!r}: which op it is", node, hint)

    def check_name(self, node: SpecNode, problems: Problems) -> bool:
        """Whether a value is the name of an op of these kinds; reports why not."""
        value = node.value
        if not isinstance(value, str):
            message = f"{self.word} must be {self._known()}, not {show(value)}"
            problems.add("wrong-type", message, node)
        elif (listed := self.spelled(value)) in self.presets() or self._calls(listed):
            return True
        elif value in ops.names():
            kind = ops.get(value).kind
            message = f"{value} is {_article(kind)}, not {_article(self.noun)}"
            problems.add("wrong-kind-of-op", message, node, _PLACES[kind].format(value))
        else:
            names = (*self.ops, *self.presets())
            near = did_you_mean(value, names)
            tail = f"; did you mean {near!r}?" if near else ""
            alike = [n for n in names if min(len(value), len(n)) > 2 and (value in n or n in value)]
            hint = self._meant(value) or f"it must be {self._known()}"
            if alike:
                hint = f"do you mean {' or '.join(alike[:_FEW])}?"
            own = self.spelled(value.rpartition(":")[2])
            if ":" in value and own in names:  # another program's, which is not offered
                near, hint, tail = None, f"vedc has a transition of its own called {own}", ""
            message = f"{show(value)} is not {_article(self.noun)}{tail}"
            problems.add("unknown-op", message, node, None if near else hint)
        return False

    def _meant(self, value: str) -> str | None:
        """The equivalent of another program's name."""
        meant = meaning(value)
        if meant is None:
            key = on_item(value) if "grade" in self.kinds else None
            return f"give the item {key}" if key else None
        named = [name for name in meant.ops if name in self.ops][:2]
        cures = [f"write {' or '.join(f'{{{self.word}: {n}, ...}}' for n in named)}"] * bool(named)
        if meant.keys and "grade" in self.kinds:
            cures.append(f"give the item {' or '.join(meant.keys)}")
        return ", or ".join(cures) or None

    def _first(self) -> str:
        return next((name for name in self.ops if ":" not in name), "...")

    def _known(self) -> str:
        names = tuple(self.ops)
        if len(names) > _FEW:
            kinds = " or ".join(f"`vedc ops --kind {kind}`" for kind in self.kinds)
            return f"{_article(self.noun)}: {kinds} lists them"
        return f"one of {', '.join(names)}"

    # Canonical form

    def canonical(self, node: SpecNode) -> SpecNode:
        """The long form: a mapping, the op behind a preset, parameters in the op's order."""
        if isinstance(node.value, str):
            node = node.with_value({self.word: SpecNode(node.value, node.location, node.location)})
        node = self.listed(node)
        name = node[self.word]
        preset = self.presets().get(name.text)
        if preset is None:
            return self.record(name.text).canonical(node)
        target, given = preset
        op = ops.get(target)
        entries = {**node.entries, self.word: name.with_value(target)}
        for key, value in given.items():
            if key not in node and not (key == named_file(op) and "asset" in node):
                entries[key] = _node(plain_value(op.param(key), value), name)
        return self.record(target).canonical(node.with_value(entries))


def _described(param: Param) -> str:
    unit = f"({param.unit})" if param.unit else ""
    return " ".join(part for part in (param.summary, unit) if part) or param.name


def _one_of(names: Sequence[str]) -> Json:
    return {"const": names[0]} if len(names) == 1 else {"enum": list(names)}


def _node(value: object, at: SpecNode) -> SpecNode:
    """Plain data as a tree, with one location."""
    if isinstance(value, (list, tuple)):
        return SpecNode([_node(v, at) for v in value], at.location)
    if value is None or isinstance(value, (bool, int, float, str)):
        return SpecNode(value, at.location)
    raise InternalError(f"a preset holds {value!r}")


def _article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"
