"""The command line: parses arguments, calls, prints. No work is done here.

What a command gives goes to standard output, what it says on the way to standard error.
Exit codes: 0 done; 1 failed; 2 usage, or changes pending; 3 spec invalid; 4 something is
missing; 5 lock out of date; 130 interrupted.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from vedc import __version__, report
from vedc.errors import Interrupted, RenderError, UsageError, UserError

if TYPE_CHECKING:
    from vedc.runtime.build import Build

app = typer.Typer(
    name="vedc",
    help="A compiler for video edits: a YAML spec in, a film out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cache_app = typer.Typer(help="Look after the segment store.", no_args_is_help=True)
app.add_typer(cache_app, name="cache")

Format = Literal["human", "json", "github"]
#: Kinds of ops, as ``vedc.ops.OpKind`` has them: loading that here would slow every command.
Kind = Literal["grade", "blend", "transition", "key", "mask", "geometry", "stencil", "generator"]

_KEPT = "what was finished is kept, and the same command goes on from there"


class _Settings:
    """How problems are shown; set by the options of the command that runs."""

    format: Format = "human"
    no_color: bool = False


def _set_format(value: Format) -> Format:
    _Settings.format = value
    return value


def _set_no_color(value: bool) -> bool:
    _Settings.no_color = value
    return value


Spec = Annotated[
    str, typer.Argument(metavar="SPEC", help="The spec, a *.vedc.yaml file; - for standard input.")
]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Give a variable.")
]
VarFile = Annotated[
    Path | None, typer.Option("--var-file", metavar="FILE", help="Variables from a YAML file.")
]
Allow = Annotated[
    list[Path] | None,
    typer.Option("--allow-path", metavar="DIR", help="Let the spec read and write below DIR too."),
]
Plugins = Annotated[
    bool,
    typer.Option("--allow-plugins", help="Run the Python files that the spec names as plugins."),
]
Cache = Annotated[
    Path | None,
    typer.Option("--cache", metavar="DIR", help="If not .vedc/cache beside the spec."),
]
DeviceName = Annotated[
    str,
    typer.Option("--device", metavar="NAME", help="What draws: auto, cpu, cuda or cuda:N."),
]
Json = Annotated[bool, typer.Option("--json", help="Give a JSON document on standard output.")]
Errors = Annotated[
    Format, typer.Option("--format", help="How problems are shown.", callback=_set_format)
]
NoColor = Annotated[
    bool, typer.Option("--no-color", help="No colours on the terminal.", callback=_set_no_color)
]


def _build(
    spec: str,
    sets: list[str] | None,
    var_file: Path | None,
    allow: list[Path] | None,
    cache: Path | None,
    plugins: bool,
    target: Path | None = None,
) -> Build:
    from vedc.runtime.build import Build

    given: dict[str, str] = {}
    for text in sets or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UsageError.one(
                "bad-set", f"--set {text!r} is not NAME=VALUE", hint="write --set headline='Spring'"
            )
        given[name] = value
    for folder in allow or []:
        if not folder.is_dir():
            raise UsageError.one(
                "no-such-folder",
                f"--allow-path {folder}: there is no such folder",
                hint="name the folder that the files lie in",
            )
    return Build(
        "-" if spec == "-" else Path(spec), given, var_file, allow or [], cache, target, plugins
    )


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))


@app.command()
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
    allow: Allow = None,
    plugins: Plugins = False,
    cache: Cache = None,
    as_json: Json = False,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing but errors.")] = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Render a spec's outputs."""
    from vedc.runtime.deliver import deliver
    from vedc.runtime.device import choose as device_of
    from vedc.runtime.progress import choose

    where = device_of(device)
    build = _build(spec, sets, var_file, allow, cache, plugins, output)
    quiet = quiet or as_json
    progress = choose(quiet=quiet, no_color=_no_color())
    if where.note and not quiet:
        print(f"note: {where.note}", file=sys.stderr)
    try:
        reports = deliver(build, replace=yes, threads=jobs, progress=progress, device=where)
    except Interrupted:
        raise Interrupted.one("interrupted", "interrupted", hint=_KEPT) from None
    if as_json:
        _print_json([asdict(r) for r in reports])
    elif not quiet:
        for done in reports:
            print(done.summary())


@app.command()
def validate(
    spec: Spec,
    sets: Sets = None,
    var_file: VarFile = None,
    allow: Allow = None,
    plugins: Plugins = False,
    cache: Cache = None,
    as_json: Json = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Check a spec and all that it names, without rendering."""
    build = _build(spec, sets, var_file, allow, cache, plugins)
    edits = build.edits()
    if as_json:
        _print_json(
            [
                {
                    "output": e.output.path,
                    "frames": 1 if e.output.at is not None else e.duration,
                    "width": e.profile.width,
                    "height": e.profile.height,
                    "fps": str(e.profile.fps),
                }
                for e in edits
            ]
        )
        return
    for e in edits:
        seconds = float(e.duration / e.profile.fps)
        length = "a picture" if e.output.at is not None else f"{seconds:.2f} s"
        size = f"{e.profile.width}x{e.profile.height} at {e.profile.fps} fps"
        print(f"{spec}: valid: {Path(e.output.path).name}, {length}, {size}")


@app.command()
def config(
    spec: Spec,
    sets: Sets = None,
    var_file: VarFile = None,
    allow: Allow = None,
    plugins: Plugins = False,
    as_json: Json = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Print the spec in its one long form: variables filled in, defaults and sugar spelt out."""
    build = _build(spec, sets, var_file, allow, None, plugins)
    canonical = build.canonical()
    if as_json:
        _print_json(canonical.data)
    else:
        from vedc.spec.config import to_yaml

        print(to_yaml(canonical), end="")


@app.command()
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
    as_json: Json = False,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Print what a render would do: segments, fused kernels, what is already in the store."""
    from vedc.plan.describe import as_text, describe, trace_of
    from vedc.plan.plan import Step
    from vedc.runtime.device import choose as device_of
    from vedc.runtime.planning import plan_edit, read_tables
    from vedc.runtime.store import Store

    where = device_of(device)
    build = _build(spec, sets, var_file, allow, cache, plugins)
    described = []
    store = Store(build.folder)
    for edit in build.edits():
        steps: list[Step] = []
        made = plan_edit(build, edit, steps.append if trace else None, where)
        described.append({**describe(made, store.has, read_tables(made)), "device": str(where)})
        if trace:
            described[-1]["trace"] = trace_of(steps)
    if as_json:
        _print_json(described)
    else:
        print("\n".join(as_text(d) for d in described), end="")
    if detailed and any(not s["stored"] for d in described for s in d["segments"]):
        raise typer.Exit(2)


@app.command()
def graph(
    spec: Spec,
    at: Annotated[str, typer.Option("--at", help="The time whose piece is drawn.")] = "0s",
    form: Annotated[
        Literal["mermaid", "dot", "text"], typer.Option("--as", help="How the graph is written.")
    ] = "mermaid",
    raw: Annotated[bool, typer.Option("--raw", help="Before the passes, not after.")] = False,
    sets: Sets = None,
    var_file: VarFile = None,
    allow: Allow = None,
    plugins: Plugins = False,
    cache: Cache = None,
    no_color: NoColor = False,
    errors: Errors = "human",
) -> None:
    """Draw the graph of the piece at a time, as Mermaid or Graphviz DOT."""
    from vedc.runtime.planning import graph_at

    build = _build(spec, sets, var_file, allow, cache, plugins)
    print(graph_at(build, at, form, raw), end="")


@app.command()
def schema() -> None:
    """Print the JSON Schema of the language."""
    from vedc.spec.schema import schema_text

    print(schema_text(), end="")


PluginFiles = Annotated[
    list[Path] | None,
    typer.Option("--plugin", metavar="FILE", help="Run a Python file and know its ops too."),
]


@app.command()
def ops(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="[WORDS]...", help="Only ops with all of these.")
    ] = None,
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only ops of a kind.")] = None,
    plugins: PluginFiles = None,
    as_json: Json = False,
) -> None:
    """List the ops, or search them: names, what they do, when to use them, parameters."""
    from vedc.runtime.explain import listing, listing_text, load_plugins

    load_plugins(plugins or [])
    found = listing(" ".join(words or []), kind)
    if as_json:
        _print_json(found)
    else:
        print(listing_text(found), end="")


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="OP", help="An op, a preset or a blend mode.")],
    show: Annotated[
        bool, typer.Option("--open", help="Show its page, with a picture, in the browser.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write its page to FILE.")
    ] = None,
    plugins: PluginFiles = None,
    as_json: Json = False,
) -> None:
    """Tell all about an op: parameters, formula, when to use it, an example."""
    from vedc.runtime.explain import as_text, explained, find, load_plugins

    load_plugins(plugins or [])
    entry = find(name)
    if show or output:
        from vedc.runtime.explain_page import show_page, write_page

        page = write_page(entry, output)
        print(f"{page}: written", file=sys.stderr)
        if show:
            show_page(page)
    elif as_json:
        _print_json(explained(entry))
    else:
        print(as_text(entry), end="")


@app.command()
def probe(
    file: Annotated[Path, typer.Argument(help="A media file.")], as_json: Json = False
) -> None:
    """Tell what a media file holds, as vedc sees it."""
    from vedc.runtime.inspect import probed, probed_text

    info = probed(file)
    if as_json:
        _print_json(info)
    else:
        print(probed_text(info), end="")


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="The spec to write.")] = Path("edit.vedc.yaml"),
) -> None:
    """Write a small spec that renders as it is, to start from."""
    from vedc.runtime.inspect import write_template

    write_template(file)
    print(f"{file}: written; next: vedc render {file}")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Tell what this machine has: versions, codecs, instruction sets."""
    from vedc.runtime.inspect import doctor_report

    found = doctor_report()
    if as_json:
        _print_json(found)
        return
    for name, value in found.items():
        print(f"{name:12} {value}")


CacheDir = Annotated[Path, typer.Option("--cache", metavar="DIR", help="The cache folder.")]


@cache_app.command("ls")
def cache_ls(cache: CacheDir = Path(".vedc/cache"), as_json: Json = False) -> None:
    """List what the store holds, most recently used first."""
    from vedc.runtime.inspect import cache_listing, cache_text

    listing = cache_listing(cache)
    if as_json:
        _print_json(listing)
    else:
        print(cache_text(listing), end="")


@cache_app.command("gc")
def cache_gc(
    cache: CacheDir = Path(".vedc/cache"),
    limit: Annotated[
        str | None, typer.Option("--limit", help="Keep at most this much, such as 2GB; 0 for none.")
    ] = None,
) -> None:
    """Remove what was used longest ago until the store is within its limit."""
    from vedc.runtime.inspect import cache_collect

    print(cache_collect(cache, limit))


@cache_app.command("verify")
def cache_verify(cache: CacheDir = Path(".vedc/cache")) -> None:
    """Check every entry's digest and remove what is damaged."""
    from vedc.runtime.inspect import cache_check

    print(cache_check(cache))


def _version(value: bool) -> None:
    if value:
        print(f"vedc {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def _no_color() -> bool:
    return _Settings.no_color or bool(os.environ.get("NO_COLOR"))


def _show(error: UserError) -> None:
    if _Settings.format == "json":
        print(report.render_json(error.problems), end="")
    elif _Settings.format == "github":
        print(report.render_github(error.problems), end="")
    elif isinstance(error, Interrupted):  # no mistake, so no more than a line
        (problem,) = error.problems
        tail = f": {problem.hint}" if problem.hint else ""
        print(f"{problem.message}{tail}", file=sys.stderr)
    else:
        color = sys.stderr.isatty() and not _no_color()
        print(report.render_human(error.problems, None, color), end="", file=sys.stderr)


def _of_the_system(error: OSError) -> UserError:
    """For trouble that no room has a word for: a disk that fails, a file gone meanwhile."""
    reason = str(error.strerror or error).lower()
    where = f"{error.filename}: " if error.filename else ""
    hint = "put that right, and run the same command again"
    return RenderError.one("system", f"the system refuses: {where}{reason}", hint=hint)


def _interrupt(number: int, frame: object) -> NoReturn:
    # A second signal ends the process at once, whatever it is doing.
    signal.signal(number, signal.SIG_DFL)
    raise Interrupted.one("interrupted", "interrupted")


def main() -> None:
    """The entry point of ``vedc``."""
    _Settings.format, _Settings.no_color = "human", False
    # Not KeyboardInterrupt: the argument parser would turn that into exit code 1.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever called us
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 (open to the end)
    if isinstance(sys.stdout, TextIOWrapper):  # names of files need not be UTF-8
        sys.stdout.reconfigure(errors="surrogateescape")
    try:
        try:
            app(prog_name="vedc")
        except SystemExit:
            sys.stdout.flush()  # while a failure can still be told
            raise
    except UserError as error:
        _fail(error)
    except BrokenPipeError:  # the reader has seen enough, as in vedc ops | head
        _drop_output()
        sys.exit(1)
    except OSError as error:
        _fail(_of_the_system(error))


def _fail(error: UserError) -> NoReturn:
    try:
        _show(error)
        sys.stdout.flush()
    except OSError:
        _drop_output()
    sys.exit(error.exit_code)


def _drop_output() -> None:
    """Keep Python from writing once more, as it ends, what could not be written."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
