"""Properties of a machine that affect a film's bytes, and how two machines differ in them."""

from __future__ import annotations

import hashlib
import os
import platform
import socket
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final, NamedTuple

from vedc import __version__
from vedc.errors import Problem

#: Libraries that draw, besides the codecs.
_LIBRARIES: Final = ("llvmlite", "numpy", "opencv-python-headless", "pillow", "uharfbuzz")


class Machine(NamedTuple):
    """Each field in words, for people and for comparison."""

    name: str
    pid: int
    """Id of the process that the record describes."""
    vedc: str
    python: str
    codecs: str
    libraries: str
    cpu: str
    """Its model, followed by a digest of its features, which compiled code uses."""


class Difference(NamedTuple):
    what: str
    there: str
    here: str

    def __str__(self) -> str:
        return f"{self.what} {self.there} (here {self.here})"


@cache
def this_machine() -> Machine:
    import av
    from llvmlite import binding

    built = repr(sorted((name, *map(str, meta.items())) for name, meta in _meta(av).items()))
    flags = sorted(name for name, has in binding.get_host_cpu_features().items() if has)
    return Machine(
        socket.gethostname(),
        os.getpid(),
        __version__,
        platform.python_version(),
        f"PyAV {version('av')}, build {_short(built)}",
        ", ".join(f"{name} {_version(name)}" for name in _LIBRARIES),
        f"{platform.machine()} {binding.get_host_cpu_name()}, features {_short(' '.join(flags))}",
    )


def incompatible(there: Machine, here: Machine) -> list[Difference]:
    """Differences that keep two machines from working together: plans are sent between them."""
    compared = {"vedc": (there.vedc, here.vedc), "Python": (there.python, here.python)}
    return [Difference(what, *pair) for what, pair in compared.items() if pair[0] != pair[1]]


def unlike(there: Machine, here: Machine) -> list[Difference]:
    """Differences with which the same plan may give different bytes."""
    compared = {
        "codecs": (there.codecs, here.codecs),
        "libraries": (there.libraries, here.libraries),
        "CPU": (there.cpu, here.cpu),
    }
    return [Difference(what, *pair) for what, pair in compared.items() if pair[0] != pair[1]]


def mixed(there: Machine, here: Machine) -> Problem | None:
    """A warning about a machine that may give different bytes than this one."""
    if not (differs := unlike(there, here)):
        return None
    message = f"machine {there.name} is of another kind: {'; '.join(map(str, differs))}"
    hint = "its pictures may differ in their last bits: use machines of one kind"
    return Problem("mixed-machines", message, None, hint, "warning")


def _meta(av: object) -> dict[str, dict[str, object]]:
    """FFmpeg's libraries with their configuration."""
    found: dict[str, dict[str, object]] = getattr(av, "library_meta", {})
    return found


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "of unknown version"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
