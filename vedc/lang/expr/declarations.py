"""Declarations of variables, under ``variables``: each is a small JSON Schema."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from vedc.edit.colors import canonical
from vedc.errors import SourceLocation, shorten
from vedc.lang.expr import patterns
from vedc.lang.expr.data_schema import node_at, schema_fault, value_fault
from vedc.lang.expr.syntax import KEYWORDS
from vedc.lang.expr.variable_types import DATA_TYPES, FORMATS, TYPES, Type
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.lazy_dataclass import dataclass
from vedc.support.suggest import did_you_mean, suggestion

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PHRASES: Final[dict[Type, str]] = {
    "string": "a text",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
}
#: Types by the names that they have elsewhere.
_FOREIGN_TYPES: Final[dict[str, Type]] = {
    **dict.fromkeys(("text", "str", "color", "colour", "file", "path", "image", "date"), "string"),
    **dict.fromkeys(("float", "double", "decimal", "percent"), "number"),
    "int": "integer",
    "bool": "boolean",
    **dict.fromkeys(("list", "tuple"), "array"),
    **dict.fromkeys(("map", "mapping", "dict", "record"), "object"),
}
#: Keyword -> the types of variable that take it.
_KEYWORDS: Final[dict[str, tuple[Type, ...]]] = {
    "type": TYPES,
    "default": TYPES,
    "enum": TYPES,
    "description": TYPES,
    "minLength": ("string",),
    "maxLength": ("string",),
    "pattern": ("string",),
    "format": ("string",),
    "minimum": ("number", "integer"),
    "maximum": ("number", "integer"),
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A declaration."""

    name: str
    type: Type
    location: SourceLocation | None
    """Of the name."""
    has_default: bool = False
    default: Any = None
    default_location: SourceLocation | None = None
    enum: tuple[Any, ...] | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    pattern: str | None = None
    format: str | None = None
    description: str = ""
    schema: Mapping[str, Any] | None = None
    """The whole schema of a list or a mapping."""

    def complaint(self, value: Any) -> str | None:
        """The complaint about ``value`` for this variable, or None."""
        if not has_type(value, self.type):
            return f"must be {_PHRASES[self.type]}, not {shown(value)}"
        if self.schema is not None:
            fault = value_fault(self.schema, value)
            return None if fault is None else f"does not fit its schema: {fault.located(self.name)}"
        if self.enum is not None and value not in self.enum:
            choices = ", ".join(map(shown, self.enum))
            near = suggestion(value, map(str, self.enum)) if isinstance(value, str) else ""
            return f"must be one of {choices}, not {shown(value)}{near}"
        if isinstance(value, str):
            return self._text_complaint(value)
        if self.minimum is not None and value < self.minimum:
            return f"must be at least {self.minimum}, not {shown(value)}"
        if self.maximum is not None and value > self.maximum:
            return f"must be at most {self.maximum}, not {shown(value)}"
        return None

    def _text_complaint(self, value: str) -> str | None:
        length = len(value)
        if self.min_length is not None and length < self.min_length:
            return f"must have at least {self.min_length} characters, and has {length}"
        if self.max_length is not None and length > self.max_length:
            return f"must have at most {self.max_length} characters, and has {length}"
        if self.pattern is not None and not patterns.matches(self.pattern, value):
            return f"must match the pattern {shown(self.pattern)}, and {shown(value)} does not"
        if self.format == "color" and canonical(value) is None:
            return f"must be a colour such as #ffb000, not {shown(value)}"
        return None


def has_type(value: Any, kind: Type) -> bool:
    """Whether a YAML value is of a JSON Schema type; 3.0 is an integer, infinity no number."""
    match kind:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return False
    return kind == "number" or isinstance(value, int) or value.is_integer()


def shown(value: Any) -> str:
    """A value as quoted in messages."""
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    words = {"None": "null", "True": "true", "False": "false"}
    text = words.get(repr(value), repr(value))
    return shorten(text)


class Declarations:
    """Reads the section ``variables`` of a spec."""

    def __init__(self, root: SpecNode, problems: Problems) -> None:
        self.root, self.problems = root, problems
        self.broken: set[str] = set()
        """Names whose declaration or value is wrong, about which nothing more is reported."""
        self.readable = True
        """Whether it is known which names are declared."""

    def reject(
        self,
        code: str,
        message: str,
        at: SpecNode | SourceLocation | None,
        name: str,
        hint: str | None = None,
    ) -> None:
        """Report a mistake of a variable."""
        self.problems.add(code, message, at, hint)
        self.broken.add(name)

    def read(self) -> dict[str, Variable]:
        """The declared variables by name, ``broken`` ones included."""
        section = self.root.get("variables") if isinstance(self.root.value, dict) else None
        if section is None:
            self.readable = not self._misspelt()
            return {}
        if section.value is None:
            return {}
        if not isinstance(section.value, dict):
            message = "variables is a mapping of names to declarations, not "
            hint = "write name: {type: string, default: ...}"
            message += shown(section.value)
            self.problems.add("variable-declaration", message, section, hint)
            self.readable = False
            return {}
        found = {}
        for name, schema in section.value.items():
            variable = self._declaration(name, schema)
            if variable is not None:
                found[name] = variable
        return found

    def _misspelt(self) -> bool:
        """Whether the section may be there under another name, which is reported as unknown."""
        keys = self.root.value if isinstance(self.root.value, dict) else {}
        return any(key == "vars" or did_you_mean(key, ["variables"]) for key in keys)

    def _declaration(self, name: str, schema: SpecNode) -> Variable | None:
        location = schema.key_location or schema.location
        self._check_name(name, location)
        if not isinstance(schema.value, dict):
            value = schema.plain()
            message = f"the variable {name!r} is declared by a mapping, not {shown(value)}"
            hint = f"write {name}: {{type: string}}"
            if isinstance(value, (str, int, float)):
                types: tuple[Type, ...] = ("boolean", "integer", "number")
                likely = next((t for t in types if has_type(value, t)), "string")
                hint = f"write {name}: {{type: {likely}, default: {shown(value)}}}"
            self.reject("variable-declaration", message, schema, name, hint)
            return None
        kind = schema["type"].plain() if "type" in schema else None
        if kind in DATA_TYPES:
            return self._data_declaration(name, kind, schema)
        self._check_keywords(name, schema, kind if kind in TYPES else None)
        if kind not in TYPES:
            self._bad_type(name, schema)
            return None
        limits = {key: self._keyword(name, schema, key) for key in _CHECKS}
        default = schema.get("default")
        variable = Variable(
            name,
            kind,
            location,
            has_default=default is not None,
            default=default.plain() if default is not None else None,
            default_location=default.location if default is not None else None,
            enum=self._enum(name, schema, kind),
            min_length=limits["minLength"],
            max_length=limits["maxLength"],
            minimum=limits["minimum"],
            maximum=limits["maximum"],
            pattern=self._pattern(name, schema, limits["pattern"]),
            format=limits["format"],
            description=limits["description"] or "",
        )
        self._check_bounds(variable, schema)
        if default is not None:
            self._check_default(variable, default)
        return variable

    def _data_declaration(self, name: str, kind: Type, schema: SpecNode) -> Variable | None:
        """A list or a mapping: its declaration is a JSON Schema of any kind."""
        plain = {key: node.plain() for key, node in schema.entries.items() if key != "default"}
        fault = schema_fault(plain)
        if fault is not None:
            message = f"the schema of {name!r} is wrong: {fault.message}"
            self.reject("variable-declaration", message, node_at(schema, fault.path), name)
            return None
        default = schema.get("default")
        variable = Variable(
            name,
            kind,
            schema.key_location or schema.location,
            has_default=default is not None,
            default=default.plain() if default is not None else None,
            default_location=default.location if default is not None else None,
            description=plain.get("description", ""),
            schema=plain,
        )
        if default is not None:
            self._check_default(variable, default)
        return variable

    def _check_default(self, variable: Variable, node: SpecNode) -> None:
        for text in _texts(node):
            if "${{" in text.text:
                message = f"the default of {variable.name!r} cannot be an expression"
                self.reject("variable-value", message, text, variable.name)
                return
        self.check_value(variable, node, f"the default of {variable.name!r}")

    def check_value(self, variable: Variable, node: SpecNode, what: str) -> None:
        """Report what is wrong with a value in a file, at its place."""
        value = node.plain()
        complaint, at = variable.complaint(value), node
        if complaint is not None and variable.schema is not None:
            fault = value_fault(variable.schema, value) if has_type(value, variable.type) else None
            at = node if fault is None else node_at(node, fault.path)
        if complaint is not None:
            self.reject("variable-value", f"{what} {complaint}", at, variable.name)

    def _check_name(self, name: str, location: SourceLocation | None) -> None:
        if not _NAME.fullmatch(name):
            message = f"{name!r} cannot name a variable: letters, digits and _ only, no digit first"
            fixed = re.sub(r"[^A-Za-z0-9_]", "_", name)
            hint = f"write {fixed}" if _NAME.fullmatch(fixed) and fixed.strip("_") else None
            self.reject("variable-name", message, location, name, hint)
        elif name in KEYWORDS:  # a function's name is free: only its calls mean the function
            message = f"{name!r} is a word of the expression language and cannot name a variable"
            hint = f"call it {name}_value, say"
            self.reject("variable-name", message, location, name, hint)

    def _bad_type(self, name: str, schema: SpecNode) -> None:
        if "type" not in schema:
            message = f"the variable {name!r} has no type"
            hint = f"add type: {', '.join(TYPES[:-1])} or {TYPES[-1]}"
            location = schema.key_location or schema.location
            self.reject("variable-declaration", message, location, name, hint)
            return
        kind = schema["type"].plain()
        cure = _FOREIGN_TYPES.get(kind.lower()) if isinstance(kind, str) else None
        near = suggestion(kind, TYPES) if isinstance(kind, str) and not cure else ""
        message = f"{shown(kind)} is not a type of variable{near}"
        hint = f"write type: {cure}" if cure else f"it is one of {', '.join(TYPES)}"
        self.reject("variable-declaration", message, schema["type"], name, hint)

    def _check_keywords(self, name: str, schema: SpecNode, kind: Type | None) -> None:
        for key, node in schema.entries.items():
            if key not in _KEYWORDS:
                near = suggestion(key, _KEYWORDS)
                message = f"{key!r} is not a key of a variable's declaration{near}"
                self.reject("unknown-key", message, node.key_location, name)
            elif kind is not None and kind not in _KEYWORDS[key]:
                types = " or ".join(_KEYWORDS[key])
                message = f"{key} belongs to {types}, and {name!r} is {kind}"
                self.reject("variable-declaration", message, node.key_location, name)

    def _keyword(self, name: str, schema: SpecNode, key: str) -> Any:
        """The value of a keyword, or None where it is absent or wrong."""
        if key not in schema:
            return None
        check, phrase = _CHECKS[key]
        value = schema[key].plain()
        if check(value):
            return value
        message = f"{key} of the variable {name!r} must be {phrase}, not {shown(value)}"
        self.reject("variable-declaration", message, schema[key], name)
        return None

    def _pattern(self, name: str, schema: SpecNode, pattern: str | None) -> str | None:
        """A usable pattern; None where there is none or it cannot be matched."""
        fault = patterns.fault(pattern) if pattern is not None else None
        if fault is None:
            return pattern
        message = f"the pattern of the variable {name!r} {fault[0]}"
        self.reject("variable-declaration", message, schema["pattern"], name, fault[1])
        return None

    def _enum(self, name: str, schema: SpecNode, kind: Type) -> tuple[Any, ...] | None:
        if "enum" not in schema:
            return None
        node = schema["enum"]
        if not isinstance(node.value, list) or not node.value:
            message = f"enum of the variable {name!r} must be a list of the values it may have"
            self.reject("variable-declaration", message, node, name)
            return None
        items = tuple(item.plain() for item in node)
        for item, value in zip(node, items, strict=True):
            if not has_type(value, kind):
                message = f"{shown(value)} is not {_PHRASES[kind]}, as {name!r} is declared to be"
                self.reject("variable-declaration", message, item, name)
        return items

    def _check_bounds(self, variable: Variable, schema: SpecNode) -> None:
        pairs = (
            ("minimum", "maximum", variable.minimum, variable.maximum),
            ("minLength", "maxLength", variable.min_length, variable.max_length),
        )
        for low_key, high_key, low, high in pairs:
            if low is not None and high is not None and low > high:
                message = f"{low_key} {low} of {variable.name!r} is above its {high_key} {high}"
                self.reject("variable-declaration", message, schema[low_key], variable.name)


def _texts(node: SpecNode) -> Iterator[SpecNode]:
    """Every text in a value."""
    if isinstance(node.value, str):
        yield node
    elif isinstance(node.value, (list, dict)):
        held = node.value if isinstance(node.value, list) else node.value.values()
        for child in held:
            yield from _texts(child)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


#: Keyword -> whether it takes a value, and what it takes.
_CHECKS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "minLength": (_is_count, "an integer from 0"),
    "maxLength": (_is_count, "an integer from 0"),
    "minimum": (lambda value: has_type(value, "number"), "a number"),
    "maximum": (lambda value: has_type(value, "number"), "a number"),
    "pattern": (lambda value: isinstance(value, str), "a regular expression"),
    "format": (lambda value: value in FORMATS, " or ".join(FORMATS)),
    "description": (lambda value: isinstance(value, str), "a text"),
}
