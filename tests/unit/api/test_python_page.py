"""docs/python.md: its spec is written, and its examples are run from the top to the bottom."""

from __future__ import annotations

import doctest
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.pages import blocks
from tests.paths import EXAMPLES, ROOT

PAGE = ROOT / "docs" / "python.md"


@pytest.mark.slow
def test_the_page_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(EXAMPLES / "quickstart" / "media", tmp_path / "media")
    (spec,) = (block.text for block in blocks(PAGE) if block.language == "yaml")
    (tmp_path / "edit.vedc.yaml").write_text(spec, encoding="utf-8")
    names: dict[str, Any] = {}
    ran = 0
    for block in blocks(PAGE):
        if block.language == "python":
            exec(compile("\n" * (block.line - 1) + block.text, str(PAGE), "exec"), names)
        elif block.language == "pycon":
            parsed = doctest.DocTestParser().get_doctest(
                block.text, names, "python.md", str(PAGE), block.line - 1
            )
            runner = doctest.DocTestRunner(verbose=False)
            reported: list[str] = []
            runner.run(parsed, out=reported.append, clear_globs=False)
            names.update(parsed.globs)
            assert not runner.failures, "".join(reported)
        ran += block.language in ("python", "pycon")
    assert ran >= 10
    assert (tmp_path / "frame.png").exists()
    told_text = capsys.readouterr().out
    assert "write: 100%" in told_text
    assert "error[unknown-key]" in told_text
