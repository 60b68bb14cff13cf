"""SVG files made safe for a renderer: read with Expat, and written again without references to
other files.

External entities are never read. Internal ones are expanded if they are short and name no other
entity, as in the files of some drawing programs. Scripts have no effect in any case.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from vedc.edit.media_info import Note, ProbeError
from vedc.support.lazy_dataclass import dataclass

#: The most bytes of a file once unpacked, and of an entity's replacement.
LARGEST: Final = 32 << 20
_LONGEST_ENTITY: Final = 1024

#: The most nested elements, and references in a chain: the renderer recurses.
DEEPEST: Final = 128
LONGEST_CHAIN: Final = 32

_PICTURES: Final = frozenset({"image", "feImage"})
_MOVING: Final = frozenset({"animate", "animateTransform", "animateMotion", "set"})
_FAMILY: Final = re.compile(r"font-family\s*:\s*([^;]+)")
_REFERENCE: Final = re.compile(r"url\(\s*['\"]?#([^)'\"\s]+)")


class SvgError(ValueError):
    """``str`` gives the reason, ``cure`` the advice."""

    def __init__(self, reason: str, cure: str = "export the drawing again") -> None:
        super().__init__(reason)
        self.cure = cure


@dataclass(frozen=True, slots=True)
class SvgText:
    """A drawing: the content of its root, and the root's tag and attributes."""

    tag: str
    attributes: Mapping[str, str]
    body: str
    notes: tuple[Note, ...]


def read_svg(path: Path) -> SvgText:
    """Raises ProbeError ``bad-image``."""
    name = f"'{path}'"
    try:
        return _Filter(name).read(_unpacked(path))
    except SvgError as error:
        raise ProbeError("bad-image", f"cannot use {name}: {error}", error.cure) from error
    except (expat.ExpatError, EOFError, OSError, ValueError, zlib.error) as error:
        reason = f"cannot use {name}: it is not well-formed ({error})"
        raise ProbeError("bad-image", reason, "export the drawing again") from error


def _unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    if content.startswith(b"\x1f\x8b"):
        with gzip.open(io.BytesIO(content)) as file:
            content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise SvgError(f"it has more than {LARGEST >> 20} MiB", "export it as PNG")
    return content


def _family(attributes: Mapping[str, str]) -> str | None:
    """The font families that an element itself asks for, in lower case."""
    styled = _FAMILY.search(attributes.get("style", ""))
    named = styled[1] if styled else attributes.get("font-family")
    return named.strip(" '\"").lower() if named else None


class _Filter:
    def __init__(self, name: str) -> None:
        self.name = name
        self.parts: list[str] = []
        self.root: tuple[str, Mapping[str, str]] | None = None
        self.open: list[str | None] = []
        """The id of each open element."""
        self.families: list[str | None] = []
        """The font family that each open element asks for or inherits."""
        self.references: dict[str, set[str]] = {}
        """Ids that an element and those inside it refer to, by id."""
        self.outside: list[str] = []
        self.moving = self.lettered = self.foreign = False

    def read(self, content: bytes) -> SvgText:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = self._entity
        parser.ExternalEntityRefHandler = self._external
        parser.Parse(content, True)
        if self.root is None:
            raise SvgError("it has no root element")
        self._check_chains()
        return SvgText(*self.root, "".join(self.parts), tuple(self._notes()))

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if self.root is None:
            if local != "svg":
                raise SvgError(f"its root is {tag!r}, not 'svg'")
            self.root = tag, attributes
            self.open.append(None)
            self.families.append(_family(attributes))
            return
        if len(self.open) >= DEEPEST:
            raise SvgError(f"it nests more than {DEEPEST} elements", "simplify the drawing")
        kept = attributes
        if local in _PICTURES:
            kept = {key: value for key, value in attributes.items() if self._inside(key, value)}
        self.moving |= local in _MOVING
        self.families.append(_family(attributes) or self.families[-1])
        # Vedc's own font is sans-serif: text that asks only for that loses nothing.
        self.lettered |= local in ("text", "tspan") and self.families[-1] != "sans-serif"
        self.foreign |= local == "foreignObject"
        self.open.append(attributes.get("id"))
        named = {
            found
            for key, value in attributes.items()
            for found in (
                [value[1:]]
                if key.rpartition(":")[2] == "href" and value.startswith("#")
                else _REFERENCE.findall(value)
            )
        }
        if named:
            for ident in self.open:
                if ident is not None:
                    self.references.setdefault(ident, set()).update(named)
        words = "".join(f" {key}={quoteattr(value)}" for key, value in kept.items())
        self.parts.append(f"<{tag}{words}>")

    def _inside(self, key: str, value: str) -> bool:
        """Whether an attribute of a picture may stay: it names no file."""
        if key.rpartition(":")[2] != "href" or value.startswith(("data:", "#")):
            return True
        self.outside.append(value)
        return False

    def _end(self, tag: str) -> None:
        self.open.pop()
        self.families.pop()
        if self.open:
            self.parts.append(f"</{tag}>")

    def _characters(self, text: str) -> None:
        if self.open:
            self.parts.append(escape(text))

    def _entity(
        self,
        name: str,
        parameter: bool,
        value: str | None,
        base: str | None,
        system: str | None,
        public: str | None,
        notation: str | None,
    ) -> None:
        if value is None:
            self.outside.append(system or name)
        elif parameter or "&" in value or "%" in value or len(value) > _LONGEST_ENTITY:
            raise SvgError(
                f"its entity {name!r} is not plain text",
                "export it as plain SVG, without entities",
            )

    def _external(self, *_: object) -> bool:
        return True  # left out, not read

    def _check_chains(self) -> None:
        """Raises SvgError if chains of references are too long."""
        lengths: dict[str, int] = {}
        for first in self.references:
            path = [(first, iter(self.references[first]))]
            inside = {first}
            while path:
                ident, rest = path[-1]
                following = next(
                    (i for i in rest if i in self.references and i not in inside), None
                )
                if following is not None and following not in lengths:
                    if len(path) >= LONGEST_CHAIN:
                        raise SvgError(
                            f"more than {LONGEST_CHAIN} of its references lead to one another",
                            "simplify the drawing, or export it as PNG",
                        )
                    path.append((following, iter(self.references[following])))
                    inside.add(following)
                    continue
                if following is not None:
                    continue
                deepest = (lengths.get(i, 0) for i in self.references[ident])
                lengths[ident] = 1 + max(deepest, default=0)
                if lengths[ident] > LONGEST_CHAIN:
                    raise SvgError(
                        f"more than {LONGEST_CHAIN} of its references lead to one another",
                        "simplify the drawing, or export it as PNG",
                    )
                path.pop()
                inside.discard(ident)

    def _notes(self) -> list[Note]:
        found = []
        if self.outside:
            named = ", ".join(repr(name) for name in dict.fromkeys(self.outside))
            found.append(
                Note(
                    "svg-reference",
                    f"{self.name} refers to {named[:200]}, which is not read",
                    "embed what it refers to in the drawing",
                    "picture",
                )
            )
        if self.lettered:
            found.append(
                Note(
                    "svg-text",
                    f"the text of {self.name} is set in vedc's own font",
                    "convert its text to paths in the drawing program to keep its look",
                    "picture",
                )
            )
        if self.moving or self.foreign:
            what = "animation" if self.moving else "embedded HTML"
            cure = "record it as a film" if self.moving else "draw it as SVG"
            found.append(
                Note("svg-part", f"{self.name} has {what}, which is not shown", cure, "picture")
            )
        return found
