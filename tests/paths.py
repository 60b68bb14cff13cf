"""Where tests find things: the repository, its examples, golden files, and the shared media."""

from __future__ import annotations

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
EXAMPLES: Final = ROOT / "examples"
GOLDEN: Final = ROOT / "tests" / "golden"
MEDIA: Final = ROOT.parent / "shared" / "media"
"""Real clips and sounds that are not part of the repository: tests skip where it is missing."""
