"""The entry point of ``vedc`` and ``python -m vedc``."""

from __future__ import annotations

import atexit
import gc
import os
import signal
import sys
import threading

from vedc.support.gc_pause import collect_seldom
from vedc.support.threads.one_blas_thread import one_blas_thread

#: Libraries with something of their own to clean up when Python ends.
_LIBRARIES = ("ray", "torch")


def main() -> None:
    """Run the command line."""
    # Until the command line listens for them, let signals end the process without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    collect_seldom()
    one_blas_thread()
    from vedc.cli import main as run

    try:
        run()
    except SystemExit as done:
        code = 0 if done.code is None else done.code
        if isinstance(code, int) and not _still_needed():
            # Everything is written, closed and joined. Freeing modules and plans piece by piece
            # takes a tenth of the time of a check, and 15 ms after a render.
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        gc.freeze()  # or Python would scan all objects twice at exit
        raise


def _still_needed() -> bool:
    """Whether Python has to end in its own way: it waits for threads, and frees libraries."""
    main_thread = threading.main_thread()
    waits = any(not thread.daemon for thread in threading.enumerate() if thread is not main_thread)
    return waits or any(name in sys.modules for name in _LIBRARIES)


if __name__ == "__main__":
    main()
