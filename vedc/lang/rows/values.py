"""Rows of a table as values of the variables that a spec declares."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from vedc.errors import Problem, SourceLocation, SpecError
from vedc.lang.expr.declarations import Variable
from vedc.lang.expr.functions import as_text
from vedc.lang.expr.variables import typed
from vedc.lang.rows.table import Row, Table
from vedc.lang.rows.workbook import PaddedNumber
from vedc.lang.yaml.tree import SpecNode
from vedc.support.suggest import did_you_mean, suggestion


def check_columns(
    table: Table,
    variables: Mapping[str, Variable],
    given: Collection[str],
    ignored: Callable[[str], bool],
) -> None:
    """Raise SpecError if the columns of a table do not suit the spec.

    ``given`` are variables with values from elsewhere, ``ignored`` selects columns to ignore.
    """
    if table.columns is None:
        return
    problems = []
    for name, location in table.columns.items():
        if name not in variables and not ignored(name):
            near = suggestion(name, variables)
            message = f"the column {name!r} is not a variable of the spec{near}"
            hint = f"its variables are {', '.join(variables)}" if variables else "it has none"
            hint += f"; --ignore {name!r} leaves the column out"
            problems.append(Problem("data-header", message, location, hint))
    known = {name for name in table.columns if not ignored(name)}
    for variable in variables.values():
        if variable.has_default or variable.name in known or variable.name in given:
            continue
        message = f"no column is called {variable.name!r}, and the variable has no default"
        meant = did_you_mean(variable.name, table.columns)
        hint = f"rename {meant!r}" if meant else "add the column"
        hint += f", or give one value for all rows: --set {variable.name}=..."
        first = next(iter(table.columns.values()), SourceLocation(table.file))
        problems.append(Problem("data-header", message, first, hint))
    if problems:
        raise SpecError(tuple(problems))


def row_values(
    table: Table, row: Row, variables: Mapping[str, Variable], ignored: Callable[[str], bool]
) -> SpecNode:
    """The values of a row by variable, as in a variables file. Empty cells give nothing.

    Text is converted to its variable's type.
    """
    made: dict[str, SpecNode] = {}
    for name, node in row.cells.items():
        if ignored(name):
            continue
        if table.columns is None:
            made[name] = node
        elif node.value is not None and name in variables:
            made[name] = _typed(node, variables[name])
    return SpecNode(made, row.location)


def _typed(node: SpecNode, variable: Variable) -> SpecNode:
    value: Any = node.value
    if variable.type == "string":
        if isinstance(value, PaddedNumber):
            value = value.text
        elif not isinstance(value, str):
            value = as_text(value)
    elif isinstance(value, str):
        text = value.strip()
        read = typed(text.lower() if variable.type == "boolean" else text, variable.type)
        value = value if isinstance(read, str) else read  # messages quote the cell as it is
    return SpecNode.of(value, node.location, node.key_location)
