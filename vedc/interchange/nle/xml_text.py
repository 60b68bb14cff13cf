"""XML as text: elements with attributes, indented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr


@dataclass
class Tag:
    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Tag] = field(default_factory=list)
    text: str = ""

    def add(self, name: str, text: object = "", /, **attributes: object) -> Tag:
        """A new child; an attribute ``in_`` is written as ``in``."""
        named = {
            key.rstrip("_").replace("__", "-"): str(value) for key, value in attributes.items()
        }
        made = Tag(name, named, [], str(text))
        self.children.append(made)
        return made

    def lines(self, indent: str = "") -> Iterator[str]:
        head = f"{indent}<{self.name}" + "".join(
            f" {key}={quoteattr(_plain(value))}" for key, value in self.attributes.items()
        )
        if not self.children:
            yield f"{head}>{escape(_plain(self.text))}</{self.name}>" if self.text else f"{head}/>"
            return
        yield f"{head}>"
        for child in self.children:
            yield from child.lines(indent + "  ")
        yield f"{indent}</{self.name}>"


def document(root: Tag, kind: str = "") -> str:
    head = ['<?xml version="1.0" encoding="UTF-8"?>', *([f"<!DOCTYPE {kind}>"] if kind else [])]
    return "\n".join([*head, *root.lines()]) + "\n"


def _plain(text: str) -> str:
    """Without characters that XML forbids."""
    return "".join(
        c if c in "\t\n" or " " <= c <= "\ud7ff" or c >= "\ue000" else "\ufffd" for c in text
    )
