"""The sound thread, beside the picture thread."""

from __future__ import annotations

import subprocess
import sys

#: Says whether PyAV is loaded when the thread starts.
STARTED = """
import sys, threading
from vedc.execute.sound_thread import SoundThread
threading.Thread.start = lambda thread: print("av" in sys.modules)
SoundThread(None, "", None, lambda: None)
"""


def test_av_is_loaded_before_two_threads_load_it_at_a_time() -> None:
    """Half loaded by one of them, it fails on the other."""
    done = subprocess.run([sys.executable, "-c", STARTED], capture_output=True, text=True)
    assert done.stdout == "True\n", done.stderr
