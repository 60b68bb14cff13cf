"""The site: it is built without a warning, loads nothing from elsewhere, and lists every page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.paths import ROOT

pytest.importorskip("material")

#: Everything a page loads when it is opened; links that a reader follows do not count.
_LOADED = re.compile(r'<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)="((?:https?:)?//[^"]+)"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.mark.slow
def test_pages_load_nothing_from_other_machines(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    for page in pages:
        assert _LOADED.findall(page.read_text(encoding="utf-8")) == [], page.name


@pytest.mark.slow
def test_what_pages_link_to_is_there(site: Path) -> None:
    """Pages, pictures, specs and Python files alike."""
    assert (site / "index.html").is_file() and (site / "docs" / "cookbook.jpg").is_file()
    assert (site / "examples" / "plugin" / "faded.py").is_file()
    for page in site.rglob("*.html"):
        for link in re.findall(r'(?:href|src)="([^"#?]+)', page.read_text(encoding="utf-8")):
            if "://" not in link and not link.startswith(("/", "mailto:", "data:")):
                assert (page.parent / link).resolve().exists(), f"{page.name}: {link}"


@pytest.mark.slow
def test_the_search_knows_the_pages(site: Path) -> None:
    index = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    assert "Cut the pauses out of a talk" in index and "blur_dissolve" in index


def test_every_page_is_in_the_navigation() -> None:
    def files(entry: object) -> set[str]:
        if isinstance(entry, str):
            return {entry}
        values = entry.values() if isinstance(entry, dict) else entry
        return {name for value in values for name in files(value)}

    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = files(yaml.safe_load(text)["nav"])
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert pages <= listed, "name it under `nav` in mkdocs.yml"
    assert all((ROOT / name).is_file() for name in listed)
