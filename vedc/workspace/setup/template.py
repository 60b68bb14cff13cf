"""The spec that ``vedc init`` writes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vedc.errors import UsageError
from vedc.lang.keys.targets import Target
from vedc.media.files import cannot_write

TEMPLATE: Final = """\
# For completion and checks in your editor, run  vedc schema --install
version: 1
profile: {width: 1280, height: 720, fps: 30}

variables:
  headline: {type: string, default: "A film from text"}

timeline:
  tracks:
    - id: main
      clips:
        # Add your own clips like this:  - {clip: beach.mp4, in: 2s, out: 6s}
        - {color: "#102a43", duration: 3s}
        - {transition: dissolve, duration: 1s}
        - {color: "#f0b429", duration: 3s}
    - id: titles
      clips:
        - text: "${{ headline }}"
          start: 0.5s
          duration: 4s
          size: 72
          opacity: {keyframes: [{time: 0s, value: 0, easing: ease-out}, {time: 0.5s, value: 1}]}
"""


def _for_target(file: Path, target: Target) -> str:
    """The starting spec on the target's canvas, with its output."""
    film = file.name.removesuffix(".yaml").removesuffix(".vedc")
    ending = ".mov" if "prores" in [each.value for each in target.settings] else ".mp4"
    width, height = target.size or (1920, 1080)
    text = TEMPLATE.replace("width: 1280, height: 720", f"width: {width}, height: {height}")
    output = f"outputs:\n  # vedc explain target:{target.name} lists what it sets, and why.\n"
    return f"{text}\n{output}  - {{path: {film}{ending}, target: {target.name}}}\n"


def write_template(file: Path, target: Target | None = None) -> None:
    """Write the starting spec, for a target if one is given; raises UsageError ``output-exists`` if
    the file exists."""
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE if target is None else _for_target(file, target))
    except FileExistsError:
        message, hint = f"{file} already exists", "name a new file: vedc init FILE"
        raise UsageError.one("output-exists", message, hint=hint) from None
    except OSError as error:
        raise cannot_write(file, error.errno) from None
