"""Versions of packages by the names of their folders, as importlib.metadata has them."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

import pytest

from vedc.support.installed import version


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is searched for packages first."""
    version.cache_clear()
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    return tmp_path


def _install(site: Path, folder: str, name: str, number: str) -> None:
    (site / folder).mkdir()
    text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {number}\n"
    (site / folder / "METADATA").write_text(text)


def test_versions_match_importlib() -> None:
    version.cache_clear()
    for name in ("av", "numpy", "opencv-python-headless", "resvg_py", "PyYAML", "pillow", "vedc"):
        assert version(name) == metadata.version(name)


def test_letters_of_a_name_that_folders_write_otherwise(site: Path) -> None:
    _install(site, "odd_name_x-1.2+cpu.dist-info", "Odd-Name.X", "1.2+cpu")
    assert version("odd-name.x") == version("Odd_Name_X") == "1.2+cpu"


def test_another_package_whose_name_begins_alike_does_not_count(site: Path) -> None:
    _install(site, "odd_more-2.dist-info", "odd-more", "2")
    _install(site, "odd-1.dist-info", "odd", "1")
    assert version("odd") == "1"


def test_where_a_folder_has_two_versions_importlib_decides(site: Path) -> None:
    _install(site, "odd-1.dist-info", "odd", "1")
    _install(site, "odd-2.dist-info", "odd", "2")
    assert version("odd") == metadata.version("odd")


def test_a_missing_package_raises(site: Path) -> None:
    (site / "no-such-thing").mkdir()
    with pytest.raises(metadata.PackageNotFoundError):
        version("no-such-thing")
