"""Concise parts of JSON Schemas (draft 2020-12)."""

from __future__ import annotations

from typing import Any

Form = dict[str, Any]


def text(what: str = "") -> Form:
    return _described({"type": "string"}, what)


def number(what: str = "", low: float | None = None, high: float | None = None) -> Form:
    return _described({"type": "number", **_limits(low, high)}, what)


def integer(what: str = "", low: int | None = None, high: int | None = None) -> Form:
    return _described({"type": "integer", **_limits(low, high)}, what)


def count(what: str = "") -> Form:
    """A whole number that is never negative."""
    return integer(what, 0)


def share(what: str = "") -> Form:
    """A number from 0 to 1."""
    return number(what, 0, 1)


def flag(what: str = "") -> Form:
    return _described({"type": "boolean"}, what)


def choice(what: str, *values: str) -> Form:
    return _described({"type": "string", "enum": list(values)}, what)


def anything(what: str = "") -> Form:
    """Any JSON: a part of a spec, options of an encoder."""
    return _described({}, what)


def named(values: Form, what: str = "") -> Form:
    """An object whose keys are names."""
    return _described({"type": "object", "additionalProperties": values}, what)


def listing(
    item: Form, what: str = "", *, least: int | None = None, most: int | None = None
) -> Form:
    limits = {k: v for k, v in (("minItems", least), ("maxItems", most)) if v is not None}
    return _described({"type": "array", "items": item, **limits}, what)


def maybe(form: Form) -> Form:
    """The same, or null."""
    inner = dict(form)
    what = inner.pop("description", "")
    return _described({"anyOf": [inner, {"type": "null"}]}, what)


def either(*forms: Form, what: str = "") -> Form:
    return _described({"anyOf": list(forms)}, what)


def record(
    keys: dict[str, Form], what: str = "", *, optional: dict[str, Form] | None = None
) -> Form:
    """An object. ``optional`` keys may be absent; later versions may add others."""
    form = {"type": "object", "properties": {**keys, **(optional or {})}, "required": list(keys)}
    return _described(form, what)


def step(what: str = "As a spec has it.") -> Form:
    """A call of an op with any parameters."""
    return {**record({"op": text()}, what), "additionalProperties": True}


def without(form: Form, *keys: str) -> Form:
    """An object's form without some of its keys."""
    properties = {key: value for key, value in form["properties"].items() if key not in keys}
    required = [key for key in form["required"] if key in properties]
    return {**form, "properties": properties, "required": required}


def _described(form: Form, what: str) -> Form:
    return {**form, "description": what} if what else form


def _limits(low: float | None, high: float | None) -> Form:
    limits = (("minimum", low), ("maximum", high))
    return {name: value for name, value in limits if value is not None}
