"""Commands on a spec, and ``vedc explain``, which also takes an op."""

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
    Only,
    PartOptions,
    PluginFiles,
    Quiet,
    Scale,
    Settings,
    Spec,
    Strict,
    Variables,
    Warnings,
    build_of,
    colored,
    deciding_of,
    print_json,
    print_warnings,
    print_written,
    progress,
    say,
)
from vedc.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from vedc.edit.model import Edit
    from vedc.execute.output import RenderSummary
    from vedc.workspace.build import Build

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
    device: DeviceName = "auto",
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
    target_device = pick_device(device)
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
    locked: Locked = False,
    as_json: Json = False,
    messages: Messages,
) -> None:
    """Show what a render would do: segments, kernels, stored results."""
    from vedc.execute.devices.device import pick_device
    from vedc.execute.store import Store
    from vedc.plan.describe import as_text, describe, describe_sheet, trace_of
    from vedc.plan.logical import PassTrace
    from vedc.workspace.contact_sheets import drawn_for
    from vedc.workspace.planning import fuse_plan, plan_edit

    target_device = pick_device(device)
    build = build_of(spec, variables, access, cache, part=part, scale=scale, only=only)
    described = []
    store = Store(build.folder)
    deciding = deciding_of(build, locked=locked, quiet=as_json)
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


def lock(
    *,
    spec: Spec,
    variables: Variables,
    force: Annotated[
        bool, typer.Option("--force", help="Decide everything again, including edited decisions.")
    ] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Confirm edited decisions after the spec has changed.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 5 if it is out of date.")
    ] = False,
    jobs: Jobs = 0,
    access: Access,
    cache: Cache = None,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Make the decisions that a spec leaves open; write vedc.lock."""
    from vedc.report.decisions.table import locked_data, locked_text

    build = build_of(spec, variables, access, cache, quiet=quiet or as_json)
    deciding = deciding_of(
        build,
        locked=check,
        force=force,
        accept=accept,
        tidy=True,
        quiet=quiet or as_json,
        threads=jobs,
    )
    build.edits(deciding)
    changed = not check and deciding.save()
    print_warnings(deciding)
    if as_json:
        print_json(locked_data(deciding))
    elif not quiet:
        say(locked_text(deciding, changed), end="")


def explain(
    *,
    name: Annotated[
        str,
        typer.Argument(
            metavar="OP|SPEC",
            help="An op, a preset, a text animation, a blend mode or target:NAME; or a spec.",
        ),
    ],
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="TIME", help="For a spec: the decision at this time."),
    ] = None,
    show: Annotated[
        bool, typer.Option("--open", help="Show a page with pictures in the browser.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write the page to FILE.")
    ] = None,
    variables: Variables,
    locked: Locked = False,
    access: Access,
    plugins: PluginFiles = None,
    cache: Cache = None,
    as_json: Json = False,
    messages: Messages,
) -> None:
    """Describe an op, a key of items or a target, or the decisions in a spec and their reasons."""
    if name == "-" or name.endswith((".yaml", ".yml")) or Path(name).is_file():
        build = build_of(name, variables, access, cache)
        _explain_decisions(build, at, show, output, locked, as_json)
        return
    options = ((at, "--at"), (variables.sets, "--set"), (variables.var_file, "--var-file"))
    for given, option in options:
        if given:
            message = f"{option} applies to the decisions of a spec, and {name!r} is not a spec"
            raise UsageError.one("bad-option", message, hint="name a *.vedc.yaml file")
    from vedc.report.ops.explain import as_text, explained, find, is_op, load_plugins
    from vedc.report.ops.item_key import find_key, key_data, key_text
    from vedc.report.ops.text_animation import animation_data, animation_text, find_animation

    if name.startswith("target:"):
        from vedc.report.target import find_target, target_data, target_text

        target = find_target(name)
        if show or output:
            message = f"{name} has no page of its own"
            raise UsageError.one("bad-option", message, hint=f"vedc explain {name}")
        print_json(target_data(target)) if as_json else say(target_text(target), end="")
        return
    load_plugins(plugins or [])
    key, animation = find_key(name), find_animation(name)
    if animation is not None and (name != animation or not (key or is_op(name))):
        if show or output:
            message = f"{animation} is a text animation and has no page of its own"
            raise UsageError.one("bad-option", message, hint="vedc explain OP --open")
        if as_json:
            print_json(animation_data(animation))
        else:
            say(animation_text(animation), end="")
        return
    if key is not None and not is_op(name):
        if show or output:
            message = f"{name} is a key of items and has no page of its own"
            raise UsageError.one("bad-option", message, hint="vedc explain OP --open")
        print_json(key_data(key)) if as_json else say(key_text(key), end="")
        return
    entry = find(name)
    if show or output:
        from vedc.report.ops.page import write_page

        _page_written(write_page(entry, output), show)
    elif as_json:
        print_json(explained(entry))
    else:
        say(as_text(entry), end="")
        if key is not None:
            say(f"\n{key_text(key)}", end="")
        if animation is not None:
            say(f"\n{animation_text(animation)}", end="")


def _explain_decisions(
    build: Build, at: str | None, show: bool, output: Path | None, locked: bool, as_json: bool
) -> None:
    from vedc.report.decisions import text
    from vedc.report.decisions.source import view

    deciding = deciding_of(build, locked=locked, quiet=as_json)
    found = view(deciding, at, pictures=show or output is not None)
    print_warnings(deciding)
    if show or output:
        from vedc.report.decisions.page import write_page
        from vedc.report.ops.page import page_place

        _page_written(write_page(found, page_place(f"{deciding.name}-decisions", output)), show)
    elif as_json:
        print_json(text.data(found))
    else:
        say(text.text(found, colored()), end="")


def _page_written(page: Path, show: bool) -> None:
    from vedc.report.ops.page import show_page

    print_written(page)
    if show:
        show_page(page)
