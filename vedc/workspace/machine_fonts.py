"""Fonts that a spec names by family: found on this machine and pinned by digest in ``vedc.lock``.

Another machine may have another version, which would set type differently: that is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from vedc.edit.media_info import ProbeError
from vedc.media.digest import file_digest
from vedc.support.suggest import did_you_mean

if TYPE_CHECKING:
    from vedc.text.families import Families


def pin_name(family: str) -> str:
    """The name of a family in the lock."""
    return f"font {' '.join(family.split())}"


class NamedFonts:
    """The fonts that one spec names by family. ``pins`` gives the digests of ``vedc.lock``."""

    def __init__(self, records: Path, digests: Path, pins: Callable[[], Mapping[str, str]]) -> None:
        self._records, self._digests, self._pins = records, digests, pins
        self._known: dict[str, Path | ProbeError] = {}
        self.locked = False
        """Whether a family without a pin is refused."""
        self.used: dict[str, str] = {}
        """Digests of the requested fonts, by their names in the lock."""

    def __call__(self, family: str) -> Path:
        """The file of a family. Raises ProbeError."""
        if family not in self._known:
            try:
                self._known[family] = self._found(family)
            except ProbeError as error:
                self._known[family] = error
        known = self._known[family]
        if isinstance(known, ProbeError):
            raise known
        return known

    @cached_property
    def _families(self) -> Families:
        from vedc.text.families import Families  # loads HarfBuzz

        return Families(self._records)

    def _found(self, family: str) -> Path:
        name = pin_name(family)
        pin = self._pins().get(name)
        if pin is None and self.locked:
            hint = "run: vedc lock SPEC"
            raise ProbeError("not-pinned", f"the {name} is not pinned in vedc.lock", hint)
        found = self._families.find(family)
        if not found:
            near = did_you_mean(family, self._families.names())
            tail = f"; did you mean {near!r}?" if near else ""
            message = f"this machine has no font named {family!r}{tail}"
            hint = "install it, or name its file: font: fonts/Inter.ttf; fc-list names what is here"
            raise ProbeError("missing-font", message, hint)
        digests = {path: file_digest(path, self._digests) for path in found}
        path = next((path for path in found if pin in (None, digests[path])), None)
        if path is None:
            message = f"the {name} of this machine ({found[0]}) is not the one that vedc.lock pins"
            hint = (
                "install the same version, or copy its file beside the spec and name that; to take "
                "this one, remove its line under `files` in vedc.lock"
            )
            raise ProbeError("font-changed", message, hint)
        self.used[name] = digests[path]
        return path
