"""``vedc preview``: the film in a browser, following every save."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
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
    Settings,
    Spec,
    Variables,
    Warnings,
    build_of,
    print_json,
    say,
)
from vedc.errors import Interrupted, UsageError

if TYPE_CHECKING:
    from vedc.errors import Problem


def preview(
    *,
    spec: Spec,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="NAME", help="The output to show, if not the first film."),
    ] = None,
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="The port; 0 takes any that is free.")
    ] = 0,
    show: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.")
    ] = True,
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
    """Show the film in the browser, in draft quality, and follow every save.

    The page is for this machine alone. Ctrl-C ends the preview.
    """
    from vedc.execute.devices.device import pick_device
    from vedc.serve.preview.server import PreviewServer
    from vedc.serve.preview.session import Session

    if spec == "-":
        message = "a preview follows a file, and standard input is none"
        raise UsageError.one("bad-option", message, hint="save the spec, and name its file")
    quiet = quiet or as_json
    target_device = pick_device(device, networks)
    build = build_of(
        spec, variables, access, cache, quiet=True, only=[only] if only is not None else None
    )
    print_problems = _ProblemPrinter(quiet)
    session = Session(build, target_device, jobs, locked, print_problems)
    server = PreviewServer(session, port)
    answering = threading.Thread(target=server.serve_forever, daemon=True)
    try:
        answering.start()
        session.start()
        if as_json:
            print_json({"address": server.address, "port": server.server_port})
        else:
            say(server.address)
        sys.stdout.flush()
        if target_device.note and not quiet:
            print(f"note: {target_device.note}", file=sys.stderr)
        if show:
            _open(server.address)
        session.wait()
    except Interrupted:
        return  # the only way to end a preview, so not a failure
    finally:
        server.shutdown()
        session.close()
        server.server_close()


def _open(address: str) -> None:
    import webbrowser

    if not webbrowser.open(address):
        print("note: no browser was found: open the address above", file=sys.stderr)


class _ProblemPrinter:
    """Prints the spec's problems when they change."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._last: Sequence[Problem] = ()

    def __call__(self, problems: Sequence[Problem]) -> None:
        reported = [problem for problem in problems if problem.severity != "note"]
        if reported != self._last and not self._quiet and Settings.format != "json":
            Warnings()(reported)
            if not any(problem.severity == "error" for problem in reported):
                print("the spec is valid", file=sys.stderr)
        self._last = reported
