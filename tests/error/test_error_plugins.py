"""Plugins that print and fail: standard output stays the command's own, and nothing is a crash."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.error.support import Answer, spawn, start
from tests.error.support import run as run_here

HEAD = """\
import os, sys
from vedc.ops.core.filters import Filter
from vedc.ops.core.registry import op, param
"""
#: Prints by every way there is; the last one is held back by the C library's buffer.
NOISE = (
    'print("NOISE"); os.write(1, b"NOISE"); sys.__stdout__.write("NOISE"); '
    'import ctypes; ctypes.CDLL(None).printf(b"NOISE"); sys.stderr.write("")'
)
TINT = """
@op("grade", space="display", use="Test.", identity=lambda values: bool(say()))
def tint(m, rgb, *, amount=param(0.5, low=0, high=1)):
    \"\"\"Darken.\"\"\"
    say()
    return rgb * (1.0 - amount)
"""
SOFT = """
def same(layer, **given):
    say()
    return layer
@op("stencil", space="display", use="Test.", filter=Filter(same, same, same, tolerance=0.1))
def soft(m, pixel, filtered, *, radius=param(3.0, low=0, high=9)):
    \"\"\"Blur.\"\"\"
    say()
    return filtered
"""
SPEC = """\
version: 1
profile: {width: 32, height: 32, fps: 5}
plugins: [mine.py]
timeline: [{color: red, duration: 1s, grade: [{op: tint}], effects: [{op: soft}]}]
outputs: [{path: film.mkv, codec: ffv1}]
"""


def write(folder: Path, plugin: str) -> None:
    (folder / "mine.py").write_text(HEAD + plugin)
    (folder / "edit.vedc.yaml").write_text(SPEC)


def run(folder: Path, plugin: str, *arguments: str) -> Answer:
    write(folder, plugin)
    return spawn(*arguments, folder=folder)


@pytest.mark.parametrize("command", ["validate", "plan", "render", "config"])
def test_noise_does_not_reach_json(command: str, tmp_path: Path) -> None:
    noisy = f"def say(): {NOISE}\nsay()\n{TINT}{SOFT}"
    answer = run(tmp_path, noisy, command, "edit.vedc.yaml", "--json", "--allow-plugins")
    assert answer.exit == 0, answer.err
    assert json.loads(answer.out) and "NOISE" not in answer.out
    assert answer.err.count("NOISE") >= 4


def test_noise_does_not_reach_a_film(tmp_path: Path) -> None:
    plugin = f"def say(): {NOISE}\nsay()\n{TINT}{SOFT}"
    assert run(tmp_path, plugin, "render", "edit.vedc.yaml", "--allow-plugins").exit == 0
    options = ("render", "edit.vedc.yaml", "--allow-plugins", "-o", "-")
    process = start(*options, folder=tmp_path, text=False)
    film, reported = process.communicate(timeout=300)
    assert film == (tmp_path / "film.mkv").read_bytes() and b"NOISE" in reported


def test_noise_of_a_plugin_without_a_spec(tmp_path: Path) -> None:
    noisy = f"def say(): {NOISE}\nsay()\n{TINT}"
    answer = run(tmp_path, noisy, "ops", "tint", "--json", "--plugin", "mine.py")
    assert "tint" in [entry["name"] for entry in json.loads(answer.out)]


#: A plugin's mistake, and the words and line that report it.
FAILURES = {
    "raise KeyboardInterrupt": "keyboard interrupt",
    "sys.exit()": "system exit",
    'sys.exit("bye")': "system exit: bye",
    "raise GeneratorExit('x')": "generator exit: x",
    "raise type('Odd', (BaseException,), {})('mine')": "odd: mine",
    "raise type('Mute', (Exception,), {'__str__': lambda self: 1 / 0})": "mute",
    "raise BaseExceptionGroup('two', [GeneratorExit()])": "two (1 sub-exception)",
    "say()": "recursion error",
    "raise ValueError('\\x1b[31mred')": "value error: \\x1b[31mred",
    "from vedc.errors import UserError; raise UserError": "user error",
    "sys.stdout = sys.stderr = None; os.close(1); raise ValueError('shut')": "value error: shut",
}


def check(answer: Answer, deed: str, exit_code: int) -> None:
    """The failure is reported at the line of the plugin, and nothing else is printed."""
    assert (answer.exit, answer.out) == (exit_code, ""), answer.err
    reported = next(t for t in answer.problems() if t.code == "plugin-failed")
    assert FAILURES[deed] in reported.message
    assert reported.location == "mine.py:5:1"
    assert reported.hint == "fix the file, or remove it from `plugins`"


@pytest.mark.parametrize("deed", FAILURES)
@pytest.mark.parametrize("moment", ["import", "rehearsal"])
def test_a_failure_is_reported_with_its_line(deed: str, moment: str, tmp_path: Path) -> None:
    plugin = f"def say():\n    {deed}\n" + ("say()\n" if moment == "import" else "") + TINT
    write(tmp_path, plugin)
    answer = run_here("validate", "edit.vedc.yaml", "--allow-plugins", folder=tmp_path)
    check(answer, deed, 3)
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("deed", ["sys.exit()", "raise KeyboardInterrupt", *list(FAILURES)[-1:]])
def test_a_failure_of_a_filter_within_a_render(deed: str, tmp_path: Path) -> None:
    calm = TINT.replace("say()", "0")
    late = SOFT.replace("    say()\n    return filtered", "    return filtered")
    plugin = f"def say():\n    {deed}\n{calm}{late}"
    check(run(tmp_path, plugin, "render", "edit.vedc.yaml", "-q", "--allow-plugins"), deed, 1)
