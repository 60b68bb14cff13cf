"""Paths of outputs: not an input, not a folder, no file twice."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from vedc.lang.files import Files
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.support.file_patterns import is_numbered
from vedc.support.numbered_names import NumberedName


def check_paths(
    outputs: Iterable[SpecNode], files: Files, inputs: Iterable[Path], problems: Problems
) -> None:
    """No output may be an input, a folder or another output."""
    sources = {one_name(os.path.realpath(path)) for path in inputs}
    seen: dict[str, SpecNode] = {}
    for output in outputs:
        if output.broken:
            continue
        node = output["path"]
        path = files.inside(node, written=True)
        if path is None:
            continue
        if is_numbered(node.text):
            _check_numbered(node, path, sources, problems)
        real = one_name(os.path.realpath(path))
        if os.path.isdir(path):
            message = f"{node.text!r} is a folder, not a file to write"
            problems.add("is-a-folder", message, node, "choose another name, or remove the folder")
        elif os.path.exists(path) and not os.path.isfile(path):
            message = f"{node.text!r} is a pipe or a device, which vedc does not replace by a file"
            problems.add("not-a-file", message, node, "choose another name; -o - writes to a pipe")
        if real in sources:
            message = f"{node.text!r} is also an input, which writing would destroy"
            hint = f"choose another name: outputs: [{{path: new-{path.name}}}], or -o"
            problems.add("output-is-input", message, node, hint)
        if real in seen:
            first = seen[real].location
            where = f" in line {first.line}" if first else ""
            message = f"{node.text!r} is already written by the output{where}"
            problems.add("same-output", message, node, "choose another name")
        seen.setdefault(real, node)


def _check_numbered(node: SpecNode, path: Path, sources: set[str], problems: Problems) -> None:
    """None of the files that a pattern stands for may be an input."""
    try:
        names = NumberedName(str(path))
    except ValueError:  # reported where the codec is checked
        return
    for taken in names.existing().values():
        if one_name(os.path.realpath(taken)) in sources:
            message = f"{node.text!r} stands for {taken.name}, too, which is an input"
            hint = "write to a folder of its own"
            problems.add("output-is-input", message, node, hint)
            return


def one_name(path: str) -> str:
    """A path as its disk distinguishes files: for macOS and Windows A.mp4 and a.mp4 are one."""
    folder = os.path.dirname(path)
    while not os.path.exists(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
    return path.casefold() if _folds_case(folder) else path


def _folds_case(folder: str) -> bool:
    above, name = os.path.split(folder)
    if name == name.swapcase():
        return False
    try:
        one, other = (os.lstat(os.path.join(above, n)) for n in (name, name.swapcase()))
    except OSError:
        return False
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
