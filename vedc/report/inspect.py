"""What the small commands tell: of a media file, of this machine, of the segment store."""

from __future__ import annotations

import platform
import re
import sys
from dataclasses import asdict
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from vedc import __version__
from vedc.edit.codecs import AUDIO_CODECS, VIDEO_CODECS
from vedc.edit.media_info import ProbeError
from vedc.errors import MissingError, RenderError, UsageError
from vedc.execute.store import Store
from vedc.media.files import cannot_write


def probed(file: Path) -> dict[str, Any]:
    """A media file as JSON: times in seconds, rates as fractions in text."""
    from vedc.media.probe import probe

    try:
        info = probe(file)
    except ProbeError as error:
        kind = MissingError if error.code == "no-such-file" else RenderError
        raise kind.one(error.code, error.message, hint=error.hint) from None
    plain: dict[str, Any] = asdict(info)
    for stream in (plain, plain["video"], plain["audio"]):
        for name, value in (stream or {}).items():
            if isinstance(value, Fraction):
                exact = name in ("rate", "sar", "time_base")
                stream[name] = str(value) if exact else float(value)
    if info.video:
        plain["video"]["display_size"] = list(info.video.display_size)
    return plain


def probed_text(info: dict[str, Any]) -> str:
    length = "" if info["duration"] is None else f", {info['duration']:.3f} s"
    lines = [f"{info['path']}: {info['kind']}, {info['container']}{length}"]
    video, audio = info["video"], info["audio"]
    if video:
        color = video["color"]
        shown = "x".join(str(n) for n in video["display_size"])
        lines.append(
            f"  video  {video['codec']}, {video['width']}x{video['height']} {video['pix_fmt']}, "
            f"shown as {shown}, {video['rate']} fps, {video['rotation']} degrees"
        )
        tagged = "tagged" if video["tagged"] else "partly guessed"
        lines.append(
            f"         {color['primaries']}/{color['transfer']}/{color['matrix']}, "
            f"{color['range']} range, {tagged}"
        )
    if audio:
        lines.append(
            f"  audio  {audio['codec']}, {audio['rate']} Hz, {audio['layout']}, "
            f"begins at {audio['start']:+.3f} s"
        )
    return "\n".join(lines) + "\n"


TEMPLATE = """\
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
        # Put your own here:  - {clip: beach.mp4, in: 2s, out: 6s}
        - {color: "#102a43", duration: 3s}
        - {transition: dissolve, duration: 1s}
        - {color: "#f0b429", duration: 3s}
    - id: titles
      clips:
        - text: "${{ headline }}"
          start: 0.5s
          duration: 4s
          size: 72
          opacity: {keyframes: [{time: 0s, value: 0}, {time: 0.5s, value: 1, easing: ease-out}]}
"""


def write_template(file: Path) -> None:
    """Write the starting spec; never over a file that is there."""
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE)
    except FileExistsError:
        raise UsageError.one(
            "output-exists", f"{file} is there already", hint="name a new file: vedc init FILE"
        ) from None
    except OSError as error:
        raise cannot_write(file, error.errno) from None


def doctor_report() -> dict[str, str]:
    """Versions and abilities that a report of a fault should hold."""
    import av

    from vedc.codegen.llvm.host import host
    from vedc.execute.cpu import cores

    found = host()
    encoders = {c.encoder for c in VIDEO_CODECS.values()}
    encoders |= {c.encoder for c in AUDIO_CODECS.values()}
    missing = sorted(encoders - av.codecs_available)
    return {
        "vedc": __version__,
        "python": f"{platform.python_version()} ({sys.executable})",
        "machine": f"{platform.system()} {platform.machine()}, {cores()} processors",
        "cpu": f"{found.cpu}, vectors of {found.lanes} floats",
        "libraries": ", ".join(
            f"{name} {_version(name)}" for name in ("av", "llvmlite", "numpy", "Pillow", "PyYAML")
        ),
        "ffmpeg": ", ".join(f"{k} {'.'.join(map(str, v))}" for k, v in av.library_versions.items()),
        "graphics": _graphics(),
        "encoders": "all" if not missing else f"without {', '.join(missing)}",
    }


def _graphics() -> str:
    from vedc.execute.device import count, pick_device

    cards = count()
    libraries = ", ".join(f"{name} {_version(name)}" for name in ("torch", "triton"))
    chosen = pick_device("auto")
    plural = "" if cards == 1 else "s"
    return f"{cards} NVIDIA card{plural}, {libraries}: auto is {chosen}"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _open(folder: Path) -> Store:
    if not folder.is_dir():
        raise MissingError.one(
            "no-cache",
            f"there is no cache at {folder}",
            hint="name it with --cache; it lies beside the spec in .vedc/cache",
        )
    return Store(folder)


def cache_listing(folder: Path) -> list[dict[str, Any]]:
    return [
        {"key": e.key, "kind": e.kind, "bytes": e.size, "used": e.used, "meta": e.meta}
        for e in reversed(_open(folder).ls())
    ]


def cache_text(listing: list[dict[str, Any]]) -> str:
    lines = [
        f"{e['key'][:12]}  {e['kind']:6} {_size(e['bytes']):>10}  "
        + " ".join(f"{k}={v}" for k, v in e["meta"].items())
        for e in listing
    ]
    total = sum(e["bytes"] for e in listing)
    lines.append(f"{len(listing)} entries, {_size(total)}")
    return "\n".join(lines) + "\n"


_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}


def cache_collect(folder: Path, limit: str | None) -> str:
    size: int | None = None
    if limit is not None:
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)b?", limit.strip().lower())
        if match is None:
            raise UsageError.one(
                "bad-size", f"{limit!r} is not a size", hint="write 500MB, 2GB or 0"
            )
        size = int(float(match[1]) * _UNITS[match[2]])
    removed = _open(folder).gc(size)
    return f"removed {len(removed)} entries, {_size(sum(e.size for e in removed))}"


def cache_check(folder: Path) -> str:
    store = _open(folder)
    damaged = store.verify()
    if damaged:
        return f"{len(damaged)} damaged entries removed; they are rendered again when needed"
    return f"{len(store.ls())} entries, all sound"


def _size(count: int) -> str:
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError
