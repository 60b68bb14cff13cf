"""Commands on a spec, and what is told of ops."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vedc.cli.options import (
    Allow,
    Cache,
    DeviceName,
    Errors,
    Json,
    Locked,
    NoColor,
    PluginFiles,
    Plugins,
    Sets,
    Spec,
    VarFile,
    build_of,
    deciding_of,
    print_json,
    tell_notes,
    without_color,
)
from vedc.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from vedc.workspace.build import Build

_KEPT = "what was finished is kept, and the same command goes on from there"


def render(
    spec: Spec,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write to FILE instead.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("-y", "--yes", help="Replace a file that vedc did not write.")
    ] = False,
    sets: Sets = None,
    var_file: VarFile = None,
    jobs: Annotated[
        int, typer.Option("--jobs", min=0, help="Threads of computing; 0: one a processor.")
    ] = 0,
    device: DeviceName = "auto",
    locked: Locked = False,
    allow: Allow = None,
    plugins: Plugins = False,
    cache: Cache = None,
    as_json: Json = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors.")] = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Render a spec's outputs."""
    from vedc.execute.device import pick_device as device_of
    from vedc.report.progress import render_progress
    from vedc.workspace.deliver import deliver

    where = device_of(device)
    build = build_of(spec, sets, var_file, allow, cache, plugins, output)
    quiet = quiet or as_json
    progress = render_progress(quiet=quiet, no_color=without_color())
    if where.note and not quiet:
        print(f"note: {where.note}", file=sys.stderr)
    deciding = deciding_of(build, locked=locked, quiet=quiet, threads=jobs)
    try:
        reports = deliver(
            build,
            replace=yes,
            threads=jobs,
            progress=progress,
            device=where,
            deciding=deciding,
        )
    except Interrupted:
        raise Interrupted.one("interrupted", "interrupted", hint=_KEPT) from None
    tell_notes(deciding)
    if as_json:
        print_json([asdict(r) for r in reports])
    elif not quiet:
        for done in reports:
            print(done.summary())


def validate(
    spec: Spec,
    sets: Sets = None,
    var_file: VarFile = None,
    locked: Locked = False,
    allow: Allow = None,
    plugins: Plugins = False,
    cache: Cache = None,
    as_json: Json = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Check a spec and all that it names, without rendering or deciding anything."""
    from vedc.workspace.build import Deciding

    build = build_of(spec, sets, var_file, allow, cache, plugins)
    deciding = Deciding(build, "locked" if locked else "kept")
    edits = build.edits(deciding)
    tell_notes(deciding)
    undecided = deciding.settled.open if deciding.settled is not None else []
    if as_json:
        print_json(
            [
                {
                    "output": e.output.path,
                    "frames": None if undecided else 1 if e.output.at is not None else e.duration,
                    "width": e.profile.width,
                    "height": e.profile.height,
                    "fps": str(e.profile.fps),
                    "undecided": undecided,
                }
                for e in edits
            ]
        )
        return
    for e in edits:
        seconds = float(e.duration / e.profile.fps)
        length = "a picture" if e.output.at is not None else f"{seconds:.2f} s"
        if undecided:
            length = f"to be decided: {', '.join(undecided)}"
        size = f"{e.profile.width}x{e.profile.height} at {e.profile.fps} fps"
        print(f"{spec}: valid: {Path(e.output.path).name}, {length}, {size}")


def config(
    spec: Spec,
    sets: Sets = None,
    var_file: VarFile = None,
    decided: Annotated[
        bool, typer.Option("--decided", help="With what vedc.lock holds in place of `auto`.")
    ] = False,
    allow: Allow = None,
    plugins: Plugins = False,
    as_json: Json = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Print the spec in its one long form: variables filled in, defaults and sugar spelt out."""
    build = build_of(spec, sets, var_file, allow, None, plugins)
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
    spec: Spec,
    sets: Sets = None,
    var_file: VarFile = None,
    allow: Allow = None,
    plugins: Plugins = False,
    cache: Cache = None,
    trace: Annotated[
        bool, typer.Option("--trace", help="Show what each pass does to each piece's graph.")
    ] = False,
    detailed: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit with 2 if anything is to be rendered.")
    ] = False,
    device: DeviceName = "auto",
    locked: Locked = False,
    as_json: Json = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Print what a render would do: segments, fused kernels, what is already in the store."""
    from vedc.execute.device import pick_device as device_of
    from vedc.execute.store import Store
    from vedc.plan.describe import as_text, describe, trace_of
    from vedc.plan.plan import PassTrace
    from vedc.workspace.planning import plan_edit, read_tables

    where = device_of(device)
    build = build_of(spec, sets, var_file, allow, cache, plugins)
    described = []
    store = Store(build.folder)
    deciding = deciding_of(build, locked=locked, quiet=as_json)
    edits = build.edits(deciding)
    tell_notes(deciding)
    for edit in edits:
        steps: list[PassTrace] = []
        made = plan_edit(build, edit, steps.append if trace else None, where)
        described.append({**describe(made, store.has, read_tables(made)), "device": str(where)})
        if trace:
            described[-1]["trace"] = trace_of(steps)
    if as_json:
        print_json(described)
    else:
        print("\n".join(as_text(d) for d in described), end="")
    if detailed and any(not s["stored"] for d in described for s in d["segments"]):
        raise typer.Exit(2)


def graph(
    spec: Spec,
    at: Annotated[str, typer.Option("--at", help="The time whose piece is drawn.")] = "0s",
    form: Annotated[
        Literal["mermaid", "dot", "text"], typer.Option("--as", help="How the graph is written.")
    ] = "mermaid",
    raw: Annotated[bool, typer.Option("--raw", help="Before the passes, not after.")] = False,
    decisions: Annotated[
        bool, typer.Option("--decisions", help="What is decided, and the analyses it comes from.")
    ] = False,
    sets: Sets = None,
    var_file: VarFile = None,
    allow: Allow = None,
    plugins: Plugins = False,
    cache: Cache = None,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Draw the graph of the piece at a time, as Mermaid or Graphviz DOT."""
    from vedc.workspace.planning import graph_at

    build = build_of(spec, sets, var_file, allow, cache, plugins)
    if decisions:
        from vedc.report.decisions.graph import decision_graph

        print(decision_graph(deciding_of(build), form), end="")
        return
    print(graph_at(build, at, form, raw), end="")


def lock(
    spec: Spec,
    sets: Sets = None,
    var_file: VarFile = None,
    force: Annotated[
        bool, typer.Option("--force", help="Decide everything again, what was edited by hand too.")
    ] = False,
    accept: Annotated[
        bool,
        typer.Option("--accept", help="Keep what was edited by hand as right for what changed."),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 5 if it is out of date.")
    ] = False,
    jobs: Annotated[
        int, typer.Option("--jobs", min=0, help="Threads of decoding; 0: one a processor.")
    ] = 0,
    allow: Allow = None,
    plugins: Plugins = False,
    cache: Cache = None,
    as_json: Json = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors.")] = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Decide what a spec leaves to vedc, and write it to vedc.lock beside the spec."""
    from vedc.report.decisions.table import locked_data, locked_text

    build = build_of(spec, sets, var_file, allow, cache, plugins)
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
    tell_notes(deciding)
    if as_json:
        print_json(locked_data(deciding))
    elif not quiet:
        print(locked_text(deciding, changed), end="")


def explain(
    name: Annotated[
        str,
        typer.Argument(
            metavar="OP|SPEC", help="An op, a preset or a blend mode; or a spec, for its decisions."
        ),
    ],
    at: Annotated[
        str | None, typer.Option("--at", help="Of a spec: the decision at this time of the film.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--open", help="Show its page, with pictures, in the browser.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write its page to FILE.")
    ] = None,
    sets: Sets = None,
    var_file: VarFile = None,
    locked: Locked = False,
    allow: Allow = None,
    allow_plugins: Plugins = False,
    plugins: PluginFiles = None,
    cache: Cache = None,
    as_json: Json = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Tell all about an op; or, of a spec, what vedc decided at a time of the film, and why."""
    if name == "-" or name.endswith((".yaml", ".yml")) or Path(name).is_file():
        build = build_of(name, sets, var_file, allow, cache, allow_plugins)
        _explain_decisions(build, at, show, output, locked, as_json)
        return
    for given, option in ((at, "--at"), (sets, "--set"), (var_file, "--var-file")):
        if given:
            message = f"{option} is for the decisions of a spec, and {name!r} is none"
            raise UsageError.one("bad-option", message, hint="name a *.vedc.yaml file")
    from vedc.report.ops.explain import as_text, explained, find, load_plugins

    load_plugins(plugins or [])
    entry = find(name)
    if show or output:
        from vedc.report.ops.page import show_page, write_page

        page = write_page(entry, output)
        print(f"{page}: written", file=sys.stderr)
        if show:
            show_page(page)
    elif as_json:
        print_json(explained(entry))
    else:
        print(as_text(entry), end="")


def _explain_decisions(
    build: Build, at: str | None, show: bool, output: Path | None, locked: bool, as_json: bool
) -> None:
    from vedc.report.decisions import text
    from vedc.report.decisions.source import view

    deciding = deciding_of(build, locked=locked, quiet=as_json)
    found = view(deciding, at, pictures=show or output is not None)
    tell_notes(deciding)
    if show or output:
        from vedc.report.decisions.page import write_page
        from vedc.report.ops.page import page_place, show_page

        page = write_page(found, page_place(f"{deciding.name}-decisions", output))
        print(f"{page}: written", file=sys.stderr)
        if show:
            show_page(page)
    elif as_json:
        print_json(text.data(found))
    else:
        color = sys.stdout.isatty() and not without_color()
        print(text.text(found, color), end="")
