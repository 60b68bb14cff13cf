"""Addresses of shared stores, as given by ``--store``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from vedc.errors import UsageError
from vedc.support.lazy_dataclass import dataclass

#: Protocols that need no network.
_HERE: Final = ("file", "memory")
_SCHEMES: Final = ("s3", "gs", "https", "http", *_HERE)
_HINT: Final = "write a folder, s3://BUCKET/FOLDER, gs://BUCKET/FOLDER or https://HOST/FOLDER"


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a shared store; made by :func:`address_of`."""

    url: str
    """Without a trailing slash."""
    scheme: str

    @property
    def shown(self) -> str:
        """For messages: without a password, and a folder as its path."""
        if self.scheme == "file":
            return self.url.removeprefix("file://")
        return re.sub(r"(?<=://)([^/:@]*):[^/@]*@", r"\1:***@", self.url)

    @property
    def is_written(self) -> bool:
        """Whether it can be written: web servers are read-only."""
        return self.scheme not in ("http", "https")


def address_of(text: str, network: bool) -> Address:
    """The store that a user named; ``network``: whether the network may be used. Raises
    UsageError."""
    if "://" not in text and text:
        return Address(f"file://{Path(text).absolute().as_posix()}", "file")
    parts = urlsplit(text)
    scheme = parts.scheme.lower()
    if scheme not in _SCHEMES or (scheme not in _HERE and not parts.netloc):
        message = f"--store {text} is not a place for segments"
        raise UsageError.one("bad-option", message, hint=_HINT)
    if scheme not in _HERE and not network:
        message = f"--store {text} is on the network, which vedc uses only where it is allowed"
        raise UsageError.one(
            "bad-option", message, hint="add --allow-network; in Python, load the spec with it"
        )
    return Address(scheme + text[len(parts.scheme) :].rstrip("/"), scheme)
