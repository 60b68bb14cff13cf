"""``vedc mcp``: a server for agents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vedc.errors import MissingError


def mcp(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="The folder to serve.", show_default=False)
    ] = Path(),
    allow_plugins: Annotated[
        bool, typer.Option("--allow-plugins", help="Run the Python plugins that specs name.")
    ] = False,
    allow_models: Annotated[
        bool, typer.Option("--allow-models", help="Run the models of others that specs name.")
    ] = False,
) -> None:
    """Serve the specs in a folder to an agent, over the Model Context Protocol.

    The protocol runs over standard input and output: an agent's program starts this command. Tools
    read and write only in the folder, by default the one the server is started in, and use no
    network.
    """
    from importlib.util import find_spec

    if find_spec("mcp") is None:
        message = "vedc mcp needs the package mcp, which is not installed"
        raise MissingError.one("missing-extra", message, hint="pip install 'vedc[mcp]'")
    from vedc.cli import summaries
    from vedc.serve.mcp.core.folder import Folder
    from vedc.serve.mcp.server import serve

    serve(Folder.at(folder, plugins=allow_plugins, models=allow_models), summaries())
