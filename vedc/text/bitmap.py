"""The form of titles: a small picture in memory, ready to be laid over others."""

from __future__ import annotations

from vedc.errors import InternalError
from vedc.support.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Bitmap:
    """Display-encoded R'G'B' with alpha, eight bits each, premultiplied.

    ``data`` holds ``height`` rows of ``width`` pixels R, G, B, A without padding, top row
    first. No colour sample is greater than its pixel's alpha.
    """

    width: int
    height: int
    data: bytes

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1 or len(self.data) != 4 * self.width * self.height:
            raise InternalError(
                f"a bitmap of {self.width}x{self.height} cannot hold {len(self.data)} bytes"
            )
