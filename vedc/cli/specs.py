"""Commands that check, render and show a spec."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vedc.cli.options import (
    Access,
    Cache,
    ClusterName,
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
    StoreName,
    Strict,
    Variables,
    Warnings,
    WorkerCount,
    build_of,
    deciding_of,
    device_of,
    print_json,
    print_warnings,
    progress,
    say,
    workers_of,
)
from vedc.errors import Interrupted, UsageError, UserError

if TYPE_CHECKING:
    from vedc.workspace.build import Build, Deciding

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
    cluster: ClusterName = None,
    store: StoreName = None,
    device: DeviceName = "auto",
    networks: NetworksBy = "auto",
    locked: Locked = False,
    access: Access,
    cache: Cache = None,
    strict: Strict = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Render again after every save, until Ctrl-C.")
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
    messages: Messages,
) -> None:
    """Render the outputs of a spec."""
    from vedc.report.progress import FRAMES
    from vedc.workspace.deliver import deliver, stream

    if output is not None and only:
        message = "-o names the file of a spec's one output, and --only chooses among several"
        raise UsageError.one("bad-option", message, hint="leave one of them out")
    to_stdout = output == Path("-")
    if watch:
        _check_watch(spec, to_stdout)
    if to_stdout:
        _check_stdout(as_json)
        output = None
    elif container is not None:
        message = "--container says what -o - writes, and the film is written to a file"
        hint = "give the file the extension of its container, or add -o -"
        raise UsageError.one("bad-option", message, hint=hint)
    target_device = device_of(device, networks, cluster)
    pool_of = workers_of(workers, cluster, strict)
    build = build_of(
        spec,
        variables,
        access,
        cache,
        output,
        part,
        scale=scale,
        quiet=quiet,
        only=only,
        store=store,
    )
    quiet = quiet or as_json
    if target_device.note and not quiet:
        print(f"note: {target_device.note}", file=sys.stderr)

    def deliver_once(build: Build, deciding: Deciding) -> None:
        with _interruptible(), pool_of() as pool:
            summaries = deliver(
                build,
                replace=yes,
                threads=jobs,
                progress=progress(FRAMES, quiet),
                device=target_device,
                deciding=deciding,
                warn=Warnings(strict=strict, quiet=quiet),
                strict=strict,
                workers=pool,
            )
        if as_json:
            from vedc.report.specs import rendered

            print_json([rendered.data(summary) for summary in summaries])
        elif not quiet:
            for summary in summaries:
                say(summary.summary())

    def decide(build: Build) -> Deciding:
        return deciding_of(build, locked=locked, quiet=quiet, threads=jobs)

    if watch:
        from vedc.cli.failures import show
        from vedc.serve.watched import keep_rendering

        def on_message(text: str) -> None:
            if not quiet:
                print(text, file=sys.stderr)

        keep_rendering(build, decide, deliver_once, show, on_message)
    elif not to_stdout:
        deliver_once(build, decide(build))
    else:
        with _interruptible(), pool_of() as pool:
            summary = stream(
                build,
                sys.stdout.buffer,
                threads=jobs,
                progress=progress(FRAMES, quiet),
                device=target_device,
                deciding=decide(build),
                warn=Warnings(strict=strict, quiet=quiet),
                strict=strict,
                container=container or "mkv",
                workers=pool,
            )
        if not quiet:
            print(replace(summary, target="standard output").summary(), file=sys.stderr)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Say that the work of an interrupted render is not lost."""
    try:
        yield
    except Interrupted:
        raise Interrupted.one("interrupted", "interrupted", hint=_RESUME) from None


def _check_watch(spec: str, to_stdout: bool) -> None:
    """Raise UsageError for inputs that cannot be watched, and outputs that cannot be rewritten."""
    if spec == "-":
        message = "--watch follows a file, and standard input is none"
        raise UsageError.one("bad-option", message, hint="save the spec, and name its file")
    if to_stdout:
        message = "--watch writes the film again after every save, and -o - writes it once"
        raise UsageError.one("bad-option", message, hint="leave one of them out")


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
    specs: Annotated[
        list[str],
        typer.Argument(metavar="SPEC...", help="*.vedc.yaml files, or - for standard input."),
    ],
    variables: Variables,
    locked: Locked = False,
    access: Access,
    cache: Cache = None,
    strict: Strict = False,
    as_json: Json = False,
    messages: Messages,
) -> None:
    """Check specs and their files, without rendering or deciding anything.

    All mistakes of all specs are reported together.
    """
    from vedc.report.specs import checked
    from vedc.workspace.specs.checking import check_spec

    failures: list[UserError] = []
    valid: list[dict[str, object]] = []
    for spec in specs:
        try:
            found = check_spec(build_of(spec, variables, access, cache), locked=locked)
            Warnings(strict=strict, quiet=as_json)(found.warnings)
            found.check_sound()
        except UserError as error:
            failures.append(error)
            continue
        valid += checked.data(found)
        for line in checked.lines(spec, found) if not as_json else ():
            say(line)
    if failures:
        problems = tuple(problem for error in failures for problem in error.problems)
        raise type(failures[0])(problems)
    if as_json:
        print_json(valid)


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
    store: StoreName = None,
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
    from vedc.plan.describe import as_text
    from vedc.report.specs.planned import described

    target_device = pick_device(device, networks)
    build = build_of(spec, variables, access, cache, part=part, scale=scale, only=only, store=store)
    kept = build.open_store()
    deciding = deciding_of(build, locked=locked, quiet=as_json)
    deciding.networks = target_device.networks
    edits = build.edits(deciding)
    print_warnings(deciding)
    plans = [
        described(build, edit, deciding, target_device, kept, trace=trace, full=full)
        for edit in edits
    ]
    if as_json:
        print_json(plans)
    else:
        say("\n".join(as_text(d) for d in plans), end="")
    segments = [segment for each in plans for segment in each["segments"]]
    if detailed and any(not s["stored"] and s["copied"] is None for s in segments):
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
