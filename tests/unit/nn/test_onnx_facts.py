"""Whether an ONNX file may be run is judged by its bytes; the refusals, each with its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests import foreign
from vedc.errors import UserError
from vedc.nn.foreign.contract import contract
from vedc.nn.foreign.onnx_facts import OPS, read

F = TensorProto.FLOAT
PICTURE = [1, 3, "h", "w"]


def info(name: str, sides: Any = PICTURE, kind: int = F) -> Any:
    return helper.make_tensor_value_info(name, kind, sides)


def saved(path: Path, *nodes: Any, inits: Any = (), opset: int = 17, **parts: Any) -> Path:
    graph = helper.make_graph(
        list(nodes) or [helper.make_node("Relu", ["x"], ["y"])],
        "g",
        parts.get("inputs", [info("x")]),
        parts.get("outputs", [info("y")]),
        list(inits),
    )
    imports = [helper.make_opsetid("", opset), *parts.get("imports", ())]
    path.write_bytes(helper.make_model(graph, opset_imports=imports).SerializeToString())
    return path


def test_facts_match_the_onnx_package(tmp_path: Path) -> None:
    kernel = np.ones((3, 3, 5, 5), np.float32)
    nodes = [helper.make_node("Conv", ["x", "k"], ["t"]), helper.make_node("Relu", ["t"], ["y"])]
    file = saved(tmp_path / "a.onnx", *nodes, inits=[numpy_helper.from_array(kernel, "k")])
    facts = read(file)
    assert facts.ops == {"Conv": 1, "Relu": 1} and facts.parameters == 225 and facts.opset == 17
    assert [(t.name, t.type, t.sides) for t in facts.inputs] == [("x", 1, (1, 3, None, None))]


def test_what_vedc_writes_is_allowed_and_sound(tmp_path: Path) -> None:
    for make in (foreign.negative, foreign.soft, foreign.cropped, foreign.greedy, foreign.slow):
        file = make(tmp_path / "a.onnx")
        onnx.checker.check_model(str(file))
        assert set(read(file).ops) <= OPS


def _loop() -> Any:
    body = helper.make_graph([], "body", [], [])
    return helper.make_node("Loop", ["x"], ["y"], body=body)


def _hidden_graph() -> Any:
    inner = helper.make_graph([], "inner", [], [])
    return helper.make_node("Relu", ["x"], ["y"], then_branch=inner)


def _outside() -> Any:
    tensor = numpy_helper.from_array(np.ones(4, np.float32), "k")
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/passwd")
    return tensor


def _false_size() -> Any:
    tensor = numpy_helper.from_array(np.ones(4, np.float32), "k")
    tensor.dims[:] = [10**6]
    return tensor


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"nodes": [_loop()]}, "graph of its own"),
        ({"nodes": [_hidden_graph()]}, "graph of its own"),
        ({"nodes": [helper.make_node("Relu", ["x"], ["y"], domain="com.evil")]}, "com.evil"),
        ({"nodes": [helper.make_node("RandomNormal", [], ["y"], shape=[1])]}, "RandomNormal"),
        ({"nodes": [helper.make_node("StringNormalizer", ["x"], ["y"])]}, "StringNormalizer"),
        ({"inits": [_outside()]}, "another file"),
        ({"inits": [_false_size()]}, "size that it states"),
        (
            {"inits": [helper.make_tensor("k", TensorProto.STRING, [1], [b"a"])]},
            "type 8",
        ),
        ({"opset": 6}, "opset is 6"),
    ],
)
def test_what_may_not_be_run_is_refused(tmp_path: Path, parts: Any, said: str) -> None:
    nodes = parts.pop("nodes", [])
    file = saved(tmp_path / "net.onnx", *nodes, **parts)
    with pytest.raises(UserError) as caught:
        read(file)
    (problem,) = caught.value.problems
    assert problem.code == "bad-model" and said in problem.message and "net.onnx" in problem.message


@pytest.mark.parametrize(
    ("parts", "given", "said"),
    [
        ({"inputs": [info("x"), info("z")]}, {}, "2 inputs"),
        ({"inputs": [info("x", kind=TensorProto.UINT8)]}, {}, "not of float32"),
        ({"inputs": [info("x", [1, 3, "h"])]}, {}, "must be (1, channels, h, w)"),
        ({"inputs": [info("x", [4, 3, "h", "w"])]}, {}, "must be (1, channels, h, w)"),
        ({"inputs": [info("x", [1, 1, "h", "w"])]}, {}, "3 channels"),
        ({"outputs": [info("y", [1, 1, "h", "w"])]}, {}, "1 channels"),
        ({"inputs": [info("x", [1, 3, 64, "w"])]}, {}, "one side varies"),
        ({"inputs": [info("x", [1, 3, 64, 64])]}, {"halo": 32}, "twice its halo"),
    ],
)
def test_a_network_that_does_not_map_pictures_is_refused(
    tmp_path: Path, parts: Any, given: Any, said: str
) -> None:
    with pytest.raises(UserError) as caught:
        contract(read(saved(tmp_path / "net.onnx", **parts)), 1, given)
    assert said in caught.value.problems[0].message


def test_a_call_comes_before_the_file(tmp_path: Path) -> None:
    notes = {"vedc.values": "byte", "vedc.halo": "7", "vedc.multiple": "8"}
    facts = read(foreign.soft(tmp_path / "a.onnx", notes=notes))
    said = contract(facts, 1, {})
    assert (said.values, said.order, said.halo, said.multiple) == ("byte", "rgb", 7, 8)
    asked = contract(facts, 1, {"values": "signed", "halo": 0, "multiple": 4, "order": "bgr"})
    assert (asked.values, asked.order, asked.halo, asked.multiple) == ("signed", "bgr", 0, 4)


@pytest.mark.parametrize(
    "notes",
    [
        {"vedc.values": "percent"},
        {"vedc.halo": "-1"},
        {"vedc.multiple": "1e3"},
        {"vedc.window": "3"},
    ],
)
def test_false_metadata_is_refused(tmp_path: Path, notes: dict[str, str]) -> None:
    with pytest.raises(UserError) as caught:
        contract(read(foreign.soft(tmp_path / "a.onnx", notes=notes)), 1, {})
    assert next(iter(notes)).removeprefix("vedc.") in caught.value.problems[0].message
