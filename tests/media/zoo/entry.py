"""An entry of the zoo: how a file is made, how it is used, and the expected result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Rgb = tuple[float, float, float]
"""Code values, 0 to 255, as shown (BT.709 canvas)."""

Item = dict[str, Any]


@dataclass(frozen=True)
class Sound:
    """The tones in the film, in seconds from its start."""

    start: float
    """When the first sound is heard."""
    end: float
    """When the last sound ends."""
    hertz: float | None = None
    """The strongest frequency between the two."""
    level: float | None = None
    """RMS between the two in dB below a full-scale square wave (a full-scale sine: -3.01)."""
    gaps: Sequence[tuple[float, float]] = ()
    """Stretches of silence between the two."""
    slack: float = 0.002
    """How far each time may be off. Codecs that smear an edge need more than the default."""


@dataclass(frozen=True)
class Right:
    """The expected result: from an independent decoder, or from what the maker put in.

    ``None`` and empty fields are not checked, except for ``notes``.
    """

    size: tuple[int, int] | None = None
    """Width and height of the film: those of its first clip as shown. Images take this size."""
    frames: int | None = None
    seconds: float | None = None
    """Length of the film, to half a frame."""
    rate: float | None = None
    """Frames per second of the film."""
    means: Mapping[int, Rgb] = field(default_factory=dict)
    """By frame: the mean of the picture."""
    spots: Mapping[tuple[int, float, float], Rgb] = field(default_factory=dict)
    """By (frame, x, y): the mean of a small square; x and y are 0 to 1 of width and height."""
    numbers: Mapping[int, int] = field(default_factory=dict)
    """By frame: the number that it shows (``tests.media.make.numbered_frame``)."""
    tolerance: float = 3.0
    """Code values that a channel may be off."""
    sound: Sound | None = None
    silent: bool = False
    """Whether the film has no sound, or a silent one."""
    notes: frozenset[str] = frozenset()
    """Codes of all the remarks that ``validate`` makes."""
    reported: frozenset[str] | None = None
    """Codes of the remarks that only the render makes."""
    refused: str | None = None
    """The code with which ``validate`` refuses it. The refusal must carry a cure."""


@dataclass(frozen=True)
class Entry:
    """One odd file.

    ``make`` writes it. By default the film is the whole file as a clip, an image of 0.2 s, or
    sound over black, by ``use``; ``timeline`` may say otherwise (given the file's name), as may
    ``item``, which adds keys to the only item.
    """

    name: str
    """The file's name, unique in the zoo."""
    why: str
    """What is odd about it."""
    make: Callable[[Path], object]
    right: Right
    use: str = "clip"
    """``clip``, ``image`` or ``audio``."""
    item: Item = field(default_factory=dict)
    profile: Item = field(default_factory=dict)
    timeline: Callable[[str], list[Item]] | None = None
    needs: Callable[[], str | None] = lambda: None
    """Why it cannot be made on this machine; ``None`` where it can."""

    def spec(self) -> dict[str, Any]:
        """The film that shows the file, without loss."""
        spec: dict[str, Any] = {"version": 1}
        if self.profile:
            spec["profile"] = self.profile
        item: Item = {self.use: self.name, **self.item}
        if self.timeline is not None:
            spec["timeline"] = self.timeline(self.name)
        elif self.use == "audio":
            spec["timeline"] = [{"clip": self.name, **self.item}]
            spec["profile"] = {"width": 16, "height": 16, "fps": 25} | self.profile
        elif self.use == "image":
            spec["timeline"] = [{"duration": 0.2, **item}]
            width, height = self.right.size or (64, 64)
            spec["profile"] = {"width": width, "height": height, "fps": 25} | self.profile
        else:
            spec["timeline"] = [item]
        output = {"path": "film.mkv", "codec": "ffv1", "pix_fmt": "yuv444p"}
        spec["outputs"] = [output | {"audio_codec": "flac"}]
        return spec
