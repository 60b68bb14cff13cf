"""Plans as data: printed, hashed, pickled, and rendered by another process to the same frames."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
import yaml

from tests.media.film.test_examples import FOLDERS
from tests.media.make import write_numbered
from tests.paths import EXAMPLES
from vedc.execute.store import Store
from vedc.ops.shared import cube
from vedc.plan.executable import ComputedPiece, StillSource, TitleSource, VideoSource
from vedc.plan.plan import Plan
from vedc.workspace.build import Build, Deciding
from vedc.workspace.deliver import deliver
from vedc.workspace.planning import fuse_plan, fuse_plans, plan_edit

#: Loads a plan, describes it, and renders it with its own store.
WORKER = """
import pickle, sys
from pathlib import Path
from vedc.execute.render import render
from vedc.execute.store import Store
plan = pickle.load(sys.stdin.buffer)
render([plan], Store(Path(sys.argv[1])), threads=1)
print(plan.digest())
print(plan.text(), end="")
"""


def work(plan: Plan, folder: Path) -> tuple[str, str]:
    """The digest and the listing that another process sees, once it has rendered the plan."""
    command = [sys.executable, "-c", WORKER, str(folder)]
    done = subprocess.run(command, input=pickle.dumps(plan), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    digest, _, text = done.stdout.decode().partition("\n")
    return digest, text


def frames(path: Path) -> list[bytes]:
    with av.open(str(path)) as film:
        return [f.to_ndarray().tobytes() for f in film.decode(*film.streams.get())]


def reloaded(build: Build, folder: Path) -> None:
    """Every output of a spec, rendered here and from a pickle in another process."""
    deciding = Deciding(build, "decide")
    edits = build.edits(deciding)
    deliver(build, replace=True, deciding=Deciding(build, "decide"))
    for index, edit in enumerate(edits):
        plan = fuse_plan(plan_edit(build, edit))
        elsewhere = folder / f"elsewhere{index}{Path(plan.target).suffix}"
        digest, text = work(replace(plan, target=str(elsewhere)), folder / "worker")
        assert (digest, text) == (plan.digest(), plan.text())
        assert frames(elsewhere) == frames(Path(plan.target))


@pytest.mark.slow
@pytest.mark.parametrize("name", FOLDERS)
def test_an_example_renders_from_its_pickle(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    shutil.copytree(EXAMPLES / name, folder, ignore=shutil.ignore_patterns("out", ".vedc"))
    reloaded(Build(folder / "edit.vedc.yaml", plugins=True, draft=Fraction(1, 4)), tmp_path)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """A film with a bit of everything: a long clip in many parts, a table, a filter, a title, a
    transition, stills, and a stretch that is copied."""
    write_numbered(tmp_path / "a.mp4", 400, 25, width=64, height=36)
    write_numbered(tmp_path / "b.mp4", 40, 25, width=48, height=48)
    rows = "\n".join(f"{r} {g} {b * 0.9}" for b in (0, 1) for g in (0, 1) for r in (0, 1))
    (tmp_path / "look.cube").write_text(f"LUT_3D_SIZE 2\n{rows}\n")
    (tmp_path / "p.ppm").write_bytes(b"P6 2 2 255 " + bytes(range(12)))
    from PIL import Image

    Image.open(tmp_path / "p.ppm").save(tmp_path / "p.png")
    zoom = {"keyframes": [{"time": 0, "value": 1}, {"time": "100%", "value": 1.5}]}
    spec: dict[str, Any] = {
        "version": 1,
        "profile": {"width": 64, "height": 36, "fps": 25},
        "assets": {"look": {"src": "look.cube"}},
        "timeline": {
            "tracks": [
                {
                    "clips": [
                        {
                            "clip": "a.mp4",
                            "duration": "14s",
                            "grade": [{"op": "cdl", "power": 1.2}],
                        },
                        {"transition": {"name": "dissolve", "duration": "8f"}},
                        {
                            "clip": "b.mp4",
                            "duration": "30f",
                            "grade": [{"op": "lut", "asset": "look"}],
                            "effects": [
                                {"op": "gaussian_blur", "radius": 2},
                                {"op": "zoom", "amount": zoom},
                            ],
                        },
                        {
                            "image": "p.png",
                            "duration": "10f",
                            "effects": [{"op": "gaussian_blur", "radius": 1}],
                        },
                    ]
                },
                {"clips": [{"text": "Hello", "size": 12, "duration": "2s"}]},
            ]
        },
        "outputs": [{"path": "out.mkv", "codec": "ffv1"}],
    }
    path = tmp_path / "edit.vedc.yaml"
    path.write_text(yaml.safe_dump(spec))
    return Build(path)


def planned(build: Build, store: Store | None = None) -> Plan:
    (edit,) = build.edits()
    logical = plan_edit(build, edit)
    return fuse_plan(logical) if store is None else fuse_plans([logical], store)[0]


def test_a_film_renders_from_its_pickle(build: Build, tmp_path: Path) -> None:
    reloaded(build, tmp_path)


def test_parts_of_a_clip_share_one_executable(build: Build) -> None:
    plan = planned(build)
    parts = [p for s in plan.segments for p in s.pieces or () if p.start < 330]
    titled, rest = parts[0].executable, {p.executable for p in parts[1:]}
    assert len(parts) > 3 and len(rest) == 1 and titled not in rest
    assert len({p.times for p in parts}) == len(parts)
    kinds = {type(f.source) for e in plan.executables for f in e.fetches}
    assert kinds == {VideoSource, StillSource, TitleSource}


def test_two_plans_of_one_edit_are_one(build: Build) -> None:
    first, second = planned(build), planned(build)
    assert first.text() == second.text() and first.digest() == second.digest()
    assert first.digest() != replace(first, fps=first.fps * 2).digest()
    assert str(build.root) not in first.text()


def test_what_the_store_holds_is_not_fused(build: Build) -> None:
    plan = planned(build, Store(build.folder))
    assert all(segment.pieces for segment in plan.segments)
    deliver(build)
    plan = planned(build, Store(build.folder))
    assert plan.executables == () and not any(segment.pieces for segment in plan.segments)


def test_a_plan_reads_each_table_once(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def counted(path: Path) -> cube.Cube:
        read.append(path)
        return cube.read(path)

    monkeypatch.setattr("vedc.looks.read.read", counted)
    deliver(build)
    assert [path.name for path in read] == ["look.cube"]


def test_layers_that_are_never_needed_together_share_memory(build: Build) -> None:
    for piece in planned(build).executables:
        if isinstance(piece, ComputedPiece):
            for index, layer in enumerate(piece.layers):
                for later, other in enumerate(piece.layers[index + 1 :], index + 1):
                    if layer.buffer is not None and layer.buffer == other.buffer:
                        assert not layer.constant and layer.last_use < later
