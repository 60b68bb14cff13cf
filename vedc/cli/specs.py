"""Commands that check, render and show a spec."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

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
    Only,
    PartOptions,
    Quiet,
    Scale,
    Settings,
    Spec,
    Strict,
    Variables,
    Warnings,
    WorkerCount,
    build_of,
    deciding_of,
    print_json,
    print_warnings,
    progress,
    say,
)
from vedc.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from vedc.edit.model import Edit
    from vedc.execute.output import RenderSummary

_RESUME = "finished segments are stored; the same command continues from there"


def render(
    *,
    spec: Spec,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Write the one output to FILE instead, or to standard output (-).",
        ),
    ] = None,
    container: Annotated[
        Literal["mkv", "mp4", "ts"] | None,
        typer.Option(
            "--container",
            help="What -o - writes: Matroska (the default), fragmented MP4 or MPEG-TS.",
        ),
    ] = None,
    yes: Annotated[
        bool, typer.Option("-y", "--yes", help="Replace files that vedc did not write.")
    ] = False,
    only: Only = None,
    part: PartOptions,
    scale: Scale = "1",
    variables: Variables,
    jobs: Jobs = 0,
    workers: WorkerCount = 0,
    device: DeviceName = "auto",
    networks: NetworksBy = "auto",
    locked: Locked = False,
    access: Access,
    cache: Cache = None,
    strict: Strict = False,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Render the outputs of a spec."""
    from vedc.execute.devices.device import pick_device
    from vedc.execute.workers.pool import WorkerPool
    from vedc.report.progress import FRAMES
    from vedc.workspace.deliver import deliver, stream

    if output is not None and only:
        message = "-o names the file of a spec's one output, and --only chooses among several"
        raise UsageError.one("bad-option", message, hint="leave one of them out")
    to_stdout = output == Path("-")
    if to_stdout:
        _check_stdout(as_json)
        output = None
    elif container is not None:
        message = "--container says what -o - writes, and the film is written to a file"
        hint = "give the file the extension of its container, or add -o -"
        raise UsageError.one("bad-option", message, hint=hint)
    target_device = pick_device(device, networks)
    build = build_of(
        spec, variables, access, cache, output, part, scale=scale, quiet=quiet, only=only
    )
    quiet = quiet or as_json
    if target_device.note and not quiet:
        print(f"note: {target_device.note}", file=sys.stderr)
    deciding = deciding_of(build, locked=locked, quiet=quiet, threads=jobs)
    bar = progress(FRAMES, quiet)
    warn = Warnings(strict=strict, quiet=quiet)
    try:
        with WorkerPool(workers or None) as pool:
            if to_stdout:
                summary = stream(
                    build,
                    sys.stdout.buffer,
                    threads=jobs,
                    progress=bar,
                    device=target_device,
                    deciding=deciding,
                    warn=warn,
                    strict=strict,
                    container=container or "mkv",
                    workers=pool,
                )
            else:
                summaries = deliver(
                    build,
                    replace=yes,
                    threads=jobs,
                    progress=bar,
                    device=target_device,
                    deciding=deciding,
                    warn=warn,
                    strict=strict,
                    workers=pool,
                )
    except Interrupted:
        raise Interrupted.one("interrupted", "interrupted", hint=_RESUME) from None
    if to_stdout:
        if not quiet:
            print(replace(summary, target="standard output").summary(), file=sys.stderr)
    elif as_json:
        print_json([summary_data(summary) for summary in summaries])
    elif not quiet:
        for summary in summaries:
            say(summary.summary())


def summary_data(summary: RenderSummary) -> dict[str, Any]:
    from vedc.report.problems import records

    return asdict(summary) | {"warnings": records(summary.warnings)}


def _check_stdout(as_json: bool) -> None:
    """Raise UsageError if standard output cannot take a film."""
    if as_json or Settings.format != "human":
        option = "--json" if as_json else f"--format {Settings.format}"
        message = f"{option} and -o - both write to standard output"
        Settings.as_json, Settings.format = False, "human"  # a player may be reading
        raise UsageError.one("bad-option", message, hint="leave one of them out")
    if sys.stdout.isatty():
        message = "-o - writes a film to standard output, which is a terminal"
        raise UsageError.one("bad-option", message, hint="add | mpv - or > film.mkv")


def validate(
    *,
    spec: Spec,
    variables: Variables,
    locked: Locked = False,
    access: Access,
    cache: Cache = None,
    strict: Strict = False,
    as_json: Json = False,
    messages: Messages,
) -> None:
    """Check a spec and its files, without rendering or deciding anything."""
    from vedc.plan.sound import plan_sound
    from vedc.workspace.build import Deciding, warnings_of

    build = build_of(spec, variables, access, cache)
    deciding = Deciding(build, "locked" if locked else "kept")
    edits = build.edits(deciding)
    Warnings(strict=strict, quiet=as_json)(warnings_of(edits, deciding, notes=True))
    undecided = deciding.settled.open if deciding.settled is not None else []
    for edit in edits if not undecided else ():
        plan_sound(edit, str)  # refuses sources and codecs whose channels do not fit
    if as_json:
        print_json([_edit_data(edit, undecided) for edit in edits])
        return
    for edit in edits:
        profile, output = edit.profile, edit.output
        if undecided:
            length = f"to be decided: {', '.join(undecided)}"
        elif output.at is not None:
            length = "a picture"
        elif output.sheet is not None:
            length = f"a contact sheet of {_frames_of(edit)} pictures"
        else:
            length = f"{float(edit.duration / profile.fps):.2f} s"
        what = [Path(output.path).name, length]
        if output.form == "sound":
            what.append("sound alone")
        else:
            what.append(f"{profile.width}x{profile.height} at {profile.fps} fps")
        say(f"{spec}: valid: {', '.join(what)}")


def _frames_of(edit: Edit) -> int:
    """The frames that an output shows."""
    output = edit.output
    if output.sheet is not None:
        return len(output.sheet.frames((0, edit.duration), edit.profile.fps))
    return 1 if output.at is not None else edit.duration


def _edit_data(edit: Edit, undecided: list[str]) -> dict[str, Any]:
    from vedc.report.problems import records

    return {
        "output": edit.output.path,
        "frames": None if undecided else _frames_of(edit),
        "width": edit.profile.width,
        "height": edit.profile.height,
        "fps": str(edit.profile.fps),
        "undecided": undecided,
        "warnings": records(edit.warnings),
    }


def config(
    *,
    spec: Spec,
    variables: Variables,
    decided: Annotated[
        bool, typer.Option("--decided", help="Replace `auto` by the decisions in vedc.lock.")
    ] = False,
    access: Access,
    as_json: Json = False,
    messages: Messages,
) -> None:
    """Print the canonical form of a spec.

    Variables are filled in, and defaults and shorthand are written out.
    """
    build = build_of(spec, variables, access)
    canonical = build.canonical()
    if decided:
        from vedc.workspace.build import Deciding

        canonical = Deciding(build, "locked").resolve_lock(canonical, build.context())
    if as_json:
        print_json(canonical.data)
    else:
        from vedc.lang.yaml.dump import to_yaml

        print(to_yaml(canonical), end="")


def plan(
    *,
    spec: Spec,
    variables: Variables,
    access: Access,
    cache: Cache = None,
    trace: Annotated[
        bool, typer.Option("--trace", help="Show what each pass does to each piece's graph.")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="List the whole plan: fetches, kernels, layers, tables.")
    ] = False,
    detailed: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 2 if there is work to do.")
    ] = False,
    only: Only = None,
    part: PartOptions,
    scale: Scale = "1",
    device: DeviceName = "auto",
    networks: NetworksBy = "auto",
    locked: Locked = False,
    as_json: Json = False,
    messages: Messages,
) -> None:
    """Show what a render would do: segments, kernels, stored results."""
    from vedc.execute.devices.device import pick_device
    from vedc.execute.store import Store
    from vedc.plan.describe import as_text, describe, describe_sheet, fallbacks, trace_of
    from vedc.plan.logical import PassTrace
    from vedc.report.colors import described_colors
    from vedc.workspace.contact_sheets import drawn_for
    from vedc.workspace.networks import tell_costs
    from vedc.workspace.planning import fuse_plan, plan_edit

    target_device = pick_device(device, networks)
    build = build_of(spec, variables, access, cache, part=part, scale=scale, only=only)
    described = []
    store = Store(build.folder)
    deciding = deciding_of(build, locked=locked, quiet=as_json)
    deciding.networks = target_device.networks
    edits = build.edits(deciding)
    print_warnings(deciding)
    for edit in edits:
        passes: list[PassTrace] = []
        fused = [
            fuse_plan(plan_edit(build, each, passes.append if trace else None, target_device))
            for each in drawn_for(edit, build, deciding)
        ]
        if edit.output.sheet is None:
            entry = describe(fused[0], store.has)
        else:
            entry = describe_sheet(edit.output.path, fused, store.has)
        entry["device"] = str(target_device)
        entry["fallbacks"] = fallbacks(edit)
        if (colors := described_colors(edit)) is not None:
            entry["color"] = colors
        tell_costs(entry, target_device, build.folder)
        if full:
            entry["listing"] = "".join(each.text() for each in fused)
        if trace:
            entry["trace"] = trace_of(passes)
        described.append(entry)
    if as_json:
        print_json(described)
    else:
        say("\n".join(as_text(d) for d in described), end="")
    if detailed and any(not s["stored"] for d in described for s in d["segments"]):
        raise typer.Exit(2)


def graph(
    *,
    spec: Spec,
    at: Annotated[
        str, typer.Option("--at", metavar="TIME", help="Time in the film whose piece is drawn.")
    ] = "0s",
    form: Annotated[
        Literal["mermaid", "dot", "text"], typer.Option("--as", help="Format of the graph.")
    ] = "mermaid",
    raw: Annotated[bool, typer.Option("--raw", help="The graph before any pass.")] = False,
    decisions: Annotated[
        bool,
        typer.Option("--decisions", help="The decisions instead, and the analyses they rely on."),
    ] = False,
    variables: Variables,
    access: Access,
    cache: Cache = None,
    messages: Messages,
) -> None:
    """Print the graph at a time of the film, as Mermaid, DOT or text."""
    build = build_of(spec, variables, access, cache)
    if decisions:
        from vedc.report.decisions.graph import decision_graph

        say(decision_graph(deciding_of(build), form), end="")
        return
    from vedc.workspace.planning import graph_at

    say(graph_at(build, at, form, raw), end="")
