"""The server: tools and resources of one folder, by the official SDK, over standard streams.

The work of a call is done on a thread. Meanwhile the server answers pings and cancellations, and
sends progress. Mistakes are answers with ``isError`` and the problems that the command line would
print; only a bug in vedc is a protocol error.
"""

from __future__ import annotations

import os
import signal
from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError

from vedc import __version__
from vedc.errors import Interrupted, UsageError, UserError, system_error
from vedc.report.problems import failure, records, render_human
from vedc.serve.mcp.core.call import Call, stop_all
from vedc.serve.mcp.core.folder import Folder
from vedc.serve.mcp.core.tool import MOST_PROBLEMS, Answer, Tool
from vedc.serve.mcp.resources import read, resources
from vedc.serve.mcp.tools import TOOLS
from vedc.serve.skill.text import Command
from vedc.support.suggest import did_you_mean

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

INSTRUCTIONS: Final = """\
vedc compiles a film from a spec, a YAML file. Work in this loop: `files`, `probe` and `shots` to \
know the footage; `search_ops` and `explain` for the language; write the spec (`write_spec`, or \
your own tools); `validate` until it is valid; `still` and `storyboard` to look at it; \
`check`; `render`. \
Read the resource vedc://skill first. All paths are relative to the served folder, and files of a \
spec lie in the spec's own folder or below.\
"""
#: Seconds between two notifications of progress.
_EVERY: Final = 0.25
#: Seconds for calls to stop when the server ends.
_PATIENCE: Final = 5.0


def make_server(folder: Folder, commands: Sequence[Command] = ()) -> Server[Any]:
    """The server of a folder, not yet connected to anything. ``commands`` are those of the
    skill."""
    known = resources(commands)

    async def list_tools(
        context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_described(tool) for tool in TOOLS.values()])

    async def call_tool(
        context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        return await _called(folder, context, params.name, params.arguments or {})

    async def list_resources(
        context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListResourcesResult:
        listed = [
            types.Resource(
                uri=each.uri,
                name=each.uri.removeprefix("vedc://"),
                title=each.title,
                description=each.description,
                mime_type=each.mime,
            )
            for each in known
        ]
        return types.ListResourcesResult(resources=listed)

    async def read_resource(
        context: ServerRequestContext[Any], params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        try:
            found = read(str(params.uri), known)
        except UserError as error:
            raise MCPError(types.INVALID_PARAMS, str(error)) from None
        contents = types.TextResourceContents(
            uri=found.uri, mime_type=found.mime, text=found.text()
        )
        return types.ReadResourceResult(contents=[contents])

    return Server(
        "vedc",
        version=__version__,
        title="vedc",
        description="A compiler for video edits: a YAML spec in, a film out.",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
    )


def serve(folder: Folder, commands: Sequence[Command]) -> None:
    """Serve a folder over standard input and output, until the input ends.

    A signal stops running calls and ends the process, even if its input is still open.
    """

    def end(number: int, frame: object) -> None:
        stop_all(_PATIENCE)
        os._exit(Interrupted.exit_code)  # a thread waits for input that may never come

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)

    async def run() -> None:
        server = make_server(folder, commands)
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())

    anyio.run(run)


def _described(tool: Tool) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.takes,
        output_schema=tool.answers,
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=not tool.writes,
            destructive_hint=tool.writes,
            idempotent_hint=True,
            open_world_hint=False,
        ),
    )


async def _called(
    folder: Folder, context: ServerRequestContext[Any], name: str, given: dict[str, Any]
) -> types.CallToolResult:
    """Do the work of a tool. Cancelling the request stops it."""
    call = Call()

    def work() -> Answer | Exception:
        try:
            tool = _tool(name)
            arguments = tool.arguments(given)
            return call.run(lambda running: tool.work(folder, running, arguments))
        except Exception as error:  # reported below, outside the task group
            return error

    async def send_news() -> None:
        if (news := call.news()) is not None:
            await context.session.report_progress(*news)

    async def keep_sending() -> None:
        while True:
            await anyio.sleep(_EVERY)
            await send_news()

    try:
        async with anyio.create_task_group() as group:
            group.start_soon(keep_sending)
            done = await anyio.to_thread.run_sync(work, abandon_on_cancel=True)
            group.cancel_scope.cancel()
        await send_news()
    except anyio.get_cancelled_exc_class():
        call.cancel()
        raise
    if isinstance(done, OSError):
        done = system_error(done)
    if isinstance(done, UserError):
        return _failed(folder.error(done))
    if isinstance(done, Exception):
        raise done
    return _answered(done)


def _answered(answer: Answer) -> types.CallToolResult:
    pictures = [
        types.ImageContent(data=b64encode(each.data).decode(), mime_type=each.mime)
        for each in answer.pictures
    ]
    return types.CallToolResult(
        content=[types.TextContent(text=answer.text), *pictures], structured_content=answer.data
    )


def _failed(error: UserError) -> types.CallToolResult:
    """The problems: as the terminal shows them, and as the objects of ``--json``."""
    shown = render_human(error.problems[:MOST_PROBLEMS])
    structured = failure(error.problems) | {"problems": records(error.problems)[:MOST_PROBLEMS]}
    return types.CallToolResult(
        content=[types.TextContent(text=shown)],
        structured_content=structured,
        is_error=True,
    )


def _tool(name: str) -> Tool:
    """Raises UsageError ``unknown-tool``."""
    if name not in TOOLS:
        near = did_you_mean(name, TOOLS)
        message = f"there is no tool {name!r}" + (f"; did you mean {near!r}?" if near else "")
        raise UsageError.one("unknown-tool", message, hint=f"there are {', '.join(TOOLS)}")
    return TOOLS[name]
