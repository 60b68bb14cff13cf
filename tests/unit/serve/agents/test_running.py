"""Calls while they run: progress, cancellation, one after the other, over real pipes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters

from tests.paths import EXAMPLES
from tests.unit.serve.agents.serving import SPEC, answer, pictures, served
from vedc.errors import Interrupted
from vedc.report.progress import FRAMES, SECONDS
from vedc.serve.mcp.core.call import Call

pytestmark = pytest.mark.slow

#: Minutes of work for any machine.
LONG = """version: 1
profile: {width: 320, height: 180, fps: 25}
timeline: [{generator: noise, duration: 600s, effects: [{op: median, radius: 6}]}]
outputs: [{path: film.mp4, preset: ultrafast}]
"""


def test_a_scripted_agent(tmp_path: Path) -> None:
    """Writes a spec with mistakes, reads the problems, mends them, looks at a still, renders."""
    mistakes = SPEC.replace("color: blue", "colour: blue").replace("1s}", "1 sec}", 1)
    cures = {"colour": "color", "1 sec": "1s"}

    async def agent() -> tuple[list[str], Any, Any]:
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "vedc", "mcp"], cwd=tmp_path, env={**os.environ}
        )
        async with Client(server) as client:
            text, reported = mistakes, []
            while True:
                given = {"spec": "edit.vedc.yaml", "text": text}
                found = (await client.call_tool("write_spec", given)).structured_content
                if found["valid"]:
                    break
                for problem in found["problems"]:
                    reported.append(problem["message"])
                    lines = text.splitlines()
                    line = lines[problem["line"] - 1]
                    for wrong, right in cures.items():
                        line = line.replace(wrong, right)
                    lines[problem["line"] - 1] = line
                    text = "\n".join(lines) + "\n"
            still = await client.call_tool("still", {"spec": "edit.vedc.yaml", "at": ["1.5s"]})
            done = await client.call_tool("render", {"spec": "edit.vedc.yaml"})
            return reported, still, done

    reported, still, done = asyncio.run(agent())
    assert len(reported) == 2
    (picture,) = pictures(still)
    assert picture.getpixel((30, 30))[2] > 200  # type: ignore[index]
    assert done.structured_content["outputs"][0]["frames"] == 50
    assert (tmp_path / "film.mkv").is_file()


def test_a_render_reports_its_progress(tmp_path: Path) -> None:
    (tmp_path / "edit.vedc.yaml").write_text(SPEC)
    news: list[tuple[float, float | None, str | None]] = []

    async def render(client: Client) -> None:
        finished = anyio.Event()  # the client hands news on beside the answer

        async def note(done: float, total: float | None, message: str | None) -> None:
            news.append((done, total, message))
            if done == total and "writing" in (message or ""):
                finished.set()

        given = {"spec": "edit.vedc.yaml"}
        await client.call_tool("render", given, progress_callback=note)
        with anyio.fail_after(20):
            await finished.wait()

    served(tmp_path, render)
    assert news[-1][:2] == (50, 50) and news[-1][2] == "film.mkv: 50/50 frames, writing"


def test_progress_never_falls() -> None:
    call = Call()
    decoding, drawing = call.progress(SECONDS), call.progress(FRAMES)
    seen = []
    decoding.start("a.mp4", 10.0)
    decoding.advance(4.0)
    seen.append(call.news())
    assert call.news() is None
    decoding.finish()
    drawing.start("/somewhere/film.mp4", 100, 20)
    seen.append(call.news())
    drawing.stage("render")
    drawing.advance(80)
    seen.append(call.news())
    assert seen == [
        (4.0, 10.0, "a.mp4: analysed 4 of 10 s"),
        (30.0, 110.0, "film.mp4: 20/100 frames"),
        (110.0, 110.0, "film.mp4: 100/100 frames, rendering"),
    ]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_cancelled_render_stops(tmp_path: Path, mode: str) -> None:
    """Its process answers the next call at once, and writes no film."""
    (tmp_path / "edit.vedc.yaml").write_text(LONG)

    async def agent() -> Any:
        server = StdioServerParameters(
            command=sys.executable, args=["-m", "vedc", "mcp"], cwd=tmp_path, env={**os.environ}
        )
        begun = anyio.Event()

        async def note(done: float, total: float | None, message: str | None) -> None:
            if done:
                begun.set()

        async with Client(server, mode=mode) as client:  # type: ignore[arg-type]
            async with anyio.create_task_group() as group:

                async def render() -> None:
                    given = {"spec": "edit.vedc.yaml"}
                    await client.call_tool("render", given, progress_callback=note)

                group.start_soon(render)
                await begun.wait()
                group.cancel_scope.cancel()
            return await client.call_tool("plan", {"spec": "edit.vedc.yaml"})

    (planned,) = asyncio.run(agent()).structured_content["outputs"]
    assert planned["frames_to_render"] > 0
    assert not (tmp_path / "film.mp4").exists()


def test_calls_wait_for_one_another() -> None:
    first, second = Call(), Call()
    entered, leave = threading.Event(), threading.Event()
    order: list[str] = []

    def slow(call: Call) -> None:
        entered.set()
        leave.wait(10)
        order.append("first")

    threads = [
        threading.Thread(target=lambda: first.run(slow)),
        threading.Thread(target=lambda: second.run(lambda call: order.append("second"))),
    ]
    threads[0].start()
    entered.wait(10)
    threads[1].start()
    leave.set()
    for thread in threads:
        thread.join(10)
    assert order == ["first", "second"]


def test_a_call_that_waits_can_be_cancelled() -> None:
    first, second = Call(), Call()
    second.cancel()

    def nested(call: Call) -> None:
        with pytest.raises(Interrupted):
            second.run(lambda other: None)

    first.run(nested)


def test_only_the_protocol_is_written_to_standard_output(tmp_path: Path) -> None:
    """Also where the code that runs prints, as do C libraries with or without a flush and the
    programs that it starts; and the client speaks raw JSON."""
    loud = (
        "import ctypes, os, numpy\nc = ctypes.CDLL(None)\n"
        "print('hello')\nos.system('echo loud')\nos.write(1, b'raw')\n"
        "c.printf(b'now\\n')\nc.fflush(None)\nc.printf(b'later\\n')\n"
    )
    (tmp_path / "p.py").write_text((EXAMPLES / "plugin" / "faded.py").read_text() + loud)
    (tmp_path / "edit.vedc.yaml").write_text("plugins: [p.py]\n" + SPEC)
    hello = {"protocolVersion": "2025-06-18", "capabilities": {},
             "clientInfo": {"name": "t", "version": "1"}}  # fmt: skip
    given = {"name": "validate", "arguments": {"spec": "edit.vedc.yaml"}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": given},
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "vedc", "mcp", "--allow-plugins"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None and server.stdout is not None
        server.stdin.write("".join(json.dumps(message) + "\n" for message in messages))
        server.stdin.flush()
        answers = [json.loads(server.stdout.readline()) for _ in range(2)]
        server.stdin.close()
        rest = server.stdout.read()
        assert server.wait(20) == 0
    assert [message["id"] for message in answers] == [1, 2] and rest == ""
    assert answers[1]["result"]["structuredContent"]["valid"]


def test_a_signal_ends_the_server_without_a_traceback(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "vedc", "mcp"],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None and server.stdout is not None
        assert server.stderr is not None
        server.stdin.write('{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n')
        server.stdin.flush()
        server.stdout.readline()
        server.send_signal(signal.SIGTERM)  # while its input is open
        said = server.stderr.read()
        assert server.wait(20) == 130
    assert "Traceback" not in said, said


def test_an_interrupted_render_of_the_same_folder_resumes(tmp_path: Path) -> None:
    (tmp_path / "edit.vedc.yaml").write_text(SPEC)
    answer(tmp_path, "render", spec="edit.vedc.yaml")
    (again,) = answer(tmp_path, "render", spec="edit.vedc.yaml")["outputs"]
    assert again["rendered_frames"] == 0
