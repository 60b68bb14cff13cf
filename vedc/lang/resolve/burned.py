"""Captions that are burned in: their type, their lines and their places on the canvas.

Baselines are at the same height whatever the letters of a caption, so that successive captions do
not jump. Captions that overlap in time are stacked, whatever their owner.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from vedc.edit import colors
from vedc.edit.captions import Cue, Look, Place, Rgba
from vedc.edit.contents import Caption, Highlight, Text
from vedc.edit.font_info import FontInfo
from vedc.edit.model import Profile
from vedc.edit.times import round_half_up, to_frames
from vedc.errors import Interrupted, SourceLocation, UserError
from vedc.lang.keys.captions import STYLE
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.items.item_values import number
from vedc.lang.resolve.sections.caption_stacks import Stacks
from vedc.lang.schema.lengths import pixels
from vedc.lang.schema.quantities import POSITIONS
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.lazy_dataclass import dataclass

#: Extent of lines above and below their baselines, in type sizes.
_ABOVE: Final = 0.95
_BELOW: Final = 0.25
#: Gap between stacked captions, in type sizes.
_APART: Final = 0.2
#: SubStation Alpha counts the height of a line, from the highest to the lowest letter; this is the
#: share of an em in most fonts.
_EM: Final = 0.85
#: Relative sizes tried for captions that need too many lines.
_SMALLER: Final = (0.9, 0.8, 0.7)
_OUTLINE: Final = 1 / 14
#: Default lines of a caption and their width, in canvas widths.
_WIDE: Final = (2, 0.8)
_UPRIGHT: Final = (4, 0.9)
#: Default margin of captions, as a share of width and height.
_SAFE: Final = 0.05
_PADDING: Final = 0.25
#: The colour of the current word, #ffd400.
_KARAOKE: Final[Rgba] = (1.0, 212 / 255, 0.0, 1.0)
_MUSIC: Final = frozenset("♩♪♫♬")
#: Letters that stand for words in scripts without word spaces, and words. Compiled where it is
#: first used: that takes longer than most modules take to import.
_WORD: Final = r"[぀-ヿ㐀-鿿]|[^\s぀-ヿ㐀-鿿]+"


@dataclass(frozen=True, slots=True)
class Captions:
    """The captions of one mapping in a spec, with cues in film time."""

    node: SpecNode
    cues: tuple[Cue, ...]
    file: str | None
    """Their file, as named in messages."""

    def at(self, cue: Cue) -> SpecNode | SourceLocation:
        """The location of a cue."""
        if self.file is None or not cue.line:
            return self.node.get("cues") or self.node
        return SourceLocation(self.file, cue.line)

    def named(self, cue: Cue) -> str:
        return f"{self.file}:{cue.line}" if self.file and cue.line else f"{cue.text[:20]!r}"


@dataclass(frozen=True, slots=True)
class _Style:
    """A style of the spec in canvas pixels; None leaves it to the file or a default."""

    size: float | None
    color: Rgba | None
    stroke_width: float | None
    stroke_color: Rgba | None
    background: Rgba | None
    padding: float | None
    position: tuple[float, float, float, float] | None
    """A point in pixels, and the caption's own point there, in fractions of its size."""
    margin: tuple[float, float]
    max_width: float | None
    max_lines: int
    line_height: float
    highlight: Highlight | None


class Burner:
    """Sets the captions of one output."""

    def __init__(
        self,
        context: CheckContext,
        warnings: Problems,
        profile: Profile,
        design: Fraction,
        stacks: Stacks,
    ) -> None:
        """``stacks`` belongs to the film; each of its tracks has its own burner."""
        self.files, self.problems, self.warnings = context.files, context.problems, warnings
        self.measure, self.find_font = context.measure, context.find_font
        self.profile, self.design, self.stacks = profile, design, stacks
        self.canvas = profile.width, profile.height
        upright = profile.height > profile.width
        self._lines, self._room = _UPRIGHT if upright else _WIDE

    def burned(self, found: Sequence[Captions]) -> tuple[Caption, ...]:
        """The captions in their places, front ones last."""
        waiting: list[tuple[Cue, _Style, list[FontInfo], list[Cue], Captions]] = []
        overlong: list[tuple[Captions, list[Cue], int]] = []
        for captions in found:
            node = captions.node.get("style") or SpecNode({})
            fonts = self._fonts(node.get("font"), captions)
            if fonts is None or node.lost or captions.node.lost & {"style", "highlight"}:
                continue
            style = self._style(node, captions.node.get("highlight"))
            if "font" not in node:
                self._warn_of_fonts(captions, fonts[0])
            long: list[Cue] = []
            overlong.append((captions, long, style.max_lines))
            waiting += ((cue, style, fonts, long, captions) for cue in captions.cues)
        self.stacks.next_owner()
        made = []
        for cue, style, fonts, long, captions in sorted(waiting, key=lambda each: each[0].start):
            try:
                text, lines, baseline = self._set(cue, style, fonts)
            except Interrupted:
                raise
            except UserError as error:
                for problem in error.problems:
                    at = captions.at(cue)
                    self.problems.add(problem.code, problem.message, at, problem.hint)
                continue
            if lines > style.max_lines and cue.look is None and not _fixed(cue):
                long.append(cue)
            made.append((cue.layer, self._placed(cue, text, lines, baseline, style)))
        for each in overlong:
            self._warn_of_long(*each)
        made.sort(key=lambda each: each[0])
        return tuple(caption for _, caption in made)

    def _warn_of_fonts(self, captions: Captions, used: FontInfo) -> None:
        """Warn about fonts that a file names, which may be missing elsewhere."""
        named = [cue for cue in captions.cues if cue.look is not None and cue.look.font is not None]
        families = dict.fromkeys(cue.look.font for cue in named if cue.look is not None)
        if named and set(families) != {used.family}:
            first = captions.named(named[0]).rpartition(":")[0] or "the file"
            message = f"the fonts that {first} names are not used but {used.family}: "
            message += ", ".join(str(family) for family in families)
            hint = "name a file or a family: style: {font: Inter}"
            self.warnings.warn("caption-font", message, captions.at(named[0]), hint)

    def _warn_of_long(self, captions: Captions, long: Sequence[Cue], most: int) -> None:
        """Warn about captions with too many lines."""
        if not long:
            return
        many = "1 caption needs" if len(long) == 1 else f"{len(long)} captions need"
        more = ", ".join(captions.named(cue) for cue in long[1:4])
        also = f" (also {more}{', ...' if len(long) > 4 else ''})" if more else ""
        lines = "line" if most == 1 else "lines"
        self.warnings.warn(
            "caption-long",
            f"{many} more than {most} {lines}, even in smaller type{also}",
            captions.at(long[0]),
            "divide it into several, or allow more: style: {max_lines: 3}",
        )

    def _fonts(self, named: SpecNode | None, captions: Captions) -> list[FontInfo] | None:
        """The fonts that together show all captions, else None (reported)."""
        found = [self.files.font(font) for font in (named or [None])]
        fonts = [font for font in found if font is not None]
        if len(fonts) < len(found):
            return None
        if named is not None:
            own = self.files.font(None)
            fonts += [own] if own is not None and own not in fonts else []
        used = "".join(dict.fromkeys("".join(cue.text for cue in captions.cues)))
        missing = [c for c in fonts[0].missing(used) if not any(f.shows(c) for f in fonts[1:])]
        notes = _MUSIC.intersection(missing)
        missing = [c for c in missing if c not in notes]
        if notes and not missing:
            first = next(cue for cue in captions.cues if not notes.isdisjoint(cue.text))
            message = (
                f"vedc's own font has no {min(notes)}: # stands for it, as in British captions"
            )
            hint = "name a font that has it: style: {font: [first.ttf, second.ttf]}"
            self.warnings.warn("glyph-substituted", message, captions.at(first), hint)
        if not missing:
            return fonts
        first = next(cue for cue in captions.cues if not set(missing).isdisjoint(cue.text))
        shown = ", ".join(f"{c!r} (U+{ord(c):04X})" for c in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        names = ", ".join(dict.fromkeys(font.family for font in fonts))
        what = "the font" if len(fonts) == 1 else "none of the fonts"
        verb = "has no glyph" if len(fonts) == 1 else "has a glyph"
        message = f"{what} {names} {verb} for {shown}{more} of these captions"
        hint = "name a font that has them: style: {font: [first.ttf, second.ttf]}"
        here = self.find_font(missing)
        if here is not None:
            hint += f"; {here} does, copy it beside the spec"
        self.problems.add("missing-glyph", message, captions.at(first), hint)
        return None

    def _length(self, node: SpecNode, whole: int) -> float:
        """Canvas pixels of a length of the spec."""
        length = pixels(node, whole)
        return length if isinstance(node.value, str) else length * float(self.design)

    def _style(self, node: SpecNode, highlight: SpecNode | None) -> _Style:
        width, height = self.canvas

        def color(key: str) -> Rgba | None:
            return colors.rgba(node[key].text) if key in node else None

        def length(key: str, whole: int) -> float | None:
            return self._length(node[key], whole) if key in node else None

        margin = width * _SAFE, height * _SAFE
        if "margin" in node:
            margin = (self._length(node["margin"], min(self.canvas)),) * 2
        position = None
        if "position" in node:
            position = self._position(node["position"], margin)
        mark = None
        if highlight is None and "preset" in node:
            mark = Highlight(_KARAOKE, "word")
        if highlight is not None:
            mode = highlight["mode"].text if "mode" in highlight else "word"
            painted = colors.rgba(highlight["color"].text)
            behind = highlight.get("background")
            mark = Highlight(
                painted,
                "so-far" if mode == "so-far" else "word",
                None if behind is None else colors.rgba(behind.text),
            )
        return _Style(
            size=length("size", min(self.canvas)),
            color=color("color"),
            stroke_width=length("stroke_width", 1),
            stroke_color=color("stroke_color"),
            background=color("background"),
            padding=length("padding", 1),
            position=position,
            margin=margin,
            max_width=length("max_width", width),
            max_lines=int(node["max_lines"].number) if "max_lines" in node else self._lines,
            line_height=number(node, "line_height", STYLE),
            highlight=mark,
        )

    def _position(
        self, node: SpecNode, margin: tuple[float, float]
    ) -> tuple[float, float, float, float]:
        """A point of the canvas in pixels, and that of the caption which goes there."""
        width, height = self.canvas
        if isinstance(node.value, list):
            x, y = (float(axis.number) for axis in node)
            return x * width, y * height, x, y
        x, y = POSITIONS[node.text]
        across, down = margin
        return across + x * (width - 2 * across), down + y * (height - 2 * down), x, y

    def _set(self, cue: Cue, style: _Style, fonts: Sequence[FontInfo]) -> tuple[Text, int, float]:
        """The type of a cue, its number of lines, and the baseline of the last in its bitmap."""
        text = self._text(cue, style, fonts)
        box = self.measure(text, 1.0)
        if cue.look is None and not _fixed(cue) and box.lines > style.max_lines:
            size = text.size
            for share in (1.0, *_SMALLER):
                joined = replace(text, text=text.text.replace("\n", " "), size=size * share)
                tried = self.measure(joined, 1.0)
                if tried.lines <= style.max_lines:
                    text, box = joined, tried
                    break
        if box.lines > 1 and "\n" not in text.text and text.max_width is not None:
            text = self._balanced(text, box.lines)
            box = self.measure(text, 1.0)
        return text, box.lines, box.baseline

    def _balanced(self, text: Text, lines: int) -> Text:
        """The text with lines of about equal length, and no more lines."""
        assert text.max_width is not None
        whole = self.measure(replace(text, max_width=None), 1.0)
        for more in (1.06, 1.15, 1.3):
            width = whole.width / lines * more
            if width >= text.max_width:
                break
            narrow = replace(text, max_width=width)
            if self.measure(narrow, 1.0).lines == lines:
                return narrow
        return text

    def _text(self, cue: Cue, style: _Style, fonts: Sequence[FontInfo]) -> Text:
        look = cue.look or Look()
        width, height = self.canvas
        size = style.size
        if size is None:
            size = height * look.size * _EM if look.size is not None else min(self.canvas) * 0.06
        background = style.background or look.background
        stroke = style.stroke_width
        if stroke is None:
            drawn = None if look.stroke_width is None else look.stroke_width * height
            stroke = 0.0 if background else size * _OUTLINE if drawn is None else drawn
        padding = style.padding
        if padding is None:
            padding = size * _PADDING if style.background else look.padding * height
        color = style.color or look.color or (1.0, 1.0, 1.0, 1.0)
        if style.highlight is None and cue.words and look.unsung is not None:
            color = look.unsung
        room = style.max_width
        if room is None:
            own = None if cue.place is None else cue.place.width
            room = (self._room if own is None else own) * width
        falls = (look.shadow or 0.0) * height
        place = cue.place
        across = style.position[2] if style.position is not None else 0.5
        align = place.align if place else ("left", "center", "right")[round(across * 2)]
        words = cue.text
        for note in _MUSIC.intersection(words):
            if not any(font.shows(note) for font in fonts):
                words = words.replace(note, "#")
        return Text(
            text=words,
            fonts=tuple(font.path for font in fonts),
            size=size,
            color=color,
            align=align,
            line_height=style.line_height,
            max_width=room,
            stroke_width=stroke,
            stroke_color=style.stroke_color or look.stroke_color or (0.0, 0.0, 0.0, 1.0),
            shadow=look.shadow_color if falls else None,
            shadow_offset=(falls, falls),
            background=background,
            padding=padding,
            spans=cue.spans,
        )

    def _placed(
        self,
        cue: Cue,
        text: Text,
        lines: int,
        baseline: float,
        style: _Style,
    ) -> Caption:
        width, height = self.canvas
        pitch = text.line_height * text.size
        x, y, ax, ay = self._point(cue.place, style, pitch)
        size = text.size
        # SubStation Alpha's box surrounds the placed text.
        inside = text.padding if cue.look is None or style.background else 0.0
        block = (lines - 1) * pitch + (_ABOVE + _BELOW) * size + 2 * inside
        top = y - ay * block
        if not _fixed(cue):
            place = x, y, ax, ay
            top = self.stacks.free(place, cue, top, block, size * _APART, up=ay > 0)
        elif cue.look is None:
            top = min(max(top, 0.0), height - block)
        last = top + inside + _ABOVE * size + (lines - 1) * pitch
        offset = (0.0, float(round_half_up(Fraction(last - baseline))))
        fps = self.profile.fps
        start = to_frames(cue.start, fps)
        end = max(to_frames(cue.end, fps), start + 1)
        highlight = style.highlight
        words = cue.words
        if highlight is None and words and cue.look is not None and cue.look.unsung is not None:
            highlight = Highlight(style.color or cue.look.color or (1.0,) * 4, "so-far")
        marked: tuple[tuple[int, int], ...] = ()
        if highlight is not None:
            times = [(word.time, word.offset) for word in words] or _even(cue)
            marked = tuple((to_frames(max(t, cue.start), fps) - start, at) for t, at in times)
        enters, leaves = (to_frames(time, fps) for time in cue.fade)
        return Caption(
            start=start,
            end=end,
            text=text,
            position=(x / width, 0.0),
            anchor=(ax, 0.0),
            offset=offset,
            fade=(enters, leaves),
            words=marked,
            highlight=highlight,
        )

    def _point(
        self, place: Place | None, style: _Style, pitch: float
    ) -> tuple[float, float, float, float]:
        """A point of the canvas in pixels, and that of the caption which goes there."""
        width, height = self.canvas
        across, down = style.margin
        if place is None:
            if style.position is not None:
                return style.position
            return self._position(SpecNode("bottom"), style.margin)
        (px, py), (ax, ay) = place.point, place.anchor
        x = across + ax * (width - 2 * across) if px is None else px * width
        if py is not None:
            y = py * height
        elif place.line is not None and place.line >= 0:
            y = down + place.line * pitch
        elif place.line is not None:
            y = height - down + (place.line + 1) * pitch
        else:
            y = down + ay * (height - 2 * down)
        return x, y, ax, ay


def _fixed(cue: Cue) -> bool:
    return cue.place is not None and cue.place.fixed


def _even(cue: Cue) -> list[tuple[Fraction, int]]:
    """Words with times in proportion to their lengths."""
    words = list(re.finditer(_WORD, cue.text))
    weights = [len(word.group()) + 1 for word in words]
    total, done = sum(weights), 0
    found = []
    for word, weight in zip(words, weights, strict=True):
        found.append((cue.start + (cue.end - cue.start) * Fraction(done, total), word.start()))
        done += weight
    return found
