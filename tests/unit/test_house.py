"""The house rules that a machine can check: imports, packaging, loading."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from tests.media.make import write_numbered
from tests.paths import ROOT
from tests.structure import LINKED, Structure, measure, room

#: Rooms from the bottom up; those on one line may not import one another either.
ORDER = (
    ("support", "specs"),
    ("errors", "color"),
    ("expr",),
    ("edit", "kernels"),
    ("ops", "captions"),
    ("spaces",),
    ("lang",),
    ("ir",),
    ("passes",),
    ("plan",),
    ("codegen", "stills"),
    ("looks",),
    ("media",),
    ("audio", "text", "models"),
    ("nn",),
    ("decide",),
    ("train", "execute"),
    ("workspace",),
    ("review",),
    ("interchange",),
    ("report",),
    ("serve", "api"),
    ("cli",),
    ("__main__", "vedc"),
)
LEVEL = {room: level for level, rooms in enumerate(ORDER) for room in rooms}


@cache
def structure() -> Structure:
    return measure()


def test_every_room_has_a_place_in_the_order() -> None:
    assert {room(module) for module in structure().files} == LEVEL.keys()


def test_imports_run_one_way() -> None:
    wrong = [
        f"{user} imports {used}"
        for user, used in sorted(structure().imports)
        if used != "vedc" and room(user) != room(used) and LEVEL[room(used)] >= LEVEL[room(user)]
    ]
    assert wrong == []


def test_folders_of_a_room_do_not_import_each_other() -> None:
    """The same rule one level down; a folder and the one that holds it count as two."""
    assert structure().mutual() == []


def test_no_folder_is_a_heap() -> None:
    """About fifteen files are what a reader takes in at a glance."""
    assert {folder: count for folder, count in structure().folders.items() if count > 17} == {}


def _modules(path: Path) -> set[str]:
    """Every module of vedc that a file names in an import, in full."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


def test_executors_only_execute() -> None:
    """The plan is data: nothing in ``execute`` lowers, optimises or fuses."""
    deciding = ("vedc.ir", "vedc.passes", "vedc.plan.fusion", "vedc.plan.logical")
    for path in (ROOT / "vedc" / "execute").rglob("*.py"):
        named = [m for m in _modules(path) if f"{m}.".startswith(tuple(f"{d}." for d in deciding))]
        assert not named, f"{path.name} imports {named}"


@pytest.mark.slow
def test_relative_imports_are_not_used() -> None:
    for path in structure().files.values():
        for node in ast.walk(ast.parse(path.read_text())):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path


def test_the_package_list_is_the_tree() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    walked = os.walk(ROOT / "vedc", followlinks=True)
    folders = [Path(folder) for folder, _, files in walked if "__init__.py" in files]
    tree = [".".join(folder.relative_to(ROOT).parts) for folder in folders]
    assert sorted(listed) == sorted(tree)


@pytest.mark.parametrize("name", sorted(LINKED))
def test_top_folders_are_reached_through_the_package_only(name: str) -> None:
    assert (ROOT / "vedc" / name).resolve() == ROOT / name
    done = subprocess.run(
        [sys.executable, "-c", f"import {name}"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert f"import vedc.{name}" in done.stderr


#: Loading any of these takes longer than all of `vedc validate` may.
HEAVY = ("PyOpenColorIO", "torch", "triton", "cv2", "av", "numpy", "llvmlite", "PIL", "fontTools")


def _loaded(code: str, *arguments: str) -> set[str]:
    script = f"import sys\n{code}\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split("\n")[-2].split())


def test_the_front_of_the_compiler_loads_nothing_heavy() -> None:
    rooms = "vedc.lang.resolve.resolve, vedc.ir.lower.film, vedc.plan.plan, vedc.plan.fusion.fuse"
    assert _loaded(f"import {rooms}") == set()


def test_the_command_line_loads_nothing_heavy() -> None:
    assert _loaded("import vedc.cli") == set()


def _imports(*arguments: str | Path) -> set[str]:
    """The modules that a command imports."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "vedc", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}


@pytest.mark.slow
def test_validating_loads_the_decoder_only_for_files_it_has_not_seen(tmp_path: Path) -> None:
    spec = ROOT / "examples" / "quickstart" / "edit.vedc.yaml"
    first, second = (_imports("validate", "--cache", tmp_path, spec) for _ in range(2))
    assert "av" in first
    assert set(HEAVY) & second == set()
    assert {"torch", "triton", "cv2"} & first == set()


#: Not needed for a film with known files and compiled kernels, including titles in Latin letters.
UNUSED = (
    *("PyOpenColorIO", "torch", "triton", "cv2", "PIL", "fontTools", "icu"),
    *("importlib.metadata", "urllib.request", "socket", "ssl", "xml", "email"),
    *("vedc.decide.analyses", "vedc.media.bitstream", "vedc.media.probe"),
    *("vedc.media.image_files", "vedc.media.passes", "vedc.stills.load"),
)
#: Not needed for a film whose frames are encoded as decoded.
UNUSED_BY_CUTS = (
    *UNUSED,
    "numpy",
    "llvmlite",
    "vedc.codegen.llvm",
    "uharfbuzz",
    "vedc.text.layout",
)
#: Not needed for a film that shows an 8-bit photo without a profile.
UNUSED_BY_STILL = (
    *(name for name in UNUSED if name not in ("PIL", "vedc.stills.load")),
    *("PIL.ImageCms", "vedc.stills.svg", "vedc.stills.describe"),
)
CUTS = "timeline: [{clip: small.mp4, out: 4f}, {clip: small.mp4, in: 8f, out: 12f}]"
TITLE = (
    "timeline: {tracks: [{clips: [{clip: small.mp4, out: 8f}]}, "
    "{clips: [{text: Quiet, duration: 8f, size: 20}]}]}"
)
STILL = (
    "timeline: [{image: photo.jpg, duration: 8f, "
    "ken_burns: {from: {width: 100%, height: 100%}, to: {x: 40%, width: 50%, height: 50%}}}]"
)


@pytest.mark.parametrize(
    ("timeline", "unused"),
    [(CUTS, UNUSED_BY_CUTS), (TITLE, UNUSED), (STILL, UNUSED_BY_STILL)],
    ids=["cuts", "title", "still"],
)
def test_a_render_loads_only_what_its_film_needs(
    timeline: str, unused: tuple[str, ...], tmp_path: Path
) -> None:
    spec = tmp_path / "film.vedc.yaml"
    spec.write_text(
        f"version: 1\nprofile: {{width: 160, height: 90, fps: 25}}\n{timeline}\n"
        "outputs: [{path: film.mp4, preset: ultrafast, audio_codec: none}]\n"
    )
    write_numbered(tmp_path / "small.mp4", 20, width=160, height=90)
    Image.new("RGB", (320, 180), "teal").save(tmp_path / "photo.jpg")
    _imports("render", "-q", spec)  # looks into the files, and compiles
    shutil.rmtree(tmp_path / ".vedc" / "cache" / "entries")
    loaded = _imports("render", "-q", spec)
    assert {name for name in unused if name in loaded} == set()
    assert {"vedc.media.mux", "vedc.media.encode"} <= loaded
    costly = [m for m in loaded & structure().files.keys() if _costs_much_to_declare(m)]
    assert costly == [], "declare dataclasses that renders load by vedc.support.lazy_dataclass"


def _costs_much_to_declare(module: str) -> bool:
    """Whether a module has dataclasses whose declaration compiles their methods."""
    text = structure().files[module].read_text()
    return bool(re.search(r"^from dataclasses import .*\bdataclass\b", text, re.MULTILINE))
