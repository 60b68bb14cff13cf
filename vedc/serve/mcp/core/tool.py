"""A tool: its words and parameters for the agent, the form of its answer, its function."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from vedc.errors import Problem, UsageError
from vedc.report.forms.shape import Form, listing, named, text
from vedc.serve.mcp.core.call import Call
from vedc.serve.mcp.core.folder import Folder
from vedc.support.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture."""

    data: bytes
    mime: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a tool: an object of the tool's form, and pictures."""

    data: dict[str, Any]
    pictures: tuple[Picture, ...] = ()

    @property
    def text(self) -> str:
        return json.dumps(self.data, ensure_ascii=False, separators=(", ", ": "))


#: The most problems in an answer; fix these first.
MOST_PROBLEMS: Final = 100

Work = Callable[[Folder, Call, dict[str, Any]], Answer]


@dataclass(frozen=True)
class Tool:
    """One tool.

    ``parameters`` are JSON Schemas by name, of which those in ``required`` are mandatory; the
    function gets the arguments with defaults filled in. ``writes``: whether files may change
    besides the cache.
    """

    name: str
    title: str
    description: str
    parameters: Mapping[str, Form]
    answers: Form
    work: Work
    required: tuple[str, ...] = ()
    writes: bool = False

    @cached_property
    def takes(self) -> Form:
        """The JSON Schema of the arguments."""
        return {
            "type": "object",
            "properties": dict(self.parameters),
            "required": list(self.required),
            "additionalProperties": False,
        }

    def arguments(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments with defaults. Raises UsageError with every mistake."""
        from jsonschema import Draft202012Validator

        wrong = [self._unknown(name) for name in given if name not in self.parameters]
        wrong += [self._lacking(name) for name in self.required if name not in given]
        known = {name: value for name, value in given.items() if name in self.parameters}
        for name, value in known.items():
            for error in Draft202012Validator(self.parameters[name]).iter_errors(value):
                where = "".join(f"[{part!r}]" for part in error.absolute_path)
                wrong.append(self._wrong(f"{name}{where}: {error.message}", name))
        if wrong:
            raise UsageError(tuple(wrong))
        defaults = {n: s["default"] for n, s in self.parameters.items() if "default" in s}
        return {**defaults, **known}

    def _unknown(self, name: str) -> Problem:
        near = did_you_mean(name, self.parameters)
        tail = f"; did you mean {near!r}?" if near else ""
        hint = f"it takes {', '.join(self.parameters)}"
        return Problem("bad-argument", f"{self.name} takes no {name!r}{tail}", hint=hint)

    def _lacking(self, name: str) -> Problem:
        message = f"{self.name} needs {name!r}"
        return Problem("bad-argument", message, hint=self.parameters[name].get("description"))

    def _wrong(self, message: str, name: str) -> Problem:
        return Problem("bad-argument", message, hint=self.parameters[name].get("description"))


SPEC: Form = text("Path of the spec (*.vedc.yaml), relative to the served folder.")
FILE: Form = text("Path of a media file, relative to the served folder.")
VARIABLES: Form = {
    **named(text(), 'Values for the spec\'s variables, by name, as text: {"headline": "Spring"}.'),
    "default": {},
}
OUTPUTS: Form = {
    **listing(text(), "Only these outputs, by file name or pattern; by default all of them."),
    "default": [],
}
FROM: Form = text("Start at this time of the film: 12s, 300f, 1:30, 25%, or -5s from its end.")
TO: Form = text("End before the frame at this time of the film.")
