"""Picture types and parameters of the graph's nodes. Plain data."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from vedc.edit.values import Keyframes
from vedc.support.lazy_dataclass import dataclass

Encoding = Literal["code", "display", "linear", "matte"]

Param = None | bool | int | float | str | Fraction | tuple[float, ...] | Keyframes
"""A value of a node's parameter. ``Keyframes`` count frames from the piece's first."""


@dataclass(frozen=True, slots=True)
class ImageType:
    """The type of a node's picture.

    ``encoding``
        ``code``: planes of integer samples, as a decoder gives or an encoder takes them;
        ``display``: R'G'B' as sent to a screen, 0..1; ``linear``: scene light;
        ``matte``: one number per pixel, 0..1.
    ``format``
        The sample layout (a key of ``vedc.color.FORMATS``); empty unless ``code``.
    ``opaque``
        Every pixel of the picture's rectangle has alpha 1. Otherwise alpha is premultiplied.
    """

    width: int
    height: int
    encoding: Encoding
    primaries: str
    transfer: str
    matrix: str = "rgb"
    range: str = "full"
    format: str = ""
    opaque: bool = True

    def __str__(self) -> str:
        color = f"{self.primaries}/{self.transfer}"
        if self.encoding == "code":
            color += f"/{self.matrix}/{self.range}"
        shape = f"{self.width}x{self.height} {self.format or self.encoding} {color}"
        return shape if self.opaque else f"{shape} alpha"
