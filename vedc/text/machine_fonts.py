"""Fonts installed on this machine, for suggestions in errors.

Films never use them unasked: another machine has others.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from vedc.errors import UserError
from vedc.text.faces import open_face

#: The most files examined; more would keep the user waiting.
MOST = 3000


def font_with(characters: Sequence[str]) -> Path | None:
    """A font file on this machine that shows all of these; of several, a regular face."""
    codes = [ord(character) for character in characters]
    for path in islice(font_files(), MOST):
        try:
            face = open_face(str(path))
        except UserError:
            continue
        if all(code in face.characters for code in codes):
            return path
    return None


def font_files() -> Iterator[Path]:
    """The font files of this machine, the user's own first."""
    for folder in _folders():
        for parent, folders, names in os.walk(folder):
            folders.sort()
            # Short names first: regular faces before Bold and CondensedOblique.
            for name in sorted(names, key=lambda name: (len(name), name)):
                if name.lower().endswith((".ttf", ".otf", ".ttc", ".otc")):
                    yield Path(parent, name)


def _folders() -> list[Path]:
    """Where the system keeps fonts, the user's own first."""
    home = Path.home()
    if sys.platform == "darwin":
        return [home / "Library/Fonts", Path("/Library/Fonts"), Path("/System/Library/Fonts")]
    if sys.platform == "win32":
        own = Path(os.environ.get("LOCALAPPDATA", home)) / "Microsoft/Windows/Fonts"
        return [own, Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"]
    data = Path(os.environ.get("XDG_DATA_HOME", home / ".local/share"))
    shared = os.environ.get("XDG_DATA_DIRS", "/usr/local/share:/usr/share").split(":")
    return [data / "fonts", home / ".fonts", *(Path(folder) / "fonts" for folder in shared)]
