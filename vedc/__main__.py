"""The command line: ``python -m vedc``."""

from __future__ import annotations

from vedc.cli import main

if __name__ == "__main__":
    main()
