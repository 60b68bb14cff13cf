"""A spec as YAML text: stable, readable, and read back as the same data."""

from __future__ import annotations

from typing import Any

import yaml

from vedc.lang.yaml.load import Document
from vedc.lang.yaml.scalars import resolve_plain
from vedc.lang.yaml.tree import Awaited
from vedc.support.printable import printable


class Dumper(yaml.SafeDumper):
    """Quotes what YAML 1.2 would not read back as text, and writes no anchors."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)  # lists are indented below their key


def _text(dumper: Dumper, value: str) -> yaml.ScalarNode:
    # A literal ${{ would be taken for an expression when the text is read again.
    return _expression(dumper, value.replace("${{", "$${{"))


def _expression(dumper: Dumper, value: str) -> yaml.ScalarNode:
    value = str(value)
    try:
        plain = isinstance(resolve_plain(value), str)
    except ValueError:
        plain = False
    style = None if plain else '"'
    if "\n" in value.rstrip("\n"):
        style = "|"
    if printable(value) != value:
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _float(dumper: Dumper, value: float) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:float", repr(value))


Dumper.add_representer(str, _text)
Dumper.add_multi_representer(Awaited, _expression)
Dumper.add_representer(float, _float)


def to_yaml(document: Document) -> str:
    """The document as YAML: block style, with mappings of plain values on one line."""
    text: str = yaml.dump(
        document.data,
        Dumper=Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,
        width=100,
    )
    return printable(text)  # escapes occur only in double quotes, where YAML reads them back
