"""The files that a spec reads, as far as known, even while the spec is invalid."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from vedc.edit.media_info import split_locator
from vedc.errors import UserError
from vedc.lang.yaml.load import load
from vedc.lang.yaml.tree import SpecNode
from vedc.support.file_patterns import is_numbered, is_pattern
from vedc.workspace.build import Build, Deciding

#: Extensions of file names.
_SUFFIX: Final = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_LONGEST: Final = 512


def read_files(
    build: Build, deciding: Deciding | None = None, planned: Iterable[str] = ()
) -> set[Path]:
    """The files, and for patterns the folders, whose change may change the film.

    Every text of the spec that could name a file counts, whether the file exists or not: it may
    be saved in a minute. ``deciding`` knows the spec with its variables filled in, once it has
    passed its first checks; ``planned`` are the files of its plans. Output files do not count.
    """
    found = {build.lock}
    if build.spec != "-":
        found.add(build.spec.absolute())
    if build.var_file is not None:
        found.add(build.var_file.absolute())
    trees = []
    for file in (build.spec, build.var_file):
        try:
            if file is not None and file != "-":
                trees.append(load(file).root)
        except UserError:
            continue
    if deciding is not None and deciding.canonical is not None:
        trees.append(deciding.canonical.root)
    for text in chain(*(_texts(tree) for tree in trees), build.set_values.values()):
        found |= _named(build.root, text)
    found |= {path for locator in planned for path in _planned(locator)}
    return found


def _planned(locator: str) -> Iterator[Path]:
    """The file of a plan, or the folder of its pictures; transforms have names, not paths."""
    path = Path(split_locator(locator)[0])
    if path.is_absolute():
        yield path.parent if is_pattern(str(path)) or is_numbered(str(path)) else path


def _texts(root: SpecNode) -> Iterator[str]:
    """All texts of a spec except its outputs."""
    left = [
        child
        for name, child in (root.value.items() if isinstance(root.value, dict) else ())
        if name != "outputs"
    ]
    while left:
        node = left.pop()
        if isinstance(node.value, str):
            yield node.value
        elif isinstance(node.value, list):
            left += node.value
        elif isinstance(node.value, dict):
            left += node.value.values()


def _named(root: Path, text: str) -> set[Path]:
    """The paths that a text may name: a file, or the folder of many."""
    if not text or len(text) > _LONGEST or not text.isprintable() or "://" in text:
        return set()
    path = root / text
    try:
        if is_pattern(text) or is_numbered(text):
            return {path.parent} if path.parent.is_dir() else set()
        if path.is_file() or (_SUFFIX.search(text) and " " not in text and "${{" not in text):
            return {path}
    except (OSError, ValueError):  # a text that cannot be a path
        pass
    return set()
