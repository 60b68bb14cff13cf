"""A template's variables as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from vedc.lang.expr.declarations import Variable
from vedc.lang.yaml.load import Document


def summary_of(document: Document) -> str:
    """The comment that a spec begins with, as one line."""
    lines = []
    for line in document.text.split("\n"):
        if not line.startswith("#"):
            break
        if not line.startswith("# yaml-language-server"):
            lines.append(line.lstrip("# ").rstrip())
    return " ".join(filter(None, lines))


def template_data(
    name: str, document: Document, variables: Mapping[str, Variable]
) -> dict[str, Any]:
    """The JSON of a template: its name and purpose, and each variable's declaration."""
    declared = document.root.get("variables")
    return {
        "template": name,
        "summary": summary_of(document),
        "variables": declared.plain() if declared is not None and variables else {},
    }


def template_text(name: str, document: Document, variables: Mapping[str, Variable]) -> str:
    """A page of Markdown."""
    return "\n".join(_text(name, document, variables)) + "\n"


def _text(name: str, document: Document, variables: Mapping[str, Variable]) -> Iterator[str]:
    yield f"# {name}\n"
    if summary := summary_of(document):
        yield f"{summary}\n"
    if not variables:
        yield "It has no variables."
        return
    yield "| variable | takes | default | meaning |"
    yield "|---|---|---|---|"
    for variable in variables.values():
        default = _shown(variable.default) if variable.has_default else "required"
        cells = (f"`{variable.name}`", _takes(variable), default, variable.description)
        yield f"| {' | '.join(' '.join(c.split()).replace('|', chr(92) + '|') for c in cells)} |"
    for variable in variables.values():
        if variable.schema is not None:
            schema = json.dumps(dict(variable.schema), indent=2, ensure_ascii=False)
            yield f"\n`{variable.name}` has this schema:\n\n```json\n{schema}\n```"


def _shown(value: Any) -> str:
    return f"`{json.dumps(value, ensure_ascii=False)}`"


def _takes(variable: Variable) -> str:
    if variable.enum:
        return ", ".join(map(str, variable.enum))
    if variable.format == "color":
        return "a colour"
    kinds = {
        "string": "a text",
        "boolean": "true or false",
        "array": "a list",
        "object": "a mapping",
    }
    kind = kinds.get(variable.type, "an integer" if variable.type == "integer" else "a number")
    if variable.max_length is not None:
        return f"{kind} of at most {variable.max_length} characters"
    low, high = variable.minimum, variable.maximum
    if low is not None and high is not None:
        return f"{kind} from {low:g} to {high:g}"
    if low is not None:
        return f"{kind} from {low:g}"
    return kind if high is None else f"{kind} up to {high:g}"
