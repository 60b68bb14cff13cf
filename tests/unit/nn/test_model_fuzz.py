"""Mutated files of models: refused or run, and always reported; none takes vedc down.

Each ONNX file that passes the checks is run by the program of the model's process, forked from
one process that has loaded onnxruntime, since starting it 200 times takes minutes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from tests import foreign
from vedc.errors import UserError
from vedc.models.clean import network
from vedc.nn.architectures import ARCHITECTURES
from vedc.nn.foreign import process
from vedc.nn.foreign.contract import contract
from vedc.nn.foreign.onnx_facts import read
from vedc.nn.weights import read_arrays

ONNX, WEIGHTS = 200, 100
_WORDS = (b"Loop", b"If", b"Conv", b"Relu", b"Tile", b"Resize", b"Slice", b"ai.evil", b"\xff" * 9)


def mutated(data: bytes, random: Random) -> bytes:
    """Flipped bits, cuts, copies, unknown words, and enlarged numbers."""
    made = bytearray(data)
    head = min(len(made), 4000)  # numbers beyond the structure change nothing but values
    for _ in range(random.choice((1, 1, 1, 1, 2, 6))):
        at = random.randrange(head)
        match random.choice((0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6)):
            case 0:
                made[at] ^= 1 << random.randrange(8)
            case 1:
                made[at] = random.choice((0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)))
            case 2:
                del made[at : at + random.choice((1, 2, 8, 64))]
            case 3:
                made[at:at] = bytes(random.randrange(256) for _ in range(random.choice((1, 4, 16))))
            case 4:
                part = made[at : at + random.randrange(1, 200)]
                made[random.randrange(head) : 0] = part
            case 5:
                word = random.choice(_WORDS)
                made[at : at + len(word)] = word
            case 6:
                del made[at + random.randrange(len(made)) :]
        head = min(head, len(made)) or 1
        made = made or bytearray(b"\0")
    return bytes(made)


def sources(folder: Path) -> Iterator[bytes]:
    makers: list[Any] = [foreign.negative, foreign.soft, foreign.cropped, foreign.not_finite]
    for make in makers:
        yield make(folder / "source.onnx").read_bytes()


#: Forks for each line of standard input, a path, and prints what became of it.
_DRIVER = """
import importlib.util, json, os, signal, sys
import numpy as np, onnxruntime
spec = importlib.util.spec_from_file_location("child", sys.argv[1])
child = importlib.util.module_from_spec(spec)
spec.loader.exec_module(child)
x = np.full((1, 3, 24, 32), 0.5, np.float32).tobytes()
for line in sys.stdin:
    told = {"model": line.strip(), "runtime": "ort", "threads": 1, "memory": 4 << 30,
            "shape": [1, 3, 24, 32]}
    (r0, w0), (r1, w1) = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(r0, 0); os.dup2(w1, 1)
        for end in (r0, w0, r1, w1): os.close(end)
        signal.alarm(10)
        try:
            child.main()
        finally:
            os._exit(0)
    os.close(r0); os.close(w1)
    try:
        os.write(w0, json.dumps(told).encode() + b"\\n" + len(x).to_bytes(8, "little") + x)
    except BrokenPipeError:
        pass
    os.close(w0)
    with os.fdopen(r1, "rb") as answers:
        answer = answers.read()
    _, status = os.waitpid(pid, 0)
    print(json.dumps([len(answer), answer[:1].decode("latin-1"), status]), flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_mutated_onnx_files_are_refused_or_run(tmp_path: Path) -> None:
    random = Random(2026)
    held = list(sources(tmp_path))
    passed: list[Path] = []
    refused = 0
    for number in range(ONNX):
        file = tmp_path / f"{number}.onnx"
        file.write_bytes(mutated(held[number % len(held)], random))
        try:
            contract(read(file), 1, {})
            passed.append(file)
        except UserError as error:
            refused += 1
            (problem,) = error.problems
            assert problem.code == "bad-model" and problem.message and problem.hint
            assert problem.message.isprintable()
    assert refused > ONNX / 4 and len(passed) > ONNX / 10
    driver = subprocess.run(
        [sys.executable, "-I", "-c", _DRIVER, str(process._PROGRAM)],
        input="".join(f"{file}\n" for file in passed),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert driver.returncode == 0, driver.stderr[-2000:]
    reported = [json.loads(line) for line in driver.stdout.splitlines()]
    assert len(reported) == len(passed)
    for file, (length, first, status) in zip(passed, reported, strict=True):
        # It ended by itself with an answer, or died, which the process is watched for.
        assert status != 0 or (length >= 9 and first in "ke"), file
    assert not [p for p in tmp_path.iterdir() if p.suffix != ".onnx"]  # nothing was written


@pytest.mark.slow
def test_mutated_weights_are_refused_or_read(tmp_path: Path) -> None:
    random = Random(7)
    good = save(network.initial(1), {"arch": "clean"})
    header = 8 + int.from_bytes(good[:8], "little")
    of, read_well = ARCHITECTURES["clean"], 0
    for number in range(WEIGHTS):
        file = tmp_path / f"{number}.safetensors"
        made = bytearray(good)
        if number % 4:  # within the header, which gives the offsets
            made[:header] = mutated(good[:header], random)
        else:
            made = bytearray(mutated(good, random))
        file.write_bytes(made)
        try:
            arrays = read_arrays(file, of)
            read_well += 1
            assert {n: a.shape for n, a in arrays.items()} == of.shapes({})
            assert all(np.isfinite(a).all() for a in arrays.values())
        except UserError as error:
            (problem,) = error.problems
            assert problem.code == "bad-weights" and problem.hint
            assert problem.message.isprintable()
    assert read_well < WEIGHTS / 2
