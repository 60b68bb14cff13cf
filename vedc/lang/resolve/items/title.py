"""Titles: their fonts, whether they fit on the canvas, and how they come and go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import Literal, cast

from vedc import ops
from vedc.edit import colors
from vedc.edit.contents import Animation, Placement, Text
from vedc.edit.font_info import FontInfo
from vedc.edit.overhang import Overhang, overhang
from vedc.edit.placement import drawn_text_scale, still
from vedc.edit.text_box import TextBox
from vedc.edit.text_motion import PRESETS, By
from vedc.edit.timecode import brief
from vedc.edit.times import to_frames
from vedc.edit.values import OpCall
from vedc.errors import Interrupted, UserError
from vedc.lang.records.text import TEXT, TEXT_FILL, TEXT_SHADOW
from vedc.lang.resolve.items import item_values
from vedc.lang.resolve.items.context import CheckContext
from vedc.lang.resolve.items.spans import Spans
from vedc.lang.schema.lengths import pixels
from vedc.lang.schema.quantities import POSITIONS
from vedc.lang.schema.records import Record
from vedc.lang.schema.values import is_number, trim
from vedc.lang.yaml.tree import Problems, SpecNode

#: The former default size of type, before it became a share of the canvas.
_OLD_SIZE = 64


class Titles:
    """Makes the titles of one output; ``warnings`` collects remarks."""

    def __init__(self, context: CheckContext, warnings: Problems) -> None:
        self.files, self.problems, self.warnings = context.files, context.problems, warnings
        self.measure, self.find_font = context.measure, context.find_font
        self._here: dict[str, Path | None] = {}

    def title(self, node: SpecNode, canvas: Sequence[Fraction]) -> Text | None:
        """The title of a text item, else None (reported).

        ``canvas``: the sides of the output in pixels of the design, to which it will be scaled.
        """
        styled = Spans(node, self.files.font, self.problems)
        fonts = self._fonts(node, styled.left())
        if fonts is None:
            return None

        def color(key: str) -> tuple[float, float, float, float]:
            return colors.rgba(node[key].text if key in node else str(TEXT.keys[key].default))

        smaller = min(canvas)

        def length(key: str) -> float:
            return pixels(_given(node, key, TEXT), smaller)

        wrap = _given(node, "max_width", TEXT)
        fill = node.get("fill")
        box, shadow = node.get("box"), node.get("shadow")
        for key in ("fit", "vertical_align"):
            if box is None and not self._plain(node, key):
                message = f"{key}: {node[key].text} needs a `box` to be set in"
                cure = "add box: {width: 800, height: 200}"
                self.problems.add("no-text-box", message, node[key], cure)
        stands = node["vertical_align"].text if "vertical_align" in node else "middle"
        align = node["align"].text if "align" in node else "center"
        return Text(
            text=node["text"].text,
            fonts=tuple(font.path for font in (*fonts, *styled.fonts)),
            chain=len(fonts) if styled.fonts else 0,
            spans=styled.spans(length("size"), len(fonts)),
            size=length("size"),
            color=color("color"),
            fill=tuple(v for c in fill["colors"] for v in colors.rgba(c.text)) if fill else None,
            fill_start=_point(fill, "start", TEXT_FILL),
            fill_end=_point(fill, "end", TEXT_FILL),
            align="left" if align == "left" else "right" if align == "right" else "center",
            line_height=item_values.number(node, "line_height", TEXT),
            box=(pixels(box["width"], canvas[0]), pixels(box["height"], canvas[1]))
            if box
            else None,
            shrink="fit" in node and node["fit"].text == "shrink",
            vertical_align=cast(Literal["top", "middle", "bottom"], stands),
            letter_spacing=length("letter_spacing"),
            max_width=None if box or wrap.value == "none" else pixels(wrap, canvas[0]),
            stroke_width=length("stroke_width"),
            stroke_color=color("stroke_color"),
            shadow=None if shadow is None else _shadow_color(shadow),
            shadow_offset=_offset(shadow, smaller),
            shadow_blur=pixels(_given(shadow, "blur", TEXT_SHADOW), smaller) if shadow else 0.0,
            background=color("background") if "background" in node else None,
            padding=length("padding"),
        )

    def note_margin(self, node: SpecNode) -> None:
        """Note an offset that seems meant to keep a title off an edge, since the margin now adds to
        it."""
        position, offset = node.get("position"), node.get("offset")
        if "margin" in node or position is None or offset is None:
            return
        if not isinstance(position.value, str) or not isinstance(offset.value, list):
            return
        moved = [axis.number for axis in offset if is_number(axis.value)]
        inward = [
            by * (1 - 2 * at) for by, at in zip(moved, POSITIONS[position.text], strict=False)
        ]
        if len(moved) < len(offset.items) or max(inward) <= 0:
            return
        message = f"text at {position.text} keeps 5% off the edges, and this offset adds to that"
        hint = "write margin: 0 beside it for the offset alone"
        if min(inward) >= 0 and all(moved[axis] == 0 or inward[axis] for axis in (0, 1)):
            across, down = (trim(by) for by in inward)
            hint = f"write margin: [{across}, {down}] in its place for that distance alone"
        self.warnings.warn("margin-and-offset", message, offset, hint)

    @staticmethod
    def _plain(node: SpecNode, key: str) -> bool:
        """Whether a key has its default, or whether a removed key may have meant a box."""
        return key not in node or node[key].value == TEXT.keys[key].default or "box" in node.lost

    def _fonts(self, node: SpecNode, text: str) -> list[FontInfo] | None:
        """The fonts of a title that together show a text, else None (reported).

        Characters that the named fonts lack come from vedc's own, which is reported.
        """
        named = node.get("font")
        found = [self.files.font(font) for font in (named or [None])]
        fonts = [font for font in found if font is not None]
        if len(fonts) < len(found) or "font" in node.lost:
            return None
        missing = _missing(fonts, text)
        if missing and named is not None:
            own = self.files.font(None)
            filled = [c for c in missing if own is not None and own.shows(c)]
            if own is not None and filled:
                message = f"{_lacking(fonts, filled)}, so vedc's own font {own.family} fills in"
                hint = "name a further font that has them: font: [first.ttf, second.ttf]"
                self.warnings.warn("glyph-substituted", message, node["text"], hint)
                fonts.append(own)
                missing = [c for c in missing if c not in filled]
        if not missing:
            return fonts
        hint = "name a font that has them"
        if named is not None:
            hint = "name a further font that has them: font: [first.ttf, second.ttf]"
        here = self._found(missing)
        if here is not None:
            hint += f"; {here} does, copy it beside the spec"
        self.problems.add("missing-glyph", _lacking(fonts, missing), node["text"], hint)
        return None

    def _found(self, missing: Sequence[str]) -> Path | None:
        """A font of this machine for such characters."""
        wanted = "".join(missing)
        if wanted not in self._here:
            self._here[wanted] = self.find_font(missing)
        return self._here[wanted]

    def check_place(
        self,
        text: Text,
        node: SpecNode,
        frame: Placement,
        effects: Sequence[OpCall],
        canvas: tuple[int, int],
        length: int,
        design: Fraction,
    ) -> TextBox | None:
        """The size of a title as drawn, before placement; None if it cannot be drawn.

        Warns if a title needs more room than its box has, or if the canvas cuts it off.

        ``design`` is the scale of the output, already applied to the spec's lengths. The canvas
        may cut a moving title; if an op other than ``transform`` moves it, there is no warning.
        """
        try:
            scale = drawn_text_scale(frame, text.size, canvas)
            box = self.measure(text, scale)
        except Interrupted:
            raise
        except UserError as error:
            for problem in error.problems:
                self.problems.add(problem.code, problem.message, node["text"], problem.hint)
            return None
        self._note_defaults(text, node, box, canvas, scale, design)
        if any(box.beyond):
            across, down = box.beyond
            excess = [f"{across} px too wide"] * (across > 0) + [f"{down} px too high"] * (down > 0)
            room = "x".join(f"{side:g}" for side in text.box or ())
            message = f"the text is {' and '.join(excess)} for its box of {room}"
            cure = "make the box larger" if text.shrink else "let the type shrink: fit: shrink"
            self.warnings.warn("text-beyond-box", message, node["text"], cure)
        moved = [call for call in effects if ops.get(call.op).kind == "geometry"]
        if any(call.op != "transform" for call in moved):
            return box
        cut = overhang(box, frame, moved, canvas, length, scale)
        if cut is None:
            return box
        message = f"the {canvas[0]}x{canvas[1]} canvas cuts this text off: {cut}"
        placed = bool(moved) or bool(frame.of("affine")) or frame.moves
        cure = _cure(text, box, frame, cut, canvas, scale, placed, float(design))
        self.warnings.warn("text-cut", message, node["text"], cure)
        return box

    def _note_defaults(
        self,
        text: Text,
        node: SpecNode,
        box: TextBox,
        canvas: tuple[int, int],
        scale: float,
        design: Fraction,
    ) -> None:
        """Note a title that looks different since the defaults of text changed."""
        size = text.size / float(design)
        if "size" not in node and "size" not in node.lost and abs(size - _OLD_SIZE) >= 1:
            message = f"text that names no size has 6% of the canvas's smaller side, here {size:g}"
            hint = f"write size: 6% to agree, or size: {_OLD_SIZE} for the size that it had"
            self.warnings.note("default-size", message, node["text"], hint)
        if text.max_width is None or {"max_width", "box"} & {*node.entries, *node.lost}:
            return
        whole = self.measure(replace(text, max_width=None), scale)
        if whole.height < box.height or whole.width > box.width:
            message = "text that names no max_width wraps at 80% of the canvas's width"
            hint = "write max_width: 80% to agree, or max_width: none for lines that do not wrap"
            self.warnings.note("default-wrap", message, node["text"], hint)


def animated(text: Text, node: SpecNode, values: item_values.Values, length: int) -> Text:
    """The title with its animations. ``length``: frames of its item."""
    given = node.get("animate")
    if given is None:
        return text
    ways = {way: given[way] for way in ("in", "out") if way in given}
    if not ways:
        if not given.lost & {"in", "out"}:
            message = "animate says neither how the text comes nor how it goes"
            cure = "write animate: {in: rise, out: fade}"
            values.problems.add("no-animation", message, given.key_location, cure)
        return text
    by = given.get("by")
    made = {way: _animation(part, by, values, length) for way, part in ways.items()}
    taken = sum(animation.frames for animation in made.values())
    if taken > length:
        last = list(ways.values())[-1]
        took, has = (brief(frames / values.fps) for frames in (Fraction(taken), Fraction(length)))
        message = f"the text takes {took} to come and go, but is shown for only {has}"
        cure = "give each way a shorter duration, or show the text longer"
        values.problems.add("animation-too-long", message, last.get("duration") or last, cure)
        return text
    return replace(text, animate_in=made.get("in"), animate_out=made.get("out"))


def _animation(
    node: SpecNode, by: SpecNode | None, values: item_values.Values, length: int
) -> Animation:
    preset = PRESETS[node["preset"].text]
    if "duration" in node:
        seconds = values.seconds(node["duration"], "duration")
        frames = max(to_frames(seconds, values.fps), 1)
    else:
        wanted = to_frames(Fraction(str(preset.duration)), values.fps)
        frames = max(min(wanted, length // 2), 1)
    return Animation(
        preset=node["preset"].text,
        by=preset.by if by is None else cast(By, by.text),
        frames=frames,
        easing=node["easing"].text if "easing" in node else preset.easing,
        stagger=float(node["stagger"].number) if "stagger" in node else preset.stagger,
    )


def _point(node: SpecNode | None, key: str, record: Record) -> tuple[float, float]:
    """A pair of a record, or its default in the language."""
    if node is None or key not in node:
        given = cast(Sequence[float], record.keys[key].default)
        return float(given[0]), float(given[1])
    x, y = (float(value.number) for value in node[key])
    return x, y


def _given(node: SpecNode, key: str, record: Record) -> SpecNode:
    """The value of a key, or its default in the language."""
    return node[key] if key in node else SpecNode.of(record.keys[key].default)


def _offset(shadow: SpecNode | None, smaller: Fraction) -> tuple[float, float]:
    """Of a shadow, in pixels."""
    x, y = _given(shadow or SpecNode({}), "offset", TEXT_SHADOW)
    return pixels(x, smaller), pixels(y, smaller)


def _shadow_color(node: SpecNode) -> tuple[float, float, float, float]:
    default = str(TEXT_SHADOW.keys["color"].default)
    return colors.rgba(node["color"].text if "color" in node else default)


def _missing(fonts: Sequence[FontInfo], text: str) -> list[str]:
    """The characters that no font shows."""
    left = fonts[0].missing(text)
    return [c for c in left if not any(font.shows(c) for font in fonts[1:])]


def _lacking(fonts: Sequence[FontInfo], missing: Sequence[str]) -> str:
    shown = ", ".join(f"{c!r} (U+{ord(c):04X})" for c in missing[:5])
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    names = ", ".join(dict.fromkeys(font.family for font in fonts))
    if len(fonts) == 1:
        return f"the font {names} has no glyph for {shown}{more}"
    return f"none of the fonts {names} has a glyph for {shown}{more}"


def _cure(
    text: Text,
    box: TextBox,
    frame: Placement,
    cut: Overhang,
    canvas: tuple[int, int],
    scale: float,
    placed: bool,
    design: float,
) -> str:
    """The cure for a cut-off title: wrapping, another size, or another place."""
    assert box.ink is not None
    width, height = box.ink[2] - box.ink[0], box.ink[3] - box.ink[1]
    if width > canvas[0] and text.max_width is None and " " in text.text:
        return "let its lines wrap: max_width: 80%"
    if width > canvas[0] or height > canvas[1]:
        fitting = text.size * min(canvas[0] / width, canvas[1] / height) * 0.95
        return f"make it smaller: size: {floor(fitting / design)}"
    if placed:
        return "make it smaller, or move it with position and offset"
    offset = still(frame.offset)
    x = (offset[0] + cut.left - cut.right) / design
    y = (offset[1] + cut.top - cut.bottom) / design
    return f"move it inside: offset: [{x:g}, {y:g}]"
