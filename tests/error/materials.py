"""Files for the cases: small, sound ones, and what can befall them."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from av.audio.frame import AudioFrame

from tests.media.make import numbered_frame, read_number, write_numbered
from vedc.lang.files import DEFAULT_FONT

WIDTH, HEIGHT, RATE = 64, 36, 25
#: A spec that renders, and decodes, computes and encodes for it.
GRADED = """\
version: 1
timeline: [{clip: a.mp4, grade: [{op: exposure, stops: 0.2}]}]
outputs: [{path: film.mp4}]
"""
#: The same, which refuses a clip of the kind ``rotten`` in the middle of the render.
REFUSING = GRADED.replace("a.mp4,", "a.mp4, on_damage: error,")

_H264 = {"preset": "ultrafast", "crf": "30"}


def write_clip(path: Path, seconds: int = 1, *, gop: int = 5, sound: bool = True) -> Path:
    """Numbered frames at 25 a second with a soft tone, ``seconds`` long."""
    options = {"movflags": "faststart"}
    with av.open(str(path), "w", format="mp4", container_options=options) as out:
        video = out.add_stream("libx264", rate=RATE, options=_H264)
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        video.codec_context.gop_size = gop
        audio = out.add_stream("aac", rate=48000, layout="mono") if sound else None
        for i in range(seconds * RATE):
            frame = numbered_frame(i, WIDTH, HEIGHT)
            frame.pts, frame.time_base = i, Fraction(1, RATE)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None:
            wave = np.sin(np.arange(seconds * 48000, dtype=np.float32) / 20) * np.float32(0.1)
            tone = AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
            tone.sample_rate, tone.pts, tone.time_base = 48000, 0, Fraction(1, 48000)
            out.mux(audio.encode(tone))
            out.mux(audio.encode(None))
    return path


@cache
def _bytes(kind: str) -> bytes:
    """A sound file of a kind, made once."""
    with TemporaryDirectory() as folder:
        made = Path(folder) / "made"
        if kind == "hdr":
            h273 = (9, 9, 16, 1)  # BT.2020, PQ, limited range
            write_numbered(made, 5, RATE, color=h273, width=WIDTH, height=HEIGHT,
                           container="mp4", options=_H264)  # fmt: skip
        elif kind == "sound":
            with av.open(str(made), "w", format="wav") as out:
                stream = out.add_stream("pcm_s16le", rate=48000, layout="mono")
                hush = AudioFrame.from_ndarray(
                    np.zeros((1, 48000), np.int16), format="s16", layout="mono"
                )
                hush.sample_rate = 48000
                out.mux(stream.encode(hush))
                out.mux(stream.encode(None))
        else:
            write_clip(made, 4 if kind == "long" else 1, sound=kind != "silent")
        return made.read_bytes()


def png(width: int, height: int, rows: bytes, depth: int = 8) -> bytes:
    """A PNG of grey; ``rows`` need not be what the size promises."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


def _without_index(film: bytes) -> bytes:
    """An MP4 that ends before its index was written, as a recorder that lost power leaves it."""
    at = film.index(b"moov") - 4
    (size,) = struct.unpack(">I", film[at : at + 4])
    return film[:at] + film[at + size :]


def _noise_inside(film: bytes) -> bytes:
    """An MP4 whose headers and index are whole, and whose later pictures are not."""
    at = film.index(b"mdat") + 4
    middle = at + (len(film) - at) // 2
    noise = np.random.default_rng(1).bytes(len(film) - middle)
    return film[:middle] + noise


_MAKERS: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "clip": lambda: _bytes("clip"),
    "long": lambda: _bytes("long"),
    "silent": lambda: _bytes("silent"),
    "sound": lambda: _bytes("sound"),
    "hdr": lambda: _bytes("hdr"),
    "headless": lambda: _without_index(_bytes("clip")),
    "short": lambda: _bytes("long")[: len(_bytes("long")) // 2],
    "rotten": lambda: _noise_inside(_bytes("long")),
    "picture": lambda: png(8, 8, bytes(9 * 8)),
    "deep-picture": lambda: png(8, 8, bytes((1 + 16) * 8), depth=16),
    "torn-picture": lambda: png(64, 64, bytes(65 * 64))[:-30],
    "bomb": lambda: png(50_000, 50_000, bytes(1 << 20)),
    "poster": lambda: png(13_400, 13_400, bytes((1 + 13_400 // 8) * 13_400), depth=1),
    "torn-font": lambda: DEFAULT_FONT.read_bytes()[:5000],
}


def place(folder: Path, name: str, kind: str | dict[str, str]) -> Path:
    """Put a file of a kind at ``name`` in a folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif isinstance(kind, str):
        path.write_bytes(_MAKERS[kind]())
    elif "link" in kind:
        path.symlink_to(kind["link"])
    else:
        path.write_text(kind["text"], encoding="latin-1")
    return path


def spec(folder: Path, text: str = GRADED, clip: str = "clip") -> Path:
    """A folder with a spec and the clip that it names."""
    place(folder, "a.mp4", clip)
    (folder / "edit.vedc.yaml").write_text(text, "utf-8")
    return folder


def numbers(film: Path) -> list[int]:
    """The numbers shown in a film's frames."""
    with av.open(str(film)) as container:
        return [read_number(frame) for frame in container.decode(video=0)]


def _text_spec(text: str) -> str:
    return f'version: 1\ntimeline: [{{text: "{text}", duration: 1s}}]\n'


#: Specs that no one would write by hand.
_NINES = "9" * 5000
SPECS: dict[str, Callable[[], bytes]] = {
    "laughs": lambda: (
        "version: 1\nmetadata:\n  a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        + "".join(f"  a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]\n" for i in range(9))
    ).encode(),
    "deep": lambda: b"version: 1\nmetadata: " + b"[" * 1000 + b"]" * 1000,
    "huge": lambda: b"version: 1\n# " + b"x" * (5 << 20),
    "latin": lambda: "version: 1\ntimeline: [{text: Gr\u00fc\u00dfe, duration: 1s}]\n".encode(
        "latin-1"
    ),
    "utf16": lambda: _text_spec("hi").encode("utf-16"),
    "film": lambda: _bytes("clip"),
    "digits": lambda: f"version: 1\ntimeline: [{{color: red, duration: {'9' * 1000}}}]\n".encode(),
    "digits-in-texts": lambda: (
        f"version: 1\ntimeline: [{{clip: a.mp4, crop: [{_NINES}px, 0, 0, 0], "
        f"volume: {_NINES}dB, in: {_NINES}s}}]\noutputs: [{{path: b.mp4, bitrate: 0.{_NINES}M}}]"
    ).encode(),
    "parentheses": lambda: _text_spec("${{ " + "(" * 1000 + "1" + ")" * 1000 + " }}").encode(),
    "long-name": lambda: f"version: 1\ntimeline: [{{clip: {'a' * 1000}.mp4}}]\n".encode(),
}
