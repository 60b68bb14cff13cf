"""Variables that are lists and mappings: their JSON Schemas, and values checked against them.

The schema is draft 2020-12, validated by the jsonschema package. Patterns are RE2's, as those of
text variables are, and the format ``color`` is a colour of the language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from vedc.edit.colors import canonical
from vedc.lang.expr import patterns
from vedc.lang.yaml.tree import SpecNode

Path = tuple[str | int, ...]


class Fault(NamedTuple):
    """A mistake and its place: the keys and numbers that lead to it."""

    path: Path
    message: str

    def located(self, name: str) -> str:
        """The message, with the place in the variable of that name."""
        return f"{name}{spelt(self.path)}: {self.message}" if self.path else self.message


def schema_fault(schema: Mapping[str, Any]) -> Fault | None:
    """The first fault of a schema."""
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return Fault(tuple(error.absolute_path), _plain(error.message))
    for path, keyword, value in _keywords(schema, ()):
        if keyword == "$ref" and not (isinstance(value, str) and value.startswith("#")):
            return Fault(path, "refers to another file, and a schema stands alone")
        if keyword == "pattern" and isinstance(value, str):
            fault = patterns.fault(value)
            if fault is not None:
                return Fault(path, f"the pattern {fault[0]}")
    return None


def value_fault(schema: Mapping[str, Any], value: Any) -> Fault | None:
    """The most informative fault of a value."""
    from jsonschema.exceptions import best_match

    error = best_match(_validator_class()(schema).iter_errors(value))
    return None if error is None else Fault(tuple(error.absolute_path), _plain(error.message))


def node_at(node: SpecNode, path: Path) -> SpecNode:
    """The part of a tree that a path leads to, as far as it goes."""
    for part in path:
        value = node.value
        if isinstance(value, dict) and part in value:
            node = value[str(part)]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            node = value[part]
        else:
            break
    return node


def spelt(path: Sequence[str | int]) -> str:
    """A path as expressions write it: ``[2].title``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def _keywords(schema: Any, path: Path) -> Iterator[tuple[Path, str, Any]]:
    if isinstance(schema, Mapping):
        for key, value in schema.items():
            yield (*path, key), key, value
            if key not in ("enum", "const", "default", "examples"):
                yield from _keywords(value, (*path, key))
    elif isinstance(schema, list):
        for number, value in enumerate(schema):
            yield from _keywords(value, (*path, number))


def _plain(message: str) -> str:
    """The package's message, which quotes a value first, in our own words."""
    words = {
        "'string'": "text",
        "'number'": "a number",
        "'integer'": "an integer",
        "'boolean'": "true or false",
        "'object'": "a mapping",
        "'array'": "a list",
    }
    for theirs, ours in words.items():
        message = message.replace(f"is not of type {theirs}", f"is not {ours}")
    return message


@lru_cache(maxsize=1)
def _validator_class() -> Any:
    from jsonschema import Draft202012Validator, ValidationError
    from jsonschema.validators import extend

    def pattern(_validator: Any, wanted: str, instance: Any, _schema: Any) -> Iterator[Any]:
        if isinstance(instance, str) and not patterns.matches(wanted, instance):
            yield ValidationError(f"{instance!r} does not match {wanted!r}")

    def format_(_validator: Any, wanted: str, instance: Any, _schema: Any) -> Iterator[Any]:
        if wanted == "color" and isinstance(instance, str) and canonical(instance) is None:
            yield ValidationError(f"{instance!r} is not a colour such as #ffb000")

    checks = {"pattern": pattern, "format": format_}
    return extend(Draft202012Validator, checks)  # type: ignore[no-untyped-call]
