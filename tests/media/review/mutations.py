"""Forty small changes of the examples, as a person makes them: text replaced by other text.

The examples are taken at 5 frames a second and a twentieth of their size, their clips and
photographs at an eighth, every frame a key frame: decoding would take most of the time otherwise.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from PIL import Image

from tests.paths import ROOT
from vedc.workspace.build import Build

SCALE = Fraction(1, 20)


@dataclass(frozen=True)
class Mutation:
    name: str
    example: str
    old: str
    new: str
    inserted: int = 0
    """Frames that the film gains, below 0 loses, in places that are known."""
    picture: bool = True
    """Whether the picture changes, or the sound alone."""


def _quick(name: str, old: str, new: str, inserted: int = 0, *, picture: bool = True) -> Mutation:
    return Mutation(name, "quickstart", old, new, inserted, picture)


def _titles(name: str, old: str, new: str, inserted: int = 0) -> Mutation:
    return Mutation(name, "titles", old, new, inserted)


MUTATIONS = (
    _quick("grade of an anchor", "stops: 0.15", "stops: 0.4"),
    _quick("slope", "slope: [1.04, 1.0, 0.97]", "slope: [1.0, 1.0, 0.9]"),
    _quick("power", "power: 1.06", "power: 0.9"),
    _quick("look weaker", "strength: 0.85", "strength: 0.3"),
    _quick("no look", "            - {op: lut, asset: warm-print, strength: 0.85}\n", ""),
    _quick("saturation", "amount: 1.08", "amount: 0.2"),
    _quick("vignette", "amount: 0.45, size: 0.45", "amount: 0.8, size: 0.45"),
    _quick("vignette of one clip", "fit: cover, effects: [*corners]", "fit: cover"),
    _quick("wipe the other way", "direction: right", "direction: left"),
    _quick("harder wipe", "softness: 0.25}", "softness: 0}"),
    _quick("slower wipe", "          duration: 0.6s\n", "          duration: 0.8s\n", -1),
    _quick("easing of the wipe", "easing: ease-in-out", "easing: ease-in"),
    _quick("dip in place of a dissolve", "{transition: dissolve, duration: 0.6s}",
           "{transition: dip, duration: 0.6s}"),
    _quick("colour of the dip", '"#1a0f08"}', '"#ffffff"}'),
    _quick("slip", "in: 0.2s", "in: 0.4s"),
    _quick("slip of the second clip", "in: 3f", "in: 1f"),
    _quick("other clip", "- clip: yawn ", "- clip: bunny "),
    _quick("other photograph", "{image: sunset", "{image: dandelions"),
    _quick("smaller photograph", "duration: 2.44s, fit: cover", "duration: 2.44s, scale: 0.8"),
    _quick("longer end", "duration: 3.6s", "duration: 4.6s", 5),
    _quick("shorter end", "duration: 3.6s", "duration: 3.0s", -1),
    _quick("longer start", "duration: 2.44s", "duration: 3.44s", 5),
    _quick("text", "text: A slow morning", "text: A quick morning"),
    _quick("size of a title", "size: 84", "size: 60"),
    _quick("colour of a title", 'size: 40\n          color: "#fff6e5"',
           'size: 40\n          color: "#ff0000"'),
    _quick("later title", "start: 7.3s", "start: 7.7s", 1),
    _quick("place of a title", "position: bottom-right", "position: top-left"),
    _quick("faster fade of a title", "{time: 0.5s, value: 1}", "{time: 0.2s, value: 1}"),
    _quick("softer music", "volume: -3dB, fade_in", "volume: -9dB, fade_in", picture=False),
    _quick("later fade of the music", "fade_in: 0.3s", "fade_in: 2s", picture=False),
    _quick("mute clip", "duration: 2.92s\n          volume: -2dB",
           "duration: 2.92s\n          volume: -30dB", picture=False),
    _titles("colour of the ground", "#12324a", "#40324a"),
    _titles("vignette of the ground", "duration: 5s, effects: [{op: vignette, amount: 0.5}]",
            "duration: 5s"),
    _titles("wipe upwards", "direction: down", "direction: up"),
    _titles("stroke", "stroke_width: 4", "stroke_width: 9"),
    _titles("gold to white", "color: gold", "color: white"),
    _titles("alignment", "align: left", "align: right"),
    _titles("corner", "position: bottom-left", "position: top-right"),
    _titles("line height", "line_height: 1.5", "line_height: 2"),
    _titles("default of all titles", "size: 72", "size: 50"),
    _titles("opacity of all titles", "{time: 15%, value: 1}", "{time: 40%, value: 1}"),
)  # fmt: skip


def example(name: str, folder: Path) -> Path:
    """An example at 5 frames a second in ``folder``, with small copies of its media."""
    original = ROOT / "examples" / name
    for kind in ("media", "looks"):
        for file in sorted((original / kind).glob("*")):
            (folder / kind).mkdir(parents=True, exist_ok=True)
            copy = folder / kind / file.name
            if file.suffix == ".mp4":
                _shrink(file, copy)
            elif file.suffix == ".jpg":
                with Image.open(file) as picture:
                    picture.reduce(8).save(copy, quality=95)
            else:
                shutil.copyfile(file, copy)
    folder.mkdir(exist_ok=True)
    return written(folder, "edit", source(name))


def written(folder: Path, name: str, text: str) -> Path:
    """A spec in the folder of an example."""
    file = folder / f"{name}.vedc.yaml"
    file.write_text(text)
    return file


def _shrink(clip: Path, copy: Path) -> None:
    with av.open(str(clip)) as whole, av.open(str(copy), "w") as small:
        picture, sound = whole.streams.video[0], whole.streams.audio[0]
        made = small.add_stream("libx264", rate=picture.average_rate)
        made.width, made.height, made.pix_fmt = picture.width // 8, picture.height // 8, "yuv420p"
        made.options = {"g": "1", "preset": "ultrafast", "crf": "10"}
        heard = small.add_stream_from_template(sound)
        for packet in whole.demux(picture, sound):
            if packet.stream is sound:
                if packet.dts is not None:
                    packet.stream = heard
                    small.mux(packet)
                continue
            for frame in packet.decode():
                small.mux(made.encode(frame.reformat(made.width, made.height, made.pix_fmt)))
        small.mux(made.encode())


def source(name: str) -> str:
    text = (ROOT / "examples" / name / "edit.vedc.yaml").read_text()
    return text.replace("fps: 25", "fps: 5").replace("fps: 30", "fps: 5")


def mutated(mutation: Mutation) -> str:
    text = source(mutation.example)
    assert mutation.old in text, mutation.name
    return text.replace(mutation.old, mutation.new, 1)


def build(file: Path, cache: Path) -> Build:
    return Build(file, cache=cache, draft=SCALE)
