"""Options that commands share, and how a command's output is printed.

A NamedTuple of options is a group: a command declares one parameter of that type, and
:func:`expand_groups` adds all of the group's options to its command line in that place.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, get_type_hints

import typer

from vedc.errors import SpecError, UsageError, as_errors
from vedc.support.printable import printable, to_json

if TYPE_CHECKING:
    from vedc.errors import Problem
    from vedc.execute.devices.device import Device
    from vedc.execute.shared.address import Address
    from vedc.execute.workers.pool import WorkerPool
    from vedc.report.progress import Bar, Lines, Unit
    from vedc.workspace.build import Build, Deciding

Format = Literal["human", "json", "github"]


class Settings:
    """How problems are shown; set by the options of the command that runs."""

    format: Format = "human"
    as_json: bool = False
    """Whether the result is JSON; a failure then is too, unless ``format`` is github."""
    no_color: bool = False


def _set_format(value: Format) -> Format:
    Settings.format = value
    return value


def _set_json(value: bool) -> bool:
    Settings.as_json = value
    return value


def _set_no_color(value: bool) -> bool:
    Settings.no_color = value
    return value


Spec = Annotated[
    str, typer.Argument(metavar="SPEC", help="A *.vedc.yaml file, or - for standard input.")
]
Cache = Annotated[
    Path | None,
    typer.Option(
        "--cache", metavar="DIR", help="Cache folder, by default .vedc/cache beside the spec."
    ),
]
DeviceName = Annotated[
    str,
    typer.Option(
        "--device", metavar="NAME", help="Where to render frames: auto, cpu, cuda or cuda:N."
    ),
]
NetworksBy = Annotated[
    str,
    typer.Option(
        "--nn", metavar="NAME", help="What runs networks on the CPU: auto, cv, ort or torch."
    ),
]
Jobs = Annotated[
    int,
    typer.Option("--jobs", min=0, help="Threads that decode and compute; 0 uses one per CPU core."),
]
WorkerCount = Annotated[
    int,
    typer.Option(
        "--workers",
        metavar="N",
        min=0,
        help="Processes that render; 0 chooses by cores, memory and the length of the film.",
    ),
]
ClusterName = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Let the machines of a Ray cluster render, too: local, auto, HOST:6379 or "
        "ray://HOST:10001.",
    ),
]
StoreName = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="PLACE",
        help="A store of segments that machines share: a folder, s3://BUCKET/FOLDER, "
        "gs://BUCKET/FOLDER or, to read only, https://HOST/FOLDER.",
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json", help="Print JSON on standard output, errors included.", callback=_set_json
    ),
]
Locked = Annotated[
    bool,
    typer.Option("--locked", help="Decide nothing; exit with 5 if vedc.lock is out of date."),
]
PluginFiles = Annotated[
    list[Path] | None,
    typer.Option("--plugin", metavar="FILE", help="Run a Python file and include its ops."),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Print errors only.")]
Strict = Annotated[bool, typer.Option("--strict", help="Treat every warning as an error.")]


class Variables(NamedTuple):
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set a variable.")
    ] = None
    var_file: Annotated[
        Path | None, typer.Option("--var-file", metavar="FILE", help="Variables in a YAML file.")
    ] = None


class Access(NamedTuple):
    """What a spec may touch beyond its own folder."""

    allow: Annotated[
        list[Path] | None,
        typer.Option(
            "--allow-path", metavar="DIR", help="Let the spec read and write in this folder too."
        ),
    ] = None
    allow_plugins: Annotated[
        bool, typer.Option("--allow-plugins", help="Run the Python plugins that the spec names.")
    ] = False
    allow_models: Annotated[
        bool,
        typer.Option("--allow-models", help="Run the models of others that the spec names."),
    ] = False
    allow_network: Annotated[
        bool,
        typer.Option(
            "--allow-network",
            help="Fetch the http, https, s3 and gs files that the spec names, and use such a "
            "--store.",
        ),
    ] = False
    max_download: Annotated[
        str, typer.Option("--max-download", metavar="SIZE", help="The largest file to fetch.")
    ] = "10G"
    max_length: Annotated[
        str, typer.Option("--max-length", metavar="TIME", help="The longest film to accept.")
    ] = "24:00:00"


Scale = Annotated[
    str,
    typer.Option(
        "--scale", metavar="NUMBER", help="Render at another size: 0.5 or 50% is a draft."
    ),
]


Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="NAME",
        help="Only this output: its file name, or a pattern such as '*.png'. Repeatable.",
    ),
]


class PartOptions(NamedTuple):
    """The part of a film that a command works on."""

    start: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="TIME",
            help="Start at this time of the film: 12s, 300f, 1:30, 25%, or -5s from its end.",
        ),
    ] = None
    end: Annotated[
        str | None,
        typer.Option("--to", metavar="TIME", help="End before the frame at this time of the film."),
    ] = None


class Messages(NamedTuple):
    """How problems are shown: the callbacks store it in :class:`Settings`."""

    no_color: Annotated[
        bool, typer.Option("--no-color", help="Print without colours.", callback=_set_no_color)
    ] = False
    errors: Annotated[
        Format, typer.Option("--format", help="Format of problems.", callback=_set_format)
    ] = "human"


class Output(NamedTuple):
    """How a tool that analyses a file delivers its result."""

    to_file: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Write the table or the JSON to FILE."),
    ] = None
    as_json: Json = False
    cache: Annotated[
        Path | None,
        typer.Option(
            "--cache",
            metavar="DIR",
            help="Cache folder, by default .vedc/cache beside FILE if there is one, otherwise "
            "your user cache folder.",
        ),
    ] = None
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print the result only.")] = False


def command_group(name: str, purpose: str) -> typer.Typer:
    """A group of commands: ``vedc grade fit``."""
    made = typer.Typer(
        name=name,
        help=purpose,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    made.callback()(lambda: None)  # so that a group of one command stays a group
    return made


def expand_groups(function: Callable[..., None]) -> Callable[..., None]:
    """The same command with one parameter for each option of its option groups."""
    signature = inspect.signature(function, eval_str=True)
    groups = {p.name: p.annotation for p in signature.parameters.values() if _is_group(p)}

    @wraps(function)
    def command(**values: Any) -> None:
        made = {
            name: group(*(values.pop(field) for field in group._fields))
            for name, group in groups.items()
        }
        function(**values, **made)

    parameters = [
        option
        for parameter in signature.parameters.values()
        for option in (_options(parameter.annotation) if _is_group(parameter) else [parameter])
    ]
    command.__dict__["__signature__"] = inspect.Signature(
        [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters]
    )
    command.__annotations__ = {p.name: p.annotation for p in parameters}
    return command


def _is_group(parameter: inspect.Parameter) -> bool:
    return isinstance(parameter.annotation, type) and issubclass(parameter.annotation, tuple)


def _options(group: Any) -> Iterator[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    for name in group._fields:
        default = group._field_defaults[name]
        yield inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[name]
        )


def without_color() -> bool:
    return Settings.no_color or bool(os.environ.get("NO_COLOR"))


def colored(file: Path | None = None) -> bool:
    """Whether output has colours: only on a terminal, so not in ``file``."""
    return file is None and sys.stdout.isatty() and not without_color()


def progress(unit: Unit, quiet: bool) -> Bar | Lines | None:
    from vedc.report.progress import progress_for

    return progress_for(unit, quiet=quiet, no_color=without_color())


def build_of(
    spec: str,
    variables: Variables,
    access: Access,
    cache: Path | None = None,
    target: Path | None = None,
    part: PartOptions | None = None,
    still: str | None = None,
    scale: str = "1",
    quiet: bool = False,
    only: list[str] | None = None,
    store: str | None = None,
) -> Build:
    """The build of a spec. Raises UsageError for an option that cannot be used."""
    from vedc.workspace.build import Build
    from vedc.workspace.moments import Part
    from vedc.workspace.remote import Network

    def meter() -> Bar | Lines | None:
        from vedc.report.progress import MEGABYTES

        return progress(MEGABYTES, quiet)

    values: dict[str, str] = {}
    for text in variables.sets or []:
        name, equals, value = text.partition("=")
        if not equals or not name:
            hint = "write --set headline='Spring'"
            raise UsageError.one("bad-set", f"--set {text!r} is not NAME=VALUE", hint=hint)
        values[name] = value
    for folder in access.allow or []:
        if not folder.is_dir():
            message = f"--allow-path {folder}: there is no such folder"
            hint = "name the folder that contains the files"
            raise UsageError.one("no-such-folder", message, hint=hint)
    return Build(
        "-" if spec == "-" else Path(spec),
        values,
        variables.var_file,
        access.allow or [],
        cache,
        target,
        access.allow_plugins,
        _film_length(access.max_length),
        _draft(scale),
        Part(*part) if part else Part(),
        only or (),
        still,
        Network(access.allow_network, _bytes(access.max_download), meter),
        access.allow_models,
        shared_store=shared_store(store, access.allow_network),
    )


def shared_store(name: str | None, network: bool) -> Address | None:
    """The store that ``--store`` names. Raises UsageError."""
    if name is None:
        return None
    from vedc.execute.shared.address import address_of

    return address_of(name, network)


def _draft(text: str) -> Fraction:
    """The number of ``--scale``."""
    number, percent = text.removesuffix("%"), text.endswith("%")
    try:
        scale = Fraction(number) / (100 if percent else 1)
    except (ValueError, ZeroDivisionError):
        scale = Fraction(0)
    if not Fraction(1, 100) <= scale <= 8:
        message = f"--scale {text} is not a number from 0.01 to 8"
        raise UsageError.one("bad-option", message, hint="write --scale 0.5, or --scale 50%")
    return scale


def _bytes(text: str) -> int:
    """The number of ``--max-download``."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?) *([kMGT]?)i?B?", text, re.IGNORECASE)
    if match is None:
        message = f"--max-download {text} is not a size"
        raise UsageError.one("bad-option", message, hint="write --max-download 500M, or 20G")
    return int(Fraction(match[1]) * 1000 ** " kmgt".index(match[2].lower() or " "))


def _film_length(text: str) -> Fraction:
    """The time of ``--max-length`` in seconds."""
    from vedc.edit.times import parse_time

    hint = "write hours, minutes and seconds, such as --max-length 36:00:00"
    try:
        time = parse_time(text)
    except ValueError as error:
        raise UsageError.one("bad-time", f"--max-length {error}", hint=hint) from None
    if time.needs_rate or time.needs_parent:
        message = f"--max-length {text} is not a time in seconds"
        raise UsageError.one("bad-time", message, hint=hint)
    return time.fixed


def device_of(name: str, networks: str, cluster: str | None) -> Device:
    """The device that ``--device`` names. Raises UsageError for a GPU in a cluster."""
    from vedc.execute.devices.device import pick_device

    device = pick_device("cpu" if cluster is not None and name == "auto" else name, networks)
    if cluster is not None and device.kind != "cpu":
        message = f"--cluster renders on CPUs, and not on --device {name}"
        raise UsageError.one("bad-option", message, hint="leave one of them out")
    return device


def workers_of(count: int, cluster: str | None, strict: bool) -> Callable[[], WorkerPool]:
    """Makes the render processes: on this machine or, with ``--cluster``, on others.

    Raises UsageError and MissingError for a cluster that cannot be used.
    """
    from vedc.execute.workers.pool import WorkerPool

    if cluster is None:
        return lambda: WorkerPool(count or None)
    from vedc.execute.cluster.ray_engine import RayEngine, check_cluster

    check_cluster(cluster)

    def made() -> WorkerPool:
        from vedc.execute.cluster.pool import ClusterPool

        return ClusterPool(RayEngine(cluster), count or None, strict)

    return made


def deciding_of(
    build: Build,
    *,
    locked: bool = False,
    force: bool = False,
    accept: bool = False,
    tidy: bool = False,
    quiet: bool = False,
    threads: int = 0,
) -> Deciding:
    """How a spec's open decisions are made, with progress on standard error."""
    from vedc.report.progress import SECONDS
    from vedc.workspace.build import Deciding

    if locked:
        return Deciding(build, "locked")
    mode: Literal["force", "accept", "decide"]
    mode = "force" if force else "accept" if accept else "decide"
    return Deciding(build, mode, progress(SECONDS, quiet), threads, tidy)


class Warnings:
    """Prints warnings, each once: on standard error, or as workflow commands with
    ``--format github``.

    ``strict`` raises them as a SpecError instead. ``quiet`` prints nothing.
    """

    def __init__(self, *, strict: bool = False, quiet: bool = False) -> None:
        self._strict, self._quiet = strict, quiet
        self._shown: set[Problem] = set()

    def __call__(self, warnings: Iterable[Problem]) -> None:
        new = [problem for problem in warnings if problem not in self._shown]
        self._shown.update(new)
        if self._strict and (refused := as_errors(new)):
            raise SpecError(refused)
        if not new or self._quiet:
            return
        from vedc.report import problems

        if Settings.format == "github":
            print(problems.render_github(new), end="")
        else:
            color = sys.stderr.isatty() and not without_color()
            print(problems.render_human(new, None, color), end="", file=sys.stderr)


def print_warnings(deciding: Deciding) -> None:
    """Print warnings about decisions that no longer fit."""
    Warnings()(deciding.warnings)


def print_json(value: object) -> None:
    print(to_json(value))


def say(text: str, end: str = "\n") -> None:
    """Print text on standard output, with control characters in names escaped."""
    print(printable(text, colored=colored()), end=end)


def print_written(*files: Path) -> None:
    for file in files:
        print(printable(f"{file}: written"), file=sys.stderr)
