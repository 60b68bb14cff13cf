"""Every example is rendered, whole, and shows a moving picture of its canvas."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from tests.paths import EXAMPLES
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver

FOLDERS = sorted(p.parent.name for p in EXAMPLES.glob("*/edit.vedc.yaml"))


def test_the_list_names_every_example() -> None:
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert FOLDERS and all(f"({name}/edit.vedc.yaml)" in listed for name in FOLDERS)


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLDERS)
def test_example(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("out", ".vedc"))
    build = Build(folder / "edit.vedc.yaml", plugins=True)
    for report in deliver(build, replace=True):
        path = Path(report.target)
        with av.open(str(path)) as film:
            frames = [f.to_ndarray(format="gray") for f in film.decode(video=0)]
        assert len(frames) == report.frames
        assert all(frame.std() > 1 for frame in frames[len(frames) // 2 : len(frames) // 2 + 1])
        if len(frames) > 1:
            assert np.abs(frames[0].astype(int) - frames[len(frames) // 2]).mean() > 0.5
