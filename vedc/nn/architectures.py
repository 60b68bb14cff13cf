"""The networks available as ops, by name, with the facts needed to run them."""

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
    """An image network: its formula and its interface.

    Its input is (1, h, w, channels): R'G'B' of every frame of the window, the earliest first,
    display values in 0..1; then a constant channel for each number of ``maps``. It returns R'G'B'
    of the frame at the centre of the window.
    """

    name: str
    version: int
    """Raised when the same weights give different results."""
    window: tuple[int, int]
    """Frames before and after."""
    multiple: int
    """h and w must be multiples of this."""
    maps: tuple[str, ...]
    """Arguments passed as channels beside the colours."""
    shapes: Callable[[Mapping[str, str]], Mapping[str, tuple[int, ...]]]
    """The shapes of the weights, given the metadata of their file: one architecture has several
    sizes."""
    forward: Forward
    shipped: tuple[str, ...] = ()
    """The weights shipped with vedc, by their files in models/; the first is the default."""
    core: Forward | None = None
    """The half-size part of ``forward``: its input is the frames of the window at half size,
    without the numbers of ``maps``. A network with a core is run by it, and vedc/nn/halves.py does
    the rest."""
    canvas: str = ""
    """The weights, (rows, columns), which the core is given as a periodic picture in its last
    channel: vedc/nn/canvas.py. ``forward`` is without."""

    @property
    def frames(self) -> int:
        return sum(self.window) + 1

    @property
    def channels(self) -> int:
        """Channels of the input."""
        return 3 * self.frames + len(self.maps)

    @property
    def run(self) -> tuple[Forward, int, int]:
        """What a runtime executes: the formula, the channels of its input, and the multiple that
        its sides must have."""
        if self.core:
            return self.core, 3 * self.frames + bool(self.canvas), self.multiple // 2
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
        3,
        style.WINDOW,
        style.MULTIPLE,
        ("strength", "color", "detail"),
        lambda notes: style.shapes(notes.get("size", "s")),
        style.forward,
        ("starry_night", "the_scream"),
        style.painted,
        "start.canvas.weight",
    ),
}
