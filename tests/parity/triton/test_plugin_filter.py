"""A plugin's filter: rendered on the CPU and in Triton's interpreter, and part of the key."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.parity.triton import triton_support  # first: Triton is not yet imported

# isort: split
import torch

from tests.media.make import write_numbered
from tests.parity.llvm.kernel_cases import layer
from tests.parity.ops.films import build, distance, planes_of
from vedc import ops
from vedc.errors import UserError
from vedc.execute.devices.device import Device
from vedc.lang.resolve.compile import canonical
from vedc.lang.yaml.load import load_text
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

DEVICE = "cuda" if triton_support.ON_GPU else "cpu"
PLUGIN = Path(__file__).with_name("soft_box.py")
SPEC = {
    "plugins": ["soft_box.py"],
    "profile": {"width": 64, "height": 36, "fps": 25},
    "timeline": [{"clip": "a.mp4", "effects": [{"op": "soft_box", "radius": 2}]}],
    "outputs": [{"path": "out.mkv", "codec": "ffv1"}],
}


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Build]:
    write_numbered(tmp_path / "a.mp4", 3, 25, width=64, height=36)
    shutil.copy(PLUGIN, tmp_path)
    yield replace(build(tmp_path, SPEC), plugins=True)
    canonical(load_text("version: 1\ntimeline: [{gap: 1s}]"))  # forgets the plugin


def test_it_renders_alike_on_both_devices(project: Build) -> None:
    (by_cpu,) = deliver(project, replace=True)
    want = planes_of(Path(by_cpu.target))
    (by_gpu,) = deliver(project, replace=True, device=Device("interpreter"))
    got = planes_of(Path(by_gpu.target))
    assert len(got) == len(want) == 3
    assert max(distance(g, w) for g, w in zip(got, want, strict=True)) <= 1


@pytest.mark.parametrize("channels", [3, 4])
def test_it_keeps_its_tolerance(project: Build, channels: int) -> None:
    project.edits()
    soft = ops.get("soft_box").filter
    assert soft is not None
    seen = layer(channels, 13, 22)
    wanted = soft.reference(seen.astype(np.float64), radius=2)
    by_gpu = soft.gpu(torch.from_numpy(seen).to(DEVICE), radius=2).cpu().numpy()
    for made in (soft.cpu(seen, radius=2), by_gpu):
        np.testing.assert_allclose(made, wanted, rtol=0, atol=soft.tolerance)
    assert pickle.loads(pickle.dumps(soft)) is soft


def test_its_version_and_its_source_are_part_of_the_key(project: Build) -> None:
    def rendered() -> int:
        (done,) = deliver(project, replace=True)
        return done.rendered_frames

    assert (rendered(), rendered()) == (3, 0)
    plugin = project.root / "soft_box.py"
    for old, new in (("version=3", "version=4"), ("axis=-1, dtype", "-1, dtype")):
        plugin.write_text(plugin.read_text().replace(old, new))
        assert (rendered(), rendered()) == (3, 0)


def test_a_filter_that_does_not_take_the_ops_parameters_is_reported(project: Build) -> None:
    plugin = project.root / "soft_box.py"
    plugin.write_text(plugin.read_text().replace("def gpu(layer, *, radius)", "def gpu(layer)"))
    with pytest.raises(UserError, match="soft_box: gpu of its filter"):
        project.edits()
