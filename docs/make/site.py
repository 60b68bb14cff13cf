"""The site shows the repository's own pages, each at its own path.

MkDocs wants all pages in one folder. They lie where a reader of the repository looks for them:
``README.md``, ``docs``, ``specs``, ``examples``. So this hook gives MkDocs the files under their
paths from the top. Links between them, and to whatever file of the repository they name, are then
the same on the site and in the repository, and no page exists twice.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT: Final = Path(__file__).parents[2]
_PAGES: Final = (
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "docs/**/*.md", "specs/*.md",
    "examples/README.md", "examples/**/MEDIA.md",
)  # fmt: skip
_LINK: Final = re.compile(r"\]\(([^)\s#]+)(?:#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig, **_: Any) -> Files:
    """The pages, and the files that they link to, in place of what lies in ``docs_dir``."""
    kept = [file for file in files if file.src_dir != config.docs_dir]
    pages = sorted({path for pattern in _PAGES for path in ROOT.glob(pattern)})
    pages = [path for path in pages if not {".vedc", "out"} & set(path.parts)]
    linked = {target for page in pages for target in _linked(page)} - set(pages)
    return Files([*kept, *(_file(path, config) for path in [*pages, *sorted(linked)])])


def _file(path: Path, config: MkDocsConfig) -> File:
    return File(
        path.relative_to(ROOT).as_posix(), str(ROOT), config.site_dir, config.use_directory_urls
    )


def _linked(page: Path) -> set[Path]:
    """The files of the repository that a page links to, pages among them."""
    found = set()
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link or link.startswith("mailto:"):
            continue
        here = page.parent.relative_to(ROOT).as_posix()
        target = ROOT / posixpath.normpath(posixpath.join(here, unquote(link)))
        if target.is_file() and target.is_relative_to(ROOT):
            found.add(target)
    return found
