"""Shared by tests of imports and exports: tiny media, and what a spec shows in a few words."""

from __future__ import annotations

import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import yaml
from PIL import Image as Picture

from tests.media.make import numbered_frame
from tests.paths import GOLDEN
from vedc.edit.contents import Adjustment, Clip, Generated, Image, Solid, Text
from vedc.edit.model import Composition, Edit
from vedc.errors import UserError
from vedc.interchange.convert import Imported, import_file
from vedc.workspace.build import Build, Deciding
from vedc.workspace.settled import settled


def write_clip(path: Path, frames: int, rate: Fraction, sound: bool = True) -> None:
    """A clip of numbered frames, 64 x 48, with a tone of the same length."""
    with av.open(str(path), "w") as out:
        video = out.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = out.add_stream("pcm_s16le", rate=8000) if sound else None
        for n in range(frames):
            frame = numbered_frame(n, 64, 48)
            frame.pts, frame.time_base = n, 1 / rate
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None:
            count = int(frames / rate * 8000)
            tone = (8000 * np.sin(np.arange(count) / 3)).astype(np.int16)[None]
            samples = av.AudioFrame.from_ndarray(tone, format="s16", layout="mono")
            samples.sample_rate, samples.pts = 8000, 0
            out.mux(audio.encode(samples))
            out.mux(audio.encode(None))


def write_media(folder: Path) -> Path:
    """``a.mkv``: 4 s at 25 a second; ``b.mkv``: 2 s at 30000/1001; ``mute.mkv``: without sound;
    ``photo.png``, ``logo.png`` and ``music.wav``."""
    folder.mkdir(parents=True, exist_ok=True)
    write_clip(folder / "a.mkv", 100, Fraction(25))
    write_clip(folder / "b.mkv", 60, Fraction(30000, 1001))
    write_clip(folder / "mute.mkv", 50, Fraction(25), sound=False)
    Picture.new("RGB", (80, 40), "#cc6633").save(folder / "photo.png")
    Picture.new("RGBA", (16, 8), "#33aa33cc").save(folder / "logo.png")
    with wave.open(str(folder / "music.wav"), "wb") as music:
        music.setparams((1, 2, 8000, 0, "NONE", ""))
        music.writeframes((4000 * np.sin(np.arange(80_000) / 9)).astype(np.int16).tobytes())
    return folder


def imported(folder: Path, name: str, text: str, form: str | None = None) -> Imported:
    """The result of ``vedc import`` for a text in ``folder``; the spec is written there too."""
    (folder / name).write_text(text, encoding="utf-8")
    target = folder / f"{Path(name).stem}.vedc.yaml"
    found = import_file(folder / name, target, form=form)
    target.write_text(found.text, encoding="utf-8")
    return found


def edit_of(spec: Path) -> Edit:
    """The film of a spec. Raises with every problem."""
    return settled(Deciding(Build(spec, plugins=True, run_models=True)))[0]


def checked(folder: Path, name: str) -> Edit:
    """The film of an imported spec; its text is in the message where it is not valid."""
    spec = folder / f"{Path(name).stem}.vedc.yaml"
    try:
        return edit_of(spec)
    except UserError as error:
        raise AssertionError(f"{error}\n{spec.read_text()}") from error


def shown(edit: Edit) -> list[str]:
    """Every item in a few words, by track: ``0-50 a@10 x2``: film frames, what, the source frame
    that it begins with, its speed; and every transition: ``40-50 dissolve``."""
    out = []
    for track in edit.tracks:
        out += [f"{item.start}-{item.end} {_what(item.content)}" for item in track.items]
        out += [f"{each.start}-{each.end} {each.name}" for each in track.transitions]
    for sound in edit.audio:
        name = Path(sound.media.path).stem
        begin = sound.time_map.source_at(Fraction(0)) * edit.profile.fps
        out.append(f"{sound.start}-{sound.end} sound {name}@{float(begin):g}")
    return out


def _what(content: Any) -> str:
    plain: dict[type, Callable[[Any], str]] = {
        Image: lambda c: Path(c.path).stem,
        Text: lambda c: repr(c.text),
        Solid: lambda c: "color",
        Generated: lambda c: c.call.op,
        Adjustment: lambda c: "adjustment",
    }
    if type(content) in plain:
        return plain[type(content)](content)
    assert isinstance(content, Clip | Composition)
    name = Path(content.media.path).stem if isinstance(content, Clip) else "composition"
    rate = content.media.video.rate if content.media.video is not None else Fraction(1)
    ramp = content.time_map.ramps[0]
    begin = content.time_map.source_at(Fraction(0)) * rate
    return f"{name}@{float(begin):g}" + (f" x{float(ramp.slope):g}" if ramp.slope != 1 else "")


def losses_of(found: Imported) -> list[str]:
    """``lost clips[0].foo`` and so on, without duplicates."""
    return [f"{loss.severity} {loss.path}" for loss in found.losses]


def cases(name: str) -> list[dict[str, Any]]:
    """Timelines of one format from ``tests/golden/interchange``: ``name``, the timeline itself
    (``edit``), what it ``shows``, what is lost or changed (``told``), what the spec ``writes``."""
    file = GOLDEN / "interchange" / f"{name}.yaml"
    found: list[dict[str, Any]] = yaml.load(file.read_text("utf-8"), yaml.CSafeLoader)
    return found


def check_case(folder: Path, case: dict[str, Any], text: str, form: str, suffix: str) -> None:
    """Import a timeline and compare it with what its case says."""
    stem = "".join(c if c.isalnum() else "-" for c in case["name"])[:40]
    found = imported(folder, f"{form}-{stem}{suffix}", text, form)
    got = shown(checked(folder, f"{form}-{stem}{suffix}"))
    if "transition: random" in found.text or "name: random" in found.text:
        got = [line.split()[0] + " RANDOM" if is_transition(line) else line for line in got]
    assert got == case["shows"], found.text
    grave = [each.strip() for each in losses_of(found) if each.startswith(("lost", "changed"))]
    assert sorted(grave) == sorted(case.get("told", [])), "\n".join(map(str, found.losses))
    for words in case.get("writes", []):
        assert words in found.text, found.text


def is_transition(line: str) -> bool:
    """Whether a line of :func:`shown` is a transition, and no colour, file or text."""
    words = line.partition(" ")[2]
    return words not in ("color", "photo", "logo") and not any(c in words for c in "@'")
