"""Edits with known sources, for tests of alignment: which frame of which file each frame shows.

A film is a list of pieces. Its frames are picked from the decoded files by their number, put
through one libavfilter chain (a crop, a grade, a logo) and encoded. So the truth is exact, and none
of the tested code makes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
from av.filter import Graph
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from vedc.decide.align.alignment import Alignment

#: Changes to the picture: FFmpeg filters by name.
GRADE = (
    "exposure=exposure=0.35,hue=s=1.4,curves=all='0/0 0.3/0.22 0.7/0.78 1/1',"
    "curves=r='0/0 0.4/0.45 1/0.95':b='0/0.05 0.5/0.42 1/1'"
)
#: A look such as LUTs give: a strong curve in each channel, little colour.
LOOK = (
    "curves=all='0/0.08 0.25/0.16 0.75/0.88 1/0.97',"
    "colorchannelmixer=.8:.15:.05:0:.1:.8:.1:0:.05:.2:.75:0,hue=s=0.6"
)
#: A tenth of the width and of the height cut off, not in the middle.
CROP = "crop=w=2*trunc(iw*0.45):h=2*trunc(ih*0.45):x=iw*0.07:y=ih*0.02"
LOGO = (
    "drawbox=x=iw*0.83:y=ih*0.05:w=iw*0.12:h=ih*0.14:color=white@0.9:t=fill,"
    "drawbox=x=iw*0.85:y=ih*0.08:w=iw*0.05:h=ih*0.08:color=red:t=fill"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Frames of a file from ``first`` on, ``length`` seconds of film, at a speed.

    ``file`` None is a stretch from nowhere: a grey card. ``dissolve`` seconds are shared with the
    piece before; ``kind`` names the transition: dissolve or wipe.
    """

    file: Path | None
    first: Fraction | int
    """Frame number, or seconds as a Fraction."""
    length: Fraction
    speed: Fraction = Fraction(1)
    dissolve: Fraction = Fraction(0)
    kind: str = "dissolve"


@dataclass(slots=True)
class Truth:
    """For each frame of the film: number of the piece, file and the frame number in it."""

    rate: Fraction
    pieces: list[int] = field(default_factory=list)
    files: list[Path | None] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)


def decoded(
    path: Path, wanted: Sequence[int], size: tuple[int, int]
) -> dict[int, NDArray[np.uint8]]:
    """RGB (height, width, 3) of the frames numbered ``wanted``."""
    left, out = set(wanted), {}
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        for number, frame in enumerate(container.decode(video=0)):
            if number in left:
                picture = frame.to_ndarray(format="rgb24")
                out[number] = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
                left.discard(number)
            if not left:
                break
    return out


def shown(piece: Piece, rate: Fraction, frames: int, film_rate: Fraction) -> list[int]:
    """The frame number that each frame of a piece shows."""
    start = piece.first / rate if isinstance(piece.first, int) else piece.first
    count = int(piece.length * film_rate)
    return [
        min(max(int((start + piece.speed * k / film_rate) * rate // 1), 0), frames - 1)
        for k in range(count)
    ]


def count_frames(path: Path) -> int:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return stream.frames or sum(1 for _ in container.decode(video=0))


def rate_and_size(path: Path) -> tuple[Fraction, tuple[int, int]]:
    """Frames a second, and (width, height)."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert stream.average_rate is not None
        return stream.average_rate, (stream.width, stream.height)


def traced(found: Alignment, raws: Sequence[Path], truth: Truth) -> tuple[int, int, int]:
    """Frames of the film that were traced within one frame of their source; those of them traced
    by number alone; and the number of frames.

    The first also counts a frame whose source picture is bit for bit one within a frame of the
    one found: no eye could distinguish the two.
    """
    right = strict = 0
    wrong: list[tuple[Path, int, int]] = []
    for frame, (file, number) in enumerate(zip(truth.files, truth.frames, strict=True)):
        place = found.frame_of(frame)
        if file is None or place is None:
            good = file is None and place is None
        else:
            good = raws[place[0]] == file and abs(place[1] - number) <= 1
            if not good and raws[place[0]] == file:
                wrong.append((file, number, place[1]))
        strict += good
    right = strict + sum(_same_picture(*w) for w in wrong)
    return right, strict, len(truth.frames)


@lru_cache(maxsize=8)
def _digests(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [
            hashlib.blake2b(frame.to_ndarray().tobytes(), digest_size=16).digest()
            for frame in container.decode(video=0)
        ]


def _same_picture(path: Path, number: int, other: int) -> bool:
    digests = _digests(path)
    near = digests[max(0, other - 1) : other + 2]
    return number < len(digests) and digests[number] in near


def make(
    out: Path,
    pieces: Sequence[Piece],
    *,
    size: tuple[int, int],
    rate: Fraction,
    filters: str = "null",
    crf: int = 18,
    sound: bool = False,
) -> Truth:
    """Write a film and return what it is made of.

    ``size`` is (width, height) of the film; pictures are scaled to twice the size that the filters
    leave.
    """
    truth = Truth(rate)
    with av.open(str(out), "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.options = {"crf": str(crf), "preset": "veryfast", "threads": "2"}
        stream.codec_context.color_range = 1
        graph: Graph | None = None
        tail: list[NDArray[np.uint8]] = []
        tail_places: list[tuple[int, Path | None, int]] = []
        for number, piece in enumerate(pieces):
            pictures, places = _pictures(piece, number, rate, size)
            following = pieces[number + 1] if number + 1 < len(pieces) else None
            shared = int(piece.dissolve * rate)
            for k in range(shared):  # meet the end of the piece before
                part = (k + 1) / (shared + 1)
                pictures[k] = _joined(tail[k], pictures[k], part, piece.kind)
                if part < 0.5:
                    places[k] = tail_places[k]
            keep = int(following.dissolve * rate) if following else 0
            end = len(pictures) - keep
            tail, tail_places = pictures[end:], places[end:]
            for picture, place in zip(pictures[:end], places[:end], strict=True):
                truth.pieces.append(place[0])
                truth.files.append(place[1])
                truth.frames.append(place[2])
                frame = VideoFrame.from_ndarray(picture, format="rgb24")
                if graph is None:
                    graph = _graph(frame, filters, size)
                graph.push(frame)
                done = graph.pull()
                assert isinstance(done, VideoFrame)
                done.pts, done.time_base = len(truth.frames) - 1, 1 / rate
                done.pict_type = av.video.frame.PictureType.NONE
                container.mux(stream.encode(done))
        container.mux(stream.encode(None))
    return truth


def _pictures(
    piece: Piece, number: int, rate: Fraction, size: tuple[int, int]
) -> tuple[list[NDArray[np.uint8]], list[tuple[int, Path | None, int]]]:
    if piece.file is None:
        count = int(piece.length * rate)
        card = np.full((size[1], size[0], 3), 90, np.uint8)
        cv2.putText(card, "THE END", (size[0] // 4, size[1] // 2), 0, 1.5, (255, 255, 255), 3)
        return [card.copy() for _ in range(count)], [(number, None, -1)] * count
    source_rate, _ = rate_and_size(piece.file)
    numbers = shown(piece, source_rate, count_frames(piece.file), rate)
    held = decoded(piece.file, numbers, size)
    return [held[n].copy() for n in numbers], [(number, piece.file, n) for n in numbers]


def _joined(
    before: NDArray[np.uint8], after: NDArray[np.uint8], part: float, kind: str
) -> NDArray[np.uint8]:
    if kind == "wipe":
        edge = round(part * before.shape[1])
        return np.concatenate([after[:, :edge], before[:, edge:]], axis=1)
    return cv2.addWeighted(before, 1 - part, after, part, 0)


def _graph(frame: VideoFrame, filters: str, size: tuple[int, int]) -> Graph:
    graph = Graph()
    source = graph.add(
        "buffer",
        width=str(frame.width), height=str(frame.height), pix_fmt="rgb24",
        time_base="1/1000", sar="1",
    )  # fmt: skip
    previous = source
    for word in [*_split(filters), f"scale={size[0]}:{size[1]}:flags=bicubic", "format=yuv420p"]:
        name, _, options = word.partition("=")
        context = graph.add(name, options or None)
        previous.link_to(context)
        previous = context
    sink = graph.add("buffersink")
    previous.link_to(sink)
    graph.configure()
    return graph


def _split(filters: str) -> Iterator[str]:
    """Filters of a chain: commas that are not within quotes."""
    quoted, word = False, ""
    for letter in filters:
        if letter == "'":
            quoted = not quoted
            continue
        if letter == "," and not quoted:
            yield word
            word = ""
        else:
            word += letter
    if word and word != "null":
        yield word
