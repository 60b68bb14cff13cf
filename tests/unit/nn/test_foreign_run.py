"""A model's process: tiles leave no seam, and whatever happens there ends in a sentence."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import foreign
from vedc.nn.foreign import process
from vedc.nn.foreign import run as foreign_run
from vedc.nn.foreign.process import Failed, ModelProcess

LIMITS = {"memory": 4, "seconds": 60}
SHAPE = (1, 3, 8, 8)


def picture(height: int, width: int) -> Any:
    return np.random.default_rng(3).random((3, height, width), np.float32)


def ran(file: Path, layer: Any, **given: Any) -> Any:
    return foreign_run.run([layer], LIMITS | given | {"weights": str(file)})


def test_tiles_leave_no_seam(tmp_path: Path) -> None:
    """A file of one size, in tiles, against the same without a size, whole."""
    layer = picture(70, 53)
    small = foreign.soft(tmp_path / "small.onnx", sides=(1, 3, 32, 24))
    whole = ran(foreign.soft(tmp_path / "any.onnx"), layer)
    tiled = ran(small, layer, halo=1)
    assert np.abs(whole - tiled)[:, 1:-1, 1:-1].max() < 1e-6
    with pytest.raises(Exception, match="24x32 alone"):
        ran(small, layer)


def test_sides_are_multiples(tmp_path: Path) -> None:
    """Folding and unfolding by 4 needs sides divisible by four; the padding is cut off again."""
    nodes: list[Any] = [
        ("SpaceToDepth", ("x",), "t", {"blocksize": 4}),
        ("DepthToSpace", ("t",), "y", {"blocksize": 4, "mode": "DCR"}),
    ]
    file = foreign.model(tmp_path / "fold.onnx", nodes)
    layer = picture(30, 41)
    assert np.array_equal(ran(file, layer, multiple=4), layer)


@pytest.mark.parametrize("runtime", ["ort", "cv"])
def test_each_runtime_runs_it(tmp_path: Path, runtime: str) -> None:
    file = foreign.negative(tmp_path / "a.onnx", sides=SHAPE)
    held = ModelProcess(file, runtime, SHAPE, 1, 4 * 2**30, 60)
    try:
        x = picture(8, 8)[None]
        assert np.abs(held.run(x) - (1 - x)).max() < 1e-6
    finally:
        held.close()
    assert held.ended


@pytest.mark.slow
@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import os; os.abort()", "SIGABRT"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed"),
        ("raise SystemExit(3)", "exit code 3"),
        ("import sys; sys.stdout.write('hello, world'); sys.stdout.flush()", "without an answer"),
        ("import time; time.sleep(60)", "longer than 1 s to start"),
        ("import sys; sys.stdout.buffer.write(b'k' + b'\\xff' * 8)", "without an answer"),
        (
            "import sys; sys.stdin.buffer.readline(); o = sys.stdout.buffer\n"
            "o.write(b'k' + bytes(8)); o.flush(); sys.stdin.buffer.read(8 + 768)\n"
            "o.write(b'k' + (8).to_bytes(8, 'little') + b'nonsense'); o.flush()",
            "makes no sense",
        ),
    ],
)
def test_whatever_the_process_does_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    child = tmp_path / "child.py"
    child.write_text(program)
    monkeypatch.setattr(process, "_PROGRAM", child)
    monkeypatch.setattr(process, "_START", 0.0)
    seconds = 1 if "sleep" in program else 60
    file = foreign.negative(tmp_path / "a.onnx", sides=SHAPE)
    begin = time.monotonic()
    with pytest.raises(Failed, match=said):
        ModelProcess(file, "ort", SHAPE, 1, 4 * 2**30, seconds).run(picture(8, 8)[None])
    assert time.monotonic() - begin < 50


def test_the_process_cannot_write_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the limits of the real one."""
    source = process._PROGRAM.read_text()
    attack = "limit(setup['memory']); open('/tmp/vedc-child', 'w').write('x' * 10)\n"
    place = tmp_path / "written"
    attack = attack.replace("/tmp/vedc-child", str(place))
    child = tmp_path / "child.py"
    child.write_text(source.replace('limit(setup["memory"])', attack.strip()))
    monkeypatch.setattr(process, "_PROGRAM", child)
    file = foreign.negative(tmp_path / "a.onnx", sides=SHAPE)
    with contextlib.suppress(Failed):
        ModelProcess(file, "ort", SHAPE, 1, 4 * 2**30, 60).close()
    assert place.exists() and not place.read_text()  # it could be made, and not be filled
