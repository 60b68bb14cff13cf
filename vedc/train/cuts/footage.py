"""Footage for synthetic edits: takes without a cut, as small pictures, by source.

A footage folder holds videos and photographs. Each sub-folder is one source, named after the
folder; a file beside them is a separate source. Splits divide sources, so that no place or person
is on both sides. An optional ``manifest.json`` in the folder adds details::

    [{"file": "city/walk.mp4", "source": "city", "licence": "CC0 1.0", "origin": "...",
      "spans": [[0, 310], [312, 655]], "use": "train"}]

``spans`` are half-open frame ranges, one per take. Frames between takes are left out, since a
cut inside a take would falsify the labels near it. Files that the manifest does not list are
ignored. ``use`` assigns a source to one part of the split (``train``, ``validation`` or
``test``); the other sources are assigned at random.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np

from vedc.decide.arrays import Byte, Floats, Generator
from vedc.errors import MissingError, Problem, SpecError
from vedc.media.demux.container import local_only

#: (height, width): twice the size of a thumbnail, which leaves room for crops and moves.
SMALL: Final = (54, 96)

_VIDEO: Final = frozenset(
    {".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".ogv", ".ts", ".webm"}
)
PHOTO: Final = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})
_USES: Final = ("any", "train", "validation", "test")
_VERSION: Final = 2
_SHORTEST: Final = 12
"""Takes with fewer frames are ignored."""
_LONGEST: Final = 3000
"""Takes are truncated to this number of frames."""
_PHOTO_FRAMES: Final = 240
"""Frames of the camera move over a photograph."""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """One take without a cut."""

    name: str
    source: str
    frames: Byte
    """(n, height, width, 3) RGB: the whole picture, stretched to this shape."""
    rate: Fraction
    still: bool
    """A simulated camera move over a photograph."""


@dataclass(frozen=True, slots=True)
class Item:
    """One footage file, as described by a manifest."""

    file: Path
    source: str
    licence: str = ""
    origin: str = ""
    spans: tuple[tuple[int, int], ...] = ()
    """Takes as half-open frame ranges; empty: the whole file is one take."""
    use: str = "any"


@dataclass(frozen=True, eq=False)
class Footage:
    """Takes for synthetic edits, all of one size."""

    clips: tuple[Clip, ...]
    items: tuple[Item, ...] = ()

    @property
    def sources(self) -> tuple[str, ...]:
        """The names of the sources, in order."""
        return tuple(sorted({clip.source for clip in self.clips}))

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the pictures."""
        high, wide = self.clips[0].frames.shape[1:3]
        return int(high), int(wide)

    def only(self, sources: Iterable[str]) -> Footage:
        """The part from these sources."""
        wanted = set(sources)
        return Footage(
            tuple(clip for clip in self.clips if clip.source in wanted),
            tuple(item for item in self.items if item.source in wanted),
        )

    def split(
        self, seed: int, shares: tuple[float, float] = (0.2, 0.2)
    ) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """:func:`split` of its sources, following the manifest's ``use``."""

        def named(use: str) -> list[str]:
            return [item.source for item in self.items if item.use == use]

        return split(
            self.sources,
            seed,
            shares,
            train=named("train"),
            validation=named("validation"),
            test=named("test"),
        )

    @classmethod
    def load(
        cls,
        folder: Path,
        size: tuple[int, int] = SMALL,
        cache: Path | None = None,
        only: Callable[[Item], bool] = lambda item: True,
        progress: Callable[[int, int], None] | None = None,
    ) -> Footage:
        """Read all footage below ``folder`` at ``size`` (height, width).

        Decoded frames are stored in ``cache`` and memory-mapped from there (about 15 kB per
        frame at the default size); without a cache they stay in memory. Raises MissingError
        ``no-footage`` and SpecError ``bad-manifest``, ``bad-footage``.
        """
        items = [item for item in list_items(folder) if only(item)]
        if not items:
            raise MissingError.one(
                "no-footage",
                f"there is no video or photograph in '{folder}'",
                hint="pass a folder of clips with one sub-folder per source",
            )
        clips: list[Clip] = []
        for done, item in enumerate(items):
            if progress:
                progress(done, len(items))
            clips.extend(_clips(item, size, cache))
        return cls(tuple(clips), tuple(items))


def list_items(folder: Path) -> tuple[Item, ...]:
    """The files of a footage folder, from its manifest or else from its sub-folders."""
    manifest = folder / "manifest.json"
    if manifest.is_file():
        return tuple(_listed(manifest))
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in _VIDEO | PHOTO and path.is_file()
    )
    return tuple(
        Item(path, inside.parts[0] if len(inside.parts) > 1 else inside.stem)
        for path in files
        for inside in (path.relative_to(folder),)
    )


def _listed(manifest: Path) -> Iterator[Item]:
    """The items of a manifest."""

    def bad(what: str) -> SpecError:
        return SpecError((Problem("bad-manifest", f"'{manifest}': {what}"),))

    try:
        entries = json.loads(manifest.read_text(encoding="utf-8"))
    except ValueError as error:
        raise bad(f"it is not JSON ({error})") from None
    if not isinstance(entries, list):
        raise bad("it must be a list of files")
    known = {"file", "source", "licence", "origin", "spans", "use"}
    for entry in entries:
        if not isinstance(entry, Mapping) or not {"file", "source"} <= set(entry):
            raise bad("each entry needs 'file' and 'source'")
        if set(entry) - known:
            raise bad(f"unknown keys {sorted(set(entry) - known)} of '{entry['file']}'")
        file = manifest.parent / str(entry["file"])
        if not file.is_file():
            raise bad(f"there is no file '{entry['file']}'")
        use = str(entry.get("use", "any"))
        if use not in _USES:
            raise bad(f"'use' of '{entry['file']}' must be one of {', '.join(_USES)}")
        yield Item(
            file,
            str(entry["source"]),
            str(entry.get("licence", "")),
            str(entry.get("origin", "")),
            tuple((int(a), int(b)) for a, b in entry.get("spans", ())),
            use,
        )


def split(
    sources: Sequence[str],
    seed: int,
    shares: tuple[float, float] = (0.2, 0.2),
    *,
    train: Iterable[str] = (),
    validation: Iterable[str] = (),
    test: Iterable[str] = (),
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Divide sources into train, validation and test, which do not overlap.

    ``shares`` are the fractions of sources for validation and test, at least one source each.
    Sources named for a part are assigned to it. Raises MissingError ``too-few-sources`` if one of
    the three is empty.
    """
    every = sorted(set(sources))
    uses = {
        name: side
        for side, names in (("train", train), ("validation", validation), ("test", test))
        for name in names
    }
    sides: dict[str, list[str]] = {"test": [], "validation": [], "train": []}
    free: list[str] = []
    for name in every:
        (sides[uses[name]] if name in uses else free).append(name)
    free = [free[i] for i in np.random.default_rng(seed).permutation(len(free))]
    for side, share in (("test", shares[1]), ("validation", shares[0])):
        while free and len(sides[side]) < max(1, round(share * len(every))):
            sides[side].append(free.pop())
    sides["train"] += free
    empty = [side for side, names in sides.items() if not names]
    if empty:
        raise MissingError.one(
            "too-few-sources",
            f"{len(every)} sources leave none for {' and '.join(empty)}",
            hint="use at least three sub-folders, one for the clips of each place, day or film",
        )
    return (
        tuple(sorted(sides["train"])),
        tuple(sorted(sides["validation"])),
        tuple(sorted(sides["test"])),
    )


def _clips(item: Item, size: tuple[int, int], cache: Path | None) -> Iterator[Clip]:
    """The takes of one file, from the cache if possible."""
    still = item.file.suffix.lower() in PHOTO
    spans = item.spans or ((0, 1 << 60),)
    place: Path | None = None
    if cache is not None:
        key = f"{_VERSION} {size} {_identity(item.file)}"
        place = cache / hashlib.sha256(key.encode()).hexdigest()[:24]
    if place is None or not place.with_suffix(".json").is_file():
        frames, rate = _photo(item.file, size) if still else _video(item.file, size)
        if place is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            np.save(place.with_suffix(".npy"), frames)
            place.with_suffix(".json").write_text(json.dumps(str(rate)))
    if place is not None:
        frames = np.load(place.with_suffix(".npy"), mmap_mode="r")
        rate = Fraction(json.loads(place.with_suffix(".json").read_text()))
    for number, (start, end) in enumerate(spans):
        part = frames[start : min(end, start + _LONGEST)]
        if len(part) >= _SHORTEST:
            yield Clip(f"{item.file.name}#{number}", item.source, part, rate, still)


def _identity(file: Path) -> str:
    stat = file.stat()
    return f"{file.resolve()} {stat.st_size} {stat.st_mtime_ns}"


def _video(file: Path, size: tuple[int, int]) -> tuple[Byte, Fraction]:
    """Every frame of a video, reduced."""
    import av

    frames: list[Byte] = []
    try:
        with av.open(str(file), options=local_only()) as container:
            stream = container.streams.video[0]
            stream.thread_type = "AUTO"
            rate = Fraction(stream.average_rate or stream.guessed_rate or 25)
            for frame in container.decode(stream):
                small = frame.to_ndarray(
                    format="rgb24", width=size[1], height=size[0], interpolation="AREA"
                )
                frames.append(
                    np.asarray(small, np.uint8)
                )  # one by one: frames before damage remain usable
    except (av.FFmpegError, IndexError) as error:
        if len(frames) < _SHORTEST:
            raise _unreadable(file, error) from None
    if not frames:
        raise _unreadable(file, "it has no frames")
    return np.stack(frames), rate


def _unreadable(file: Path, why: Any) -> SpecError:
    return SpecError((Problem("bad-footage", f"'{file}' cannot be read: {why}"),))


def _photo(file: Path, size: tuple[int, int]) -> tuple[Byte, Fraction]:
    """A slow, slightly unsteady camera move over a photograph; deterministic."""
    import cv2

    picture = cv2.imread(str(file), cv2.IMREAD_COLOR)
    if picture is None:
        raise _unreadable(file, "it is not a picture")
    seed = hashlib.sha256(file.name.encode()).digest()
    rng = np.random.default_rng(list(seed[:8]))
    height, width = size
    scale = max(height * 2.5 / picture.shape[0], width * 2.5 / picture.shape[1])
    if scale < 1:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
    rows, columns = picture.shape[:2]
    widest = min(rows / height, columns / width)
    first, last = widest * rng.uniform(0.5, 0.95, 2)
    ease = np.linspace(0, 1, _PHOTO_FRAMES)
    zoom = first + (last - first) * ease
    begin, end = rng.uniform(0, 1, (2, 2))
    shake = smooth_noise(rng, _PHOTO_FRAMES, 8.0) * rng.choice([0.0, 0.6, 2.0])
    frames = []
    for i in range(_PHOTO_FRAMES):
        wide, high = width * zoom[i], height * zoom[i]
        at = begin + (end - begin) * ease[i]
        x = at[0] * (columns - wide) + shake[i, 0] * zoom[i]
        y = at[1] * (rows - high) + shake[i, 1] * zoom[i]
        # Warped at twice the size and then reduced, since a warp alone does not average.
        matrix = np.array([[zoom[i] / 2, 0, x], [0, zoom[i] / 2, y]])
        large = cv2.warpAffine(
            picture,
            matrix,
            (width * 2, height * 2),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT,
        )
        frames.append(cv2.resize(large, (width, height), interpolation=cv2.INTER_AREA))
    return np.stack(frames), Fraction(25)


def smooth_noise(rng: Generator, length: int, width: float) -> Floats:
    """Noise (length, 2) with unit deviation, correlated over about ``width`` frames."""
    reach = max(1, math.ceil(width * 2))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / max(width, 0.3)) ** 2)
    kernel /= np.sqrt((kernel**2).sum())
    raw = rng.standard_normal((length + 2 * reach, 2))
    return np.stack([np.convolve(raw[:, k], kernel, "valid") for k in (0, 1)], axis=1)
