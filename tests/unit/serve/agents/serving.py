"""A folder, served to the SDK's own client."""

from __future__ import annotations

import asyncio
import io
import wave
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
from mcp import Client
from mcp.types import CallToolResult, ImageContent
from PIL import Image

from vedc.serve.mcp.core.folder import Folder
from vedc.serve.mcp.server import make_server

SPEC = """\
version: 1
profile: {width: 64, height: 48, fps: 25}
timeline:
  - {color: red, duration: 1s}
  - {color: blue, duration: 1s}
outputs:
  - {path: film.mkv, codec: ffv1}
"""


def served(folder: Path, work: Callable[[Client], Awaitable[Any]], **options: bool) -> Any:
    """The result of ``work`` with a client connected to a folder's server.

    The client checks each structured answer against the form that the tool announces.
    """

    async def connected() -> Any:
        server = make_server(Folder.at(folder, **options), [("render", "Render a film.")])
        async with Client(server, mode="legacy") as client:
            return await work(client)

    return asyncio.run(connected())


def call(folder: Path, tool: str, /, **arguments: Any) -> CallToolResult:
    """The result of one call."""
    found: CallToolResult = served(folder, lambda client: client.call_tool(tool, arguments))
    return found


def answer(folder: Path, tool: str, /, **arguments: Any) -> dict[str, Any]:
    """The object that one call answers."""
    result = call(folder, tool, **arguments)
    assert not result.is_error, result.content
    found: dict[str, Any] = result.structured_content
    return found


def problems(folder: Path, tool: str, /, **arguments: Any) -> list[dict[str, Any]]:
    """The problems that one call ends with."""
    result = call(folder, tool, **arguments)
    assert result.is_error
    found: list[dict[str, Any]] = result.structured_content["problems"]
    return found


def pictures(result: CallToolResult) -> list[Image.Image]:
    from base64 import b64decode

    found = [block for block in result.content if isinstance(block, ImageContent)]
    return [Image.open(io.BytesIO(b64decode(block.data))) for block in found]


def write_tone(path: Path, *levels: float) -> None:
    """A WAV file with a second of noise at each level, of 1."""
    noise = np.random.default_rng(7).uniform(-1, 1, 8000)
    sound = np.concatenate([noise * level for level in levels])
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
