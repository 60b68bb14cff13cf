"""Media for all tests of this folder, written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interchange_support import write_media


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny media; tests write their specs there under different names."""
    return write_media(tmp_path_factory.mktemp("interchange"))
