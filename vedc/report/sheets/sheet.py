"""Contact sheets of a file: a picture for every shot, with its time, length and transition."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vedc.edit.media_info import MediaInfo
from vedc.report.sheets.stills import stills
from vedc.workspace.sheets.page import Tile, check_kind, fitted, layout, write_pages


def write_sheets(
    target: Path, media: MediaInfo, tiles: Sequence[Tile], title: str, facts: str
) -> list[Path]:
    """Write the pages: ``target``, then ``target-2`` and so on.

    Raises UsageError ``bad-picture`` for an extension that no picture has.
    """
    check_kind(target)
    assert media.video is not None
    grid = layout(media.video, len(tiles))
    size = fitted(media.video, grid.width, grid.height)
    pictures = stills(media, (tile.frame for tile in tiles), size)
    return write_pages(target, grid, tiles, pictures, title, facts)
