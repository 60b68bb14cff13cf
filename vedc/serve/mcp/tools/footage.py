"""Tools about media files: what they contain, their shots, their pauses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from vedc.edit.media_info import MediaInfo
from vedc.lang.keys.auto import Detector
from vedc.report.forms import media as forms
from vedc.report.forms.shape import choice, count, flag, listing, number, record, text
from vedc.serve.mcp.core.call import Call
from vedc.serve.mcp.core.folder import Folder
from vedc.serve.mcp.core.tool import FILE, Answer, Picture, Tool

if TYPE_CHECKING:
    from vedc.decide.analyses.results import Shots
    from vedc.decide.analyses.runner import AnalysisRunner

_LIMIT: Final = {**count("Entries to return."), "minimum": 1, "maximum": 1000, "default": 200}
_FIRST: Final = {**count("Entries to leave out at the start, to read on."), "default": 0}


def _open(folder: Folder, call: Call, file: str) -> tuple[MediaInfo, AnalysisRunner]:
    from vedc.report.progress import SECONDS
    from vedc.workspace.analyses import open_media, runner_for

    path = folder.existing(file)
    media = open_media(path)
    return media, runner_for(path, folder.cache_of(path), call.progress(SECONDS))


def _probe(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    from vedc.media.mark import read_mark
    from vedc.report import probe
    from vedc.workspace.analyses import open_media

    path = folder.existing(given["file"])
    return Answer(probe.data(open_media(path), read_mark(path)) | {"path": folder.shown(path)})


def _shots(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    from vedc.report import shots
    from vedc.workspace.analyses import find_shots

    media, runner = _open(folder, call, given["file"])
    found = find_shots(runner, media, given["detector"])
    data = shots.data(given["file"], found)
    data["total"] = len(data["shots"])
    data["shots"] = data["shots"][given["first"] :][: given["limit"]]
    pictures = (_sheet(media, found, given["first"]),) if given["pictures"] else ()
    return Answer(data, pictures)


def _sheet(media: MediaInfo, found: Shots, first: int) -> Picture:
    """A contact sheet of as many shots as fit on a page, starting with ``first``."""
    from vedc.report import shots
    from vedc.report.sheets.stills import stills
    from vedc.serve.mcp.core.pictures import encoded
    from vedc.workspace.sheets.page import draw, fitted, layout

    assert media.video is not None
    tiles = shots.tiles(found)[first:]
    grid = layout(media.video, len(tiles))
    shown = tiles[: grid.on_a_page]
    size = fitted(media.video, grid.width, grid.height)
    pictures = stills(media, (tile.frame for tile in shown), size)
    title = Path(media.path).name
    return encoded(draw(grid, shown, pictures, title, shots.facts(found), first + 1))


def _silence(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    from vedc.report import pauses
    from vedc.workspace.pauses import find_pauses

    media, runner = _open(folder, call, given["file"])
    found = find_pauses(
        runner, media, given.get("threshold"), given["min"], given["margin"], given["speech"]
    )
    ranges = pauses.data(found)
    kept = sum(each["end"] - each["start"] for each in ranges if each["type"] != "silence")
    return Answer(
        {
            "file": given["file"],
            "kept": round(kept, 3),
            "total": len(ranges),
            "ranges": ranges[given["first"] :][: given["limit"]],
        }
    )


TOOLS: Final = (
    Tool(
        "probe",
        "Probe a media file",
        "Describe a media file: length in seconds, size, frame rate, codecs, colour, sound, "
        "streams, damage. Call it for each file before you use it in a spec, so that `in` and "
        "`out` lie within it.",
        {"file": FILE},
        forms.PROBE,
        _probe,
        required=("file",),
    ),
    Tool(
        "shots",
        "Find the shots of a film",
        "List the shots of a film: where each begins and ends, in seconds and frames, and how it "
        "begins (cut, dissolve, fade, wipe, slide). With `pictures`, also a contact sheet with a "
        "picture of each shot: this is how to look at footage. The first call decodes the whole "
        "file, later ones are quick.",
        {
            "file": FILE,
            "pictures": {**flag("Return a contact sheet, too."), "default": False},
            "detector": {
                **choice("What finds the shots.", *get_args(Detector)),
                "default": "best",
            },
            "first": _FIRST,
            "limit": _LIMIT,
        },
        record({**forms.SHOTS["properties"], "total": count("Shots in all.")}),
        _shots,
        required=("file",),
    ),
    Tool(
        "silence",
        "Find the pauses of a recording",
        "List the pauses of a recording and what lies between them, in seconds. Use the ranges "
        "that are not `silence` as clips to cut the pauses out.",
        {
            "file": FILE,
            "threshold": text(
                "Level below which sound is silence, such as -40dB; by default "
                "derived from the file's noise."
            ),
            "min": {**text("Length of the shortest pause."), "default": "0.5s"},
            "margin": {
                **text("What to keep around sound: 0.2s, or 0.1s,0.3s."),
                "default": "0.2s",
            },
            "speech": {
                **flag("Treat everything but speech as silence, music too."),
                "default": False,
            },
            "first": _FIRST,
            "limit": _LIMIT,
        },
        record(
            {
                "file": text(),
                "kept": number("Seconds that are not silence.", 0),
                "total": count("Ranges in all."),
                "ranges": listing(forms.PAUSE, "They cover the file."),
            }
        ),
        _silence,
        required=("file",),
    ),
)
