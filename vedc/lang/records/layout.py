"""``layout`` of a composition: its items in cells of a grid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vedc.lang.schema.lengths import Length, Lengths
from vedc.lang.schema.records import Key, Record
from vedc.lang.schema.values import Json, Number, Type, or_expression
from vedc.lang.yaml.tree import Problems, SpecNode

#: Columns or rows of a grid.
MOST: Final = 32


class Grid(Type):
    """Columns and rows."""

    phrase = "[columns, rows], such as [2, 2]"
    _each = Number(1, MOST, integer=True)

    def schema(self, shared: Json) -> Json:
        item = self._each.schema(shared)
        return or_expression({"type": "array", "items": item, "minItems": 2, "maxItems": 2}, shared)

    def check(self, node: SpecNode, name: str, problems: Problems) -> None:
        if not isinstance(node.value, list) or len(node.value) != 2:
            self.reject(node, name, problems)
            return
        for what, each in zip(("columns", "rows"), node, strict=True):
            self._each.check(each, f"{what} of {name}", problems)


_SPACE: Final = "pixels from 0 to 16384 or a percentage such as 2%, or [x, y] of such"


def _space(name: str, doc: str) -> Key:
    return Key(name, Lengths(Length(16384, low=0, like="2%"), _SPACE, one=True), doc, 0)


LAYOUT: Final = Record(
    "layout",
    "Puts the tracks of a composition into cells of a grid, row by row: the first track into the "
    "upper left one. A cell is to its items what the canvas is to others: they are fitted into it, "
    "and their boxes, positions and percentages are of the cell. Each item of a list is a track of "
    "its own.",
    (
        Key(
            "grid",
            Grid(),
            "Columns and rows.",
            required=True,
            example="grid: [2, 2]",
        ),
        _space(
            "gap",
            "Between cells, in canvas pixels or of the canvas's smaller side; [x, y] between "
            "columns and between rows.",
        ),
        _space("margin", "Around the grid, as `gap`."),
    ),
    advice={
        "columns": "write grid: [columns, rows]",
        "rows": "write grid: [columns, rows]",
        "spacing": "use `gap`",
        "padding": "use `margin`",
    },
)


def check_cells(node: SpecNode, problems: Problems) -> None:
    """Report items of a composition's timeline without a cell, if both are well formed."""
    layout, timeline = node.get("layout"), node.get("timeline")
    if layout is None or timeline is None or not isinstance(layout.value, dict):
        return
    grid = layout.get("grid")
    sides = [side.value for side in grid] if grid and isinstance(grid.value, list) else []
    shown = list(_in_cells(timeline, problems))
    counts = [side for side in sides if isinstance(side, int) and side > 0]
    if len(counts) != 2 or len(shown) <= counts[0] * counts[1]:
        return
    columns, rows = counts
    message = f"a grid of {columns} by {rows} has {columns * rows} cells, and this is one more"
    hint = f"make it larger: grid: [{columns}, {-(-len(shown) // columns)}]"
    problems.add("no-cell", message, shown[columns * rows], hint)


def _in_cells(timeline: SpecNode, problems: Problems) -> Iterator[SpecNode]:
    """The occupants of cells: the items of a list, or tracks."""
    if isinstance(timeline.value, list):
        for item in timeline:
            if isinstance(item.value, dict) and "transition" in item:
                message = "in a layout, each item of a list has a cell of its own"
                hint = "what follows in one cell is a track: timeline: {tracks: [{clips: [...]}]}"
                problems.add("transition-in-layout", message, item, hint)
            else:
                yield item
    elif isinstance(timeline.value, dict) and "tracks" in timeline:
        tracks = timeline["tracks"]
        yield from tracks if isinstance(tracks.value, list) else ()


def one_track_each(timeline: SpecNode) -> SpecNode:
    """A list of items, each on its own track, without transitions."""
    items = (i for i in timeline if not (isinstance(i.value, dict) and "transition" in i))
    tracks = [SpecNode({"clips": SpecNode([item], item.location)}, item.location) for item in items]
    return timeline.with_value({"tracks": SpecNode(tracks, timeline.location)})
