"""Transforms of configs for kernels: formulas as far as possible, then a table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from vedc.expr.chain import Clamp, shifted
from vedc.ops.looks.look_file import Compiled, LookFile
from vedc.spaces.opened import OPENED

if TYPE_CHECKING:
    from vedc.looks.blocks import Ends

#: The light that a table of an unbounded transform covers: black to 12 stops above middle grey.
LIGHT: Final = (0.0, 1024.0)
CODES: Final = (0.0, 1.0)


def transform(identity: str) -> LookFile | None:
    """The transform of an identity; None for names of other things."""
    return _compiled(identity) if identity in OPENED else None


@lru_cache(maxsize=64)
def _compiled(identity: str) -> LookFile:
    from vedc.looks.blocks import Ends
    from vedc.looks.processor import transforms_of

    opened = OPENED[identity]
    ends = Ends(opened.start == "light", opened.end == "light")
    return LookFile((("", compiled(transforms_of(opened.processor), ends)),))


def compiled(transforms: Sequence[Any], ends: Ends) -> Compiled:
    """Formulas and curves as far as possible; from the first transform that mixes channels and has
    no formula, the rest is one table."""
    from vedc.looks import bake
    from vedc.looks.blocks import block, scene
    from vedc.looks.processor import with_steps

    domain = LIGHT if ends.from_light else CODES
    made, count = with_steps(transforms, domain)
    if count == len(transforms):
        return made
    if not ends.from_light:
        count = 0  # code values are spread as the eye sees them: a table of them is fine near black
    # A matrix right before goes into the table: what it gives fills a part of a cube only.
    while count and type(transforms[count - 1]).__name__ == "MatrixTransform":
        count -= 1
    made, _ = with_steps(transforms[:count], domain)
    seen = bake.evaluate(transforms[:count], scene(ends)).astype(float)
    rest = block(transforms[count:], _bounds(made, seen, ends), seen, ends)
    steps = (*made.steps, *(shifted(step, len(made.tables)) for step in rest.steps))
    return Compiled(steps, (*made.tables, *rest.tables), (*made.notes, *rest.notes))


def _bounds(before: Compiled, seen: Any, ends: Ends) -> tuple[float, float]:
    """The input range of a table: that of a clamp right before it, else of the transform's input,
    else of a scene's colours with as much margin again."""
    low, high = float(seen.min()), float(seen.max())
    margin = (high - low) / 2.0
    low, high = min(low - margin, 0.0), high + margin
    if not before.steps:
        low, high = LIGHT if ends.from_light else CODES
    elif isinstance(last := before.steps[-1], Clamp):
        low, high = max(low, min(last.low)), high
        if max(last.high) < float("inf"):
            high = max(last.high)
        if min(last.low) > float("-inf"):
            low = min(last.low)
    return low, high
