"""Declarations of variables, under ``variables``: each is a small JSON Schema."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from vedc.edit.colors import canonical
from vedc.errors import Problem, SourceLocation, shorten
from vedc.lang.expr.functions import FUNCTIONS
from vedc.lang.expr.syntax import KEYWORDS
from vedc.lang.schema.suggest import suggestion
from vedc.lang.yaml.load import Document, DocumentPath

Type = Literal["string", "number", "integer", "boolean"]

TYPES: Final[tuple[Type, ...]] = ("string", "number", "integer", "boolean")
FORMATS: Final = ("color",)

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PHRASES: Final[dict[Type, str]] = {
    "string": "a text",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
}
#: Keyword -> the types that it may stand with.
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
    """A declaration that is itself right."""

    name: str
    type: Type
    location: SourceLocation
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

    def complaint(self, value: Any) -> str | None:
        """What keeps ``value`` from being this variable's, or None."""
        if not has_type(value, self.type):
            return f"must be {_PHRASES[self.type]}, not {shown(value)}"
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
        if self.pattern is not None and re.search(self.pattern, value) is None:
            return f"must match the pattern {self.pattern!r}, and {shown(value)} does not"
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
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return False
    return kind == "number" or isinstance(value, int) or value.is_integer()


def shown(value: Any) -> str:
    """A value as messages call it."""
    if isinstance(value, (dict, list)):
        return "a mapping" if isinstance(value, dict) else "a list"
    words = {"None": "null", "True": "true", "False": "false"}
    text = words.get(repr(value), repr(value))
    return shorten(text)


@dataclass
class Declarations:
    """Reads them, and keeps what is wrong with them and, later, with their values."""

    document: Document
    problems: list[Problem] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    """Names whose declaration or given value is wrong already: no more is said of them."""

    def problem(
        self, code: str, message: str, location: SourceLocation | None, hint: str | None = None
    ) -> None:
        self.problems.append(Problem(code, message, location, hint))

    def read(self) -> dict[str, Variable]:
        """By name, those that are themselves right."""
        data = self.document.data
        section = data.get("variables") if isinstance(data, dict) else None
        if section is None:
            return {}
        if not isinstance(section, dict):
            message = f"variables is a mapping of names to declarations, not {shown(section)}"
            location = self.document.location(("variables",))
            hint = "write name: {type: string, default: ...}"
            self.problem("variable-declaration", message, location, hint)
            return {}
        found = {}
        for name, schema in section.items():
            before = len(self.problems)
            variable = self._declaration(name, schema)
            if len(self.problems) > before:
                self.broken.add(name)
            if variable is not None:
                found[name] = variable
        return found

    def _declaration(self, name: str, schema: Any) -> Variable | None:
        path: DocumentPath = ("variables", name)
        location = self.document.location(path, key=True)
        self._check_name(name, location)
        if not isinstance(schema, dict):
            message = f"the variable {name!r} is declared by a mapping, not {shown(schema)}"
            kind = next((t for t in ("boolean", "integer", "number") if has_type(schema, t)), None)
            hint = f"write {name}: {{type: {kind or 'string'}, default: {shown(schema)}}}"
            hint = (
                hint if isinstance(schema, (str, int, float)) else f"write {name}: {{type: string}}"
            )
            self.problem("variable-declaration", message, self.document.location(path), hint)
            return None
        kind = schema.get("type")
        self._check_keywords(name, path, schema, kind if kind in TYPES else None)
        if kind not in TYPES:
            self._bad_type(name, path, schema)
            return None
        limits = {key: self._keyword(name, path, schema, key) for key in _CHECKS}
        variable = Variable(
            name,
            kind,
            location,
            has_default="default" in schema,
            default=schema.get("default"),
            default_location=self.document.location((*path, "default"))
            if "default" in schema
            else None,
            enum=self._enum(name, path, schema, kind),
            min_length=limits["minLength"],
            max_length=limits["maxLength"],
            minimum=limits["minimum"],
            maximum=limits["maximum"],
            pattern=limits["pattern"],
            format=limits["format"],
            description=limits["description"] or "",
        )
        self._check_bounds(variable, path)
        self._check_default(variable)
        return variable

    def _check_name(self, name: str, location: SourceLocation) -> None:
        if not _NAME.fullmatch(name):
            message = f"{name!r} cannot name a variable: letters, digits and _ only, no digit first"
            fixed = re.sub(r"[^A-Za-z0-9_]", "_", name)
            hint = f"write {fixed}" if _NAME.fullmatch(fixed) and fixed.strip("_") else None
            self.problem("variable-name", message, location, hint)
        elif name in FUNCTIONS or name in KEYWORDS:
            what = "a function" if name in FUNCTIONS else "a word"
            message = f"{name!r} is {what} of the expression language and cannot name a variable"
            self.problem("variable-name", message, location, f"call it {name}_value, say")

    def _bad_type(self, name: str, path: DocumentPath, schema: Mapping[str, Any]) -> None:
        if "type" not in schema:
            message = f"the variable {name!r} has no type"
            location = self.document.location(path, key=True)
            hint = f"add type: {', '.join(TYPES[:-1])} or {TYPES[-1]}"
            self.problem("variable-declaration", message, location, hint)
            return
        kind = schema["type"]
        near = suggestion(kind, TYPES) if isinstance(kind, str) else ""
        message = f"{shown(kind)} is not a type of variable{near}"
        hint = f"it is one of {', '.join(TYPES)}"
        self.problem("variable-declaration", message, self.document.location((*path, "type")), hint)

    def _check_keywords(
        self, name: str, path: DocumentPath, schema: Mapping[str, Any], kind: Type | None
    ) -> None:
        for key in schema:
            location = self.document.location((*path, key), key=True)
            if key not in _KEYWORDS:
                near = suggestion(key, _KEYWORDS)
                message = f"{key!r} is not a key of a variable's declaration{near}"
                self.problem("unknown-key", message, location)
            elif kind is not None and kind not in _KEYWORDS[key]:
                types = " or ".join(_KEYWORDS[key])
                message = f"{key} belongs to {types}, and {name!r} is {kind}"
                self.problem("variable-declaration", message, location)

    def _keyword(self, name: str, path: DocumentPath, schema: Mapping[str, Any], key: str) -> Any:
        """The value of a keyword, or None where it is absent or wrong."""
        if key not in schema:
            return None
        check, phrase = _CHECKS[key]
        value = schema[key]
        if check(value):
            return value
        message = f"{key} of the variable {name!r} must be {phrase}, not {shown(value)}"
        self.problem("variable-declaration", message, self.document.location((*path, key)))
        return None

    def _enum(
        self, name: str, path: DocumentPath, schema: Mapping[str, Any], kind: Type
    ) -> tuple[Any, ...] | None:
        if "enum" not in schema:
            return None
        items = schema["enum"]
        if not isinstance(items, list) or not items:
            message = f"enum of the variable {name!r} must be a list of the values it may have"
            self.problem("variable-declaration", message, self.document.location((*path, "enum")))
            return None
        for index, item in enumerate(items):
            if not has_type(item, kind):
                message = f"{shown(item)} is not {_PHRASES[kind]}, as {name!r} is declared to be"
                location = self.document.location((*path, "enum", index))
                self.problem("variable-declaration", message, location)
        return tuple(items)

    def _check_bounds(self, variable: Variable, path: DocumentPath) -> None:
        pairs = (
            ("minimum", "maximum", variable.minimum, variable.maximum),
            ("minLength", "maxLength", variable.min_length, variable.max_length),
        )
        for low_key, high_key, low, high in pairs:
            if low is not None and high is not None and low > high:
                message = f"{low_key} {low} of {variable.name!r} is above its {high_key} {high}"
                location = self.document.location((*path, low_key))
                self.problem("variable-declaration", message, location)

    def _check_default(self, variable: Variable) -> None:
        if not variable.has_default:
            return
        default = variable.default
        complaint = variable.complaint(default)
        if isinstance(default, str) and "${{" in default:
            complaint = "cannot be an expression"
        if complaint is not None:
            message = f"the default of {variable.name!r} {complaint}"
            self.problem("variable-value", message, variable.default_location)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_pattern(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "[[" may mean something else in a later Python
            re.compile(value)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


#: Keyword -> whether a value is right for it, and what it must be.
_CHECKS: Final[dict[str, tuple[Callable[[Any], bool], str]]] = {
    "minLength": (_is_count, "a whole number"),
    "maxLength": (_is_count, "a whole number"),
    "minimum": (lambda value: has_type(value, "number"), "a number"),
    "maximum": (lambda value: has_type(value, "number"), "a number"),
    "pattern": (_is_pattern, "a regular expression"),
    "format": (lambda value: value in FORMATS, " or ".join(FORMATS)),
    "description": (lambda value: isinstance(value, str), "a text"),
}
