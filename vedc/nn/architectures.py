"""The networks that may be an op of a film, by name: the facts that running one takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vedc.models.clean import network as clean
from vedc.models.picture_layers import Array, Arrays
from vedc.models.style import network as style

Forward = Callable[[Any, Arrays, Array], Array]


@dataclass(frozen=True, slots=True)
class Architecture:
    """A network of pictures: its formula, and what surrounds it.

    Its input is (1, h, w, channels): R'G'B' of every frame of the window, the earliest first,
    display values in 0..1; then a channel for each number of ``maps``, the same at every pixel.
    It gives R'G'B' of the frame that the window is around.
    """

    name: str
    version: int
    """Raised when the same weights give other results."""
    window: tuple[int, int]
    """Frames before and after."""
    multiple: int
    """What h and w must be multiples of."""
    maps: tuple[str, ...]
    """Arguments that are put beside the colours."""
    shapes: Callable[[Mapping[str, str]], Mapping[str, tuple[int, ...]]]
    """The arrays of weights, given the texts in their file: sizes of one architecture differ."""
    forward: Forward
    shipped: tuple[str, ...] = ()
    """The weights that come with vedc, by their files in models/; the first are the default."""
    core: Forward | None = None
    """What ``forward`` does at half size: from the frames of the window, reduced, without the
    numbers of ``maps``. Such a network is run by its core, and vedc/nn/halves.py does the rest."""

    @property
    def frames(self) -> int:
        return sum(self.window) + 1

    @property
    def channels(self) -> int:
        """Channels of the input."""
        return 3 * self.frames + len(self.maps)

    @property
    def run(self) -> tuple[Forward, int, int]:
        """What a runtime executes: the formula, channels of its input, and what its sides must be
        multiples of."""
        if self.core:
            return self.core, 3 * self.frames, self.multiple // 2
        return self.forward, self.channels, self.multiple


ARCHITECTURES: Final[Mapping[str, Architecture]] = {
    "clean": Architecture(
        "clean",
        1,
        clean.WINDOW,
        clean.MULTIPLE,
        ("strength",),
        lambda notes: clean.shapes(),
        clean.forward,
        ("clean",),
    ),
    "style": Architecture(
        "style",
        2,
        style.WINDOW,
        style.MULTIPLE,
        ("strength", "color", "detail"),
        lambda notes: style.shapes(notes.get("size", "s")),
        style.forward,
        ("starry_night", "the_scream"),
        style.painted,
    ),
}
