"""Tools that look: frames of the film that a spec makes, and the whole film at a glance."""

from __future__ import annotations

from fractions import Fraction
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from vedc.report.forms import review as forms
from vedc.report.forms.shape import count, listing, number, record, text
from vedc.serve.mcp.core.call import Call
from vedc.serve.mcp.core.folder import Folder
from vedc.serve.mcp.core.pictures import LONGEST, encoded, pages
from vedc.serve.mcp.core.tool import FROM, SPEC, TO, VARIABLES, Answer, Picture, Tool
from vedc.workspace.moments import Part, frame_shown_at

if TYPE_CHECKING:
    from vedc.edit.model import Edit
    from vedc.report.review.board import Board
    from vedc.workspace.build import Build, Deciding
    from vedc.workspace.sheets.film_sheet import FilmSheet

#: The most pages of a sheet that are returned.
MOST_PAGES: Final = 3


def _open(folder: Folder, call: Call, given: dict[str, Any]) -> tuple[Build, Edit, Deciding]:
    """The film of a spec, on the canvas of its first output; open decisions are made."""
    from vedc.report.progress import SECONDS
    from vedc.workspace.build import Deciding
    from vedc.workspace.film_frames import pictured

    part = Part(given.get("from"), given.get("to"))
    build = pictured(folder.build(given["spec"], given["variables"], part=part))
    deciding = Deciding(build, "decide", call.progress(SECONDS))
    (film,) = build.edits(deciding)
    deciding.save()
    return build, film, deciding


def _still(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    from PIL import Image

    from vedc.execute.devices.device import pick_device
    from vedc.report.progress import FRAMES
    from vedc.workspace.film_frames import at_size, film_frames

    build, film, deciding = _open(folder, call, given)
    frames = [frame_shown_at(film, "at", time) for time in given["at"]]
    shown = sorted(set(frames))
    scale = min(Fraction(1), Fraction(given["width"], film.profile.width))
    made: dict[int, Picture] = {}
    with film_frames(
        build,
        at_size(build, film, scale, deciding),
        shown,
        device=pick_device("auto"),
        progress=call.progress(FRAMES),
        title="pictures",
    ) as drawn:
        for frame, path in zip(shown, drawn.files, strict=True):
            with Image.open(path) as picture:
                made[frame] = encoded(picture)
    return Answer(
        {
            "spec": given["spec"],
            "canvas": [film.profile.width, film.profile.height],
            "pictures": [_picture_data(film, frame, made[frame]) for frame in frames],
        },
        tuple(made[frame] for frame in frames),
    )


def _picture_data(film: Edit, frame: int, picture: Picture) -> dict[str, Any]:
    seconds = float(frame / film.profile.fps)
    return {"time": seconds, "frame": frame, "size": [picture.width, picture.height]}


def _storyboard(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    from vedc.report.review.board import Board, as_data
    from vedc.review.board.shots import shots_of

    build, film, deciding = _open(folder, call, given)
    shots = shots_of(film)
    data = as_data(film, shots) | {"output": given["spec"]}
    if not shots:
        return Answer(data)
    target = build.folder / f"sheet-{token_hex(6)}.png"
    board = Board(target, deciding.name, film, shots, given.get("columns"))
    return Answer(data, _drawn(call, build, film, deciding, board))


def _sheet(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    from vedc.edit.model import Sheet
    from vedc.workspace.sheets.film_sheet import FilmSheet

    build, film, deciding = _open(folder, call, given)
    rate = film.profile.fps
    span = build.part.of(film) or (0, film.duration)
    frames = Sheet(count=given["count"]).frames(span, rate)
    target = build.folder / f"sheet-{token_hex(6)}.png"
    sheet = FilmSheet(target, deciding.name, film, frames, given.get("columns"))
    return Answer(
        {
            "spec": given["spec"],
            "seconds": float(film.duration / rate),
            "pictures": [{"time": float(frame / rate), "frame": frame} for frame in frames],
        },
        _drawn(call, build, film, deciding, sheet),
    )


def _drawn(
    call: Call, build: Build, film: Edit, deciding: Deciding, sheet: Board | FilmSheet
) -> tuple[Picture, ...]:
    """The first pages of a sheet or a storyboard; its files are removed again."""
    from PIL import Image

    from vedc.execute.devices.device import pick_device
    from vedc.report.progress import FRAMES
    from vedc.workspace.film_frames import at_size, film_frames

    try:
        with film_frames(
            build,
            at_size(build, film, sheet.scale, deciding),
            sheet.frames,
            device=pick_device("auto"),
            progress=call.progress(FRAMES),
            title="pictures",
        ) as drawn:
            sheet.write(drawn.files)
        found: list[Picture] = []
        for page in sheet.pages:
            with Image.open(page) as picture:
                found += pages(picture, MOST_PAGES - len(found))
            if len(found) == MOST_PAGES:
                break
        return tuple(found)
    finally:
        for page in sheet.pages:
            page.unlink(missing_ok=True)


_MOMENT: Final = {"time": number("Seconds.", 0), "frame": count()}

TOOLS: Final = (
    Tool(
        "still",
        "Look at frames",
        "Render frames of a film at given times and return them as pictures. Look at every title, "
        "every transition and every effect after changing it. Renders only those frames.",
        {
            "spec": SPEC,
            "at": {
                **listing(
                    text("A time: 12s, 300f, 00:01:00:12, 25%, or -1f, the last frame."),
                    "Times in the film.",
                    least=1,
                    most=8,
                )
            },
            "width": {
                **count("Largest width of a picture in pixels."),
                "minimum": 64,
                "maximum": LONGEST,
                "default": 768,
            },
            "variables": VARIABLES,
        },
        record(
            {
                "spec": text(),
                "canvas": listing(count(), "Size of the film.", least=2, most=2),
                "pictures": listing(
                    record({**_MOMENT, "size": listing(count(), least=2, most=2)}),
                    "In the order asked for, as the pictures are.",
                ),
            }
        ),
        _still,
        required=("spec", "at"),
        writes=True,
    ),
    Tool(
        "storyboard",
        "Look at each shot",
        "List the shots of the film that a spec makes (when, from which file, by which transition, "
        "with which titles and effects), with a picture of each. Use it to judge order, rhythm and "
        "look before a render. Nothing moving is shown: look at transitions with `still`.",
        {
            "spec": SPEC,
            "columns": {**count("Pictures in a row."), "minimum": 1, "maximum": 12},
            "variables": VARIABLES,
        },
        forms.STORYBOARD,
        _storyboard,
        required=("spec",),
        writes=True,
    ),
    Tool(
        "sheet",
        "Look at the whole film",
        "Return a contact sheet of the film that a spec makes: pictures spread evenly over it or a "
        "part of it, each with its timecode. Use it for what changes within a shot.",
        {
            "spec": SPEC,
            "count": {**count("Pictures."), "minimum": 1, "maximum": 60, "default": 20},
            "columns": {**count("Pictures in a row."), "minimum": 1, "maximum": 12},
            "from": FROM,
            "to": TO,
            "variables": VARIABLES,
        },
        record(
            {
                "spec": text(),
                "seconds": number("Length of the film.", 0),
                "pictures": listing(record(_MOMENT), "What the sheet shows, in order."),
            }
        ),
        _sheet,
        required=("spec",),
        writes=True,
    ),
)
