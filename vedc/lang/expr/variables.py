"""Typed variables: declared under ``variables``, given by ``--set`` or a file, checked.

A declaration is a small JSON Schema. A value comes from ``--set name=value`` if it is given
there, else from the variables file, else from ``default``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vedc.errors import SourceLocation, SpecError
from vedc.lang.expr.declarations import Declarations, Type, Variable, shown
from vedc.lang.schema.suggest import suggestion
from vedc.lang.yaml.load import Document
from vedc.lang.yaml.scalars import to_number


def resolve_variables(
    document: Document, given: Mapping[str, str], var_file: Document | None
) -> dict[str, Any]:
    """The value of every variable that the document declares.

    ``given`` holds the text of each ``--set name=text``; ``var_file`` is a mapping of names to
    values. Raises ``SpecError`` with every problem: in the declarations, of names that are not
    declared, of values that do not fit, and of variables that have no value.
    """
    declared = Declarations(document)
    found = _Values(declared, declared.read())
    if var_file is not None:
        found.take_file(var_file)
    found.take_texts(given)
    found.take_defaults()
    if declared.problems:
        raise SpecError(tuple(declared.problems))
    return found.typed()


@dataclass
class _Values:
    declared: Declarations
    variables: Mapping[str, Variable]
    values: dict[str, Any] = field(default_factory=dict)

    def take_file(self, file: Document) -> None:
        """What a variables file gives."""
        if not isinstance(file.data, dict):
            message = f"a variables file is a mapping of names to values, not {shown(file.data)}"
            self.declared.problem("variable-file", message, file.location(()))
            return
        for name, value in file.data.items():
            if name not in self.variables:
                self._unknown(name, file.location((name,), key=True))
                continue
            complaint = self.variables[name].complaint(value)
            if complaint is not None:
                message = f"the variable {name!r} {complaint}"
                self.declared.problem("variable-value", message, file.location((name,)))
                self.declared.broken.add(name)
            self.values[name] = value

    def take_texts(self, given: Mapping[str, str]) -> None:
        """What ``--set`` gives, each text read as its variable's type says."""
        for name, text in given.items():
            variable = self.variables.get(name)
            if variable is None:
                self._unknown(name, None)
                continue
            value = _read(text, variable.type)
            complaint = variable.complaint(value)
            if complaint is not None:
                hint = f"it is declared at {variable.location}"
                message = f"--set {name}: the variable {name!r} {complaint}"
                self.declared.problem("variable-value", message, None, hint)
                self.declared.broken.add(name)
            self.values[name] = value

    def take_defaults(self) -> None:
        for variable in self.variables.values():
            if variable.name in self.values:
                continue
            if variable.has_default:
                self.values[variable.name] = variable.default
            elif variable.name not in self.declared.broken:
                message = f"the variable {variable.name!r} has no value and no default"
                hint = f"give it with --set {variable.name}=..., or add a default"
                self.declared.problem("variable-missing", message, variable.location, hint)

    def typed(self) -> dict[str, Any]:
        """The values in the order of their declarations; 3.0 as an integer is 3."""
        return {
            name: int(self.values[name]) if variable.type == "integer" else self.values[name]
            for name, variable in self.variables.items()
        }

    def _unknown(self, name: str, location: SourceLocation | None) -> None:
        if name in self.declared.broken:
            return
        message = f"there is no variable {name!r}{suggestion(name, self.variables)}"
        message = message if location else f"--set {name}: {message}"
        names = ", ".join(self.variables)
        hint = f"the spec declares {names}" if names else "the spec declares no variables"
        self.declared.problem("variable-unknown", message, location, hint)


def _read(text: str, kind: Type) -> Any:
    """A command-line text as a value of ``kind``; the text itself where it is none."""
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind == "string":
        return text
    try:
        number = to_number(text)
    except ValueError:
        return text
    return text if number is None else number
