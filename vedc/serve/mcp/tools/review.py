"""Tools that judge a film: whether it is ready for delivery, and what changed."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final

from vedc.errors import UsageError
from vedc.report.forms import review as forms
from vedc.report.forms.shape import choice, flag, listing, text
from vedc.serve.mcp.core.call import Call
from vedc.serve.mcp.core.folder import Folder
from vedc.serve.mcp.core.pictures import pages
from vedc.serve.mcp.core.tool import OUTPUTS, VARIABLES, Answer, Picture, Tool

if TYPE_CHECKING:
    from vedc.execute.devices.device import Device
    from vedc.lang.yaml.load import Document
    from vedc.review.compare.compare import Opened
    from vedc.review.compare.results import Comparison
    from vedc.review.compare.sides import Side

_SPECS: Final = (".yaml", ".yml")


def _check(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    from vedc.report.review import checked as report
    from vedc.report.target import find_target
    from vedc.review.check.of_file import Wanted, check_file

    name, target = given["file"], given.get("target")
    path = folder.existing(name)
    wanted = Wanted.of(
        given["checks"],
        given["skip"],
        [f"{limit}={value}" for limit, value in given["limits"].items()],
        find_target(target) if target else None,
    )
    left: dict[str, str] = {}
    if path.suffix.lower() in _SPECS:
        films, left = _checked_spec(folder, call, given, wanted)
    else:
        from vedc.report.progress import SECONDS

        for argument in ("variables", "only"):
            if given[argument]:
                message = f"`{argument}` applies to a spec, and {name} is a film"
                raise UsageError.one("bad-argument", message, hint="leave it out, or name a spec")
        films = [check_file(path, wanted, call.progress(SECONDS))]
    data = report.data(name, films, {folder.shown(path): why for path, why in left.items()})
    for film in data["films"]:
        film["path"] = folder.shown(film["path"])
        for finding in film["findings"]:
            if finding["file"] is not None:
                finding["file"] = folder.shown(os.path.abspath(finding["file"]))
    return Answer(data)


def _checked_spec(
    folder: Folder, call: Call, given: dict[str, Any], wanted: Any
) -> tuple[Any, dict[str, str]]:
    from vedc.execute.devices.device import pick_device
    from vedc.report.progress import FRAMES, SECONDS
    from vedc.review.check.of_spec import check_spec
    from vedc.workspace.build import Deciding

    build = folder.build(given["file"], given["variables"], only=(*given["only"],))
    deciding = Deciding(build, "decide", call.progress(SECONDS))
    edits = build.edits(deciding)
    deciding.save()
    made = check_spec(
        build,
        edits,
        deciding,
        wanted,
        device=pick_device("auto"),
        rendering=call.progress(FRAMES),
        progress=call.progress(SECONDS),
    )
    return made.films, made.left


def _diff(folder: Folder, call: Call, given: dict[str, Any]) -> Answer:
    from vedc.execute.devices.device import pick_device
    from vedc.report.progress import FRAMES
    from vedc.report.review.compared import as_data
    from vedc.review.compare.compare import Wanted, compared
    from vedc.review.compare.documents import compare_documents
    from vedc.review.compare.sides import Drawing

    device = pick_device("auto")
    before, old = _side(folder, call, given["before"], device)
    after, new = _side(folder, call, given["after"], device)
    wanted = Wanted(given["frames"], given["frames"])
    drawing = Drawing(device, 0, call.progress(FRAMES))
    sheet: tuple[Picture, ...] = ()
    with compared(before, after, wanted, drawing, all_pictures=given["pictures"]) as (
        found,
        pictures,
    ):
        if old is not None and new is not None:
            found.changes = compare_documents(old.root, new.root)
        if given["pictures"] and pictures is not None and found.stretches:
            sheet = _sheet(folder, found, pictures)
    data = as_data(found)
    for change in data["spec"]:
        for at in (change["before_at"], change["after_at"]):
            if at is not None:
                at["file"] = folder.shown(os.path.abspath(at["file"]))
    return Answer(data, sheet)


def _sheet(folder: Folder, found: Comparison, pictures: Opened) -> tuple[Picture, ...]:
    from PIL import Image

    from vedc.report.review.pictures import write_sheet
    from vedc.workspace.build import CACHE

    target = folder.root / CACHE / f"diff-{token_hex(6)}.png"
    folder.check(target, "the cache")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_sheet(found, pictures, target)
        with Image.open(target) as drawn:
            return pages(drawn, 3)
    finally:
        target.unlink(missing_ok=True)


def _side(folder: Folder, call: Call, name: str, device: Device) -> tuple[Side, Document | None]:
    from vedc.report.progress import SECONDS
    from vedc.review.compare.sides import FilmSide, SpecSide
    from vedc.workspace.analyses import open_media
    from vedc.workspace.build import Deciding

    path: Path = folder.existing(name)
    if path.suffix.lower() not in _SPECS:
        media = open_media(path)
        if media.kind == "image":
            message = f"{name} is a picture"
            raise UsageError.one("not-a-film", message, hint="name a spec or a film")
        return FilmSide(name, media), None
    build = folder.build(name)
    deciding = Deciding(build, "decide", call.progress(SECONDS))
    deciding.networks = device.networks
    edits = build.edits(deciding)
    settled = deciding.settled
    document = deciding.canonical if settled is None else settled.document
    return SpecSide(name, build, edits[0]), document


def _targets() -> list[str]:
    from vedc.lang.keys.targets import TARGETS

    return list(TARGETS)


_SIDE: Final = "a spec or a film, relative to the served folder."

TOOLS: Final = (
    Tool(
        "check",
        "Check a film before delivery",
        "Find what is wrong with a film: black, frozen or flashing frames, clipping, silence, "
        "loudness, captions too fast to read, a format that the platform refuses. Of a spec, its "
        "outputs are checked as they would be rendered. Each finding has its time, what was "
        "measured, the limit, and a cure. Do it before you hand a film over.",
        {
            "file": text("A film, or a spec (*.vedc.yaml), relative to the served folder."),
            "target": choice("Only this platform's limits, too: where the film goes.", *_targets()),
            "checks": {**listing(text(), "Make these checks alone."), "default": []},
            "skip": {**listing(text(), "Leave these checks out."), "default": []},
            "limits": {
                "type": "object",
                "additionalProperties": {"type": ["string", "number"]},
                "description": 'Other limits, by name: {"black.longest": "4s"}.',
                "default": {},
            },
            "variables": VARIABLES,
            "only": OUTPUTS,
        },
        forms.CHECK,
        _check,
        required=("file",),
        writes=True,
    ),
    Tool(
        "diff",
        "Compare two edits",
        "Say what changed between two specs or films: keys of the spec, frames that were changed, "
        "inserted or removed (with PSNR and SSIM), sound, captions. With `pictures`, also before, "
        "after and difference of each stretch. Copy a spec before you change it, and compare, to "
        "be sure that nothing else changed.",
        {
            "before": text(f"The old side: {_SIDE}"),
            "after": text(f"The new side: {_SIDE}"),
            "frames": {
                **flag("Draw and measure frames and sound; else say which can differ."),
                "default": True,
            },
            "pictures": {**flag("Return pictures of what differs."), "default": False},
        },
        forms.DIFF,
        _diff,
        required=("before", "after"),
    ),
)
