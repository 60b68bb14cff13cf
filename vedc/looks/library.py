"""OpenColorIO, where it is installed."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final

from vedc.errors import MissingError
from vedc.support.installed import version

#: Increased by hand when the same file becomes another chain than in the previous release.
READER: Final = 1


def need(what: str) -> None:
    """Raise MissingError ``missing-extra`` without OpenColorIO; ``what`` is what needs it."""
    if find_spec("PyOpenColorIO") is None:
        raise MissingError.one(
            "missing-extra",
            f"{what} needs the package 'opencolorio'",
            hint="pip install 'vedc[ocio]'",
        )


@cache
def library() -> Any:
    """The module, with its messages off."""
    ocio = import_module("PyOpenColorIO")
    ocio.SetLoggingLevel(ocio.LOGGING_LEVEL_NONE)
    return ocio


def engine() -> str:
    """The readers of colour files, for the keys of segments that use them."""
    from importlib.metadata import PackageNotFoundError

    try:
        return f"opencolorio {version('opencolorio')}, reader {READER}"
    except PackageNotFoundError:
        return f"no opencolorio, reader {READER}"
