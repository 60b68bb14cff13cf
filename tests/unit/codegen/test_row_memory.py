"""Memory of whole planes is used again, and never while anybody may still look at it."""

from __future__ import annotations

import numpy as np

from vedc.codegen.filters.row_memory import Waiting


def test_memory_is_used_again_once_nobody_looks_at_it() -> None:
    waiting = Waiting()
    first = waiting.take(1000)
    where = first.ctypes.data
    part = first.reshape(20, 50)[3:, 10:]
    part[:] = 7.0
    del first
    assert waiting.take(1000).ctypes.data != where, "a view of it is left"
    assert (part == 7.0).all()
    del part
    assert waiting.take(999).ctypes.data != where
    assert waiting.take(1000).ctypes.data == where
    assert waiting.take(1000).dtype == np.float32


def test_what_waits_is_bounded() -> None:
    waiting = Waiting(limit=10_000)
    for size in (1000, 1100, 1200, 1300, 5000):  # the last is larger than the limit by itself
        held = [waiting.take(size) for _ in range(3)]
        assert len({each.ctypes.data for each in held}) == 3
        held.clear()
        assert waiting.bytes <= 10_000
    again = waiting.take(5000)
    assert again.size == 5000 and again.flags.writeable
