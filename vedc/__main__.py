"""The entry point of ``vedc`` and ``python -m vedc``."""

from __future__ import annotations

import gc
import os
import signal
import sys

from vedc.support.threads.one_blas_thread import one_blas_thread

#: Libraries that may have something to clean up at exit.
_LIBRARIES = ("av", "cv2", "numpy", "ray", "torch")


def main() -> None:
    """Run the command line."""
    # Until the command line listens for them, let signals end the process without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Modules and plans are a hundred thousand long-lived objects. By default the collector scans
    # them repeatedly, which costs 4% of a check.
    gc.set_threshold(200_000)
    one_blas_thread()
    from vedc.cli import main as run

    try:
        run()
    except SystemExit as done:
        code = 0 if done.code is None else done.code
        if isinstance(code, int) and not any(name in sys.modules for name in _LIBRARIES):
            # Only Python code ran. Freeing it piece by piece takes a tenth of the time of a check.
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
        gc.freeze()  # or Python would scan all objects twice at exit
        raise


if __name__ == "__main__":
    main()
