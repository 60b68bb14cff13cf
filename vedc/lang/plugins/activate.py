"""The user's Python files that declare ops: the key ``plugins`` of a spec.

A plugin is code, so it runs only if the command line allows it. Its ops are declared with
``vedc.ops.core.registry.op`` like all others, and rehearsed once when the file is loaded, so that
mistakes in a body are reported with their line before anything is rendered. The ops of a spec's
plugins stay registered until another spec is checked.
"""

from __future__ import annotations

import hashlib
import sys
from inspect import unwrap
from pathlib import Path
from types import ModuleType
from typing import Final

from vedc import ops
from vedc.errors import RenderError, SourceLocation
from vedc.lang.files import Files
from vedc.lang.plugins.guard import PluginError, guard, guarded
from vedc.lang.yaml.load import display_name
from vedc.lang.yaml.tree import Problems, SpecNode
from vedc.ops import Op
from vedc.ops.core import registry
from vedc.support.lazy_dataclass import dataclass

#: The digest of the file that each op of a plugin came from.
DIGESTS: Final[dict[str, str]] = {}


@dataclass(frozen=True)
class _Plugin:
    digest: str
    ops: tuple[Op, ...]


Active = tuple[tuple[Path, str], ...]
"""Files of plugins, each with its digest."""

_loaded: Final[dict[Path, _Plugin]] = {}


def activate(named: SpecNode | None, files: Files, allowed: bool, problems: Problems) -> bool:
    """Register the ops of a spec's plugins, and remove those of any other spec.

    ``named`` is the list under ``plugins``. Returns whether all of its ops are registered; problems
    are reported.
    """
    for name in DIGESTS:
        registry.remove(name)
    DIGESTS.clear()
    if named is None or named.value == []:
        return True
    if not allowed:
        hint = "read them first: they can do anything that you can; then add --allow-plugins"
        message = "plugins are Python code, and were not allowed to run"
        problems.add("plugins-not-allowed", message, named.key_location or named, hint)
        return False
    if not isinstance(named.value, list):
        return False  # reported as a problem of form
    known = [
        _activate(node, files, problems) for node in named
    ]  # every one, to report every problem
    return all(known)


def _activate(node: SpecNode, files: Files, problems: Problems) -> bool:
    if not isinstance(node.value, str) or not node.value or "${{" in node.value:
        return False  # reported as a problem of form
    path = files.existing(node, one=True, local=True)
    if path is None:
        return False
    source = path.read_bytes()
    digest = hashlib.sha256(source).hexdigest()
    try:
        known = _load(path, source, digest)
    except PluginError as error:
        _report(error, problems)
        return False
    if not known.ops:
        hint = "declare one with @op, from vedc.ops.core.registry"
        problems.add("plugin-empty", f"{node.text!r} declares no op", node, hint)
        return False
    _loaded[path] = known
    taken = [_take_in(op, path, digest, problems) for op in known.ops]
    return all(taken)


def active() -> Active:
    """The plugins whose ops are registered."""
    digests = set(DIGESTS.values())
    return tuple((path, known.digest) for path, known in _loaded.items() if known.digest in digests)


def bring_back(plugins: Active) -> None:
    """Register the ops of plugins that another process has checked: those ``active`` there. Raises
    RenderError where a file has changed since."""
    for name in DIGESTS:
        registry.remove(name)
    DIGESTS.clear()
    for path, digest in plugins:
        source = path.read_bytes()
        if hashlib.sha256(source).hexdigest() != digest:
            message = f"'{display_name(path)}' changed after it was checked"
            raise RenderError.one("media-changed", message, hint="render again")
        _loaded[path] = known = _load(path, source, digest)
        for op in known.ops:
            registry.add(op)
            DIGESTS[op.name] = digest


def _load(path: Path, source: bytes, digest: str) -> _Plugin:
    """The ops that a file declares, unregistered. Raises PluginError."""
    known = _loaded.get(path)
    if known is not None and known.digest == digest:
        return known
    before = set(ops.names())
    try:
        with guarded(path):
            _run(path, source, digest)
        declared = (ops.get(n) for n in ops.names() if n not in before)
        return _Plugin(digest, tuple(guard(op, path) for op in declared))
    finally:
        _take_back(before)


def _take_in(op: Op, path: Path, digest: str, problems: Problems) -> bool:
    """Register an op whose body runs."""
    line = unwrap(op.body).__code__.co_firstlineno
    location = SourceLocation(display_name(path), line)
    if op.name in ops.names():
        message = f"there is an op called {op.name!r} already"
        problems.add("plugin-failed", message, location, "give the function another name")
        return False
    from vedc.lang.plugins.rehearse import rehearse  # not needed by specs without plugins

    try:
        with guarded(path, op.name, line):
            rehearse(op)
    except PluginError as error:
        _report(error, problems)
        return False
    registry.add(op)
    DIGESTS[op.name] = digest
    return True


def _report(error: PluginError, problems: Problems) -> None:
    for problem in error.problems:
        problems.add(problem.code, problem.message, problem.location, problem.hint)


def _run(path: Path, source: bytes, digest: str) -> None:
    module = ModuleType(f"vedc_plugin_{path.stem}_{digest[:8]}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # dataclasses look their module up
    code = compile(source, str(path), "exec", dont_inherit=True)
    with registry.declaring(digest):  # so that the keys of segments depend on the file
        exec(code, module.__dict__)


def _take_back(before: set[str]) -> None:
    for name in set(ops.names()) - before:
        registry.remove(name)
