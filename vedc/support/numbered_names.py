"""Names of numbered files: ``frames/%05d.png``, in the notation of printf and FFmpeg."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_PLACE: Final = re.compile(r"%(0?)(\d{0,2})d")


class NumberedName:
    """The pattern of a path; ``%%`` in it is a percent sign."""

    def __init__(self, pattern: str) -> None:
        """Raises ValueError with the reason if the pattern does not number files."""
        folder, slash, name = pattern.rpartition("/")
        hidden = name.replace("%%", "\0\0")
        places = list(_PLACE.finditer(hidden))
        if len(places) != 1 or "%" in _PLACE.sub("", hidden):
            raise ValueError("the name of a file needs one place for the number, such as %05d")
        if _PLACE.search(folder.replace("%%", "")):
            raise ValueError("the number belongs in the name of the file, not in that of a folder")
        (place,) = places
        self._before, self._after = (
            part.replace("%%", "%") for part in (name[: place.start()], name[place.end() :])
        )
        self._width = int(place[2] or 1)
        self._fill = "0" if place[1] else " "
        if self._width > 1 and self._fill == " ":
            raise ValueError(f"%{self._width}d fills up with spaces: write %0{self._width}d")
        self.folder = Path(folder.replace("%%", "%") + slash)

    def path(self, number: int) -> Path:
        return self.folder / f"{self._before}{number:0{self._width}d}{self._after}"

    def existing(self) -> dict[int, Path]:
        """The files there now, by number."""
        shape = re.compile(re.escape(self._before) + r"(\d+)" + re.escape(self._after))
        found: dict[int, Path] = {}
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            match = shape.fullmatch(path.name)
            if match is not None and self.path(int(match[1])).name == path.name:
                found[int(match[1])] = path
        return found
