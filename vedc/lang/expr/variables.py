"""Typed variables: declared under ``variables``, set by ``--set`` or a file, checked.

A value comes from ``--set name=value``, else from the variables file, else from ``default``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vedc.errors import SourceLocation
from vedc.lang.expr.declarations import Declarations, Variable, shown
from vedc.lang.expr.variable_types import DATA_TYPES, Type
from vedc.lang.yaml.scalars import to_number
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.lazy_dataclass import dataclass, field
from vedc.support.read_json import read_json
from vedc.support.suggest import suggestion


@dataclass(frozen=True)
class Variables:
    """Values by name: null, booleans, numbers, texts, lists and mappings."""

    values: Mapping[str, Any]
    broken: frozenset[str] = frozenset()
    """Names whose declaration or value is wrong, which has been reported."""
    complete: bool = True
    """False where the declarations cannot be read: any name may be declared."""

    def unknown(self, name: str) -> bool:
        """Whether nothing is known about a name because of a reported error."""
        return name in self.broken or (not self.complete and name not in self.values)


def resolve_variables(
    root: SpecNode,
    set_values: Mapping[str, str],
    var_file: SpecNode | None,
    problems: Problems,
    *,
    composed: bool = False,
) -> Variables:
    """The value of every variable that a spec declares.

    ``set_values`` holds the text of each ``--set name=text``; ``var_file`` is a mapping of names
    to values. Reports mistakes in declarations, names that are not declared, values that do not
    fit and variables without a value. ``composed``: ``var_file`` has the values that a composition
    passes to the spec.
    """
    declared = Declarations(root, problems)
    found = _Values(declared, declared.read())
    if var_file is not None:
        found.take_file(var_file)
    found.take_texts(set_values)
    found.take_defaults("vars: {{{}: ...}}" if composed else "--set {}=...")
    broken = frozenset(declared.broken)
    return Variables(found.typed(), broken, declared.readable)


@dataclass
class _Values:
    declared: Declarations
    variables: Mapping[str, Variable]
    values: dict[str, Any] = field(default_factory=dict)

    def take_file(self, file: SpecNode) -> None:
        if not isinstance(file.value, dict):
            data = file.plain()
            message = f"a variables file is a mapping of names to values, not {shown(data)}"
            self.declared.problems.add("variable-file", message, file)
            return
        for name, node in file.value.items():
            variable, value = self.variables.get(name), node.plain()
            if variable is None:
                self._unknown(name, "", node.key_location)
                continue
            self.declared.check_value(variable, node, f"the variable {name!r}")
            self.values[name] = value

    def take_texts(self, set_values: Mapping[str, str]) -> None:
        """Each text is read as the type of its variable."""
        for name, text in set_values.items():
            variable = self.variables.get(name)
            if variable is None:
                self._unknown(name, f"--set {name}: ", None)
                continue
            value = typed(text, variable.type)
            complaint = variable.complaint(value)
            if complaint is not None:
                hint = f"it is declared at {variable.location}"
                message = f"--set {name}: the variable {name!r} {complaint}"
                self.declared.reject("variable-value", message, None, name, hint)
            self.values[name] = value

    def take_defaults(self, given_by: str) -> None:
        """``given_by`` describes how a variable gets its value, with braces for its name."""
        for variable in self.variables.values():
            if variable.name in self.values:
                continue
            if variable.has_default:
                self.values[variable.name] = variable.default
            elif variable.name not in self.declared.broken:
                message = f"the variable {variable.name!r} has no value and no default"
                hint = f"give it with {given_by.format(variable.name)}, or add a default"
                at = variable.location
                self.declared.reject("variable-missing", message, at, variable.name, hint)

    def typed(self) -> dict[str, Any]:
        """The good values in the order of their declarations; 3.0 as an integer is 3."""
        return {
            name: int(self.values[name]) if variable.type == "integer" else self.values[name]
            for name, variable in self.variables.items()
            if name not in self.declared.broken
        }

    def _unknown(self, name: str, given_by: str, location: SourceLocation | None) -> None:
        if name in self.declared.broken or not self.declared.readable:
            return
        message = f"{given_by}there is no variable {name!r}{suggestion(name, self.variables)}"
        names = ", ".join(self.variables)
        hint = f"the spec declares {names}" if names else "the spec declares no variables"
        self.declared.problems.add("variable-unknown", message, location, hint)


def typed(text: str, kind: Type) -> Any:
    """Text from the command line or a table as a value of ``kind``, or unchanged if it is not
    one."""
    if kind == "boolean":
        return {"true": True, "false": False}.get(text, text)
    if kind == "string":
        return text
    if kind in DATA_TYPES:
        try:
            return read_json(text)
        except ValueError:
            return text
    try:
        number = to_number(text)
    except ValueError:
        return text
    return text if number is None else number
