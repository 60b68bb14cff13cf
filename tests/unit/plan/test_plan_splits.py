"""Kernels that would grow too large: split, with the same picture, at a cost linear in length."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from vedc.plan.executable import ComputedPiece, Kernel
from vedc.plan.fusion import splits
from vedc.workspace.build import Build
from vedc.workspace.deliver import deliver
from vedc.workspace.planning import fuse_plan, plan_edit

SIZE = {"width": 64, "height": 48, "fps": 25}


def build(folder: Path, spec: dict[str, Any]) -> Build:
    import yaml

    folder.mkdir(exist_ok=True)
    (folder / "edit.vedc.yaml").write_text(yaml.safe_dump({"version": 1, **spec}))
    return Build(folder / "edit.vedc.yaml")


def film(folder: Path, spec: dict[str, Any]) -> np.ndarray:
    made = build(folder, {**spec, "outputs": [{"path": "film.mkv", "codec": "ffv1"}]})
    deliver(made, replace=True)
    with av.open(str(folder / "film.mkv")) as container:
        return np.stack([frame.to_ndarray() for frame in container.decode(video=0)]).astype(int)


def kernels(folder: Path, spec: dict[str, Any]) -> list[int]:
    """The number of nodes of each kernel of the film's first piece."""
    made = build(folder, spec)
    piece = fuse_plan(plan_edit(made, made.edits()[0])).executables[0]
    assert isinstance(piece, ComputedPiece)
    return [len(step.program.text()) for step in piece.steps if isinstance(step, Kernel)]


def graded(count: int) -> dict[str, Any]:
    """Ops that do not collapse into one another."""
    ops = [
        {"op": "saturation", "amount": 1 + 0.001 * i}
        if i % 2
        else {"op": "contrast", "amount": 1 + 0.0007 * i}
        for i in range(count)
    ]
    item = {"generator": {"op": "conic_gradient"}, "duration": "0.08s", "effects": ops}
    return {"profile": SIZE, "timeline": [item]}


def titled(count: int) -> dict[str, Any]:
    tracks = [
        {
            "id": f"t{i}",
            "clips": [
                {
                    "text": "ABC"[i % 3],
                    "size": 12,
                    "color": ("red", "lime", "blue")[i % 3],
                    "position": [(i % 9) / 9, (i // 9) / 25],
                    "anchor": "top-left",
                    "duration": "0.08s",
                }
            ],
        }
        for i in range(count)
    ]
    return {"profile": SIZE, "timeline": {"tracks": tracks}}


def test_short_pieces_stay_one_kernel(tmp_path: Path) -> None:
    assert len(kernels(tmp_path, graded(splits.MOST_NODES // 3))) == 1
    assert len(kernels(tmp_path, titled(splits.MOST_PICTURES))) == 1


@pytest.mark.parametrize(
    ("spec", "limit"), [(graded(60), "MOST_NODES"), (titled(40), "MOST_PICTURES")]
)
@pytest.mark.slow
def test_the_picture_is_the_same(
    spec: dict[str, Any], limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    split = film(tmp_path / "split", spec)
    assert len(kernels(tmp_path / "split", spec)) > 1
    # Smaller pieces still: every way of dividing the work gives the same film.
    monkeypatch.setattr(splits, limit, 5)
    finer = film(tmp_path / "finer", spec)
    assert split.std() > 5
    assert np.abs(split - finer).max() <= 1


@pytest.mark.slow
def test_size_and_number_of_kernels_grow_with_the_film(tmp_path: Path) -> None:
    for make, counts in ((graded, (100, 600)), (titled, (50, 200))):
        few, many = (kernels(tmp_path, make(count)) for count in counts)
        assert max(many) <= 2 * max(few)
        assert len(many) <= 1.5 * len(few) * counts[1] / counts[0]


@pytest.mark.slow
def test_two_hundred_items_at_once_and_a_hundred_turns(tmp_path: Path) -> None:
    frames = film(tmp_path / "titles", titled(200))
    assert len(frames) == 2 and frames.std() > 5
    turns = [{"op": "transform", "rotation": 3.6}] * 100
    item = {"generator": {"op": "conic_gradient"}, "duration": "0.04s", "effects": turns}
    assert len(film(tmp_path / "turns", {"profile": SIZE, "timeline": [item]})) == 1
