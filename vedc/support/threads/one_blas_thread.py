"""Matrix products of NumPy on one thread."""

from __future__ import annotations

import os
from collections.abc import MutableMapping


def one_blas_thread(environment: MutableMapping[str, str] = os.environ) -> None:
    """Have NumPy's BLAS use one thread in processes with this environment, unless it says how many.

    To be called before NumPy is imported: BLAS then starts a thread for each core, each of which
    spins whenever it has nothing to do, for a tenth of the CPU time of a short render. vedc's
    matrices are small: on two threads the network that finds shots takes 10% less time, but nearly
    twice the CPU time. Threads also divide sums among themselves, so that the last bits of its
    results would depend on the number of cores.
    """
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")
