"""The expectations of a film, in files: YAML for text, PNG for pictures."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from PIL import Image

from vedc.errors import Problem, SourceLocation, SpecError
from vedc.lang.yaml.dump import Dumper
from vedc.lang.yaml.load import display_name, load
from vedc.media.files import make_folder, whole_file
from vedc.review.golden.measure import Film, HeardCaption, Picture
from vedc.support.atomic_write import write_whole

_VERSION: Final = 1
#: The first line of a case's expectations.
WRITTEN: Final = "# Written by vedc test --update.\n"
_STRIP: Final = "strip.png"


def write_film(folder: Path, case: str, film: Film) -> list[Path]:
    """Store a case's expectations; returns the files."""
    pictures = folder / case
    if pictures.is_dir():
        shutil.rmtree(pictures)
    make_folder(folder)
    data: dict[str, Any] = {
        "version": _VERSION,
        "output": film.output,
        "size": film.size,
        "fps": film.fps,
        "frames": film.frames,
    }
    written = [folder / f"{case}.yaml"]
    if film.strip is not None:
        make_folder(pictures)
        data["strip"] = film.strip_frames
        data["pictures"] = sorted(film.pictures)
        shown = {_STRIP: film.strip} | {_named(n): p for n, p in film.pictures.items()}
        for name, picture in shown.items():
            with whole_file(pictures / name) as part:
                Image.fromarray(picture).save(part, "PNG", optimize=True)
            written.append(pictures / name)
    if film.levels:
        data["loudness"] = film.loudness
        data["true_peak"] = film.peak
        data["window"] = film.window
        data["levels"] = film.levels
    if film.captions:
        data["captions"] = [
            {"start": c.start, "end": c.end, "text": c.text}
            | ({} if c.language is None else {"language": c.language})
            for c in film.captions
        ]
    text = yaml.dump(
        data, Dumper=Dumper, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100
    )
    write_whole(written[0], (WRITTEN + text).encode())
    return written


def read_film(folder: Path, case: str) -> Film | None:
    """A case's expectations; None where nothing is stored.

    Raises SpecError ``bad-expectation`` where it cannot be read.
    """
    file = folder / f"{case}.yaml"
    if not file.exists():
        return None
    data = load(file).root.plain()
    try:
        if data["version"] != _VERSION:
            raise ValueError(f"version {data['version']} is not {_VERSION}")
        film = Film(data["output"], data["size"], str(data["fps"]), int(data["frames"]))
        if "pictures" in data:
            for number in data["pictures"]:
                film.pictures[int(number)] = _read(folder / case / _named(number))
            film.strip = _read(folder / case / _STRIP)
            film.strip_frames = int(data["strip"])
        film.loudness, film.peak = data.get("loudness"), data.get("true_peak")
        film.levels = [float(level) for level in data.get("levels", ())]
        film.window = float(data.get("window", 1.0))
        film.captions = [
            HeardCaption(float(c["start"]), float(c["end"]), str(c["text"]), c.get("language"))
            for c in data.get("captions", ())
        ]
        if not all(map(math.isfinite, film.levels)):
            raise ValueError("levels are numbers")
    except (KeyError, TypeError, ValueError, AttributeError, OSError, SyntaxError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        message = f"what is expected cannot be read: {reason}"
        hint = "write it again with vedc test --update, and review the change in git"
        location = SourceLocation(display_name(file))
        raise SpecError((Problem("bad-expectation", message, location, hint),)) from None
    return film


def _named(frame: int) -> str:
    return f"{frame:06d}.png"


def _read(path: Path) -> Picture:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))
