"""Parts of a film from one encoder, and free ids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from vedc.errors import InternalError
from vedc.media.copying.parts import Coded

Headers = TypeVar("Headers")


@dataclass(frozen=True, slots=True)
class Kind(Generic[Headers]):
    """Parts with the same parameter sets."""

    headers: Headers
    lengths: int | None
    """Bytes of the lengths in packets; None where there are start codes."""
    reorder: int
    """The most frames by which a packet is stored later than it is shown."""


class JoinedStream(Protocol):
    """One stream of parts of several kinds."""

    record: bytes
    """The decoder configuration record, with all parameter sets."""
    reorder: int
    """The most frames by which a packet is stored later than it is shown."""

    def restated(self, kind: int, pictures: Iterable[Coded]) -> Iterator[Coded]:
        """Pictures of a part of a kind, as they are in the stream. Parts come in their order.
        Raises BitsError."""


def free(number: int, others: Iterable[int], taken: Iterable[int]) -> int:
    """``number``, or the first free one of ``others``."""
    if number not in taken:
        return number
    found = next((other for other in others if other not in taken), None)
    if found is None:
        raise InternalError(f"no id is free in place of {number}")
    return found
