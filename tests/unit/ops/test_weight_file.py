"""Files of weights: what a good one says, and that no damaged one is trusted."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from vedc.errors import UserError
from vedc.models.clean import network
from vedc.nn.architectures import ARCHITECTURES
from vedc.nn.weights import read_arrays
from vedc.ops.shared import weight_file

NOTES = {"arch": "clean", "made": "by a test"}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "mine.safetensors"
    save_file(network.initial(3), str(file), NOTES)
    return file


def refused(file: Path) -> str:
    with pytest.raises(UserError) as caught:
        read_arrays(file, ARCHITECTURES["clean"])
    (problem,) = caught.value.problems
    assert problem.code == "bad-weights" and str(file) in problem.message and problem.hint
    return problem.message


def written(file: Path, header: object, numbers: bytes = b"", length: int | None = None) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    size = len(text) if length is None else length
    file.write_bytes(size.to_bytes(8, "little") + text + numbers)
    return file


def test_a_good_file_reads_as_it_was_written(good: Path) -> None:
    held = weight_file.read(good)
    assert held.arch == "clean" and held.notes["made"] == "by a test"
    arrays = read_arrays(good, ARCHITECTURES["clean"])
    assert all(np.array_equal(arrays[n], a) for n, a in network.initial(3).items())


def test_half_precision_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "half.safetensors"
    save_file({n: a.astype(np.float16) for n, a in network.initial(3).items()}, str(file), NOTES)
    arrays = read_arrays(file, ARCHITECTURES["clean"])
    assert {a.dtype for a in arrays.values()} == {np.dtype(np.float32)}


def test_mistakes_are_reported(good: Path, tmp_path: Path) -> None:
    one = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    bad = tmp_path / "bad.safetensors"
    cases = {
        "cut off": written(bad, {}, length=10**9),
    }
    assert "cut off" in refused(cases["cut off"])
    assert "cut off" in refused(written(bad, b"", length=1))
    assert "not JSON" in refused(written(bad, b"{nope"))
    assert "not JSON" in refused(written(bad, b"[" * 100_000))
    assert "not a JSON object" in refused(written(bad, [1]))
    assert "mapping of texts" in refused(written(bad, {"__metadata__": {"arch": 3}}))
    assert "not a mapping" in refused(written(bad, {"a": 3}))
    assert "not of a type" in refused(written(bad, {"a": {**one, "dtype": "I64"}}, bytes(8)))
    assert "whole numbers" in refused(written(bad, {"a": {**one, "shape": [-2]}}, bytes(8)))
    assert "whole numbers" in refused(written(bad, {"a": {**one, "shape": [True]}}, bytes(8)))
    assert "where the header says" in refused(written(bad, {"a": one}, bytes(4)))
    assert "overlap" in refused(written(bad, {"a": one, "b": one}, bytes(8)))
    assert "does not name" in refused(written(bad, {"a": one}, bytes(8)))
    named = {"__metadata__": NOTES, "a": one}
    assert "other shapes" in refused(written(bad, named, bytes(8)))
    other = tmp_path / "other.safetensors"
    save_file(network.initial(3), str(other), {"arch": "style"})
    assert "'style'" in refused(other)
    weights = network.initial(3)
    weights["up.weight"][0, 0, 0, 0] = np.nan
    save_file(weights, str(other), NOTES)
    assert "not finite" in refused(other)
    assert "no such file" in refused(tmp_path / "none.safetensors")


def test_a_file_that_is_too_large_is_not_read(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weight_file, "LARGEST", 1000)
    assert "at most 1,000" in refused(good)


def test_mutated_files_are_read_whole_or_refused(good: Path, tmp_path: Path) -> None:
    """300 of them; whatever is read has the right shapes and finite numbers."""
    whole, draw = good.read_bytes(), random.Random(9)
    header = 8 + int.from_bytes(whole[:8], "little")
    file, counts, reported = tmp_path / "mutated.safetensors", [0, 0], set[str]()
    for number in range(300):
        data = bytearray(whole)
        match number % 5:
            case 0:  # a cut
                del data[draw.randrange(len(data)) :]
            case 1:  # bytes of the header
                for _ in range(draw.randint(1, 6)):
                    data[draw.randrange(header)] = draw.randrange(256)
            case 2:  # a piece that is missing, or twice
                a = draw.randrange(header)
                b = min(a + draw.randint(1, 40), header)
                data[a:b] = data[a:b] * draw.choice((0, 2))
            case 3:  # digits: sizes and places
                digits = [i for i in range(8, header) if 48 <= data[i] < 58]
                for at in draw.sample(digits, 3):
                    data[at] = draw.choice(b"0123456789-.e")
            case 4:  # the numbers
                for _ in range(50):
                    data[draw.randrange(header, len(data))] = draw.randrange(256)
        file.write_bytes(data)
        try:
            arrays = read_arrays(file, ARCHITECTURES["clean"])
        except UserError as error:
            reported.add(error.problems[0].message)
            counts[1] += 1
        else:
            assert {n: a.shape for n, a in arrays.items()} == network.shapes()
            assert all(np.isfinite(a).all() for a in arrays.values())
            counts[0] += 1
    assert all(str(file) in message for message in reported)
    assert sum(counts) == 300 and min(counts) > 10
