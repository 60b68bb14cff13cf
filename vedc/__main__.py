"""The way in, for ``vedc`` and ``python -m vedc``."""

from __future__ import annotations

import signal


def main() -> None:
    """Run the command line."""
    # Until the command line listens for them, let signals end the process without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from vedc.cli import main as run

    run()


if __name__ == "__main__":
    main()
