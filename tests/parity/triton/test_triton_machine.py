"""GPU kernels as machine code for an H100: the interpreter forgives what a compiler does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.paths import ROOT


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """By name, what ``triton_machine`` says; made in a process without the interpreter."""
    folder = tmp_path_factory.mktemp("triton")
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.parity.triton.triton_machine"],
        cwd=ROOT,
        env=environment | {"TRITON_CACHE_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_no_register_is_spilled(kernels: dict[str, Any]) -> None:
    spilled = {n: k for n, k in kernels.items() if k["STACK"] or k["LOCAL"]}
    assert spilled == {}
    assert kernels["exposure"]["REG"] <= 128


def test_addresses_and_values_never_recompile(kernels: dict[str, Any]) -> None:
    assert {k["variants"] for k in kernels.values()} == {1}


def test_lanes_keep_their_values(kernels: dict[str, Any]) -> None:
    """Nothing goes through shared memory: loads, arithmetic and stores share one layout."""
    for name in ("exposure", "exposure, four rows", "cdl", "p010le", "yuv422p10le", "yuv444p"):
        assert kernels[name]["SHARED"] == 0, name
        assert "bar.sync" not in kernels[name]["instructions"], name


def test_memory_is_gone_through_in_pieces(kernels: dict[str, Any]) -> None:
    """512 blocks on 128 threads: 8 samples of luma in 8 bytes, 4 of chroma in 4 at a time."""
    found = kernels["exposure"]["instructions"]
    loads = {k: v for k, v in found.items() if k.startswith("ld.global") and "b64" not in k}
    assert loads == {"ld.global.v2.b32": 2, "ld.global.b32": 2}
    stores = {k: v for k, v in found.items() if k.startswith("st.")}
    assert stores == {"st.global.v2.b32": 2, "st.global.b32": 2}
    ten = kernels["p010le"]["instructions"]
    assert ten["ld.global.v4.b32"] == 3 and ten["st.global.v4.b32"] == 3
    assert kernels["yuv444p"]["instructions"]["st.global.b32"] == 3
    assert "ld.global.b8" in kernels["exposure, any shape"]["instructions"]


def test_a_power_is_two_instructions_of_the_special_unit(kernels: dict[str, Any]) -> None:
    """Two powers a channel, three channels, four pixels, four blocks a thread."""
    found = kernels["exposure"]["instructions"]
    assert found["lg2.approx.ftz.f32"] == 2 * 3 * 4 * 4
    assert found["ex2.approx.ftz.f32"] == 2 * 3 * 4 * 4
