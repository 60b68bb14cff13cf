"""The draft of a spec, and its text: readable YAML with remarks where something was assumed.

Values are plain data. Strings are literal; :class:`vedc.lang.yaml.tree.Awaited` is a string that
the spec takes as an expression. Fractions are written as numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Any, Final

import yaml

from vedc.edit.times import format_time
from vedc.lang.yaml.dump import Dumper
from vedc.lang.yaml.tree import Awaited
from vedc.support.printable import printable

_WIDTH: Final = 100
_CAPTIONS: Final = (".srt", ".vtt", ".ass", ".ssa")
IMAGES: Final = (
    ".apng", ".avif", ".bmp", ".dpx", ".exr", ".gif", ".hdr", ".heic", ".heif", ".jpeg", ".jpg",
    ".png", ".psd", ".svg", ".tga", ".tif", ".tiff", ".webp",
)  # fmt: skip


class Noted(dict[str, Any]):
    """A mapping with a remark after or above it."""

    remark: str = ""


def noted(values: Mapping[str, Any], remark: str = "") -> Noted:
    made = Noted(values)
    made.remark = remark
    return made


def seconds(time: Fraction) -> str:
    """A time that a spec reads back exactly."""
    return format_time(time)


def span(time: Fraction, rate: Fraction | None) -> str:
    """A length: in frames if it is whole frames of ``rate`` and not a round number of seconds."""
    if rate is not None and (time * rate).denominator == 1 and (time * 100).denominator != 1:
        return f"{int(time * rate)}f"
    return format_time(time)


def gain(factor: Fraction) -> str:
    """A factor on a sound as a percentage: ``50%``."""
    return f"{float(factor * 100):.6g}%"


def tidy(value: Fraction | float, places: int = 5) -> float | int:
    """A number without the noise of its arithmetic."""
    rounded = round(float(value), places)
    return int(rounded) if rounded == int(rounded) else rounded


class Draft:
    """A spec: its parts in the order in which they are written."""

    def __init__(self) -> None:
        self.head: list[str] = []
        """Remarks at the top."""
        self.parts: dict[str, Any] = {"version": 1}
        """Everything but the timeline, by key."""
        self.film: dict[str, Any] = {}
        """Keys of the timeline besides its tracks."""
        self.tracks: list[dict[str, Any]] = []
        """Bottom first; each with ``clips``."""
        self._assets: dict[str, str] = {}
        self._names: set[str] = set()
        self._turns: dict[str, int] = {}
        """The next number by stem, for assets of the same name."""

    def asset(self, path: str) -> str:
        """The id of a file's asset, declared on first use."""
        if path not in self._assets:
            taken = self._names
            stem = PurePosixPath(path.replace("\\", "/")).stem
            plain = re.sub(r"[^A-Za-z0-9_-]+", "-", stem).strip("-_") or "file"
            plain = plain if plain[0].isalpha() else f"file-{plain}"
            turn = self._turns.get(plain, 1)
            while (name := plain if turn == 1 else f"{plain}-{turn}") in taken:
                turn += 1
            self._turns[plain] = turn + 1
            taken.add(name)
            self._assets[path] = name
        return self._assets[path]

    def text(self) -> str:
        """The spec as YAML."""
        parts = dict(self.parts)
        if self._assets:
            held = parts.get("assets", {})
            parts["assets"] = {**held, **{n: {"src": p} for p, n in self._assets.items()}}
        lines = [f"# {_line(remark)}".rstrip() for remark in self.head]
        before = (
            "version",
            "plugins",
            "profile",
            "variables",
            "defaults",
            "assets",
            "compositions",
        )
        ordered = {key: parts.pop(key) for key in before if key in parts}
        if self.tracks or self.film:
            ordered["timeline"] = {"tracks": self.tracks, **self.film}
        ordered.update(parts)
        for key, value in ordered.items():
            lines += _entry(key, value, "")
        return printable("\n".join(lines) + "\n")


def _entry(key: str, value: Any, indent: str) -> Iterator[str]:
    """``key: value`` on one line, or as a block."""
    label = _scalar(key)
    remark = getattr(value, "remark", "")
    if _flat(value) and len(one := f"{indent}{label}: {_flow(value)}") <= _WIDTH:
        yield one + (f"  # {_line(remark)}" if remark else "")
        return
    if not isinstance(value, Mapping | list) or not value:
        yield f"{indent}{label}: {_flow(value)}"
        return
    yield f"{indent}{label}:" + (f"  # {_line(remark)}" if remark else "")
    yield from _block(value, indent + "  ")


def _block(value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from _entry(str(key), child, indent)
        return
    for child in value:
        remark = getattr(child, "remark", "")
        one = f"{indent}- {_flow(child)}"
        if not isinstance(child, Mapping | list) or not child:
            yield one
        elif _flat(child) and len(one) <= _WIDTH:
            yield one + (f"  # {_line(remark)}" if remark else "")
        else:
            if remark:
                yield f"{indent}# {_line(remark)}"
            inner = list(_block(child, indent + "  "))
            yield (
                f"{indent}- {inner[0][len(indent) + 2 :]}"
                if not inner[0].lstrip().startswith("#")
                else f"{indent}-"
            )
            yield from inner[1:] if not inner[0].lstrip().startswith("#") else inner


def _flat(value: Any) -> bool:
    """Whether it reads well on one line: no list of mappings in it, and no remarks."""
    if isinstance(value, Mapping):
        return (
            all(_flat(child) and not getattr(child, "remark", "") for child in value.values())
            and "clips" not in value
        )
    if isinstance(value, list):
        return not any(isinstance(child, Mapping) for child in value) and all(map(_flat, value))
    return True


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_scalar(str(k))}: {_flow(v)}" for k, v in value.items())
        return f"{{{inner}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, Fraction):
        value = int(value) if value.denominator == 1 else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        value = str(value)
    return _scalar(value)


@lru_cache(maxsize=4096)
def _words(value: Any, kind: str, expression: bool) -> str:
    text: str = yaml.dump(
        [Awaited(value) if expression else value],
        Dumper=Dumper,
        default_flow_style=True,
        allow_unicode=True,
        width=10**9,
    )
    return text.strip()[1:-1]


def _scalar(value: Any) -> str:
    if isinstance(value, str) and "\n" in value:  # on one line, whatever its style
        awaited = isinstance(value, Awaited)
        return _quoted(str(value) if awaited else value.replace("${{", "$${{"))
    return _words(value, type(value).__name__, isinstance(value, Awaited))


def _quoted(text: str) -> str:
    made: str = yaml.dump(
        text, Dumper=yaml.SafeDumper, default_style='"', allow_unicode=True, width=10**9
    )
    return made.strip()


def _line(text: str) -> str:
    """A remark on one line."""
    return printable(" ".join(text.split()))


def is_image(path: str) -> bool:
    return path.lower().split("?")[0].endswith(IMAGES)


def is_captions(path: str) -> bool:
    return path.lower().split("?")[0].endswith(_CAPTIONS)
