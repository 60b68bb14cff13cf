"""The spec that ``vedc init`` writes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vedc.errors import UsageError
from vedc.media.files import cannot_write

TEMPLATE: Final = """\
# For completion and checks in your editor, run  vedc schema > edit.schema.json  and make this
# the first line:  # yaml-language-server: $schema=edit.schema.json
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


def write_template(file: Path) -> None:
    """Write the starting spec; raises UsageError ``output-exists`` if the file exists."""
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE)
    except FileExistsError:
        message, hint = f"{file} already exists", "name a new file: vedc init FILE"
        raise UsageError.one("output-exists", message, hint=hint) from None
    except OSError as error:
        raise cannot_write(file, error.errno) from None
