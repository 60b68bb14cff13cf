"""Single values of the language: numbers, words, times, colours, places.

Each type states its rule once, as a check in the user's words, as JSON Schema for editors
and as the phrase that both the messages and the reference use. ``canonical`` gives the one
long form that expansion prints; it is only called on values that ``check`` passed.

Tests hold ``check`` and the schema to the same verdict, except the size of ratios (``7200001/2``),
which a pattern cannot check. ``check`` is ours, not a library's, for two reasons: its messages are
about the edit (a JSON Schema validator can only quote the schema), and a spec is checked without
loading jsonschema, which would take longer than all the rest of validation.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.suggest import did_you_mean

Json = dict[str, Any]

EXPRESSION: Json = {
    "type": "string",
    "pattern": r"\$\{\{",
    "description": "An expression, such as ${{ headline }}.",
}


class Type(ABC):
    """A rule for values. ``phrase`` continues "... must be"."""

    phrase: str
    keyframes_hint = "give one value, without keyframes"
    takes_mappings = False
    """Whether a mapping may be a value of it."""

    @abstractmethod
    def schema(self, shared: Json) -> Json:
        """Draft-07 JSON Schema. Parts used more than once are put into ``shared``."""

    @abstractmethod
    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        """Report every problem of a value; ``name`` is its name in messages."""

    def canonical(self, node: SpecNode) -> SpecNode:
        """The one long form of a value that ``check`` passed."""
        return node

    def entry(self, node: SpecNode) -> str | None:
        """What to write in a list of such values for a value of another form; None if unclear."""
        return None

    def reject(
        self, node: SpecNode, name: str, problems: Problems, hint: str | None = None
    ) -> None:
        """Report a value of the wrong type."""
        if isinstance(node.value, dict) and "keyframes" in node.value:
            hint = hint or self.keyframes_hint
            problems.add("not-animated", f"{name} cannot move over time", node, hint)
        else:
            problems.add(
                "wrong-type", f"{name} must be {self.phrase}, not {show(node.value)}", node, hint
            )


def or_expression(schema: Json, shared: Json) -> Json:
    """Editors see the spec before ``${{ }}`` is replaced, so allow it in place of the value."""
    shared["expression"] = EXPRESSION
    return {"anyOf": [schema, {"$ref": "#/definitions/expression"}]}


def show(value: object) -> str:
    """A value as quoted in a message."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str() if not value:
            return "empty text"
        case str():
            return repr(value) if len(value) <= 40 else repr(f"{value[:37]}...")
        case list():
            return f"a list of {len(value)}" if value else "an empty list"
        case dict():
            return "a mapping"
        case float() | int():
            return trim(value)
    return repr(value)


def trim(number: float) -> str:
    """``1.0`` as ``1``."""
    if math.isfinite(number) and number == int(number) and abs(number) < 1e15:
        return str(int(number))
    return str(number)


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Whether a value is an integer, or a float that is one."""
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, int) and not isinstance(value, bool)


class Anything(Type):
    """Any YAML value; never read."""

    phrase = "anything"

    def schema(self, shared: Json) -> Json:
        return {}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        pass


class Boolean(Type):
    phrase = "true or false"

    def schema(self, shared: Json) -> Json:
        return or_expression({"type": "boolean"}, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if isinstance(node.value, bool):
            return
        word = str(node.value).lower()
        meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(word)
        hint = f"YAML 1.2 has no {word}: write {meant}" if meant else None
        self.reject(node, name, problems, hint)


class OnlyTrue(Type):
    """``true``: the value of a key whose name alone says what something is."""

    phrase = "true"

    def schema(self, shared: Json) -> Json:
        return or_expression({"const": True}, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if node.value is not True:
            self.reject(node, name, problems, f"write {name}: true")


class Number(Type):
    """A finite number; ``low`` and ``high`` are inclusive, ``above`` is not."""

    def __init__(
        self,
        low: float | None = None,
        high: float | None = None,
        *,
        above: float | None = None,
        integer: bool = False,
        unit: str = "",
    ) -> None:
        self.low, self.high, self.above, self.integer = low, high, above, integer
        self.unit = unit
        kind = "an integer" if integer else "a number"
        if unit:
            kind += f" ({unit})"
        match low, high, above:
            case float() | int(), float() | int(), _ if low == high:
                self.phrase = trim(low)
            case float() | int(), float() | int(), _:
                self.phrase = f"{kind} from {trim(low)} to {trim(high)}"
            case float() | int(), None, _:
                self.phrase = f"{kind} of at least {trim(low)}"
            case None, float() | int(), None:
                self.phrase = f"{kind} of at most {trim(high)}"
            case _, float() | int(), float() | int():
                self.phrase = f"{kind} above {trim(above)} and at most {trim(high)}"
            case _, _, float() | int():
                self.phrase = f"{kind} above {trim(above)}"
            case _:
                self.phrase = kind

    def schema(self, shared: Json) -> Json:
        return or_expression(self.bare_schema(), shared)

    def bare_schema(self) -> Json:
        limits = {"minimum": self.low, "maximum": self.high, "exclusiveMinimum": self.above}
        return {
            "type": "integer" if self.integer else "number",
            **{key: value for key, value in limits.items() if value is not None},
        }

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            hint = self._written(value) if isinstance(value, str) else None
            self.reject(node, name, problems, hint)
        elif not math.isfinite(value) or (self.integer and value != int(value)):
            self.reject(node, name, problems)
        elif (
            (self.low is not None and value < self.low)
            or (self.high is not None and value > self.high)
            or (self.above is not None and value <= self.above)
        ):
            share = self.low == 0 and self.high == 1 and 10 <= value <= 100
            hint = f"for {trim(value)}%, write {trim(value / 100)}" if share else None
            message = f"{name} must be {self.phrase}, not {trim(value)}"
            problems.add("out-of-range", message, node, hint)

    def _written(self, text: str) -> str | None:
        """The cure for a number with quotes or a unit, where it is plain."""
        found = re.fullmatch(r"([-+]?\d{1,9}(?:\.\d{1,9})?)\s*(%|px|deg|°|x|)", text.strip())
        if found is None:
            return None
        number, unit = found.groups()
        if not unit:
            return f"remove the quotes: {number}"
        own = {"px": "px", "degrees": "deg"}.get(self.unit, "%" if self.unit else "%x")
        value = float(number) / (100 if unit == "%" else 1)
        low = self.low if self.low is not None else -math.inf
        high = self.high if self.high is not None else math.inf
        fits = low <= value <= high and not (self.integer and value != int(value))
        return f"write {value:g}" if fits and unit.replace("°", "deg") in own else None

    def canonical(self, node: SpecNode) -> SpecNode:
        value = node.number
        return node.with_value(int(value)) if isinstance(value, float) and self.integer else node


class Text(Type):
    """Text of at least one character."""

    def __init__(self, phrase: str = "text", *, like: str = "") -> None:
        self.phrase = f"{phrase} such as {like}" if like else phrase

    def schema(self, shared: Json) -> Json:
        return {"type": "string", "minLength": 1}

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        value = node.value
        if isinstance(value, str) and value:
            return
        hint = f'put it in quotes: "{show(value)}"; in an expression, use str(...)'
        self.reject(node, name, problems, hint if isinstance(value, (int, float)) else None)


class Word(Type):
    """One of a few words. ``later`` are words that a later version brings; ``meant`` gives the word
    for one that other programs use, or None."""

    def __init__(
        self,
        words: tuple[str, ...],
        *,
        later: tuple[str, ...] = (),
        meant: Callable[[str], str | None] = lambda word: None,
    ) -> None:
        self.words, self.later, self.meant = words, later, meant
        self.phrase = one_of(words)

    def schema(self, shared: Json) -> Json:
        return or_expression({"type": "string", "enum": list(self.words)}, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        value = node.value
        if isinstance(value, str) and value in self.words:
            return
        if not isinstance(value, str):
            self.reject(node, name, problems)
        elif value in self.later:
            problems.add(
                "not-yet",
                f"{name}: {value} is a word of the language that this version does not support yet",
                node,
                f"it can do {self.phrase.removeprefix('one of ')}",
            )
        else:
            unknown_word(node, name, self.words, problems, self.meant(value))


def unknown_word(
    node: SpecNode,
    name: str,
    words: tuple[str, ...],
    problems: Problems,
    near: str | None = None,
) -> None:
    """Report a word that is not among ``words``, with the nearest one, by default by spelling."""
    near = near or did_you_mean(node.text, words)
    tail = f"; did you mean {near!r}?" if near else ""
    problems.add(
        "unknown-value",
        f"{name} must be {one_of(words)}, not {show(node.value)}{tail}",
        node,
    )


def one_of(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else "one of " + ", ".join(words)
