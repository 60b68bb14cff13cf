"""``vedc diff``: what changed between two edits."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vedc.cli.options import (
    Access,
    Cache,
    DeviceName,
    Jobs,
    Json,
    Locked,
    Messages,
    NetworksBy,
    Quiet,
    Variables,
    build_of,
    deciding_of,
    print_json,
    print_warnings,
    print_written,
    progress,
    say,
)
from vedc.errors import UsageError

if TYPE_CHECKING:
    from vedc.execute.devices.device import Device
    from vedc.lang.yaml.load import Document
    from vedc.review.compare.revisions import Revision
    from vedc.review.compare.sides import Side


def diff(
    *,
    before: Annotated[
        str,
        typer.Argument(
            metavar="OLD", help="A spec, a film, or REV:SPEC: the spec in a revision of git."
        ),
    ],
    after: Annotated[
        str | None,
        typer.Argument(
            metavar="[NEW]", help="The same; without it, OLD is compared with the last commit."
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against", metavar="REV", help="The revision to compare with, by default HEAD."
        ),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="NAME", help="The output to compare, if not the first."),
    ] = None,
    no_frames: Annotated[
        bool,
        typer.Option("--no-frames", help="Draw nothing; only list the frames that can differ."),
    ] = False,
    no_sound: Annotated[bool, typer.Option("--no-sound", help="Do not compare sound.")] = False,
    min_psnr: Annotated[
        float | None,
        typer.Option(
            "--min-psnr",
            metavar="DB",
            min=1,
            help="Frames this close count as the same. By default only equal ones do, and those "
            "from 32 dB on where a film is compared with a spec.",
        ),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option(
            "--sheet",
            metavar="FILE",
            help="Write before, after and difference of each stretch: .png, .jpg or .webp.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write both sides as a film: .mp4."),
    ] = None,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Replace existing files.")] = False,
    variables: Variables,
    jobs: Jobs = 0,
    device: DeviceName = "auto",
    networks: NetworksBy = "auto",
    locked: Locked = False,
    access: Access,
    cache: Cache = None,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Compare two edits, or films: what changed in the spec, which frames, and by how much.

    Exit with 1 if there is any difference.
    """
    from vedc.execute.devices.device import pick_device
    from vedc.report.progress import FRAMES
    from vedc.report.review.compared import as_data, as_text
    from vedc.review.compare.compare import Wanted, compared, outputs_of_one
    from vedc.review.compare.documents import compare_documents
    from vedc.review.compare.sides import Drawing

    _check_targets(sheet, output, yes, drawn=not no_frames)
    target_device = pick_device(device, networks)
    with ExitStack() as stack:
        opening = _Opening(
            stack, variables, access, cache, target_device, locked=locked, quiet=quiet or as_json,
            jobs=jobs, only=only,
        )  # fmt: skip
        old, new = opening.both(before, after, against)
        bar = progress(FRAMES, quiet or as_json)
        wanted = Wanted(not no_frames, not no_sound, min_psnr)
        drawing = Drawing(target_device, jobs, bar)
        with compared(old.side, new.side, wanted, drawing, all_pictures=bool(sheet or output)) as (
            found,
            pictures,
        ):
            found.before, found.after = old.label, new.label
            if old.document is not None and new.document is not None:
                found.changes = [
                    replace(
                        change,
                        before_at=old.located(change.before_at),
                        after_at=new.located(change.after_at),
                    )
                    for change in compare_documents(old.document.root, new.document.root)
                ]
                found.outputs = outputs_of_one(old.outputs, new.outputs)
            if pictures is not None and found.stretches:
                from vedc.report.review.pictures import write_film, write_sheet

                for target, write in ((sheet, write_sheet), (output, write_film)):
                    if target is not None:
                        write(found, pictures, target)
                        if not quiet:
                            print_written(target)
            elif (sheet or output) and not quiet:
                print("note: no frame differs, so no picture is written", file=sys.stderr)
    if as_json:
        print_json(as_data(found))
    elif not quiet:
        say(as_text(found), end="")
    if not found.same or found.changes:
        raise typer.Exit(1)


def _check_targets(sheet: Path | None, film: Path | None, yes: bool, *, drawn: bool) -> None:
    from vedc.workspace.sheets.page import check_kind

    if sheet is not None:
        check_kind(sheet)
    if film is not None and film.suffix.lower() != ".mp4":
        message = f"{film.name}: the name of the film must end in .mp4"
        raise UsageError.one("bad-film", message, hint=f"write {film.stem or 'diff'}.mp4")
    for target in (sheet, film):
        if target is None:
            continue
        if not drawn:
            message = "--no-frames draws nothing, so there are no pictures to write"
            raise UsageError.one("bad-option", message, hint="leave one of them out")
        if target.exists() and not yes:
            hint = "replace it with -y, or choose another name"
            raise UsageError.one("output-exists", f"{target} already exists", hint=hint)


class _Named:
    """A side with its label."""

    def __init__(
        self,
        label: str,
        side: Side,
        document: Document | None,
        outputs: list[str],
        revision: Revision | None,
    ) -> None:
        self.label, self.side, self.document = label, side, document
        self.outputs, self._revision = outputs, revision
        self.located = (lambda at: at) if revision is None else revision.located


class _Opening:
    """Opens what the arguments name."""

    def __init__(
        self,
        stack: ExitStack,
        variables: Variables,
        access: Access,
        cache: Path | None,
        device: Device,
        *,
        locked: bool,
        quiet: bool,
        jobs: int,
        only: str | None,
    ) -> None:
        self._stack, self._variables, self._access, self._cache = stack, variables, access, cache
        self._device, self._locked, self._quiet, self._jobs = device, locked, quiet, jobs
        self._only = only

    def both(self, before: str, after: str | None, against: str | None) -> tuple[_Named, _Named]:
        if after is not None and against is not None:
            message = "--against names what one spec is compared with, and two are given"
            raise UsageError.one("bad-option", message, hint="leave --against or NEW out")
        if after is None:
            return self._at(against or "HEAD", before), self.one(before)
        if not os.path.lexists(before) and _is_spec(after) and self._is_revision(before):
            return self._at(before, after), self.one(after)  # as in git diff REV -- FILE
        return self.one(before), self.one(after)

    def one(self, text: str) -> _Named:
        revision, colon, path = text.partition(":")
        if colon and path and not os.path.lexists(text) and self._is_revision(revision):
            return self._at(revision, path)
        return self._spec(text) if text == "-" or _is_spec(text) else self._film(text)

    @staticmethod
    def _is_revision(text: str) -> bool:
        from vedc.review.compare.revisions import is_revision

        return is_revision(text)

    def _at(self, revision: str, path: str) -> _Named:
        from vedc.review.compare.revisions import at_revision

        if path == "-" or not _is_spec(path):
            message = f"{path}: only a spec is compared with what it was in git"
            raise UsageError.one("bad-option", message, hint="name two files: vedc diff OLD NEW")
        found = self._stack.enter_context(at_revision(Path(path), revision))
        with found.renamed():
            return self._spec(str(found.file), found)

    def _film(self, text: str) -> _Named:
        from vedc.review.compare.sides import FilmSide
        from vedc.workspace.analyses import open_media

        media = open_media(Path(text))
        if media.kind == "image":
            message = f"{text} is a picture"
            raise UsageError.one("not-a-film", message, hint="name a spec or a film")
        return _Named(text, FilmSide(text, media), None, [], None)

    def _spec(self, text: str, revision: Revision | None = None) -> _Named:
        from vedc.review.compare.sides import SpecSide
        from vedc.workspace.build import CACHE

        only = [self._only] if self._only else None
        build = build_of(
            text, self._variables, self._access, self._cache, quiet=self._quiet, only=only
        )
        if revision is not None:
            real = revision.root / revision.file.relative_to(revision.folder)
            build = replace(
                build,
                # Everything that is not in the revision is a link to the working tree.
                allow=[*map(revision.place, build.allow), *build.allow, revision.root],
                cache=self._cache or real.parent / CACHE,
            )
        deciding = deciding_of(build, locked=self._locked, quiet=self._quiet, threads=self._jobs)
        deciding.networks = self._device.networks
        edits = build.edits(deciding)
        if not self._quiet:
            print_warnings(deciding)
        document = deciding.canonical if deciding.settled is None else deciding.settled.document
        label = text if revision is None else revision.label
        names = list(dict.fromkeys(os.path.relpath(e.output.path, build.root) for e in edits))
        return _Named(label, SpecSide(label, build, edits[0]), document, names, revision)


def _is_spec(text: str) -> bool:
    return text.lower().endswith((".yaml", ".yml"))
