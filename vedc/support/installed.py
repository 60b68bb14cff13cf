"""Versions of installed packages, without the time that ``importlib.metadata`` takes to import."""

from __future__ import annotations

import os
import re
import sys
from functools import cache


@cache
def version(name: str) -> str:
    """The version of a distribution, as ``importlib.metadata.version`` gives it.

    That of a wheel is in the name of its folder, ``NAME-VERSION.dist-info``. Of anything else, and
    where a folder holds several of one name, ``importlib.metadata`` is asked, which raises
    PackageNotFoundError for what is not installed.
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
    """What matches a name in that of a folder, where any of these letters may have become _."""
    return re.sub(r"[-_.]+", "[-_.]+", name)
