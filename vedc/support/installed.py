"""Versions of installed packages, without the time that ``importlib.metadata`` takes to import."""

from __future__ import annotations

import os
import re
import sys
from functools import cache


@cache
def version(name: str) -> str:
    """The version of a distribution, as ``importlib.metadata.version`` gives it.

    A wheel's version is in the name of its folder, ``NAME-VERSION.dist-info``. For anything else,
    and for several of one name in a folder, ``importlib.metadata`` decides, which raises
    PackageNotFoundError for missing packages.
    """
    named = re.compile(rf"{_escaped(name)}-([^-]+)\.dist-info", re.IGNORECASE)
    for folder in sys.path:
        try:
            found = [match[1] for match in map(named.fullmatch, os.listdir(folder or ".")) if match]
        except OSError:
            continue
        if len(found) == 1:
            return found[0]
        if found:
            break
    from importlib import metadata

    return metadata.version(name)


def _escaped(name: str) -> str:
    """A pattern for a name in a folder's name, where some characters may have become _."""
    return re.sub(r"[-_.]+", "[-_.]+", name)
