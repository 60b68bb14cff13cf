"""Burned-in captions as a parameter of a node: one text for a span.

The text is JSON without defaults. Frames count from the start of the span, so the same captions
have the same text anywhere in the film.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any, TypeVar

from vedc.edit.captions import Span
from vedc.edit.contents import Caption, Highlight, Text

_Record = TypeVar("_Record", Caption, Highlight, Text, Span)


def encoded(captions: Iterable[Caption], first: int, digest: Callable[[str], str]) -> str:
    """The captions of a span that begins at frame ``first``; ``digest`` names their fonts."""
    made = []
    for caption in captions:
        fonts = tuple(digest(font) for font in caption.text.fonts)
        moved = replace(
            caption,
            start=caption.start - first,
            end=caption.end - first,
            text=replace(caption.text, fonts=fonts),
        )
        made.append(_plain(moved))
    return json.dumps(made, separators=(",", ":"), ensure_ascii=False)


def decoded(text: str) -> tuple[Caption, ...]:
    """The captions that :func:`encoded` made a text of."""
    return tuple(_caption(given) for given in json.loads(text))


def encoded_spans(spans: Iterable[Span]) -> str:
    """The looks of parts of a title."""
    return json.dumps([_plain(span) for span in spans], separators=(",", ":"))


def decoded_spans(text: str) -> tuple[Span, ...]:
    """The spans that :func:`encoded_spans` made a text of."""
    return tuple(_read(Span, given) for given in json.loads(text))


def _plain(record: Caption | Highlight | Text | Span) -> dict[str, Any]:
    """The fields that do not have their defaults."""
    found = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if value == field.default:
            continue
        if isinstance(value, (Text, Highlight)):
            value = _plain(value)
        elif field.name == "spans":
            value = [_plain(span) for span in value]
        found[field.name] = value
    return found


def _caption(given: dict[str, Any]) -> Caption:
    text = dict(given["text"])
    text["spans"] = tuple(_read(Span, span) for span in text.get("spans", ()))
    highlight = given.get("highlight")
    made = {
        **given,
        "text": _read(Text, text),
        "highlight": None if highlight is None else _read(Highlight, highlight),
    }
    return _read(Caption, made)


def _read(kind: type[_Record], given: dict[str, Any]) -> _Record:
    return kind(**{name: _tuples(value) for name, value in given.items()})


def _tuples(value: Any) -> Any:
    return tuple(_tuples(part) for part in value) if isinstance(value, list) else value
