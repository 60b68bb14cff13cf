"""Resources for agents: the language and examples. All of them come with vedc."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vedc import specs
from vedc.errors import MissingError
from vedc.lang.stock import STOCK, stock_spec
from vedc.serve.skill.text import Command, skill_text
from vedc.support.suggest import did_you_mean

_EXAMPLES: Final = "vedc://examples/"


@dataclass(frozen=True, slots=True)
class Resource:
    """One text."""

    uri: str
    title: str
    description: str
    mime: str
    text: Callable[[], str]


def resources(commands: Sequence[Command]) -> list[Resource]:
    """All of them, the most important first. ``commands`` are those of the skill."""
    return [
        Resource(
            "vedc://skill",
            "How to edit with vedc",
            "The loop: read footage, write a spec, validate, look, check, render. Read it first.",
            "text/markdown",
            lambda: skill_text(commands),
        ),
        Resource(
            "vedc://reference",
            "Reference of the language",
            "Every key of a spec with its meaning, values and default. Long: search it.",
            "text/markdown",
            lambda: _stored("reference.md"),
        ),
        Resource(
            "vedc://ops",
            "Reference of the ops",
            "Every op with its parameters and an example. Long: use search_ops and explain.",
            "text/markdown",
            lambda: _stored("ops.md"),
        ),
        Resource(
            "vedc://schema",
            "JSON Schema of a spec",
            "The form of a spec as JSON Schema (draft-07).",
            "application/schema+json",
            lambda: _stored("edit.schema.json"),
        ),
        Resource(
            f"{_EXAMPLES}starter",
            "Example: starter",
            "The small spec that `vedc init` writes; it renders without any footage.",
            "application/yaml",
            _starter,
        ),
        *(
            Resource(
                f"{_EXAMPLES}{name}",
                f"Example: {name}",
                f"The stock template {name}, a whole spec with variables.",
                "application/yaml",
                lambda name=name: _stock(name),  # type: ignore[misc]
            )
            for name in STOCK
        ),
    ]


def read(uri: str, known: Sequence[Resource]) -> Resource:
    """The resource of that URI. Raises MissingError ``no-such-resource``."""
    by_uri = {resource.uri: resource for resource in known}
    if uri not in by_uri:
        near = did_you_mean(uri, by_uri)
        message = f"there is no resource {uri!r}" + (f"; did you mean {near!r}?" if near else "")
        raise MissingError.one("no-such-resource", message, hint=f"there are {', '.join(by_uri)}")
    return by_uri[uri]


def _stored(name: str) -> str:
    return (Path(specs.__file__).parent / name).read_text(encoding="utf-8")


def _starter() -> str:
    from vedc.workspace.setup.template import TEMPLATE

    return TEMPLATE


def _stock(name: str) -> str:
    path = stock_spec(name)
    assert path is not None
    return path.read_text(encoding="utf-8")
