"""The transforms that a spec names, by identity.

A transform's identity is a hash of its effect: OpenColorIO's own hash of its operators, including
the contents of their tables, with the versions of OpenColorIO and of vedc's compiler. So it can be
used in keys, and a changed config renders again. A kernel that first needs a transform compiles it
from here.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final, Literal, NamedTuple

#: Raised by hand when the same transform compiles to other numbers.
VERSION: Final = "1"

Kind = Literal["codes", "light"]
"""What a transform starts from or gives: code values 0..1, or light."""


class Opened(NamedTuple):
    processor: Any
    start: Kind
    end: Kind


OPENED: Final[dict[str, Opened]] = {}
"""By identity. What an identity names never changes."""


def known(processor: Any, start: Kind, end: Kind) -> str:
    """The identity of a transform, which can be compiled from now on."""
    import PyOpenColorIO as ocio

    said = f"{ocio.GetVersion()} {VERSION} {start} {end} {processor.getCacheID()}"
    name = hashlib.sha256(said.encode()).hexdigest()[:32]
    OPENED.setdefault(name, Opened(processor, start, end))
    return name
