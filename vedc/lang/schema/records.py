"""Containers of values: records with known keys, lists, maps by id, and values over time.

A key of the language is described in one place, a :class:`Key`: its type, its default, its
documentation. Schema, reference and checks follow from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from vedc.errors import InternalError
from vedc.lang.schema.values import Json, Type
from vedc.lang.yaml.tree import Awaited, Problems, SpecNode
from vedc.support.suggest import did_you_mean


class _Absent:
    """Marks a key without a default."""

    def __repr__(self) -> str:
        return "-"


ABSENT: Final = _Absent()


class Key:
    """One key of a record.

    ``default`` is a plain value, or ABSENT if leaving the key out has a meaning given in
    ``doc``. ``example`` ends the hint when a required key is missing.
    """

    __slots__ = ("default", "doc", "example", "name", "required", "type")

    def __init__(
        self,
        name: str,
        type: Type,
        doc: str,
        default: object = ABSENT,
        *,
        required: bool = False,
        example: str = "",
    ) -> None:
        self.name, self.type, self.doc, self.default = name, type, doc, default
        self.required, self.example = required, example

    def schema(self, shared: Json) -> Json:
        schema = self.type.schema(shared)
        if "$ref" in schema:  # draft-07 ignores the siblings of a $ref
            schema = {"allOf": [schema]}
        schema = {**schema, "description": self.doc}
        if self.default is not ABSENT and self.default is not None:
            schema["default"] = self.default
        return schema


class Either(NamedTuple):
    """Keys of a record of which one can be given."""

    group: tuple[str, ...]
    why: str
    unless: tuple[str, ...] = ()
    """Keys that lift the exclusion."""

    def excludes(self, given: SpecNode) -> bool:
        """Whether it applies in a mapping with these keys."""
        return not any(key in given for key in self.unless)


class Record(Type):
    """A mapping with known keys.

    ``title``
        How messages call it: ``clip``.
    ``later``
        Words of the language that are not keys yet: they are refused by name, with their
        ``advice``.
    ``either``
        Which keys exclude one another, with the reason.
    ``advice``
        Hints for keys that people expect here and that belong elsewhere.
    ``inline``
        Whether the schema is written out where it is used: records of the same title differ.
    """

    def __init__(
        self,
        title: str,
        doc: str,
        keys: Sequence[Key],
        *,
        later: Sequence[str] = (),
        either: Sequence[Either | tuple[tuple[str, ...], str]] = (),
        advice: Mapping[str, str] | None = None,
        inline: bool = False,
    ) -> None:
        self.title, self.doc, self.inline = title, doc, inline
        self.beside: Callable[[Json], Json] | None = None
        """Schemas of keys that are removed before checks and that only editors see."""
        self.keys = {key.name: key for key in keys}
        self.later = tuple(word for word in later if word not in self.keys)
        self.either = tuple(Either(*rule) for rule in either)
        self.advice = dict(advice or {})
        first = next((k for k in keys if k.required and k.example), None)
        self.phrase = f"a mapping such as {{{first.example}}}" if first else "a mapping"

    def schema(self, shared: Json) -> Json:
        if self.inline:
            return self.own_schema(shared)
        name = self.title.replace(" ", "_")
        if name not in shared:
            shared[name] = {}  # a record may contain itself
            shared[name] = self.own_schema(shared)
        return {"$ref": f"#/definitions/{name}"}

    def own_schema(self, shared: Json) -> Json:
        """The schema, written out."""
        schema: Json = {
            "type": "object",
            "description": self.doc,
            "properties": {k.name: k.schema(shared) for k in self.keys.values()},
            "additionalProperties": False,
        }
        if self.beside is not None:
            schema["properties"] |= self.beside(shared)
        required = [k.name for k in self.keys.values() if k.required]
        if required:
            schema["required"] = required
        exclusions = [
            {"anyOf": [apart, *({"required": [key]} for key in unless)]} if unless else apart
            for group, _, unless in self.either
            for i, a in enumerate(group)
            for b in group[i + 1 :]
            for apart in ({"not": {"required": [a, b]}},)
        ]
        if exclusions:
            schema["allOf"] = exclusions
        return schema

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if not isinstance(node.value, dict):
            self.reject(node, name, problems)
            return
        self.check_keys(node, problems)

    def check_keys(self, node: SpecNode, problems: Problems) -> None:
        """Check a value that is known to be a mapping."""
        meant = {self.meant(name) for name in node.entries}
        for name, child in node.entries.items():
            key = self.keys.get(name)
            if key is None:
                self.unknown(name, child, problems)
            else:
                key.type.check(child, name, problems)
        for key in self.keys.values():
            if key.required and key.name not in meant:
                hint = f"write {key.example}" if key.example else None
                problems.add("missing-key", f"{self.title} needs {key.name!r}", node, hint)
        for rule in self.either:
            given = [name for name in rule.group if name in node]
            if len(given) > 1 and rule.excludes(node):
                message = f"{' and '.join(map(repr, given))} cannot both be given"
                problems.add("conflict", message, node[given[-1]].key_location, rule.why)

    def meant(self, name: str) -> str | None:
        """The key that a name means, or misspells."""
        if name in self.keys:
            return name
        if name in self.later or self._advice(name):
            return None
        return did_you_mean(name, self.keys)

    def _advice(self, name: str) -> str | None:
        """The hint for a foreign key: fontSize is font_size."""
        if name in self.advice or name.lower() in self.advice:
            return self.advice.get(name) or self.advice[name.lower()]
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[-\s]+", "_", name).lower()
        return self.advice.get(snake)

    def unknown(self, name: str, child: SpecNode, problems: Problems) -> None:
        """Report a key that this record does not have."""
        location = child.key_location or child.location
        if name in self.later:
            message = f"{name!r} is a word of the language that this version does not support yet"
            problems.add("not-yet", message, location, self.advice.get(name, "leave it out"))
            return
        near = self.meant(name)
        advice = self._advice(name)
        tail = f"; did you mean {near!r}?" if near else ""
        if not near and not advice:
            advice = f"it takes {', '.join(self.keys)}"
        problems.add(
            "unknown-key", f"{name!r} is not a key of {self.title}{tail}", location, advice
        )

    def entry(self, node: SpecNode) -> str | None:
        needed = [key.name for key in self.keys.values() if key.required]
        plain = isinstance(node.value, str) and re.fullmatch(r"[\w./-]+", node.value)
        return f"{{{needed[0]}: {node.value}}}" if plain and len(needed) == 1 else None

    def canonical(self, node: SpecNode) -> SpecNode:
        return node.with_value(
            {
                name: node[name]
                if isinstance(node[name].value, Awaited)
                else self.keys[name].type.canonical(node[name])
                for name in self.keys
                if name in node
            }
        )


class Short(Type):
    """A record, or just the value of one of its keys."""

    def __init__(self, key: str, record: Record) -> None:
        self.key, self.record = key, record
        self.scalar = record.keys[key].type
        self.phrase = f"{self.scalar.phrase}, or {record.phrase}"

    def schema(self, shared: Json) -> Json:
        return {
            "if": {"type": "object"},
            "then": self.record.schema(shared),
            "else": self.scalar.schema(shared),
        }

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, dict):
            self.record.check(node, name, problems)
        elif isinstance(node.value, list) or node.value is None:
            self.reject(node, name, problems)
        else:
            self.scalar.check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        if not isinstance(node.value, dict):
            node = node.with_value({self.key: SpecNode(node.value, node.location, node.location)})
        return self.record.canonical(node)


class Brief(Short):
    """As :class:`Short`; in its canonical form the one key's value stands alone where it can."""

    def canonical(self, node: SpecNode) -> SpecNode:
        node = super().canonical(node)
        if len(node.entries) != 1 or self.key not in node:
            return node
        only = node[self.key]
        return SpecNode(only.value, only.location, node.key_location)

    def part(self, node: SpecNode, key: str) -> SpecNode | None:
        """The node of one of the record's keys in a value of either form."""
        if isinstance(node.value, dict):
            return node.get(key)
        return node if key == self.key else None


class Deferred(Type):
    """A type that is declared later: one that contains itself."""

    def __init__(self, declared: Callable[[], Type]) -> None:
        self._declared = declared

    @property
    def inner(self) -> Type:
        return self._declared()

    @property
    def phrase(self) -> str:  # type: ignore[override]  # known once it is declared
        return self.inner.phrase

    def schema(self, shared: Json) -> Json:
        return self.inner.schema(shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        self.inner.check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return self.inner.canonical(node)


class ListOf(Type):
    """A list. ``empty`` is the code of the error when nothing is in it."""

    def __init__(self, item: Type, noun: str, *, empty: str | None = None) -> None:
        self.item, self.noun, self.empty = item, noun, empty
        self.phrase = f"a list of {noun}s"

    def schema(self, shared: Json) -> Json:
        schema: Json = {"type": "array", "items": self.item.schema(shared)}
        if self.empty:
            schema["minItems"] = 1
        return schema

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if not isinstance(node.value, list):
            hint = "start each entry with a dash: - ..."
            if not isinstance(node.value, dict):
                entry = self.item.entry(node)
                hint = f"write {name}: [{entry}]" if entry else ""
            self.reject(node, name, problems, hint or None)
            return
        if self.empty and not node.value:
            problems.add(self.empty, f"{name} is empty: it needs at least one {self.noun}", node)
        for element in node:
            self.item.check(element, article(self.noun), problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return node.with_value(
            [element if _stays(element) else self.item.canonical(element) for element in node]
        )


class MapOf(Type):
    """A mapping from ids that the user chooses."""

    def __init__(self, item: Type, noun: str) -> None:
        self.item, self.noun = item, noun
        self.phrase = f"a mapping from ids to {noun}s"

    def schema(self, shared: Json) -> Json:
        return {
            "type": "object",
            "propertyNames": {"minLength": 1},
            "additionalProperties": self.item.schema(shared),
        }

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if not isinstance(node.value, dict):
            self.reject(node, name, problems)
            return
        for key, child in node.value.items():
            if not key:
                problems.add("bad-id", f"an id of {name} is empty", child.key_location)
            self.item.check(child, f"{self.noun} {key!r}", problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return node.with_value(
            {k: v if _stays(v) else self.item.canonical(v) for k, v in node.entries.items()}
        )


def _stays(node: SpecNode) -> bool:
    """Whether a value is unknown, so that it has no canonical form yet."""
    return node.broken or isinstance(node.value, Awaited)


class Shared(Type):
    """A rule of many keys, which the schema holds once, named after its phrase."""

    def __init__(self, inner: Type) -> None:
        self.inner, self.phrase = inner, inner.phrase

    def schema(self, shared: Json) -> Json:
        rule = self.inner.schema(shared)
        return rule if "$ref" in rule else refer(shared, self.phrase, rule)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        self.inner.check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return self.inner.canonical(node)


def refer(shared: Json, phrase: str, rule: Json) -> Json:
    """A reference to a rule, which is put among the shared ones under its phrase."""
    # Unequal where the numbers in the phrase are.
    spelt = phrase.lower().replace(".", "p").replace("-", "minus ").replace("e+", "e ")
    name = re.sub(r"[^a-z0-9]+", "_", spelt).strip("_")
    if shared.setdefault(name, rule) != rule:
        raise InternalError(f"two rules share the phrase {phrase!r}")
    return {"$ref": f"#/definitions/{name}"}


def article(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


class Several(Type):
    """One word, or a list of them: of at most so many, if ``most`` says how many."""

    def __init__(self, inner: Type, noun: str, most: int | None = None) -> None:
        self.inner, self.many, self.most = inner, ListOf(inner, noun, empty="empty-list"), most
        self.phrase = f"{inner.phrase}, or a list" + (f" of at most {most}" if most else "")

    def schema(self, shared: Json) -> Json:
        return {
            "if": {"type": "array"},
            "then": self.many.schema(shared) | ({"maxItems": self.most} if self.most else {}),
            "else": self.inner.schema(shared),
        }

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if not isinstance(node.value, list):
            self.inner.check(node, name, problems)
        elif self.most and len(node.value) > self.most:
            self.reject(node, name, problems)
        else:
            self.many.check(node, name, problems)

    def canonical(self, node: SpecNode) -> SpecNode:
        return node if isinstance(node.value, list) else node.with_value([node])
